//! Senders do not always keep to what a document says, and extensions tell what readers have to put up with: this pass takes the
//! members that a model may lack, or that may be null, out of those that are required, and hands over the other names of members
//! and the other forms of their values.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::codegen::json::{child, object_mut, texts};
use crate::codegen::marks::{ALSO_ACCEPT, ALSO_READ};
use crate::codegen::positions::visit_schemas;
use crate::codegen::spec::{Log, Refusal, Spec};

/// Of a schema: required members that it has been seen without.
pub(super) const MAY_LACK: &str = "x-acs-may-lack";
const OTHER_NAMES: &str = "x-acs-also-read";
const OTHER_FORMS: &str = "x-acs-also-accept";
/// The forms that an emitter of documents may name. Null is a matter of this pass, and every reader of dates takes the form of
/// the United States.
const FORMS: [&str; 5] = [
    "duration-text",
    "null",
    "number-text",
    "primitive",
    "us-date",
];

pub(super) fn lenient_reading(spec: &mut Spec) -> Result<(), Refusal> {
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        let map = object_mut(schema, pointer)?;
        let lacking: BTreeSet<String> = texts(map, MAY_LACK, pointer)?
            .into_iter()
            .map(str::to_owned)
            .collect();
        map.remove(MAY_LACK);
        relax(map, &lacking, pointer, &mut spec.log);
        let Some(properties) = map.get_mut("properties") else {
            return Ok(());
        };
        let pointer = child(pointer, "properties");
        let properties = object_mut(properties, &pointer)?;
        for (name, property) in &mut *properties {
            let pointer = child(&pointer, name);
            let property = object_mut(property, &pointer)?;
            accept_forms(property, &pointer, &mut spec.log)?;
            if let Some(names) = property.remove(OTHER_NAMES) {
                spec.log.change(&pointer, format!("also read as {names}"));
                property.insert(ALSO_READ.to_owned(), names);
                texts(property, ALSO_READ, &pointer)?;
            }
        }
        refuse_taken_names(properties, &pointer)
    })
}

/// Takes members out of those that are required.
fn relax(map: &mut Map<String, Value>, lacking: &BTreeSet<String>, pointer: &str, log: &mut Log) {
    let Some(Value::Array(required)) = map.get_mut("required") else {
        return;
    };
    required.retain(|name| {
        let lacks = name.as_str().is_some_and(|name| lacking.contains(name));
        if lacks {
            log.change(pointer, format!("{name} is not required: it may lack"));
        }
        !lacks
    });
}

fn accept_forms(
    property: &mut Map<String, Value>,
    pointer: &str,
    log: &mut Log,
) -> Result<(), Refusal> {
    let forms = texts(property, OTHER_FORMS, pointer)?;
    if let Some(unknown) = forms.iter().find(|form| !FORMS.contains(form)) {
        return Err(Refusal::new(
            child(pointer, OTHER_FORMS),
            format!("the form {unknown:?} is not known"),
            format!("name some of {}", FORMS.join(", ")),
        ));
    }
    let is_nullable = forms.contains(&"null");
    let read: Vec<_> = forms
        .into_iter()
        .filter(|form| !["null", "us-date"].contains(form))
        .map(str::to_owned)
        .collect();
    property.remove(OTHER_FORMS);
    if is_nullable {
        property.insert("nullable".to_owned(), true.into());
        log.change(pointer, "may be null");
    }
    if !read.is_empty() {
        log.change(pointer, format!("also read as {}", read.join(", ")));
        property.insert(ALSO_ACCEPT.to_owned(), read.into());
    }
    Ok(())
}

/// A second name must not be that of another member: either could be meant.
fn refuse_taken_names(properties: &Map<String, Value>, pointer: &str) -> Result<(), Refusal> {
    let mut taken: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    for (name, property) in properties {
        let pointer = child(pointer, name);
        let Some(map) = property.as_object() else {
            continue;
        };
        for other in texts(map, ALSO_READ, &pointer)? {
            if !taken.insert(other) {
                return Err(Refusal::new(
                    pointer,
                    format!("the other name {other:?} is already that of a member"),
                    "leave one of them",
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::lenient_reading;
    use crate::codegen::spec::{Refusal, Spec};

    fn lowered(schema: Value) -> Result<Value, Refusal> {
        let mut spec = Spec::of_schemas(json!({"A": schema}));
        lenient_reading(&mut spec).map(|()| spec.schemas()["A"].clone())
    }

    #[test]
    fn members_that_may_lack_or_be_null_are_not_required() {
        let schema = lowered(json!({
            "required": ["a", "b", "c"], "x-acs-may-lack": ["b"],
            "properties": {"a": {}, "b": {}, "c": {"x-acs-also-accept": ["null", "us-date"]}}
        }));
        assert_eq!(
            schema,
            Ok(json!({
                "required": ["a", "c"],
                "properties": {"a": {}, "b": {}, "c": {"nullable": true}}
            }))
        );
    }

    #[test]
    fn forms_that_need_a_reader_of_their_own_are_handed_over() {
        let schema = lowered(json!({"properties": {
            "a": {"x-acs-also-accept": ["number-text", "null"]}, "b": {"x-acs-also-accept": ["us-date"]}
        }}));
        assert_eq!(
            schema,
            Ok(json!({"properties": {
                "a": {"nullable": true, "x-lowered-also-accept": ["number-text"]}, "b": {}
            }}))
        );
    }

    #[test]
    fn other_names_are_handed_over_unless_they_are_taken() {
        let schema = lowered(json!({"properties": {"a": {"x-acs-also-read": ["A", "α"]}}}));
        assert_eq!(
            schema,
            Ok(json!({"properties": {"a": {"x-lowered-also-read": ["A", "α"]}}}))
        );
        for (properties, named) in [
            (json!({"a": {"x-acs-also-read": ["b"]}, "b": {}}), "\"b\""),
            (
                json!({"a": {"x-acs-also-read": ["x"]}, "b": {"x-acs-also-read": ["x"]}}),
                "\"x\"",
            ),
            (json!({"a": {"x-acs-also-accept": ["emoji"]}}), "\"emoji\""),
        ] {
            let refusal = lowered(json!({"properties": properties})).expect_err(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }
}
