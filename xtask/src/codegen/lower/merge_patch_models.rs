//! A merge patch needs absent, null and value for every member, and must neither need nor send what the server sets: this pass
//! derives a patch model from the model that a merge-patch operation takes, and puts it in its place.

use serde_json::{Map, Value, json};

use crate::codegen::json::{child, flag, object};
use crate::codegen::marks::{MERGE_PATCH, PATCH_OF};
use crate::codegen::names::is_identifier;
use crate::codegen::positions::{SCHEMAS, reference_to, referenced, visit_operations};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn merge_patch_models(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    let mut patches: Map<String, Value> = Map::new();
    visit_operations(&mut spec.document, &mut |at, operation| {
        if !flag(operation, MERGE_PATCH) {
            return Ok(());
        }
        let pointer = child(&at.pointer, "requestBody");
        let body = operation
            .get_mut("requestBody")
            .and_then(|body| body.pointer_mut("/content/application~1json/schema"));
        let model = body
            .as_deref()
            .and_then(referenced)
            .and_then(|name| Some((name.to_owned(), schemas.get(name)?)));
        let (Some(body), Some((name, model))) = (body, model) else {
            return Err(Refusal::new(
                pointer,
                "a merge patch of something other than an object",
                "refer to the object that is patched",
            ));
        };
        let patch = spec
            .options
            .patches
            .get(&name)
            .cloned()
            .unwrap_or_else(|| format!("{name}Patch"));
        if !is_identifier(&patch) {
            return Err(Refusal::new(
                pointer,
                format!("the patch of {name} would be called {patch:?}, which Rust does not take"),
                "choose another name under `patches` in specs/codegen.toml",
            ));
        }
        if schemas.contains_key(&patch) {
            return Err(Refusal::new(
                pointer,
                format!("the patch of {name} would be called {patch}, as a schema is"),
                "choose another name under `patches` in specs/codegen.toml",
            ));
        }
        body["$ref"] = reference_to(&patch);
        let derived = derive(&name, model)?;
        if patches.get(&patch).is_some_and(|known| *known != derived) {
            return Err(Refusal::new(
                pointer,
                format!("two patch models would be called {patch}"),
                "choose another name under `patches` in specs/codegen.toml",
            ));
        }
        patches.insert(patch.clone(), derived);
        spec.log
            .change(pointer, format!("the patch model {patch} of {name}"));
        Ok(())
    })?;
    refuse_unused_names(spec, &patches)?;
    spec.schemas_mut()?.append(&mut patches);
    Ok(())
}

/// The members that a caller may change, none of them required.
fn derive(name: &str, model: &Value) -> Result<Value, Refusal> {
    let pointer = format!("{SCHEMAS}{name}");
    let properties = match model.get("properties") {
        Some(properties) => object(properties, &child(&pointer, "properties"))?,
        None => {
            return Err(Refusal::new(
                pointer,
                "a merge patch of something without members",
                "only objects with properties can be patched",
            ));
        }
    };
    let writable: Map<_, _> = properties
        .iter()
        .filter(|(_, property)| {
            !property
                .as_object()
                .is_some_and(|map| flag(map, "readOnly"))
        })
        .map(|(name, property)| (name.clone(), property.clone()))
        .collect();
    let mut patch = json!({"type": "object", "properties": writable, PATCH_OF: name});
    if let Some(description) = model.get("description") {
        patch["description"] = description.clone();
    }
    Ok(patch)
}

fn refuse_unused_names(spec: &Spec, patches: &Map<String, Value>) -> Result<(), Refusal> {
    let unused = spec
        .options
        .patches
        .iter()
        .find(|(_, patch)| !patches.contains_key(*patch));
    match unused {
        None => Ok(()),
        Some((model, _)) => Err(Refusal::new(
            format!("{SCHEMAS}{model}"),
            "`patches` names it but no operation takes a merge patch of it",
            "correct specs/codegen.toml",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merge_patch_models;
    use crate::codegen::spec::{Options, Spec};

    fn spec(schema: Value, patches: &[(&str, &str)]) -> Spec {
        let body = json!({"content": {"application/json": {"schema": schema}}});
        let options = Options {
            patches: patches
                .iter()
                .map(|(model, patch)| ((*model).to_owned(), (*patch).to_owned()))
                .collect(),
            ..Options::default()
        };
        let document = json!({
            "paths": {"/a": {"patch": {"x-lowered-merge-patch": true, "requestBody": body}}},
            "components": {"schemas": {"Queue": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {"id": {"type": "string", "readOnly": true}, "name": {"type": "string"}}
            }, "Other": {}}}
        });
        Spec::new(document, options)
    }

    #[test]
    fn the_patch_model_holds_the_writable_members_and_takes_the_place_of_the_model() {
        let mut spec = spec(
            json!({"$ref": "#/components/schemas/Queue"}),
            &[("Queue", "QueueChange")],
        );
        merge_patch_models(&mut spec).expect("an object");
        assert_eq!(
            spec.schemas()["QueueChange"],
            json!({
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "x-lowered-patch-of": "Queue"
            })
        );
        assert_eq!(
            spec.at("/paths/~1a/patch/requestBody/content/application~1json/schema/$ref"),
            "#/components/schemas/QueueChange"
        );
    }

    #[test]
    fn without_a_configured_name_the_model_lends_its_own() {
        let mut spec = spec(json!({"$ref": "#/components/schemas/Queue"}), &[]);
        merge_patch_models(&mut spec).expect("an object");
        assert!(spec.schemas().contains_key("QueuePatch"));
    }

    #[test]
    fn patches_of_no_object_and_names_that_clash_or_go_unused_are_refused() {
        let queue = json!({"$ref": "#/components/schemas/Queue"});
        for (schema, patches, named) in [
            (
                json!({"type": "string"}),
                [].as_slice(),
                "other than an object",
            ),
            (queue.clone(), &[("Queue", "Other")], "as a schema is"),
            (queue.clone(), &[("Queue", "not a name")], "does not take"),
            (queue, &[("Gone", "GonePatch")], "no operation"),
            (
                json!({"$ref": "#/components/schemas/Other"}),
                &[],
                "without members",
            ),
        ] {
            let refusal = merge_patch_models(&mut spec(schema, patches)).expect_err(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
    }
}
