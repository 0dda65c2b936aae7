//! The operation table: what the pipeline, the emulator and the coverage page know of each operation.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::Origin;
use super::docs::{doc, file_doc, summary};
use super::layout::format_items;
use super::types::imports;
use crate::codegen::api::{Api, Operation};
use crate::codegen::names::constant_name;

pub(super) fn file(api: &Api, origin: &Origin) -> anyhow::Result<String> {
    let statics = api.operations.iter().map(row);
    let names = api
        .operations
        .iter()
        .map(|operation| format_ident!("{}", constant_name(&operation.id)));
    let versions = &origin.api_versions;
    let default = &origin.default_api_version;
    let docs = file_doc(&format!("The operations of {}, as data.", api.title));
    let items = quote! {
        #[doc = " The api-versions that a caller may choose, oldest first."]
        pub const API_VERSIONS: &[&str] = &[#(#versions),*];
        #[doc = " The api-version that is used unless a caller chooses another."]
        pub const DEFAULT_API_VERSION: &str = #default;
        #[doc = " All operations, in the order of their ids."]
        pub static OPERATIONS: &[&Operation] = &[#(&#names),*];
        #(#statics)*
    };
    let imports = imports(&items);
    format_items(quote! { #docs #imports #items })
}

fn row(operation: &Operation) -> TokenStream {
    let Operation {
        id,
        path,
        success,
        merge_patch,
        optional_body,
        conditional,
        paged,
        since,
        ..
    } = operation;
    let name = format_ident!("{}", constant_name(id));
    let success = success.iter().copied().map(Literal::u16_unsuffixed);
    let method = operation.method.to_uppercase();
    let said = operation
        .summary
        .as_deref()
        .unwrap_or(&operation.description);
    let docs = doc(&format!("{}\n\n`{method} {path}`", summary(said)));
    quote! {
        #docs
        pub static #name: Operation = Operation {
            id: #id,
            method: #method,
            path: #path,
            success: &[#(#success),*],
            merge_patch: #merge_patch,
            optional_body: #optional_body,
            conditional: #conditional,
            paged: #paged,
            since: #since,
        };
    }
}
