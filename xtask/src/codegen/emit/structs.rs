//! Structs, their serde attributes, constructors and setters.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{doc, summary};
use super::types::{argument, type_of};
use crate::codegen::api::{Api, Field, Reader, Struct, Type, event_side, request_side};

/// Who makes values of a struct.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::codegen) enum Maker {
    /// Callers: they get a constructor and setters, and may leave a collection out or send it empty.
    Caller,
    /// Whoever sends events: as for callers, and what is read is written as it was, absent collections among it.
    Sender,
    /// The service alone: an absent or null collection reads as an empty one.
    Service,
}

/// The makers of all structs, by name.
pub(in crate::codegen) fn makers(api: &Api) -> BTreeMap<String, Maker> {
    let (requests, events) = (request_side(api), event_side(api));
    let maker = |name: &String| match () {
        () if requests.contains(name) => Maker::Caller,
        () if events.contains(name) => Maker::Sender,
        () => Maker::Service,
    };
    let names = api.models.keys();
    names.map(|name| (name.clone(), maker(name))).collect()
}

pub(super) fn structure(model: &Struct, maker: Maker, api: &Api) -> TokenStream {
    let name = format_ident!("{}", model.name);
    let docs = doc(&model.description);
    let derives = derives(model, maker);
    let fields = model.fields.iter().map(|field| {
        let docs = doc(&field.description);
        let name = format_ident!("{}", field.name);
        let attribute = serde_attribute(field, maker);
        let kind = field_type(field, maker);
        quote! { #docs #attribute pub #name: #kind, }
    });
    let debug = has_secrets(model).then(|| debug(model));
    let construction = (maker != Maker::Service).then(|| construction(model, api));
    let page = page(model);
    quote! {
        #docs
        #[derive(#(#derives),*)]
        #[non_exhaustive]
        pub struct #name { #(#fields)* }
        #construction
        #debug
        #page
    }
}

fn derives(model: &Struct, maker: Maker) -> Vec<TokenStream> {
    let mut derives = vec![quote! { Clone }];
    if !has_secrets(model) {
        derives.push(quote! { Debug });
    }
    if maker != Maker::Service && model.fields.iter().all(|field| !field.required) {
        derives.push(quote! { Default });
    }
    derives.extend([
        quote! { PartialEq },
        quote! { Deserialize },
        quote! { Serialize },
    ]);
    derives
}

pub(super) fn has_secrets(model: &Struct) -> bool {
    model.fields.iter().any(|field| field.secret)
}

/// Whether the struct needs the function that reads a null collection as an empty one.
pub(super) fn reads_null_as_empty(model: &Struct, maker: Maker) -> bool {
    model
        .fields
        .iter()
        .any(|field| !field.required && field.reader.is_none() && is_plain_collection(field, maker))
}

fn is_plain_collection(field: &Field, maker: Maker) -> bool {
    maker == Maker::Service && field.kind.is_collection()
}

fn field_type(field: &Field, maker: Maker) -> TokenStream {
    let mut kind = type_of(&field.kind);
    if field.boxed {
        kind = quote! { Box<#kind> };
    }
    if field.required || is_plain_collection(field, maker) {
        kind
    } else {
        quote! { Option<#kind> }
    }
}

fn serde_attribute(field: &Field, maker: Maker) -> Option<TokenStream> {
    let mut arguments = Vec::new();
    arguments.extend(rename(field));
    arguments.extend(field.also_read.iter().map(|name| quote! { alias = #name }));
    let reader = field.reader.map(reader);
    let is_plain = is_plain_collection(field, maker);
    if !field.required && (is_plain || reader.is_some()) {
        arguments.push(quote! { default });
    }
    match reader {
        Some(reader) => arguments.push(quote! { deserialize_with = #reader }),
        None if !field.required && is_plain => {
            arguments.push(quote! { deserialize_with = "super::null_as_empty" });
        }
        None => {}
    }
    if !field.required && !is_plain {
        arguments.push(quote! { skip_serializing_if = "Option::is_none" });
    }
    (!arguments.is_empty()).then(|| quote! { #[serde(#(#arguments),*)] })
}

/// The function that reads other forms of a value, too. Each takes the value and an optional one.
fn reader(reader: Reader) -> &'static str {
    match reader {
        Reader::Number => "acs_types::__private::read_number",
        Reader::Seconds => "acs_types::__private::read_seconds",
        Reader::Texts => "acs_types::__private::read_texts",
    }
}

/// The name of the member in JSON, if it is not that of the field.
pub(super) fn rename(field: &Field) -> Option<TokenStream> {
    let wire = &field.wire;
    (*wire != field.name).then(|| quote! { rename = #wire })
}

/// `new` takes what is required; a setter for each other member that the service does not set itself.
fn construction(model: &Struct, api: &Api) -> TokenStream {
    let name = format_ident!("{}", model.name);
    let (required, optional): (Vec<&Field>, Vec<&Field>) =
        model.fields.iter().partition(|field| field.required);
    let setters = optional
        .iter()
        .filter(|field| !field.read_only)
        .map(|field| setter(field, api));
    let settable = optional.iter().any(|field| !field.read_only);
    let constructor = if required.is_empty() {
        let docs = if settable {
            " An empty value; the setters fill it."
        } else {
            " A value; there is nothing to set."
        };
        quote! {
            #[doc = #docs]
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }
        }
    } else {
        let arguments = required.iter().map(|field| {
            let name = format_ident!("{}", field.name);
            let kind = argument(&field.kind, api).kind;
            quote! { #name: #kind }
        });
        let values = required.iter().map(|field| {
            let name = format_ident!("{}", field.name);
            let value = converted(field, quote! { #name }, api);
            if value.to_string() == field.name {
                quote! { #name }
            } else {
                quote! { #name: #value }
            }
        });
        let absent = optional.iter().map(|field| format_ident!("{}", field.name));
        let docs = if settable {
            " A value with what is required; the setters add the rest."
        } else {
            " A value with all its members."
        };
        quote! {
            #[doc = #docs]
            #[must_use]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values,)* #(#absent: None,)* }
            }
        }
    };
    quote! {
        impl #name {
            #constructor
            #(#setters)*
        }
    }
}

fn setter(field: &Field, api: &Api) -> TokenStream {
    let docs = doc(summary(&field.description));
    let name = format_ident!("{}", field.name);
    let kind = argument(&field.kind, api).kind;
    let value = converted(field, quote! { #name }, api);
    quote! {
        #docs
        #[must_use]
        pub fn #name(mut self, #name: #kind) -> Self {
            self.#name = Some(#value);
            self
        }
    }
}

fn converted(field: &Field, value: TokenStream, api: &Api) -> TokenStream {
    let value = (argument(&field.kind, api).convert)(value);
    if field.boxed {
        quote! { Box::new(#value) }
    } else {
        value
    }
}

fn debug(model: &Struct) -> TokenStream {
    debug_impl(
        model,
        |name| quote! { &self.#name.as_ref().map(|_| "<secret>") },
    )
}

/// An implementation of `Debug` that shows of a secret only whether it is there.
pub(super) fn debug_impl(
    model: &Struct,
    masked: fn(&proc_macro2::Ident) -> TokenStream,
) -> TokenStream {
    let name = format_ident!("{}", model.name);
    let text = &model.name;
    let fields = model.fields.iter().map(|field| {
        let name = format_ident!("{}", field.name);
        let text = &field.name;
        let value = match (field.secret, field.required) {
            (false, _) => quote! { &self.#name },
            (true, true) => quote! { &"<secret>" },
            (true, false) => masked(&name),
        };
        quote! { .field(#text, #value) }
    });
    quote! {
        impl std::fmt::Debug for #name {
            #[doc = " Shows of a secret only whether it is there."]
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.debug_struct(#text) #(#fields)* .finish()
            }
        }
    }
}

fn page(model: &Struct) -> Option<TokenStream> {
    let page = model.page.as_ref()?;
    let field = |wire: &str| model.fields.iter().find(|field| field.wire == wire);
    let (items, next_link) = (field(&page.items)?, field(&page.next_link)?);
    let Type::List(item) = &items.kind else {
        return None;
    };
    let name = format_ident!("{}", model.name);
    let item = type_of(item);
    let (items, next_link) = (
        format_ident!("{}", items.name),
        format_ident!("{}", next_link.name),
    );
    Some(quote! {
        impl acs_core::WirePage for #name {
            type Item = #item;
            fn into_parts(self) -> (Vec<Self::Item>, Option<String>) {
                (self.#items, self.#next_link)
            }
        }
    })
}
