//! Values that stand in the path of a request.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::error::{ConfigError, Result};

/// What cannot stand in a segment of a path as it is. URLs read a backslash as a slash, and the services what follows a colon as
/// an action.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Encodes a value so that it is one segment of a path.
///
/// ```
/// assert_eq!(acs_core::encode_path("19:abc@thread.v2"), "19%3Aabc@thread.v2");
/// assert_eq!(acs_core::encode_path("a/b c"), "a%2Fb%20c");
/// ```
#[must_use]
pub fn encode_path(value: &str) -> String {
    Cow::from(utf8_percent_encode(value, ENCODED)).into_owned()
}

/// Refuses values that cannot stand in a path: an empty one names the collection, and `.` and `..` are removed from paths
/// before they are sent, which would call something else.
///
/// # Errors
///
/// [`Error::Config`](crate::Error::Config), which calls the value by its `name`.
pub fn check_id(name: &str, id: &str) -> Result<()> {
    match id {
        "" => Err(ConfigError::new(format!("the {name} is empty")).into()),
        "." | ".." => Err(ConfigError::new(format!(
            "the {name} {id:?} cannot be sent: paths give it a meaning of its own"
        ))
        .into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check_id;

    #[test]
    fn ids_that_would_change_the_path_are_refused_by_name() {
        for id in ["", ".", ".."] {
            let error = check_id("job id", id).expect_err(id);
            assert!(error.to_string().contains("job id"), "{error}");
        }
        for id in ["a", "...", "a/b", "a b", "ä", "%2e"] {
            assert!(check_id("job id", id).is_ok(), "{id}");
        }
    }
}
