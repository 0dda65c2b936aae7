//! What a webhook answers.

/// The answer to a request: pass it on as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "Event Grid delivers again unless it gets the answer"]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub(super) fn json(status: u16, body: String) -> Self {
        let content_type = "application/json; charset=utf-8".to_owned();
        Self {
            status,
            headers: vec![("content-type", content_type)],
            body,
        }
    }

    /// A refusal with the reason, for whoever tries it out.
    pub(super) fn refusal(status: u16, reason: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body: reason.into(),
        }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers, in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The body; empty if there is none.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}
