//! OpenAPI 3.0 has no place for events: an extension lists their types, each with the name of the schema of its data. This pass
//! checks the list and turns the names into references, which the passes behind it follow like any other.

use std::collections::BTreeSet;

use serde_json::json;

use crate::codegen::json::{array_mut, child, object_mut, required_text, text, texts};
use crate::codegen::positions::{EVENT_TYPES, SCHEMAS};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn event_types(spec: &mut Spec) -> Result<(), Refusal> {
    let Some(events) = spec.document.get_mut(EVENT_TYPES) else {
        return Ok(());
    };
    let pointer = format!("#/{EVENT_TYPES}");
    let mut seen = BTreeSet::new();
    for (index, event) in array_mut(events, &pointer)?.iter_mut().enumerate() {
        let pointer = child(&pointer, &index.to_string());
        let event = object_mut(event, &pointer)?;
        let name = required_text(event, "type", &pointer)?.to_owned();
        required_text(event, "family", &pointer)?;
        required_text(event, "description", &pointer)?;
        for list in ["subjects", "alsoRead"] {
            texts(event, list, &pointer)?;
        }
        if let Some(payload) = text(event, "payload", &pointer)? {
            let reference = format!("{SCHEMAS}{payload}");
            event.insert("payload".to_owned(), json!({"$ref": reference}));
        }
        if !seen.insert(name.clone()) {
            return Err(Refusal::new(
                pointer,
                format!("the event type {name:?} is listed twice"),
                "leave one of the entries",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::event_types;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(events: Value) -> Result<Spec, Refusal> {
        let mut spec = Spec::of_schemas(json!({}));
        spec.document["x-acs-event-types"] = events;
        event_types(&mut spec).map(|()| spec)
    }

    #[test]
    fn the_name_of_the_data_becomes_a_reference() {
        let event = json!({"type": "Things.Made", "family": "things", "description": "D.", "payload": "Made"});
        let spec = lowered(json!([event])).expect("complete");
        assert_eq!(
            spec.at("/x-acs-event-types/0/payload/$ref"),
            "#/components/schemas/Made"
        );
    }

    #[test]
    fn incomplete_and_repeated_entries_are_refused() {
        let event = json!({"type": "Things.Made", "family": "things", "description": "D."});
        for (events, pointer) in [
            (json!({}), "#/x-acs-event-types"),
            (json!([{"type": "A"}]), "#/x-acs-event-types/0"),
            (json!([event, event]), "#/x-acs-event-types/1"),
        ] {
            let refusal = lowered(events).err().expect(pointer);
            assert_eq!(refusal.pointer, pointer);
        }
    }
}
