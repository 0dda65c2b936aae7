//! The raw client, by progenitor.
//!
//! progenitor gets the operations with a placeholder for each type and the path of the type that is to stand in its place, so that
//! it generates methods and no types. What it emits beside the methods is taken out again: its module of types, its prelude,
//! and the constructor that builds an HTTP client of its own. What it writes into the methods is corrected in
//! [`methods`].

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::{Map, Value, json};
use syn::parse::Parser;
use syn::{Attribute, Expr, ExprLit, ImplItem, Item, ItemImpl, Lit, Meta};

use super::docs::{doc, file_doc};
use super::layout::format_items;
use super::methods;
use super::types::identifiers;
use crate::codegen::api::{Api, Operation, Type};
use crate::codegen::json::child;
use crate::codegen::names::snake_name;
use crate::codegen::panics::caught;
use crate::codegen::spec::Refusal;

pub(super) fn file(api: &Api) -> anyhow::Result<String> {
    let client = match generate(api, &api.operations.iter().collect::<Vec<_>>()) {
        Ok(client) => client,
        Err(error) => return Err(attribute(api, &error).into()),
    };
    let docs = file_doc(&format!(
        "The raw client of {}: one method for each operation.",
        api.title
    ));
    require_all(api, &client)?;
    let imports = imports(&client);
    format_items(quote! { #docs #imports #client })
}

/// Runs progenitor on some of the operations. It panics on some inputs, which becomes an error here.
fn generate(api: &Api, operations: &[&Operation]) -> anyhow::Result<TokenStream> {
    let mut types = Placeholders::default();
    let document = document(api, operations, &mut types);
    let document = serde_json::from_value(document).context("progenitor cannot read its input")?;
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote! { acs_core::Call });
    for (path, name) in &types.names {
        settings.with_replacement(name, path, [TypeImpl::Display].into_iter());
    }
    match caught(|| Generator::new(&settings).generate_tokens(&document)) {
        Ok(Ok(tokens)) => trim(tokens),
        Ok(Err(error)) => bail!("progenitor says: {error}"),
        Err(panic) => bail!("progenitor panicked: {panic}"),
    }
}

/// Finds the operation that progenitor fails on by giving it one at a time.
fn attribute(api: &Api, error: &anyhow::Error) -> Refusal {
    let single = api.operations.iter().find_map(|operation| {
        let error = generate(api, &[operation]).err()?;
        Some(refusal(operation, &format!("{error:#}")))
    });
    single.unwrap_or_else(|| {
        Refusal::new(
            "#/paths",
            format!("no single operation is the reason: {error:#}"),
            "leave operations out until the others are generated",
        )
    })
}

/// The operation is more than progenitor understands.
fn refusal(operation: &Operation, construct: &str) -> Refusal {
    let Operation {
        id, method, path, ..
    } = operation;
    let pointer = child(&child("#/paths", path), method);
    Refusal::new(
        format!("operation {id} ({pointer})"),
        construct,
        "rewrite the operation, or leave it out and write its call by hand",
    )
}

/// The names that stand for types in progenitor's input, by the path of the type.
#[derive(Default)]
struct Placeholders {
    names: BTreeMap<String, String>,
}

impl Placeholders {
    fn reference(&mut self, kind: &Type) -> Value {
        let next = format!("T{}", self.names.len());
        let name = self.names.entry(path_of(kind)).or_insert(next);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// A schema that progenitor turns into an argument: scalars by value, texts as `&str`.
    fn parameter(&mut self, kind: &Type) -> Value {
        match kind {
            Type::Text => json!({"type": "string"}),
            Type::Boolean => json!({"type": "boolean"}),
            Type::Int32 => json!({"type": "integer", "format": "int32"}),
            Type::Int64 => json!({"type": "integer", "format": "int64"}),
            Type::Double => json!({"type": "number", "format": "double"}),
            Type::List(inner) => json!({"type": "array", "items": self.parameter(inner)}),
            other => self.reference(other),
        }
    }

    fn schemas(&self) -> Value {
        let schemas: Map<_, _> = self
            .names
            .values()
            .map(|name| (name.clone(), json!({"type": "object"})))
            .collect();
        schemas.into()
    }
}

fn path_of(kind: &Type) -> String {
    match kind {
        Type::Text => "String".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::Int32 => "i32".to_owned(),
        Type::Int64 => "i64".to_owned(),
        Type::Double => "f64".to_owned(),
        Type::Timestamp => "acs_types::Timestamp".to_owned(),
        Type::Label => "acs_types::LabelValue".to_owned(),
        Type::Json => "serde_json::Value".to_owned(),
        Type::Named(name) => format!("models::{name}"),
        Type::List(inner) => format!("Vec<{}>", path_of(inner)),
        Type::Map(inner) => format!("std::collections::BTreeMap<String, {}>", path_of(inner)),
        Type::Nullable(inner) => format!("Option<{}>", path_of(inner)),
    }
}

fn document(api: &Api, operations: &[&Operation], types: &mut Placeholders) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let item = paths
            .entry(operation.path.clone())
            .or_insert_with(|| json!({}));
        item[&operation.method] = described(operation, types);
    }
    json!({
        "openapi": "3.0.0",
        "info": {"title": api.title, "description": api.description, "version": api.version},
        "paths": paths,
        "components": {"schemas": types.schemas()}
    })
}

