//! Documents come in several formats: this pass turns Swagger 2.0 into OpenAPI 3.0, and refuses other formats by name.

use serde_json::{Map, Value, json};

use super::swagger::to_openapi;
use crate::codegen::json::{child, object_mut};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn convert(spec: &mut Spec) -> Result<(), Refusal> {
    if let Some(version) = object_mut(&mut spec.document, "#")?.get("swagger") {
        if version != "2.0" {
            return Err(Refusal::new(
                "#/swagger",
                format!("version {version} is not supported"),
                "only Swagger 2.0 and OpenAPI 3.0 are understood",
            ));
        }
        to_openapi(&mut spec.document, &mut spec.log)?;
    }
    let document = object_mut(&mut spec.document, "#")?;
    check_version(document)?;
    for part in ["info", "paths"] {
        if !document.get(part).is_some_and(Value::is_object) {
            return Err(Refusal::new(
                format!("#/{part}"),
                "is missing or not an object",
                "an OpenAPI document needs it; is the file complete?",
            ));
        }
    }
    if let Some(paths) = document.get_mut("paths") {
        check_paths(object_mut(paths, "#/paths")?)?;
    }
    let components = document.entry("components").or_insert_with(|| json!({}));
    let components = object_mut(components, "#/components")?;
    components.entry("schemas").or_insert_with(|| json!({}));
    for (unused, why) in [
        ("servers", "the endpoint is given by the caller"),
        ("security", "the pipeline signs"),
        ("tags", "models are grouped by path"),
        ("externalDocs", "not part of the generated docs"),
    ] {
        if document.remove(unused).is_some() {
            spec.log
                .change(format!("#/{unused}"), format!("dropped: {why}"));
        }
    }
    Ok(())
}

/// Extensions may stand between the paths; a path without a slash would be taken for one and passed over.
fn check_paths(paths: &mut Map<String, Value>) -> Result<(), Refusal> {
    paths.retain(|path, _| !path.starts_with("x-"));
    match paths.keys().find(|path| !path.starts_with('/')) {
        None => Ok(()),
        Some(path) => Err(Refusal::new(
            child("#/paths", path),
            format!("the path {path:?} does not begin with a slash"),
            format!("write \"/{path}\""),
        )),
    }
}

fn check_version(document: &Map<String, Value>) -> Result<(), Refusal> {
    match document.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.0.") => Ok(()),
        Some(version) => Err(Refusal::new(
            "#/openapi",
            format!("version {version} is not supported"),
            "emit the document as OpenAPI 3.0.0",
        )),
        None => Err(Refusal::new(
            "#/openapi",
            "is missing or not a text",
            "only OpenAPI 3.0 and Swagger 2.0 documents are understood",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::convert;
    use crate::codegen::spec::{Options, Spec};

    #[test]
    fn other_formats_and_broken_documents_are_named() {
        for (document, named) in [
            (json!({"swagger": "1.2"}), "\"1.2\" is not supported"),
            (json!({"openapi": "3.1.0"}), "3.1.0"),
            (json!({"info": {}}), "is missing"),
            (json!([]), "an object belongs here"),
            (
                json!({"openapi": "3.0.0", "info": {}}),
                "is missing or not an object",
            ),
            (
                json!({"openapi": "3.0.0", "info": {}, "paths": {"a": {}}}),
                "begin with a slash",
            ),
        ] {
            let mut spec = Spec::new(document, Options::default());
            let refusal = convert(&mut spec).expect_err(named).to_string();
            assert!(refusal.contains(named), "{refusal}");
        }
    }

    #[test]
    fn a_document_without_components_gets_an_empty_table_of_schemas() {
        let document =
            json!({"openapi": "3.0.3", "info": {}, "paths": {"x-own": 1}, "servers": []});
        let mut spec = Spec::new(document, Options::default());
        convert(&mut spec).expect("3.0");
        assert_eq!(spec.at("/components/schemas"), &json!({}));
        assert!(spec.document.get("servers").is_none());
    }
}
