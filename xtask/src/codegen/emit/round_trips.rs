//! A file for the tests of a generated crate: every schema of the document with the model that carries it, so that none is
//! forgotten.

use std::collections::BTreeMap;

use super::structs::{Maker, makers};
use super::{Files, Origin};
use crate::codegen::api::{Api, Model};

/// The folder of the tests that belongs to the generator. `type_names` gives the name in Rust of each schema of the document.
pub(super) fn files(
    api: &Api,
    type_names: &BTreeMap<String, String>,
    package: &str,
    origin: &Origin,
) -> Files {
    let makers = makers(api);
    let mut rows = String::new();
    for (schema, name) in type_names {
        let (kind, model) = match api.models.get(name) {
            None => (None, name),
            Some(_) => (Some(makers[name]), union_of(api, name).unwrap_or(name)),
        };
        let whole = kind.map(|maker| {
            let side = match maker {
                Maker::Caller | Maker::Sender => "sent",
                Maker::Service => "answered",
            };
            row(side, model, schema)
        });
        let patches = api.models.values().filter_map(|other| match other {
            Model::Struct(patch) if patch.patch_of.as_ref() == Some(name) => Some(&patch.name),
            _ => None,
        });
        rows.extend(
            whole
                .into_iter()
                .chain(patches.map(|patch| row("patch", patch, schema))),
        );
    }
    let crate_name = package.replace('-', "_");
    let document = &origin.document;
    let text = format!(
        "{header}\n\
         //! The models of `{document}`, for the tests of round trips.\n\n\
         use acs_test_support::Model;\n\
         use {crate_name}::models;\n\n\
         /// The document that the models come from.\n\
         pub(crate) const DOCUMENT: &str =\n    \
             include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../{document}\"));\n\n\
         /// Each schema that has a model. The values of one kind of a union are values of the union.\n\
         pub(crate) const MODELS: &[Model] = &[\n{rows}];\n",
        header = origin.header(),
    );
    Files::from([("mod.rs".to_owned(), text)])
}

fn row(side: &str, model: &str, schema: &str) -> String {
    format!("    Model::{side}::<models::{model}>({schema:?}),\n")
}

/// The union that a model is one kind of.
fn union_of<'a>(api: &'a Api, name: &str) -> Option<&'a String> {
    api.models.values().find_map(|model| match model {
        Model::Union(union) => union
            .kinds
            .iter()
            .any(|kind| kind.payload == name)
            .then_some(&union.name),
        _ => None,
    })
}
