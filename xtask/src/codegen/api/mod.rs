//! What the emitters work on: the operations and models of a lowered document, typed.

mod cycles;
mod model;
mod read;
mod types;
mod usage;

use std::collections::BTreeMap;

use super::names::{constant_name, variant_name};

pub(super) use self::read::read;
pub(super) use self::usage::{event_side, group_description, groups, request_side};

/// A service.
pub(super) struct Api {
    pub(super) title: String,
    pub(super) description: String,
    /// The api-version of the document.
    pub(super) version: String,
    /// In the order of their ids.
    pub(super) operations: Vec<Operation>,
    /// In the order of the document.
    pub(super) event_types: Vec<EventType>,
    pub(super) models: BTreeMap<String, Model>,
}

pub(super) struct Operation {
    /// Such as `getJob`.
    pub(super) id: String,
    /// In lower case.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: Option<String>,
    pub(super) description: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answer: Option<Type>,
    /// The statuses whose answer is typed.
    pub(super) typed: Vec<u16>,
    pub(super) success: Vec<u16>,
    pub(super) merge_patch: bool,
    pub(super) optional_body: bool,
    pub(super) conditional: bool,
    pub(super) paged: bool,
    pub(super) since: String,
}

pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query` or `header`.
    pub(super) place: String,
    pub(super) required: bool,
    pub(super) kind: Type,
    pub(super) description: String,
}

pub(super) struct Body {
    pub(super) media_type: String,
    pub(super) kind: Type,
}

/// A type of events that the service sends.
pub(super) struct EventType {
    /// Such as `Microsoft.Communication.RouterJobReceived`.
    pub(super) name: String,
    pub(super) family: String,
    pub(super) description: String,
    /// The model of the data; `None` if nothing is known about it.
    pub(super) payload: Option<String>,
    pub(super) subjects: Vec<String>,
    /// Other spellings of the name.
    pub(super) also_read: Vec<String>,
}

/// A type that has a name in Rust.
pub(super) enum Model {
    Struct(Struct),
    Enum(OpenEnum),
    Union(Union),
}

pub(super) struct Struct {
    pub(super) name: String,
    pub(super) description: String,
    /// Required ones in the order of the document, then the others by name.
    pub(super) fields: Vec<Field>,
    pub(super) page: Option<Page>,
    /// The model that this one is the merge patch of.
    pub(super) patch_of: Option<String>,
}

pub(super) struct Field {
    /// The name of the member in JSON.
    pub(super) wire: String,
    /// Other names under which it is read.
    pub(super) also_read: Vec<String>,
    pub(super) name: String,
    pub(super) kind: Type,
    /// What reads other forms of the value, if there are some.
    pub(super) reader: Option<Reader>,
    /// Required, and never null.
    pub(super) required: bool,
    pub(super) read_only: bool,
    pub(super) secret: bool,
    /// Whether the struct would contain itself without a box.
    pub(super) boxed: bool,
    pub(super) description: String,
}

/// A function that reads a value in more than one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A number, or a text that holds one.
    Number,
    /// A number of seconds, also as a text or an ISO 8601 duration.
    Seconds,
    /// A map of texts whose values may be numbers and booleans, too.
    Texts,
}

/// Which fields of a struct make it one page of a list.
pub(super) struct Page {
    pub(super) items: String,
    pub(super) next_link: String,
}

pub(super) struct OpenEnum {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) variants: Vec<Variant>,
}

pub(super) struct Variant {
    pub(super) name: String,
    pub(super) value: String,
    /// Other spellings of the value.
    pub(super) also_read: Vec<String>,
    pub(super) description: String,
}

pub(super) struct Union {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) discriminator: String,
    pub(super) kinds: Vec<Kind>,
}

pub(super) struct Kind {
    pub(super) name: String,
    pub(super) value: String,
    /// The name of the struct that holds the other members.
    pub(super) payload: String,
}

/// A type as it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Boolean,
    Int32,
    Int64,
    Double,
    Timestamp,
    /// A text, number or boolean.
    Label,
    /// Any JSON value.
    Json,
    Named(String),
    List(Box<Type>),
    Map(Box<Type>),
    /// Null is among the values; only within lists and maps.
    Nullable(Box<Type>),
}

impl Type {
    pub(super) fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }

    /// The name of the model in this type, if there is one.
    pub(super) fn named(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::List(inner) | Self::Map(inner) | Self::Nullable(inner) => inner.named(),
            _ => None,
        }
    }
}

impl EventType {
    /// The name of its row: the part behind the last dot, as the parts before it are the same for a whole service.
    pub(super) fn constant(&self) -> String {
        constant_name(self.short_name())
    }

    /// The name of its variant.
    pub(super) fn variant(&self) -> String {
        variant_name(self.short_name())
    }

    fn short_name(&self) -> &str {
        let short = self.name.rsplit_once('.');
        short.map_or(&self.name, |(_, short)| short)
    }
}

impl Model {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Struct(model) => &model.name,
            Self::Enum(model) => &model.name,
            Self::Union(model) => &model.name,
        }
    }

    /// The names of the models that this one is made of.
    pub(super) fn parts(&self) -> Vec<&str> {
        match self {
            Self::Struct(model) => model
                .fields
                .iter()
                .filter_map(|field| field.kind.named())
                .collect(),
            Self::Enum(_) => Vec::new(),
            Self::Union(model) => model
                .kinds
                .iter()
                .map(|kind| kind.payload.as_str())
                .collect(),
        }
    }
}

impl Operation {
    /// The types of the request.
    pub(super) fn request_types(&self) -> impl Iterator<Item = &Type> {
        let parameters = self.parameters.iter().map(|parameter| &parameter.kind);
        parameters.chain(self.body.as_ref().map(|body| &body.kind))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Api, Model, Reader, Struct, Type, read};
    use crate::codegen::spec::{Options, Refusal, Spec};

    fn read_schemas(schemas: Value, renames: &[(&str, &str)]) -> Result<Api, Refusal> {
        let document = json!({
            "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": schemas}
        });
        let renames = renames
            .iter()
            .map(|(old, new)| ((*old).to_owned(), (*new).to_owned()))
            .collect();
        read(&Spec::new(
            document,
            Options {
                renames,
                ..Options::default()
            },
        ))
    }

    fn object(properties: Value, required: Value) -> Value {
        let mut properties = properties;
        for property in properties
            .as_object_mut()
            .into_iter()
            .flat_map(|map| map.values_mut())
        {
            property["description"] = json!("A member.");
        }
        json!({"description": "An object.", "properties": properties, "required": required})
    }

    fn structure<'a>(api: &'a Api, name: &str) -> &'a Struct {
        match &api.models[name] {
            Model::Struct(model) => model,
            _ => panic!("{name} is no struct"),
        }
    }

    #[test]
    fn required_fields_come_first_in_the_order_of_the_document() {
        let text = json!({"type": "string"});
        let api = read_schemas(
            json!({"A": object(json!({"a": text, "b": text, "c": text, "new": text}), json!(["c", "b"]))}),
            &[("A.a", "alpha")],
        )
        .expect("readable");
        let names: Vec<_> = structure(&api, "A")
            .fields
            .iter()
            .map(|field| &field.name)
            .collect();
        assert_eq!(names, ["c", "b", "alpha", "new_"]);
    }

    #[test]
    fn types_are_read_with_their_formats() {
        for (schema, kind) in [
            (
                json!({"type": "string", "format": "date-time"}),
                Type::Timestamp,
            ),
            (json!({"type": "integer", "format": "int32"}), Type::Int32),
            (json!({"type": "integer"}), Type::Int64),
            (json!({}), Type::Json),
            (json!({"x-lowered-label": true}), Type::Label),
            (json!({"type": "object"}), Type::Map(Box::new(Type::Json))),
            (
                json!({"type": "array", "items": {"type": "string", "nullable": true}}),
                Type::List(Box::new(Type::Nullable(Box::new(Type::Text)))),
            ),
        ] {
            let api = read_schemas(json!({"A": object(json!({"a": schema}), json!([]))}), &[]);
            let api = api.expect("readable");
            assert_eq!(structure(&api, "A").fields[0].kind, kind);
        }
    }

    #[test]
    fn only_fields_that_close_a_cycle_are_boxed() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let api = read_schemas(
            json!({
                "A": object(json!({"b": to("B"), "list": {"type": "array", "items": to("A")}}), json!([])),
                "B": object(json!({"a": to("U"), "leaf": to("Leaf")}), json!([])),
                "Leaf": object(json!({}), json!([])),
                "U": {"description": "A union.", "x-lowered-union": {
                    "discriminator": "kind", "variants": [{"kind": "a", "schema": "A"}]
                }}
            }),
            &[],
        )
        .expect("readable");
        let boxed = |name: &str| -> Vec<_> {
            let fields = &structure(&api, name).fields;
            fields
                .iter()
                .filter(|field| field.boxed)
                .map(|field| field.name.clone())
                .collect()
        };
        assert_eq!(boxed("A"), ["b"]);
        assert_eq!(boxed("B"), ["a"]);
    }

    #[test]
    fn other_forms_have_to_fit_the_type() {
        let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
        for (schema, forms, reader) in [
            (
                json!({"type": "integer"}),
                json!(["number-text"]),
                Some(Reader::Number),
            ),
            (
                json!({"type": "number"}),
                json!(["duration-text", "number-text"]),
                Some(Reader::Seconds),
            ),
            (texts.clone(), json!(["primitive"]), Some(Reader::Texts)),
            (texts, json!(["number-text"]), None),
            (json!({"type": "string"}), json!(["duration-text"]), None),
        ] {
            let mut member = schema;
            member["x-lowered-also-accept"] = forms;
            let api = read_schemas(
                json!({"A": object(json!({"a": member.clone()}), json!([]))}),
                &[],
            );
            match reader {
                Some(_) => assert_eq!(
                    structure(&api.expect("readable"), "A").fields[0].reader,
                    reader
                ),
                None => assert!(api.is_err(), "{member}"),
            }
        }
    }

    #[test]
    fn a_spelling_of_two_values_is_refused() {
        let value = |value: &str| json!({"value": value, "description": "V.", "x-lowered-also-read": ["Z"]});
        let schema = json!({"description": "E.", "x-lowered-open-enum": [value("x"), value("y")]});
        let refusal = read_schemas(json!({"E": schema}), &[])
            .err()
            .expect("twice");
        assert!(refusal.construct.contains("\"Z\""), "{refusal}");
    }

    #[test]
    fn names_that_clash_in_rust_are_refused() {
        let text = json!({"type": "string"});
        let open = |value: &str| json!({"description": "E.", "x-lowered-open-enum": [{"value": value, "description": "V."}]});
        for (schemas, renames, named) in [
            (
                json!({"A": object(json!({"aB": text, "a-b": text}), json!([]))}),
                [].as_slice(),
                "a_b",
            ),
            (json!({"E": open("unknown")}), &[], "Unknown"),
            (json!({"Vec": open("x")}), &[], "something else"),
            (json!({"E": open("x")}), &[("E.y", "Y")], "E.y"),
        ] {
            let refusal = read_schemas(schemas, renames).err().expect(named);
            assert!(refusal.construct.contains(named), "{refusal}");
        }
        read_schemas(json!({"E": open("unknown")}), &[("E.unknown", "NotKnown")]).expect("renamed");
    }
}
