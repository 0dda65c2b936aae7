//! What a webhook is called with.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A request as any server has it. Names of headers are compared without regard to case.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    method: &'a str,
    query: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: &'a [u8],
}

impl<'a> Request<'a> {
    /// A request without headers and query.
    #[must_use]
    pub fn new(method: &'a str, body: &'a [u8]) -> Self {
        Self {
            method,
            query: "",
            headers: Vec::new(),
            body,
        }
    }

    /// The query as it stands in the URL, without the question mark.
    #[must_use]
    pub fn with_query(self, query: &'a str) -> Self {
        Self { query, ..self }
    }

    /// Headers by name; leave out those whose value is no text.
    #[must_use]
    pub fn with_headers(mut self, headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.headers.extend(headers);
        self
    }

    pub(super) fn method(&self) -> &'a str {
        self.method
    }

    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The first header of a name.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// The values of a parameter of the query, decoded. One that is no UTF-8 is left out.
    pub(super) fn parameters(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .filter(move |(known, _)| {
                percent_decode_str(known)
                    .decode_utf8()
                    .is_ok_and(|known| known == name)
            })
            .filter_map(|(_, value)| percent_decode_str(value).decode_utf8().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn parameters_are_decoded_and_may_repeat() {
        let request =
            Request::new("POST", b"").with_query("a=1&c%6Fde=x%2By%26&code=2&code&code=%ff");
        let values: Vec<_> = request.parameters("code").collect();
        assert_eq!(values, ["x+y&", "2", ""]);
        assert_eq!(request.parameters("b").count(), 0);
    }

    #[test]
    fn headers_are_found_in_any_case() {
        let request = Request::new("POST", b"").with_headers([("AEG-Event-Type", "Notification")]);
        assert_eq!(request.header("aeg-event-type"), Some("Notification"));
        assert_eq!(request.header("aeg"), None);
    }
}
