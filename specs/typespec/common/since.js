// Marks what a later version added, for the compiler as well as for readers of the OpenAPI documents.

import { setExtension } from "@typespec/openapi";
import { $added } from "@typespec/versioning";

export const $decorators = {
  "Acs.Common": {
    since(context, target, version) {
      context.call($added, target, version);
      setExtension(context.program, target, "x-acs-since", version.value);
    },
  },
};
