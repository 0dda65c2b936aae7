//! Unions that tell their kind by a member, and keep kinds their authors did not know.

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

/// A union value of a kind that this version of the crate has no variant for, kept as raw JSON and written back unchanged.
///
/// It can be made from JSON, to send a kind that a newer service knows: see [`from_json`](Self::from_json).
#[derive(Clone, PartialEq)]
pub struct UnknownKind {
    kind: Box<str>,
    members: Map<String, Value>,
}

impl UnknownKind {
    /// Makes a value of the given kind with the given members; `members` are written as they are and must hold the
    /// member that tells the kind.
    #[must_use]
    pub fn from_json(kind: impl Into<String>, members: Map<String, Value>) -> Self {
        Self {
            kind: kind.into().into_boxed_str(),
            members,
        }
    }

    /// The kind as it stood on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// All members, the one that tells the kind among them.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }
}

impl fmt::Debug for UnknownKind {
    /// Shows the kind and the names of the members, not their values: those may be secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UnknownKind")
            .field("kind", &self.kind)
            .field("members", &self.members.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl Serialize for UnknownKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (name, value) in &self.members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Reads the object of a union and splits off its kind, for [`tagged_union!`](crate::tagged_union).
#[doc(hidden)]
pub fn read_tagged<'de, D: Deserializer<'de>>(
    deserializer: D,
    union: &'static str,
    discriminator: &'static str,
) -> Result<UnknownKind, D::Error> {
    let members = <Map<String, Value> as serde::Deserialize>::deserialize(deserializer)
        .map_err(|error| D::Error::custom(format!("{union}: {error}")))?;
    match members.get(discriminator) {
        Some(Value::String(kind)) => Ok(UnknownKind {
            kind: kind.as_str().into(),
            members,
        }),
        Some(_) => Err(D::Error::custom(format!(
            "{union}: the member {discriminator:?} is not a text"
        ))),
        None => Err(D::Error::custom(format!(
            "{union}: the member {discriminator:?} is missing"
        ))),
    }
}

/// Writes the object of a known kind, for [`tagged_union!`](crate::tagged_union).
#[doc(hidden)]
pub fn write_tagged<S: Serializer, T: Serialize>(
    serializer: S,
    discriminator: &'static str,
    kind: &'static str,
    payload: &T,
) -> Result<S::Ok, S::Error> {
    let members = match serde_json::to_value(payload).map_err(S::Error::custom)? {
        Value::Object(members) => members,
        other => {
            return Err(S::Error::custom(format!(
                "the members of kind {kind:?} must form an object, not {other}"
            )));
        }
    };
    let mut map = serializer.serialize_map(Some(members.len() + 1))?;
    map.serialize_entry(discriminator, kind)?;
    for (name, value) in &members {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

/// Reads the payload of a known kind, for [`tagged_union!`](crate::tagged_union).
#[doc(hidden)]
pub fn read_payload<T: DeserializeOwned, E: serde::de::Error>(
    tagged: UnknownKind,
    union: &'static str,
) -> Result<T, E> {
    let UnknownKind { kind, members } = tagged;
    T::deserialize(Value::Object(members))
        .map_err(|error| E::custom(format!("{union} of kind {kind:?}: {error}")))
}

/// Defines a union over objects that tell their kind by one member.
///
/// The payload types hold the members of one kind without the one that tells it: writing adds that. A kind without a
/// variant survives as `Unknown`; a known kind whose members do not fit is an error. A payload may be boxed, which a union that
/// contains itself needs.
///
/// ```
/// #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// pub struct WaitTime {
///     pub seconds: f64,
/// }
///
/// acs_types::tagged_union! {
///     /// What sets off an exception rule.
///     pub enum Trigger by "kind" {
///         /// A job has waited too long.
///         "waitTime" => WaitTime(WaitTime),
///     }
/// }
///
/// let trigger: Trigger = serde_json::from_str(r#"{"kind":"waitTime","seconds":5.5}"#)?;
/// assert_eq!(trigger.kind(), "waitTime");
/// let newer: Trigger = serde_json::from_str(r#"{"kind":"moonPhase","phase":3}"#)?;
/// assert_eq!(serde_json::to_string(&newer)?, r#"{"kind":"moonPhase","phase":3}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! tagged_union {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident by $discriminator:literal {
            $( $(#[$variant_meta:meta])* $kind:literal => $variant:ident($payload:ty), )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $visibility enum $name {
            $( $(#[$variant_meta])* $variant($payload), )+
            /// A kind that this version has no variant for, kept as raw JSON.
            Unknown($crate::UnknownKind),
        }

        impl $name {
            /// The kind as it stands on the wire.
            #[must_use]
            $visibility fn kind(&self) -> &str {
                match self {
                    $( Self::$variant(_) => $kind, )+
                    Self::Unknown(unknown) => unknown.kind(),
                }
            }
        }

        $(
            impl ::core::convert::From<$payload> for $name {
                fn from(payload: $payload) -> Self {
                    Self::$variant(payload)
                }
            }
        )+

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                match self {
                    $(
                        Self::$variant(payload) => {
                            $crate::__private::write_tagged(serializer, $discriminator, $kind, payload)
                        }
                    )+
                    Self::Unknown(unknown) => {
                        $crate::__private::serde::Serialize::serialize(unknown, serializer)
                    }
                }
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let tagged = $crate::__private::read_tagged(
                    deserializer,
                    stringify!($name),
                    $discriminator,
                )?;
                ::core::result::Result::Ok(match tagged.kind() {
                    $(
                        $kind => Self::$variant(
                            $crate::__private::read_payload(tagged, stringify!($name))?,
                        ),
                    )+
                    _ => Self::Unknown(tagged),
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct Expression {
        source_text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(crate) struct Direct {}

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(crate) struct Not {
        inner: Box<Rule>,
    }

    crate::tagged_union! {
        /// A rule.
        pub(crate) enum Rule by "kind" {
            /// By expression.
            "expression" => Expression(Expression),
            /// By nothing.
            "direct" => Direct(Direct),
            /// By another rule.
            "not" => Not(Box<Not>),
        }
    }

    fn round_trip(json: &str) -> Rule {
        let rule: Rule =
            serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
        let written = serde_json::to_value(&rule).expect("writable");
        assert_eq!(
            written,
            serde_json::from_str::<serde_json::Value>(json).expect("json")
        );
        rule
    }

    #[test]
    fn each_kind_reads_into_its_variant_and_writes_its_kind() {
        let rule = round_trip(r#"{"kind":"expression","sourceText":"1 = 1"}"#);
        assert_eq!(
            rule,
            Expression {
                source_text: "1 = 1".to_owned(),
                language: None
            }
            .into()
        );
        assert!(matches!(
            round_trip(r#"{"kind":"direct"}"#),
            Rule::Direct(Direct {})
        ));
    }

    #[test]
    fn a_union_may_contain_itself() {
        let rule =
            round_trip(r#"{"kind":"not","inner":{"kind":"not","inner":{"kind":"later","n":1}}}"#);
        assert_eq!(rule.kind(), "not");
    }

    #[test]
    fn an_unknown_kind_survives_with_all_its_members() {
        let rule = round_trip(r#"{"big":9007199254740993,"kind":"later","nested":{"a":[1,null]}}"#);
        assert_eq!(rule.kind(), "later");
    }

    #[test]
    fn debug_of_an_unknown_kind_shows_no_values() {
        let rule = round_trip(r#"{"kind":"later","functionKey":"s3cret"}"#);
        let shown = format!("{rule:?}");
        assert!(
            shown.contains("functionKey") && !shown.contains("s3cret"),
            "{shown}"
        );
    }

    #[test]
    fn a_broken_known_kind_is_an_error_that_names_union_and_kind() {
        for (json, named) in [
            (
                r#"{"kind":"expression"}"#,
                "Rule of kind \"expression\": missing field `sourceText`",
            ),
            (
                r#"{"kind":"expression","sourceText":5}"#,
                "Rule of kind \"expression\"",
            ),
            (
                r#"{"sourceText":"x"}"#,
                "Rule: the member \"kind\" is missing",
            ),
            (
                r#"{"kind":null}"#,
                "Rule: the member \"kind\" is not a text",
            ),
            (r"[]", "Rule"),
        ] {
            let error = serde_json::from_str::<Rule>(json)
                .expect_err(json)
                .to_string();
            assert!(error.contains(named), "{json}: {error}");
        }
    }
}
