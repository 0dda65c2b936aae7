//! Connection strings: endpoint and access key in one text.

use std::fmt;
use std::str::FromStr;

use crate::access_key::{AccessKey, AccessKeyError};
use crate::endpoint::{Endpoint, EndpointError};

const ENDPOINT: &str = "endpoint";
const ACCESS_KEY: &str = "accesskey";

/// A connection string, as the resource's Keys page shows it:
/// `endpoint=https://<resource>.communication.azure.com/;accesskey=<base64>`.
///
/// The parts may come in any order, their names in any letter case; blanks around names and values, empty parts (a
/// trailing `;`) and parts with other names are ignored. Each part is split at its first `=`.
/// `Display` and `Debug` show the endpoint and hide the key.
///
/// ```
/// use acs_auth::ConnectionString;
///
/// let text = "endpoint=https://contoso.communication.azure.com/;accesskey=c2VjcmV0IGFjY2VzcyBrZXk=";
/// let connection = ConnectionString::parse(text)?;
/// assert_eq!(connection.endpoint().as_str(), "https://contoso.communication.azure.com");
/// assert_eq!(
///     connection.to_string(),
///     "endpoint=https://contoso.communication.azure.com/;accesskey=[redacted]"
/// );
/// # Ok::<(), acs_auth::ConnectionStringError>(())
/// ```
#[derive(Clone)]
pub struct ConnectionString {
    endpoint: Endpoint,
    access_key: AccessKey,
}

impl ConnectionString {
    /// Reads a connection string. Its endpoint follows [`Endpoint::parse`]: `https`, or `http` with a loopback host.
    ///
    /// # Errors
    ///
    /// A part is missing, empty, given twice, has no `=`, or its value is not an endpoint or not base64.
    /// The error names the part and never holds anything of the text.
    pub fn parse(text: &str) -> Result<Self, ConnectionStringError> {
        Self::parse_with(text, Endpoint::parse)
    }

    /// Like [`parse`](Self::parse), but takes plain `http` for every host; see [`Endpoint::allowing_http`].
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse), except that `http` is no error.
    pub fn parse_allowing_http(text: &str) -> Result<Self, ConnectionStringError> {
        Self::parse_with(text, Endpoint::allowing_http)
    }

    fn parse_with(
        text: &str,
        parse_endpoint: fn(&str) -> Result<Endpoint, EndpointError>,
    ) -> Result<Self, ConnectionStringError> {
        let mut endpoint = None;
        let mut access_key = None;
        for (index, part) in text.split(';').map(str::trim).enumerate() {
            if part.is_empty() {
                continue;
            }
            let Some((name, value)) = part.split_once('=') else {
                return Err(ConnectionStringError(Problem::NoEqualsSign {
                    position: index + 1,
                }));
            };
            let (name, value) = (name.trim(), value.trim());
            if name.eq_ignore_ascii_case(ENDPOINT) {
                set_once(&mut endpoint, ENDPOINT, value)?;
            } else if name.eq_ignore_ascii_case(ACCESS_KEY) {
                set_once(&mut access_key, ACCESS_KEY, value)?;
            }
        }
        let endpoint = required(endpoint, ENDPOINT)?;
        let access_key = required(access_key, ACCESS_KEY)?;
        Ok(Self {
            endpoint: parse_endpoint(endpoint)
                .map_err(|error| ConnectionStringError(Problem::Endpoint(error)))?,
            access_key: AccessKey::from_base64(access_key)
                .map_err(|error| ConnectionStringError(Problem::AccessKey(error)))?,
        })
    }

    /// The resource's address.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The resource's access key.
    #[must_use]
    pub fn access_key(&self) -> &AccessKey {
        &self.access_key
    }
}

fn set_once<'a>(
    slot: &mut Option<&'a str>,
    name: &'static str,
    value: &'a str,
) -> Result<(), ConnectionStringError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(ConnectionStringError(Problem::Duplicate { name })),
    }
}

fn required<'a>(
    value: Option<&'a str>,
    name: &'static str,
) -> Result<&'a str, ConnectionStringError> {
    match value {
        None => Err(ConnectionStringError(Problem::Missing { name })),
        Some("") => Err(ConnectionStringError(Problem::Empty { name })),
        Some(value) => Ok(value),
    }
}

impl FromStr for ConnectionString {
    type Err = ConnectionStringError;

