//! The model files: one for each part of the service, one for what several share, and the index of all models.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Files;
use super::docs::file_doc;
use super::layout::format_items;
use super::structs::{Maker, makers, reads_null_as_empty, structure};
use super::types::{identifiers, imports};
use crate::codegen::api::{Api, Model, Struct, group_description, groups};

pub(super) fn files(api: &Api) -> anyhow::Result<Files> {
    let mut files = Files::new();
    let groups = grouped(api);
    let makers = makers(api);
    for (group, models) in &groups {
        let text = file(api, group, models, &makers)?;
        files.insert(format!("models/{group}.rs"), text);
    }
    let uses_null_as_empty = groups
        .values()
        .flatten()
        .any(|model| reads_null_as_empty(model, makers[&model.name]));
    let index = index(api, &groups, uses_null_as_empty)?;
    files.insert("models/mod.rs".to_owned(), index);
    Ok(files)
}

/// The structs of each group, patches excepted.
fn grouped(api: &Api) -> BTreeMap<String, Vec<&Struct>> {
    let group_of = groups(api);
    let mut groups: BTreeMap<String, Vec<&Struct>> = BTreeMap::new();
    for model in api.models.values() {
        if let Model::Struct(model) = model
            && model.patch_of.is_none()
            && let Some(group) = group_of.get(&model.name)
        {
            groups.entry(group.clone()).or_default().push(model);
        }
    }
    groups
}

fn file(
    api: &Api,
    group: &str,
    models: &[&Struct],
    makers: &BTreeMap<String, Maker>,
) -> anyhow::Result<String> {
    let structs: TokenStream = models
        .iter()
        .map(|model| structure(model, makers[&model.name], api))
        .collect();
    let docs = file_doc(&group_description(api, group));
    let foreign = imports(&structs);
    let own: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let siblings = used_models(api, &structs, &own);
    let siblings = (!siblings.is_empty()).then(|| quote! { use super::{#(#siblings),*}; });
    format_items(quote! { #docs #foreign #siblings #structs })
}

/// The models that some code names, without those given.
pub(super) fn used_models(api: &Api, code: &TokenStream, without: &[&str]) -> Vec<syn::Ident> {
    let used: BTreeSet<_> = identifiers(code).into_iter().collect();
    api.models
        .keys()
        .filter(|name| used.contains(*name) && !without.contains(&name.as_str()))
        .map(|name| format_ident!("{name}"))
        .collect()
}

fn index(
    api: &Api,
    groups: &BTreeMap<String, Vec<&Struct>>,
    uses_null_as_empty: bool,
) -> anyhow::Result<String> {
    let docs = file_doc(&format!(
        "Models of {}: what requests and answers hold.",
        api.title
    ));
    let modules = groups.iter().map(|(group, models)| {
        let module = format_ident!("{group}");
        let names = models.iter().map(|model| format_ident!("{}", model.name));
        (
            quote! { mod #module; },
            quote! { pub use self::#module::{#(#names),*}; },
        )
    });
    let (modules, own): (Vec<_>, Vec<_>) = modules.unzip();
    let others = others(api);
    let null_as_empty = uses_null_as_empty.then(null_as_empty);
    format_items(quote! { #docs #(#modules)* #(#own)* #(#others)* #null_as_empty })
}

/// The imports of models that stand in files of their own kind.
fn others(api: &Api) -> Vec<TokenStream> {
    let of_kind = |file: &str, belongs: fn(&Model) -> bool| {
        let names: Vec<_> = api
            .models
            .values()
            .filter(|model| belongs(model))
            .map(|model| format_ident!("{}", model.name()))
            .collect();
        let file = format_ident!("{file}");
        (!names.is_empty()).then(|| quote! { pub use super::#file::{#(#names),*}; })
    };
    [
        of_kind("enums", |model| matches!(model, Model::Enum(_))),
        of_kind(
            "patches",
            |model| matches!(model, Model::Struct(model) if model.patch_of.is_some()),
        ),
        of_kind("unions", |model| matches!(model, Model::Union(_))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn null_as_empty() -> TokenStream {
    quote! {
        #[doc = " Reads a collection; null means the same as an absent one: empty."]
        fn null_as_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
        where
            D: serde::Deserializer<'de>,
            T: Default + serde::Deserialize<'de>,
        {
            let collection: Option<T> = serde::Deserialize::deserialize(deserializer)?;
            Ok(collection.unwrap_or_default())
        }
    }
}
