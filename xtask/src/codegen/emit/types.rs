//! Types of the document as types in Rust, and how callers pass them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::codegen::api::{Api, Model, Type};

/// The type by itself. Its names are imported by the file.
pub(super) fn type_of(kind: &Type) -> TokenStream {
    match kind {
        Type::Text => quote! { String },
        Type::Boolean => quote! { bool },
        Type::Int32 => quote! { i32 },
        Type::Int64 => quote! { i64 },
        Type::Double => quote! { f64 },
        Type::Timestamp => quote! { Timestamp },
        Type::Label => quote! { LabelValue },
        Type::Json => quote! { Value },
        Type::Named(name) => {
            let name = format_ident!("{name}");
            quote! { #name }
        }
        Type::List(inner) => {
            let inner = type_of(inner);
            quote! { Vec<#inner> }
        }
        Type::Map(inner) => {
            let inner = type_of(inner);
            quote! { BTreeMap<String, #inner> }
        }
        Type::Nullable(inner) => {
            let inner = type_of(inner);
            quote! { Option<#inner> }
        }
    }
}

/// How a function takes a value.
pub(super) struct Argument {
    /// The type of the argument.
    pub(super) kind: TokenStream,
    /// What makes a value of the field's type of `value`.
    pub(super) convert: fn(TokenStream) -> TokenStream,
}

/// Lets callers pass what is at hand: a `&str`, an array, the payload of a union.
pub(super) fn argument(kind: &Type, api: &Api) -> Argument {
    match kind {
        Type::List(inner) => {
            let item = argument(inner, api).kind;
            Argument {
                kind: quote! { impl IntoIterator<Item = #item> },
                convert: if is_converted(inner, api) {
                    |value| quote! { #value.into_iter().map(Into::into).collect() }
                } else {
                    |value| quote! { #value.into_iter().collect() }
                },
            }
        }
        Type::Map(inner) => {
            let item = argument(inner, api).kind;
            Argument {
                kind: quote! { impl IntoIterator<Item = (impl Into<String>, #item)> },
                convert: if is_converted(inner, api) {
                    |value| quote! { #value.into_iter().map(|(key, value)| (key.into(), value.into())).collect() }
                } else {
                    |value| quote! { #value.into_iter().map(|(key, value)| (key.into(), value)).collect() }
                },
            }
        }
        kind if is_converted(kind, api) => {
            let kind = type_of(kind);
            Argument {
                kind: quote! { impl Into<#kind> },
                convert: |value| quote! { #value.into() },
            }
        }
        kind => Argument {
            kind: type_of(kind),
            convert: |value| value,
        },
    }
}

/// Whether there are several types that callers may want to pass.
fn is_converted(kind: &Type, api: &Api) -> bool {
    match kind {
        Type::Text | Type::Label | Type::Json | Type::Double => true,
        Type::Named(name) => !matches!(api.models.get(name), Some(Model::Struct(_))),
        _ => false,
    }
}

/// The imports that a file needs: those of foreign types it names.
pub(super) fn imports(items: &TokenStream) -> TokenStream {
    let names = identifiers(items);
    let used = |name: &str| names.iter().any(|known| known == name);
    let mut imports = TokenStream::new();
    if used("BTreeMap") {
        imports.extend(quote! { use std::collections::BTreeMap; });
    }
    let ours: Vec<_> = ["LabelValue", "Operation", "Patch", "PatchMap", "Timestamp"]
        .into_iter()
        .filter(|name| used(name))
        .map(|name| format_ident!("{name}"))
        .collect();
    if !ours.is_empty() {
        imports.extend(quote! { use acs_types::{#(#ours),*}; });
    }
    if used("Serialize") {
        imports.extend(quote! { use serde::{Deserialize, Serialize}; });
    }
    if used("Value") {
        imports.extend(quote! { use serde_json::Value; });
    }
    imports
}

/// All identifiers in some code.
pub(super) fn identifiers(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        match token {
            proc_macro2::TokenTree::Group(group) => found.extend(identifiers(&group.stream())),
            proc_macro2::TokenTree::Ident(name) => found.push(name.to_string()),
            _ => {}
        }
    }
    found
}
