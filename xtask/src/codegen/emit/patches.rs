//! Patch models: structs whose members say what to keep, clear or set.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{doc, file_doc};
use super::layout::format_items;
use super::models::used_models;
use super::structs::{debug_impl, has_secrets, rename};
use super::types::{imports, type_of};
use crate::codegen::api::{Api, Field, Model, Struct, Type, Union};

/// The file; `None` if no operation takes a merge patch.
pub(super) fn file(api: &Api) -> anyhow::Result<Option<String>> {
    let patches: Vec<&Struct> = api
        .models
        .values()
        .filter_map(|model| match model {
            Model::Struct(model) if model.patch_of.is_some() => Some(model),
            _ => None,
        })
        .collect();
    if patches.is_empty() {
        return Ok(None);
    }
    let structs: TokenStream = patches.iter().map(|patch| structure(patch, api)).collect();
    let conversions: TokenStream = patched_unions(&patches, api)
        .into_iter()
        .map(conversions)
        .collect();
    let docs = file_doc(
        "Patch models: the bodies of upserts. They hold what a caller may change; what the service sets is left out.",
    );
    let items = quote! { #structs #conversions };
    let foreign = imports(&items);
    let own: Vec<_> = patches.iter().map(|patch| patch.name.as_str()).collect();
    let models = used_models(api, &items, &own);
    let models = (!models.is_empty()).then(|| quote! { use super::models::{#(#models),*}; });
    format_items(quote! { #docs #foreign #models #items }).map(Some)
}

fn structure(patch: &Struct, api: &Api) -> TokenStream {
    let name = format_ident!("{}", patch.name);
    let docs = doc(&description(patch, api));
    let fields = patch.fields.iter().map(|field| {
        let docs = doc(&field.description);
        let name = format_ident!("{}", field.name);
        let rename = rename(field).map(|rename| quote! { #rename, });
        let kind = field_type(field);
        quote! {
            #docs
            #[serde(#rename default, skip_serializing_if = "Patch::is_keep")]
            pub #name: Patch<#kind>,
        }
    });
    let debug = has_secrets(patch).then(|| {
        debug_impl(
            patch,
            |name| quote! { &self.#name.as_set().map(|_| "<secret>") },
        )
    });
    let derive_debug = debug.is_none().then(|| quote! { Debug, });
    quote! {
        #docs
        #[derive(Clone, #derive_debug Default, PartialEq, Deserialize, Serialize)]
        pub struct #name { #(#fields)* }
        #debug
    }
}

fn description(patch: &Struct, api: &Api) -> String {
    let model = patch.patch_of.as_deref().unwrap_or_default();
    let what = if api.models.contains_key(model) {
        format!("A merge patch of [`{model}`](super::models::{model}): what to keep, clear or set.")
    } else {
        // No answer has the model; it describes the patch and nothing else.
        patch.description.clone()
    };
    format!(
        "{what}\n\nStart from `default()`, which keeps everything. The service merges objects member by member and replaces \
         lists\nas a whole."
    )
}

/// Maps are patched entry by entry, all else as a whole.
fn field_type(field: &Field) -> TokenStream {
    match &field.kind {
        Type::Map(inner) => {
            let inner = type_of(inner);
            quote! { PatchMap<#inner> }
        }
        kind => type_of(kind),
    }
}

/// The unions that are members of patches.
fn patched_unions<'a>(patches: &[&Struct], api: &'a Api) -> Vec<&'a Union> {
    api.models
        .values()
        .filter_map(|model| match model {
            Model::Union(union) => Some(union),
            _ => None,
        })
        .filter(|union| {
            let fields = patches.iter().flat_map(|patch| &patch.fields);
            let mut kinds = fields.map(|field| &field.kind);
            kinds.any(|kind| matches!(kind, Type::Named(name) if *name == union.name))
        })
        .collect()
}

/// Lets a caller set a union member to one of its kinds in one step.
fn conversions(union: &Union) -> TokenStream {
    let name = format_ident!("{}", union.name);
    union
        .kinds
        .iter()
        .map(|kind| {
            let payload = format_ident!("{}", kind.payload);
            quote! {
                impl From<#payload> for Patch<#name> {
                    fn from(value: #payload) -> Self {
                        Self::Set(value.into())
                    }
                }
            }
        })
        .collect()
}