    /// Same as [`ConnectionString::parse`].
    fn from_str(text: &str) -> Result<Self, ConnectionStringError> {
        Self::parse(text)
    }
}

impl fmt::Display for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ENDPOINT}={}/;{ACCESS_KEY}=[redacted]", self.endpoint)
    }
}

impl fmt::Debug for ConnectionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionString({self})")
    }
}

/// Why a text is not a connection string. Holds nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionStringError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Missing { name: &'static str },
    Empty { name: &'static str },
    Duplicate { name: &'static str },
    NoEqualsSign { position: usize },
    Endpoint(EndpointError),
    AccessKey(AccessKeyError),
}

impl ConnectionStringError {
    /// The part that is wrong: `endpoint`, `accesskey`, or `text` when a part has no name.
    #[must_use]
    pub fn part(&self) -> &'static str {
        match &self.0 {
            Problem::Missing { name } | Problem::Empty { name } | Problem::Duplicate { name } => {
                name
            }
            Problem::NoEqualsSign { .. } => "text",
            Problem::Endpoint(_) => ENDPOINT,
            Problem::AccessKey(_) => ACCESS_KEY,
        }
    }
}

impl fmt::Display for ConnectionStringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHAPE: &str =
            "endpoint=https://<resource>.communication.azure.com/;accesskey=<base64>";
        match &self.0 {
            Problem::Missing { name } => write!(
                f,
                "the connection string has no `{name}` part: it looks like {SHAPE}"
            ),
            Problem::Empty { name } => write!(
                f,
                "the connection string's `{name}` is empty: it looks like {SHAPE}"
            ),
            Problem::Duplicate { name } => {
                write!(f, "the connection string has two `{name}` parts: keep one")
            }
            Problem::NoEqualsSign { position } => {
                write!(
                    f,
                    "part {position} of the connection string has no `=`: it looks like {SHAPE}"
                )
            }
            // Shown in full here, and so not offered as the source again.
            Problem::Endpoint(error) => write!(
                f,
                "the connection string's `{ENDPOINT}` is not usable: {error}"
            ),
            Problem::AccessKey(error) => write!(
                f,
                "the connection string's `{ACCESS_KEY}` is not usable: {error}"
            ),
        }
    }
}

