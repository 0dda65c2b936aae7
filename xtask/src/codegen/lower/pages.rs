//! Paging has no place in OpenAPI itself: this pass finds the operations that answer one page of a list with a link to the next, by
//! the extension or by the shape of the answer, and marks the page models.

use serde_json::{Map, Value, json};

use crate::codegen::json::{child, object_mut, text};
use crate::codegen::marks::{PAGE, PAGED};
use crate::codegen::positions::{SCHEMAS, referenced, visit_operations};
use crate::codegen::spec::{Refusal, Spec};

const EXTENSION: &str = "x-ms-pageable";
const ITEMS: &str = "value";
const NEXT_LINK: &str = "nextLink";

pub(super) fn pages(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    let mut found = Vec::new();
    visit_operations(&mut spec.document, &mut |at, operation| {
        let extension = operation.remove(EXTENSION);
        let names = names(extension.as_ref(), &child(&at.pointer, EXTENSION))?;
        let model = model(operation);
        let fits = model
            .and_then(|name| schemas.get(name))
            .is_some_and(|schema| is_page(schema, &names));
        match model {
            Some(model) if fits => {
                found.push((model.to_owned(), names));
                operation.insert(PAGED.to_owned(), true.into());
                Ok(())
            }
            _ if extension.is_some_and(|extension| extension["nextLinkName"] != Value::Null) => {
                Err(Refusal::new(
                    &at.pointer,
                    format!(
                        "marked as paged, but its answer is no object with the list {:?} and the text {:?}",
                        names.items, names.next_link
                    ),
                    format!("correct {EXTENSION} or the answer"),
                ))
            }
            _ => Ok(()),
        }
    })?;
    for (model, names) in found {
        let pointer = format!("{SCHEMAS}{model}");
        let mark = json!({"items": names.items, "nextLink": names.next_link});
        if let Some(schema) = spec.schemas_mut()?.get_mut(&model) {
            object_mut(schema, &pointer)?.insert(PAGE.to_owned(), mark);
        }
        spec.log.change(pointer, "one page of a list");
    }
    Ok(())
}

struct Names {
    items: String,
    next_link: String,
}

fn names(extension: Option<&Value>, pointer: &str) -> Result<Names, Refusal> {
    let empty = Map::new();
    let map = extension.and_then(Value::as_object).unwrap_or(&empty);
    Ok(Names {
        items: text(map, "itemName", pointer)?.unwrap_or(ITEMS).to_owned(),
        // Explicitly null says that there is never a next page.
        next_link: map
            .get("nextLinkName")
            .and_then(Value::as_str)
            .unwrap_or(NEXT_LINK)
            .to_owned(),
    })
}

/// The named schema of the answer.
fn model(operation: &Map<String, Value>) -> Option<&str> {
    let responses = operation.get("responses")?.as_object()?;
    referenced(
        responses
            .values()
            .next()?
            .pointer("/content/application~1json/schema")?,
    )
}

fn is_page(schema: &Value, names: &Names) -> bool {
    let kind = |property: &str| {
        let property = schema.get("properties")?.get(property)?;
        property.get("type")?.as_str()
    };
    kind(&names.items) == Some("array") && kind(&names.next_link) == Some("string")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::pages;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(extension: Value, properties: Value) -> Result<Spec, Refusal> {
        let mut operation = json!({"responses": {"200": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Page"}
        }}}}});
        if !extension.is_null() {
            operation["x-ms-pageable"] = extension;
        }
        let mut spec = Spec::of_operation("get", "/a", operation);
        spec.document["components"]["schemas"]["Page"] = json!({"properties": properties});
        pages(&mut spec).map(|()| spec)
    }

    #[test]
    fn a_list_with_a_next_link_is_a_page_with_or_without_the_extension() {
        let list = json!({"type": "array"});
        let link = json!({"type": "string"});
        for (extension, properties, mark) in [
            (
                json!(null),
                json!({"value": list, "nextLink": link}),
                json!({"items": "value", "nextLink": "nextLink"}),
            ),
            (
                json!({"itemName": "rooms", "nextLinkName": "more"}),
                json!({"rooms": list, "more": link}),
                json!({"items": "rooms", "nextLink": "more"}),
            ),
        ] {
            let spec = lowered(extension, properties).expect("a page");
            assert_eq!(spec.schemas()["Page"]["x-lowered-page"], mark);
            assert_eq!(spec.at("/paths/~1a/get/x-lowered-paged"), true);
        }
    }

    #[test]
    fn other_answers_are_no_pages_and_the_extension_must_not_say_so() {
        let properties = json!({"value": {"type": "array"}});
        let spec = lowered(json!(null), properties.clone()).expect("no page");
        assert_eq!(
            spec.document.pointer("/paths/~1a/get/x-lowered-paged"),
            None
        );
        lowered(json!({"nextLinkName": null}), properties.clone()).expect("one page");
        let refusal = lowered(json!({"nextLinkName": "nextLink"}), properties).err();
        assert!(refusal.is_some_and(|refusal| refusal.construct.contains("nextLink")));
    }
}
