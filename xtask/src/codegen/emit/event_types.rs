//! The table of event types: what senders, receivers and the documentation know of each.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::{doc, file_doc};
use super::layout::format_items;
use crate::codegen::api::{Api, EventType};

/// The file; `None` if the service sends no events.
pub(super) fn file(api: &Api) -> anyhow::Result<Option<String>> {
    if api.event_types.is_empty() {
        return Ok(None);
    }
    let names = api.event_types.iter().map(constant);
    let rows = api.event_types.iter().map(row);
    let payloads = api.event_types.iter().filter_map(payload);
    let docs = file_doc(&format!("The types of events of {}, as data.", api.title));
    format_items(quote! {
        #docs
        use super::models;
        use crate::{EventData, EventType};
        #[doc = " All types of events, in the order of the specification."]
        pub static EVENT_TYPES: &[&EventType] = &[#(&#names),*];
        #(#rows)*
        #(#payloads)*
    })
    .map(Some)
}

fn constant(event: &EventType) -> syn::Ident {
    format_ident!("{}", event.constant())
}

fn row(event: &EventType) -> TokenStream {
    let constant = constant(event);
    let EventType {
        name,
        family,
        description,
        payload,
        subjects,
        also_read,
    } = event;
    let data = match payload {
        Some(payload) => format!("Its data is [`{payload}`](models::{payload})."),
        None => "Nothing is published about its data.".to_owned(),
    };
    let docs = doc(&format!("{description}\n\n`{name}`. {data}"));
    let payload = match payload {
        Some(payload) => quote! { Some(#payload) },
        None => quote! { None },
    };
    quote! {
        #docs
        pub static #constant: EventType = EventType {
            name: #name,
            family: #family,
            payload: #payload,
            subjects: &[#(#subjects),*],
            also_read: &[#(#also_read),*],
        };
    }
}

fn payload(event: &EventType) -> Option<TokenStream> {
    let payload = format_ident!("{}", event.payload.as_deref()?);
    let constant = constant(event);
    Some(quote! {
        impl EventData for models::#payload {
            const TYPE: &'static EventType = &#constant;
        }
    })
}
