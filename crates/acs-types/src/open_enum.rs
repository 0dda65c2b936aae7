//! Enumerations that keep values their authors did not know.

use std::fmt;

/// The text of an enumeration value that this version of the crate has no variant for.
///
/// It is kept verbatim and written back unchanged. Match on it with the enumeration's `as_str()`, so that the code keeps
/// working when a later version names the value. It cannot be made directly: `From<&str>` of the enumeration does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownVariant(Box<str>);

impl UnknownVariant {
    #[doc(hidden)]
    #[must_use]
    pub fn __new(text: &str) -> Self {
        Self(text.into())
    }

    /// The value as it stood on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownVariant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

/// Defines an open enumeration over texts: known values are variants, all others survive as `Unknown`.
///
/// The enumeration gets `as_str()`, `KNOWN`, `Display`, `From<&str>`, `From<String>`, `FromStr` that never fails, and
/// serde's traits. Values are compared with regard to case, so that what was read is written back as it was. Other spellings of a
/// value, behind `|`, are read as that value and written as its first one.
///
/// ```
/// acs_types::open_enum! {
///     /// Where a worker stands.
///     pub enum WorkerState {
///         /// Gets offers.
///         Active = "active",
///         /// Gets none.
///         Inactive = "inactive" | "Inactive",
///     }
/// }
///
/// assert_eq!(WorkerState::from("active"), WorkerState::Active);
/// assert_eq!(WorkerState::from("Inactive").as_str(), "inactive");
/// assert_eq!(WorkerState::from("asleep").as_str(), "asleep");
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $other:literal)*, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        $visibility enum $name {
            $( $(#[$variant_meta])* $variant, )+
            /// A value that this version has no variant for, kept as it was.
            Unknown($crate::UnknownVariant),
        }

        impl $name {
            /// The values that this version knows, as they stand on the wire.
            $visibility const KNOWN: &'static [&'static str] = &[$($text),+];

            /// The value as it stands on the wire.
            #[must_use]
            $visibility fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::Unknown(text) => text.as_str(),
                }
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $( $text $(| $other)* => Self::$variant, )+
                    other => Self::Unknown($crate::UnknownVariant::__new(other)),
                }
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                ::core::result::Result::Ok(Self::from(text))
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::read_text(deserializer, stringify!($name))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::open_enum! {
        /// Where a job stands.
        pub(crate) enum Status {
            /// Waits for a worker.
            Queued = "queued",
            /// Has one.
            Assigned = "assigned" | "Assigned" | "accepted",
        }
    }

    #[test]
    fn known_values_become_variants_and_others_stay_verbatim() {
        for (json, variant) in [
            (r#""queued""#, Some(Status::Queued)),
            (r#""assigned""#, Some(Status::Assigned)),
            (r#""Queued""#, None),
            (r#""on hold \u00e9""#, None),
            (r#""""#, None),
        ] {
            let status: Status = serde_json::from_str(json).expect(json);
            assert_eq!(matches!(status, Status::Unknown(_)), variant.is_none());
            if let Some(variant) = variant {
                assert_eq!(status, variant);
            }
            let text: String = serde_json::from_str(json).expect(json);
            assert_eq!(status.as_str(), text);
            assert_eq!(serde_json::to_value(&status).expect("json"), text.as_str());
        }
    }

    #[test]
    fn other_spellings_are_read_as_the_value_and_written_as_its_first() {
        for json in [r#""Assigned""#, r#""accepted""#] {
            let status: Status = serde_json::from_str(json).expect(json);
            assert_eq!(status, Status::Assigned);
            assert_eq!(serde_json::to_value(&status).expect("json"), "assigned");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_the_name_of_the_enumeration() {
        let error = serde_json::from_str::<Status>("5").expect_err("number");
        assert!(error.to_string().contains("Status"), "{error}");
    }

    #[test]
    fn known_values_are_listed_in_order() {
        assert_eq!(Status::KNOWN, ["queued", "assigned"]);
        assert_eq!(
            format!("{:>8}|{:?}", Status::Queued, Status::from("x")),
            "  queued|Unknown(\"x\")"
        );
    }
}
