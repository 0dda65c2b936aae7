//! Open enumerations, as calls of the macro that defines them. They are written as text: formatters mangle the insides of macros.

use super::docs::doc_text;
use crate::codegen::api::{Api, Model, OpenEnum};

/// The file; `None` if there is no enumeration.
pub(super) fn file(api: &Api) -> Option<String> {
    let enums: Vec<String> = api
        .models
        .values()
        .filter_map(|model| match model {
            Model::Enum(model) => Some(open_enum(model)),
            _ => None,
        })
        .collect();
    (!enums.is_empty()).then(|| {
        format!(
            "//! Enumerations. Each keeps values that it does not know, as a newer service may send them.\n\n{}",
            enums.join("\n")
        )
    })
}

fn open_enum(model: &OpenEnum) -> String {
    let docs = doc_text(&model.description, "    ");
    let variants: String = model
        .variants
        .iter()
        .map(|variant| {
            let docs = doc_text(&variant.description, "        ");
            let others: String = variant
                .also_read
                .iter()
                .map(|other| format!(" | {other:?}"))
                .collect();
            format!(
                "{docs}        {} = {:?}{others},\n",
                variant.name, variant.value
            )
        })
        .collect();
    format!(
        "acs_types::open_enum! {{\n{docs}    pub enum {} {{\n{variants}    }}\n}}\n",
        model.name
    )
}
