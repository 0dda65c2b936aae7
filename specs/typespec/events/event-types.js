// Collects the types of all events, so that the document names them in one place.

import { getDoc } from "@typespec/compiler";
import { setExtension } from "@typespec/openapi";

/** The list that goes into the document, by program. Both decorators fill it, whichever comes first. */
const lists = new WeakMap();

function eventTypes(program) {
  if (!lists.has(program)) {
    lists.set(program, []);
  }
  return lists.get(program);
}

/** Adds an event in the order of the types. The compiler may call a decorator again with the same arguments. */
function add(context, target, event) {
  const list = eventTypes(context.program);
  const place = list.findIndex((known) => known.type >= event.type);
  if (place === -1) {
    list.push(event);
  } else if (list[place].type !== event.type) {
    list.splice(place, 0, event);
  } else if (list[place].payload !== event.payload) {
    context.program.reportDiagnostic({
      code: "duplicate-event-type",
      severity: "error",
      message: `${event.type} has two payloads: ${list[place].payload} and ${event.payload}`,
      target,
    });
  }
}

export const $decorators = {
  "Acs.Events": {
    event(context, model, type, family, subjects, options) {
      const description = getDoc(context.program, model);
      add(context, model, { type, family, description, payload: model.name, subjects, ...options });
    },
    eventTypes(context, namespace, ...withoutSchema) {
      for (const event of withoutSchema) {
        add(context, namespace, { ...event, subjects: [] });
      }
      setExtension(context.program, namespace, "x-acs-event-types", eventTypes(context.program));
    },
  },
};
