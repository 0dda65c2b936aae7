//! The enumeration over all types of events: what reading an event gives, and how its data is read and written.

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
    let docs = file_doc("The data of an event of any type.");
    let variants = api.event_types.iter().map(variant);
    let readers = api.event_types.iter().map(reader);
    let types = api.event_types.iter().map(|event| {
        let (name, constant) = (name(event), format_ident!("{}", event.constant()));
        quote! { Self::#name(_) => Some(&event_types::#constant), }
    });
    let writers = api.event_types.iter().map(|event| {
        let name = name(event);
        quote! { Self::#name(data) => data.serialize(serializer), }
    });
    let payloads = api.event_types.iter().filter_map(payload);
    format_items(quote! {
        #docs
        use serde::{Serialize, Serializer};
        use super::{event_types, models};
        use crate::data::{DataError, UnknownEvent, read_data};
        use crate::EventType;
        #[doc = " The data of an event, by its type: one variant for each row of [`event_types`]."]
        #[doc = ""]
        #[doc = " An event of another type is kept whole as [`Unknown`](Self::Unknown)."]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AcsEvent {
            #(#variants)*
            #[doc = " An event of a type that this version does not know, as it was."]
            Unknown(UnknownEvent),
        }
        impl AcsEvent {
            #[doc = " Reads the data of an event of the type that is named in the envelope."]
            pub(crate) fn read(event_type: &str, data: &str) -> Result<Self, DataError> {
                Ok(match event_type {
                    #(#readers)*
                    _ => Self::Unknown(UnknownEvent::read(event_type, data)?),
                })
            }
            #[doc = " The type of the event; `None` if this version does not know it."]
            #[must_use]
            pub fn known_type(&self) -> Option<&'static EventType> {
                match self {
                    #(#types)*
                    Self::Unknown(_) => None,
                }
            }
        }
        impl Serialize for AcsEvent {
            #[doc = " Writes the data as the specification has it."]
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    #(#writers)*
                    Self::Unknown(event) => event.data().serialize(serializer),
                }
            }
        }
        #(#payloads)*
    })
    .map(Some)
}

fn name(event: &EventType) -> syn::Ident {
    format_ident!("{}", event.variant())
}

fn variant(event: &EventType) -> TokenStream {
    let (name, docs) = (name(event), doc(&event.description));
    match &event.payload {
        Some(payload) => {
            let payload = format_ident!("{payload}");
            quote! { #docs #name(models::#payload), }
        }
        None => quote! { #docs #name(serde_json::Value), },
    }
}

fn reader(event: &EventType) -> TokenStream {
    let (variant, text) = (name(event), &event.name);
    let others = &event.also_read;
    quote! { #text #(| #others)* => Self::#variant(read_data(data)?), }
}

fn payload(event: &EventType) -> Option<TokenStream> {
    let payload = format_ident!("{}", event.payload.as_deref()?);
    let name = name(event);
    Some(quote! {
        impl From<models::#payload> for AcsEvent {
            fn from(data: models::#payload) -> Self {
                Self::#name(data)
            }
        }
        impl TryFrom<AcsEvent> for models::#payload {
            type Error = AcsEvent;
            #[doc = " The data of this type, or the event as it was if it has another."]
            fn try_from(event: AcsEvent) -> Result<Self, AcsEvent> {
                match event {
                    AcsEvent::#name(data) => Ok(data),
                    other => Err(other),
                }
            }
        }
    })
}
