//! The JSON that the services send with an error.

use serde_json::{Map, Value};

/// How deep `details` and `innererror` are followed. Real bodies have two levels.
const DEEPEST: usize = 8;

/// The members whose value may hold the error, in any letter case. JobRouter and Chat send the first, Identity the second.
const ENVELOPES: [&str; 2] = ["communicationerror", "error"];

/// One error of a service: the outer one, a detail of it, or the inner one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorBody {
    /// The service's code, such as `NotFound`; empty if it sent none.
    pub code: String,
    /// The service's words, possibly several lines.
    pub message: String,
    /// What the error is about; JobRouter sends the path of the request.
    pub target: Option<String>,
    /// The single violations, where the service lists them.
    pub details: Vec<ErrorBody>,
    /// A more specific error inside this one.
    pub inner: Option<Box<ErrorBody>>,
}

/// Reads the error out of a body: `{"communicationError":{…}}`, `{"CommunicationError":{…}}` or `{"error":{…}}`, with the
/// names of all members in any letter case.
///
/// `None` means that the body is none of these, for instance the HTML page of a proxy. Members that are missing or of an
/// unexpected type are left empty: an error that says little is worth more than an error about the error.
///
/// ```
/// let body = br#"{"communicationError":{"code":"NotFound","message":"Job not found"}}"#;
/// let error = acs_types::error_body::decode(body).ok_or("no error body")?;
/// assert_eq!(error.code, "NotFound");
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn decode(body: &[u8]) -> Option<ErrorBody> {
    let Value::Object(members) = serde_json::from_slice(body).ok()? else {
        return None;
    };
    ENVELOPES
        .iter()
        .find_map(|envelope| member(&members, envelope))
        .and_then(Value::as_object)
        .map(|error| read(error, DEEPEST))
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn read(members: &Map<String, Value>, levels: usize) -> ErrorBody {
    let text = |name| member(members, name).and_then(Value::as_str);
    ErrorBody {
        code: text("code").unwrap_or_default().to_owned(),
        message: text("message").unwrap_or_default().to_owned(),
        target: text("target").map(str::to_owned),
        details: member(members, "details")
            .and_then(Value::as_array)
            .filter(|_| levels > 0)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .map(|detail| read(detail, levels - 1))
            .collect(),
        inner: member(members, "innererror")
            .and_then(Value::as_object)
            .filter(|_| levels > 0)
            .map(|inner| Box::new(read(inner, levels - 1))),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn reads_all_three_envelopes_in_any_letter_case() {
        for envelope in [
            "communicationError",
            "CommunicationError",
            "error",
            "Error",
            "COMMUNICATIONERROR",
        ] {
            for (code, message) in [("code", "message"), ("Code", "Message")] {
                let body = format!(r#"{{"{envelope}":{{"{code}":"Denied","{message}":"no"}}}}"#);
                let error = decode(body.as_bytes()).expect(&body);
                assert_eq!(
                    (error.code.as_str(), error.message.as_str()),
                    ("Denied", "no")
                );
            }
        }
    }

    #[test]
    fn reads_target_details_and_inner_errors() {
        let body = br#"{"error":{"code":"BadRequest","message":"m","target":"/routing/queues/q",
            "details":[{"code":"QueueExists","message":"a"},{"Code":"B","message":"b","details":[{"code":"C"}]}],
            "innererror":{"code":"Deep","innerError":{"code":"Deeper"}}}}"#;
        let error = decode(body).expect("body");
        assert_eq!(error.target.as_deref(), Some("/routing/queues/q"));
        let codes: Vec<_> = error
            .details
            .iter()
            .map(|detail| detail.code.as_str())
            .collect();
        assert_eq!(codes, ["QueueExists", "B"]);
        assert_eq!(error.details[1].details[0].code, "C");
        let deeper = error
            .inner
            .and_then(|inner| inner.inner)
            .expect("two levels");
        assert_eq!(deeper.code, "Deeper");
    }

    #[test]
    fn a_poor_error_is_still_an_error() {
        let error = decode(br#"{"error":{"code":7,"details":"none"}}"#).expect("body");
        assert_eq!((error.code.as_str(), error.details.len()), ("", 0));
    }

    #[test]
    fn what_has_no_envelope_is_no_error_body() {
        for body in [
            "",
            "null",
            "[]",
            "<html></html>",
            r#"{"message":"m"}"#,
            r#"{"error":"text"}"#,
            r#"{"error":"#,
        ] {
            assert_eq!(decode(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn nesting_is_followed_to_a_bounded_depth() {
        let deep = (0..100).fold(r#"{"code":"x"}"#.to_owned(), |inner, _| {
            format!(r#"{{"code":"x","innererror":{inner}}}"#)
        });
        let mut error = decode(format!(r#"{{"error":{deep}}}"#).as_bytes());
        let mut levels = 0;
        while let Some(inner) = error.and_then(|error| error.inner.map(|inner| *inner)) {
            levels += 1;
            error = Some(inner);
        }
        assert_eq!(levels, 8);
    }
}