impl std::error::Error for ConnectionStringError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use proptest::{collection, prop_assert};

    use super::*;

    const KEY: &str = "c2VjcmV0IGFjY2VzcyBrZXk=";

    #[test]
    fn order_letter_case_blanks_and_extra_parts_do_not_matter() {
        let expected = AccessKey::from_base64(KEY).unwrap().sign("x");
        for text in [
            format!("endpoint=https://contoso.com/;accesskey={KEY}"),
            format!("endpoint=https://contoso.com;accesskey={KEY};"),
            format!("accesskey={KEY};endpoint=https://contoso.com"),
            format!("Endpoint=https://CONTOSO.com:443;AccessKey={KEY}"),
            format!(" ENDPOINT = https://contoso.com/ ; ACCESSKEY = {KEY} \n"),
            format!(";;endpoint=https://contoso.com/;region=;Kind=a=b;accesskey={KEY};;"),
        ] {
            let connection =
                ConnectionString::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                connection.endpoint().as_str(),
                "https://contoso.com",
                "{text}"
            );
            assert_eq!(connection.access_key().sign("x"), expected, "{text}");
        }
    }

    #[test]
    fn the_error_names_the_part_and_the_problem() {
        use Problem as P;
        for (text, expected) in [
            ("", P::Missing { name: "endpoint" }),
            ("accesskey=aaaa", P::Missing { name: "endpoint" }),
            (
                "endpoint=https://contoso.com",
                P::Missing { name: "accesskey" },
            ),
            ("endpoint=;accesskey=aaaa", P::Empty { name: "endpoint" }),
            (
                "endpoint=https://contoso.com;accesskey= ;",
                P::Empty { name: "accesskey" },
            ),
            (
                "endpoint=https://a.com;ENDPOINT=https://b.com;accesskey=aaaa",
                P::Duplicate { name: "endpoint" },
            ),
            (
                "endpoint=https://a.com;accesskey=aaaa;accesskey=",
                P::Duplicate { name: "accesskey" },
            ),
            (
                "endpoint=https://a.com;aaaa",
                P::NoEqualsSign { position: 2 },
            ),
        ] {
            assert_eq!(
                ConnectionString::parse(text).unwrap_err(),
                ConnectionStringError(expected),
                "{text}"
            );
        }
        let message = |text: &str| ConnectionString::parse(text).unwrap_err().to_string();
        assert_eq!(
            message("endpoint=https://a.com/x;accesskey=aaaa"),
            "the connection string's `endpoint` is not usable: \
             the endpoint's path is not allowed: end the endpoint after its host and port"
        );
        assert!(
            message("endpoint=https://a.com;accesskey=aaa$")
                .contains("`accesskey` is not usable: ")
        );
        assert!(message("endpoint=https://a.com;accesskey=aaa$").contains("at character 4"));
    }

    #[test]
    fn plain_http_beyond_loopback_needs_the_explicit_way() {
        let text = format!("endpoint=http://emulator:7777/;accesskey={KEY}");
        let error = ConnectionString::parse(&text).unwrap_err();
        assert_eq!(error.part(), "endpoint");
        assert!(error.to_string().contains("allow http explicitly"));
        let connection = ConnectionString::parse_allowing_http(&text).unwrap();
        assert_eq!(connection.endpoint().host(), "emulator:7777");
        ConnectionString::parse(&format!("endpoint=http://127.0.0.1:7777/;accesskey={KEY}"))
            .unwrap();
    }

    #[test]
    fn display_and_debug_hide_the_key() {
        let connection =
            ConnectionString::parse(&format!("accesskey={KEY};endpoint=http://localhost:7777"))
                .unwrap();
        assert_eq!(
            connection.to_string(),
            "endpoint=http://localhost:7777/;accesskey=[redacted]"
        );
        assert!(!format!("{connection:?} {connection:#?}").contains(KEY));
    }

    #[test]
    fn an_error_does_not_quote_a_key_that_is_misplaced_or_damaged() {
        let bare = KEY.trim_end_matches('=');
        for text in [
            bare.to_owned(),
            format!("endpoint=https://contoso.com;{bare}"),
            format!("endpoint={KEY};accesskey=https://contoso.com"),
            format!("endpoint=https://{bare}@contoso.com;accesskey={KEY}"),
            format!("endpoint=https://contoso.com/{bare};accesskey={KEY}"),
            format!("endpoint={bare}://contoso.com;accesskey={KEY}"),
            format!("endpoint=https://contoso.com;accesskey={bare}"),
            format!("endpoint=https://contoso.com;accesskey={KEY}$"),
            format!("endpoint=https://contoso.com;{KEY}={KEY}"),
        ] {
            let error = ConnectionString::parse(&text).unwrap_err();
            let shown = format!("{error} {error:?}").to_lowercase();
            assert!(!shown.contains(&bare.to_lowercase()), "{shown}");
        }
    }

    /// Pieces from which near-valid connection strings are put together; `KEY` stands in for the secret.
    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(KEY.to_owned()),
            Just(KEY.trim_end_matches('=').to_owned()),
            Just(format!("accesskey={KEY}")),
            Just(format!("{KEY};{KEY}")),
            Just("endpoint=https://contoso.com/".to_owned()),
            Just("endpoint=".to_owned()),
            Just("accesskey=".to_owned()),
            Just("https://".to_owned()),
            Just(";".to_owned()),
            Just("=".to_owned()),
            any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic_or_an_error_quote_the_key(pieces in collection::vec(piece(), 0..8)) {
            let text = pieces.concat();
            for result in [ConnectionString::parse(&text), ConnectionString::parse_allowing_http(&text)] {
                if let Err(error) = result {
                    let shown = format!("{error} {error:?}");
                    // Ten characters in a row are enough to call it a leak.
                    let leaked = (0..=KEY.len() - 10).any(|start| shown.contains(&KEY[start..start + 10]));
                    prop_assert!(!leaked, "{shown}");
                }
            }
        }

        #[test]
        fn a_parsed_connection_string_never_shows_its_key(key in collection::vec(any::<u8>(), 12..64)) {
            use base64::prelude::{BASE64_STANDARD, Engine as _};

            let key = BASE64_STANDARD.encode(key);
            let connection = ConnectionString::parse(&format!("endpoint=https://contoso.com;accesskey={key}"));
            let connection = connection.expect("valid by construction");
            let shown = format!("{connection} {connection:?} {:?}", connection.access_key());
            prop_assert!(!shown.contains(key.trim_end_matches('=')), "{shown}");
        }
    }
}
