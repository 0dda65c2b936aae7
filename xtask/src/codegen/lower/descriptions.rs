//! Descriptions become the docs of the crate: this pass gives what has none a plain sentence, with a warning, and makes the others
//! safe for rustdoc, which reads brackets as links and angle brackets as HTML.

use serde_json::{Map, Value};

use crate::codegen::json::{array_mut, child, object_mut, text};
use crate::codegen::marks::{OPEN_ENUM, PATCH_OF, SINCE};
use crate::codegen::positions::{EVENT_TYPES, SCHEMAS, visit_operations};
use crate::codegen::spec::{Log, Refusal, Spec};

pub(super) fn descriptions(spec: &mut Spec) -> Result<(), Refusal> {
    let mut log = std::mem::take(&mut spec.log);
    if let Some(info) = spec.document.pointer_mut("/info") {
        let info = object_mut(info, "#/info")?;
        for key in ["title", "description"] {
            if let Some(safe) = text(info, key, "#/info")?.map(rustdoc) {
                info.insert(key.to_owned(), safe.into());
            }
        }
    }
    for (name, schema) in spec.schemas_mut()? {
        describe_schema(name, schema, &mut log)?;
    }
    visit_operations(&mut spec.document, &mut |at, operation| {
        describe(
            operation,
            &at.pointer,
            "This operation has no description.",
            &mut log,
        )?;
        if let Some(summary) = text(operation, "summary", &at.pointer)?.map(rustdoc) {
            operation.insert("summary".to_owned(), summary.into());
        }
        if let Some(parameters) = operation.get_mut("parameters") {
            let pointer = child(&at.pointer, "parameters");
            for (index, parameter) in array_mut(parameters, &pointer)?.iter_mut().enumerate() {
                let pointer = child(&pointer, &index.to_string());
                let parameter = object_mut(parameter, &pointer)?;
                describe(
                    parameter,
                    &pointer,
                    "This parameter has no description.",
                    &mut log,
                )?;
            }
        }
        Ok(())
    })?;
    describe_events(&mut spec.document, &mut log)?;
    spec.log = log;
    Ok(())
}

fn describe_events(document: &mut Value, log: &mut Log) -> Result<(), Refusal> {
    let events = document.get_mut(EVENT_TYPES).and_then(Value::as_array_mut);
    for (index, event) in events.into_iter().flatten().enumerate() {
        let pointer = format!("#/{EVENT_TYPES}/{index}");
        let event = object_mut(event, &pointer)?;
        describe(event, &pointer, "This event has no description.", log)?;
    }
    Ok(())
}

fn describe_schema(name: &str, schema: &mut Value, log: &mut Log) -> Result<(), Refusal> {
    let pointer = format!("{SCHEMAS}{name}");
    let schema = object_mut(schema, &pointer)?;
    let is_patch = schema.contains_key(PATCH_OF);
    let mut ignored = Log::default();
    // The docs of a patch come from its model, and what they lack has been noted there.
    let log = if is_patch { &mut ignored } else { log };
    describe(schema, &pointer, "This type has no description.", log)?;
    add_version(schema, &pointer)?;
    if let Some(properties) = schema.get_mut("properties") {
        let pointer = child(&pointer, "properties");
        for (name, property) in object_mut(properties, &pointer)? {
            let pointer = child(&pointer, name);
            let property = object_mut(property, &pointer)?;
            describe(property, &pointer, "This member has no description.", log)?;
            add_version(property, &pointer)?;
        }
    }
    if let Some(values) = schema.get_mut(OPEN_ENUM) {
        for value in array_mut(values, &pointer)? {
            let value = object_mut(value, &pointer)?;
            let text = value
                .get("value")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let sentence = format!("The value `{text}`.");
            let pointer = child(&pointer, text);
            describe(value, &pointer, &sentence, log)?;
            add_version(value, &pointer)?;
        }
    }
    Ok(())
}

fn describe(
    described: &mut Map<String, Value>,
    pointer: &str,
    otherwise: &str,
    log: &mut Log,
) -> Result<(), Refusal> {
    let description = match text(described, "description", pointer)?.map(str::trim) {
        None | Some("") => {
            let summary = text(described, "summary", pointer)?;
            if summary.is_some() {
                return Ok(());
            }
            log.warn("no-description", pointer, otherwise);
            otherwise.to_owned()
        }
        Some(description) => rustdoc(description),
    };
    described.insert("description".to_owned(), description.into());
    Ok(())
}

fn add_version(described: &mut Map<String, Value>, pointer: &str) -> Result<(), Refusal> {
    if let Some(since) = text(described, SINCE, pointer)? {
        let description = text(described, "description", pointer)?.unwrap_or_default();
        let description = format!("{description}\n\nExists since api-version `{since}`.");
        described.insert("description".to_owned(), description.into());
    }
    Ok(())
}

/// The text with brackets escaped and addresses made links; what stands in backticks is left alone.
fn rustdoc(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (index, part) in text.trim().split('`').enumerate() {
        if index > 0 {
            safe.push('`');
        }
        if index % 2 == 1 {
            safe.push_str(part);
            continue;
        }
        for piece in part.split_inclusive(char::is_whitespace) {
            push_piece(&mut safe, piece);
        }
    }
    safe
}

fn push_piece(safe: &mut String, piece: &str) {
    let word = piece.trim_end();
    let address = word.trim_end_matches(['.', ',', ';', ')']);
    if address.starts_with("https://") || address.starts_with("http://") {
        safe.push_str(&format!("<{address}>{}", &piece[address.len()..]));
        return;
    }
    for letter in piece.chars() {
        if matches!(letter, '[' | ']' | '<' | '>') {
            safe.push('\\');
        }
        safe.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{descriptions, rustdoc};
    use crate::codegen::spec::Spec;

    #[test]
    fn brackets_are_escaped_and_addresses_become_links() {
        for (text, safe) in [
            ("A list [of] <things>.", r"A list \[of\] \<things\>."),
            ("`Vec<[T]>` stays", "`Vec<[T]>` stays"),
            (
                "See https://example.com/a, then.",
                "See <https://example.com/a>, then.",
            ),
            ("  Two\n\nparts  ", "Two\n\nparts"),
        ] {
            assert_eq!(rustdoc(text), safe);
        }
    }

    #[test]
    fn what_has_no_description_gets_one_and_a_warning() {
        let mut spec = Spec::of_schemas(json!({
            "A": {"description": "An A.", "properties": {"b": {}, "c": {"description": " "}}},
            "E": {"description": "An E.", "x-lowered-open-enum": [{"value": "x"}]}
        }));
        descriptions(&mut spec).expect("readable");
        let keys: Vec<_> = spec
            .log
            .warnings
            .iter()
            .map(|warning| &warning.key)
            .collect();
        assert_eq!(
            keys,
            [
                "no-description #/components/schemas/A/properties/b",
                "no-description #/components/schemas/A/properties/c",
                "no-description #/components/schemas/E/x"
            ]
        );
        assert_eq!(
            spec.at("/components/schemas/E/x-lowered-open-enum/0/description"),
            "The value `x`."
        );
    }

    #[test]
    fn a_new_member_says_since_when_it_exists() {
        let mut spec = Spec::of_schemas(json!({"P": {
            "x-lowered-patch-of": "Job",
            "properties": {"a": {"description": "An a.", "x-lowered-since": "2"}}
        }}));
        descriptions(&mut spec).expect("readable");
        assert_eq!(
            spec.at("/components/schemas/P/properties/a/description"),
            "An a.\n\nExists since api-version `2`."
        );
        assert!(spec.log.warnings.is_empty());
    }
}