fn described(operation: &Operation, types: &mut Placeholders) -> Value {
    let parameters: Vec<_> = operation
        .parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "in": parameter.place,
                "required": parameter.required,
                "description": parameter.description.replace('\n', " "),
                "schema": types.parameter(&parameter.kind)
            })
        })
        .collect();
    let content = operation
        .answer
        .as_ref()
        .map(|answer| json!({"application/json": {"schema": types.reference(answer)}}));
    let responses: Map<_, _> = operation
        .typed
        .iter()
        .map(|status| {
            let mut response = json!({"description": ""});
            if let Some(content) = &content {
                response["content"] = content.clone();
            }
            (status.to_string(), response)
        })
        .collect();
    let mut described = json!({
        "operationId": operation.id,
        "description": operation.description,
        "parameters": parameters,
        "responses": responses
    });
    if let Some(summary) = &operation.summary {
        described["summary"] = summary.clone().into();
    }
    if let Some(body) = &operation.body {
        let schema = types.reference(&body.kind);
        described["requestBody"] =
            json!({"required": true, "content": {&body.media_type: {"schema": schema}}});
    }
    described
}

/// Leaves the client and its methods of what progenitor emits.
fn trim(tokens: TokenStream) -> anyhow::Result<TokenStream> {
    let mut file: syn::File = syn::parse2(tokens).context("progenitor emitted no valid Rust")?;
    file.items.retain(|item| match item {
        Item::Mod(module) => module.ident != "types" && module.ident != "prelude",
        Item::Use(_) => false,
        _ => true,
    });
    for item in &mut file.items {
        match item {
            Item::Struct(client) => lay_out_docs(&mut client.attrs),
            Item::Impl(block) => trim_block(block),
            _ => {}
        }
    }
    let items = file.items;
    let client = quote! { #(#items)* };
    if identifiers(&client).iter().any(|name| name == "types") {
        bail!("progenitor made a type of its own");
    }
    Ok(client)
}

/// Whatever progenitor passes over without a word must not be missing unnoticed.
fn require_all(api: &Api, client: &TokenStream) -> anyhow::Result<()> {
    let names = identifiers(client);
    for operation in &api.operations {
        if !names.contains(&snake_name(&operation.id)) {
            return Err(refusal(operation, "progenitor made no method of it").into());
        }
    }
    Ok(())
}

fn trim_block(block: &mut ItemImpl) {
    block
        .attrs
        .retain(|attribute| !attribute.path().is_ident("allow"));
    block.items.retain(|item| match item {
        ImplItem::Fn(function) => function.sig.ident != "new",
        _ => true,
    });
    for item in &mut block.items {
        if let ImplItem::Fn(function) = item {
            lay_out_docs(&mut function.attrs);
            methods::correct(&mut function.block);
        }
    }
}

/// Puts the doc comment first, one attribute for each line, which is how the other files have it.
fn lay_out_docs(attributes: &mut Vec<Attribute>) {
    let mut text = String::new();
    attributes.retain(|attribute| {
        let line = doc_of(attribute);
        if let Some(line) = &line {
            text.push_str(line.strip_prefix(' ').unwrap_or(line));
            text.push('\n');
        }
        line.is_none()
    });
    let docs = doc(&text);
    let mut docs = Attribute::parse_outer.parse2(docs).unwrap_or_default();
    docs.append(attributes);
    *attributes = docs;
}

/// The text of an attribute that is a doc comment.
fn doc_of(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    match &meta.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if meta.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// Imports what the client names of progenitor's runtime and of the models.
fn imports(client: &TokenStream) -> TokenStream {
    let names = identifiers(client);
    let used = |name: &str| names.iter().any(|known| known == name);
    let runtime: Vec<_> = [
        "ByteStream",
        "ClientHooks",
        "ClientInfo",
        "Error",
        "OperationInfo",
        "ResponseValue",
    ]
    .into_iter()
    .filter(|name| used(name))
    // A form body is written by an extension trait that the code does not name.
    .chain(used("form_urlencoded").then_some("RequestBuilderExt"))
    .map(|name| quote::format_ident!("{name}"))
    .collect();
    let models = used("models").then(|| quote! { use super::models; });
    // progenitor's own leaves a backslash and a colon alone.
    let encode_path = used("encode_path").then(|| quote! { use acs_core::encode_path; });
    quote! {
        #encode_path
        use progenitor_client::{#(#runtime),*};
        #models
    }
}
