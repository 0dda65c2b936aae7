// Carries the descriptions of enum values into the OpenAPI document, which has no place of its own for them.

import { getDoc } from "@typespec/compiler";
import { getExtensions, setExtension } from "@typespec/openapi";

export const $decorators = {
  "Acs.Common": {
    openEnum(context, union) {
      const values = [];
      for (const variant of union.variants.values()) {
        if (variant.type.kind === "String") {
          const description = getDoc(context.program, variant);
          const extensions = Object.fromEntries(getExtensions(context.program, variant));
          values.push({ value: variant.type.value, description, ...extensions });
        }
      }
      setExtension(context.program, union, "x-ms-enum", { name: union.name, modelAsString: true, values });
    },
  },
};
