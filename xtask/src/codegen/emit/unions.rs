//! Unions by discriminator, as calls of the macro that defines them. They are written as text: formatters mangle the insides of
//! macros.

use std::collections::BTreeSet;

use quote::{format_ident, quote};

use super::docs::{doc_text, file_doc, summary};
use super::layout::format_items;
use crate::codegen::api::{Api, Model, Union};

/// The file; `None` if there is no union.
pub(super) fn file(api: &Api) -> anyhow::Result<Option<String>> {
    let unions: Vec<&Union> = api
        .models
        .values()
        .filter_map(|model| match model {
            Model::Union(model) => Some(model),
            _ => None,
        })
        .collect();
    if unions.is_empty() {
        return Ok(None);
    }
    let payloads: BTreeSet<_> = unions
        .iter()
        .flat_map(|union| &union.kinds)
        .map(|kind| format_ident!("{}", kind.payload))
        .collect();
    let docs = file_doc(
        "Unions. Each keeps kinds that it does not know as raw JSON, as a newer service may send them.",
    );
    let start = format_items(quote! { #docs use super::models::{#(#payloads),*}; })?;
    let unions: Vec<String> = unions
        .iter()
        .map(|union| tagged_union(union, api))
        .collect();
    Ok(Some(format!("{start}\n{}", unions.join("\n"))))
}

fn tagged_union(union: &Union, api: &Api) -> String {
    let docs = doc_text(&union.description, "    ");
    let kinds: String = union
        .kinds
        .iter()
        .map(|kind| {
            let description = match api.models.get(&kind.payload) {
                Some(Model::Struct(payload)) => summary(&payload.description),
                _ => "",
            };
            let docs = doc_text(description, "        ");
            format!(
                "{docs}        {:?} => {}({}),\n",
                kind.value, kind.name, kind.payload
            )
        })
        .collect();
    format!(
        "acs_types::tagged_union! {{\n{docs}    pub enum {} by {:?} {{\n{kinds}    }}\n}}\n",
        union.name, union.discriminator
    )
}
