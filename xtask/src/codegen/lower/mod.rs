//! The passes that turn an OpenAPI document into what the emitters understand.
//!
//! Each pass repairs one kind of oddity, stands in a file of its own and logs what it changed. A pass that meets something it
//! does not understand refuses the document and says where, what, and what to do; nothing is skipped silently.

mod aliases;
mod collapse_single_all_of;
mod convert;
mod descriptions;
mod discriminated_unions;
mod event_types;
mod flatten_all_of;
mod formats;
mod inline_parameters;
mod lenient_reading;
mod lift_inline;
mod merge_patch_models;
mod open_enums;
mod operation_ids;
mod pages;
mod parameters;
mod prune;
mod raw_json;
mod references;
mod request_bodies;
mod required_must_exist;
mod responses;
mod scalar_unions;
mod schema_names;
mod secrets;
mod since;
mod strip_constraints;
mod swagger;

use serde_json::Value;

use super::panics::caught;
use super::spec::{Refusal, Spec};

/// A pass with the name under which it logs.
pub(super) struct Pass {
    pub(super) name: &'static str,
    pub(super) run: fn(&mut Spec) -> Result<(), Refusal>,
}

/// The passes in the order in which they run. The order matters: each relies on what those before it left.
#[rustfmt::skip]
pub(super) const PASSES: &[Pass] = &[
    Pass { name: "convert", run: convert::convert },
    Pass { name: "event-types", run: event_types::event_types },
    Pass { name: "references", run: references::references },
    Pass { name: "since", run: since::since },
    Pass { name: "schema-names", run: schema_names::schema_names },
    Pass { name: "raw-json", run: raw_json::raw_json },
    Pass { name: "secrets", run: secrets::secrets },
    Pass { name: "inline-parameters", run: inline_parameters::inline_parameters },
    Pass { name: "required-must-exist", run: required_must_exist::required_must_exist },
    Pass { name: "operation-ids", run: operation_ids::operation_ids },
    Pass { name: "parameters", run: parameters::parameters },
    Pass { name: "request-bodies", run: request_bodies::request_bodies },
    Pass { name: "responses", run: responses::responses },
    Pass { name: "collapse-single-all-of", run: collapse_single_all_of::collapse_single_all_of },
    Pass { name: "open-enums", run: open_enums::open_enums },
    Pass { name: "scalar-unions", run: scalar_unions::scalar_unions },
    Pass { name: "discriminated-unions", run: discriminated_unions::discriminated_unions },
    Pass { name: "flatten-all-of", run: flatten_all_of::flatten_all_of },
    Pass { name: "lenient-reading", run: lenient_reading::lenient_reading },
    Pass { name: "lift-inline", run: lift_inline::lift_inline },
    Pass { name: "aliases", run: aliases::aliases },
    Pass { name: "merge-patch-models", run: merge_patch_models::merge_patch_models },
    Pass { name: "strip-constraints", run: strip_constraints::strip_constraints },
    Pass { name: "formats", run: formats::formats },
    Pass { name: "pages", run: pages::pages },
    Pass { name: "prune", run: prune::prune },
    Pass { name: "descriptions", run: descriptions::descriptions },
];

/// Runs all passes.
pub(super) fn lower(spec: &mut Spec) -> Result<(), Refusal> {
    lower_observed(spec, &mut |_| {})
}

/// Runs all passes, and shows the document as it is behind each.
pub(super) fn lower_observed(
    spec: &mut Spec,
    observe: &mut dyn FnMut(&Spec),
) -> Result<(), Refusal> {
    for pass in PASSES {
        spec.log.begin(pass.name);
        let result = caught(|| (pass.run)(spec)).unwrap_or_else(|panic| Err(mistake(pass, &panic)));
        result.map_err(|refusal| with_operation_id(refusal, &spec.document))?;
        observe(spec);
    }
    Ok(())
}

fn mistake(pass: &Pass, panic: &str) -> Refusal {
    Refusal::new(
        "#",
        format!("the pass {} panicked: {panic}", pass.name),
        "this is a mistake of the generator: report it with the document",
    )
}

/// Puts the id of the operation before the pointer, if the pointer is within one.
fn with_operation_id(mut refusal: Refusal, document: &Value) -> Refusal {
    let path: Option<Vec<_>> = refusal
        .pointer
        .strip_prefix("#/paths/")
        .map(|rest| rest.splitn(3, '/').take(2).collect());
    if let Some([path, method]) = path.as_deref()
        && let Some(id) = document
            .pointer(&format!("/paths/{path}/{method}/operationId"))
            .and_then(Value::as_str)
    {
        refusal.pointer = format!("operation {id} ({})", refusal.pointer);
    }
    refusal
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::lower;
    use crate::codegen::spec::{Options, Spec};

    fn document() -> serde_json::Value {
        json!({
            "openapi": "3.0.0",
            "info": {"title": "Things", "version": "1"},
            "paths": {"/things/{id}": {"get": {
                "operationId": "Things_Get",
                "description": "Reads a thing.",
                "parameters": [{"name": "id", "in": "path", "required": true, "description": "Id.", "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}
            }}},
            "components": {"schemas": {
                "Thing": {"type": "object", "description": "A thing.", "properties": {"id": {"type": "string", "description": "Id.", "minLength": 1}}},
                "Unused": {"type": "object"}
            }}
        })
    }

    #[test]
    fn passes_leave_a_document_that_the_same_passes_do_not_change() {
        let mut spec = Spec::new(document(), Options::default());
        lower(&mut spec).expect("understood");
        assert!(
            spec.document
                .pointer("/components/schemas/Unused")
                .is_none()
        );
        assert_eq!(spec.at("/paths/~1things~1{id}/get/operationId"), "get");
        assert!(spec.log.warnings.is_empty());
    }

    #[test]
    fn a_refusal_within_an_operation_names_its_id() {
        let mut document = document();
        document["paths"]["/things/{id}"]["get"]["parameters"][0]["in"] = json!("cookie");
        let mut spec = Spec::new(document, Options::default());
        let refusal = lower(&mut spec).expect_err("cookie");
        assert!(
            refusal.pointer.starts_with("operation get (#/paths/"),
            "{refusal}"
        );
    }
}
