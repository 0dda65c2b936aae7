//! A successful answer that is not what the service's description promises.

use std::fmt;

use http::StatusCode;

use super::{CallContext, excerpt::Excerpt};

/// The service answered with success, but the body is empty, is not JSON, is not the documented model, or holds a next link
/// that must not be followed.
///
/// The request has been carried out: an action need not be repeated.
pub struct DecodeError(Box<Inner>);

struct Inner {
    context: CallContext,
    status: Option<StatusCode>,
    fault: Fault,
    excerpt: Excerpt,
}

#[derive(Debug)]
enum Fault {
    Empty,
    Json { path: String, source: JsonFault },
    NextLink { reason: String },
}

impl DecodeError {
    /// A model was expected and there were no bytes.
    pub(crate) fn empty(context: CallContext, status: StatusCode) -> Self {
        Self::new(context, Some(status), Fault::Empty, Excerpt::default())
    }

    /// The body could not be read at `path`.
    pub(crate) fn json(
        context: CallContext,
        status: StatusCode,
        body: &[u8],
        path: String,
        source: &serde_json::Error,
    ) -> Self {
        let source = JsonFault::new(&source.to_string());
        let fault = Fault::Json { path, source };
        Self::new(context, Some(status), fault, Excerpt::new(body))
    }

    /// The next page cannot be fetched.
    pub(crate) fn next_link(context: CallContext, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::new(
            context,
            None,
            Fault::NextLink { reason },
            Excerpt::default(),
        )
    }

    fn new(
        context: CallContext,
        status: Option<StatusCode>,
        fault: Fault,
        excerpt: Excerpt,
    ) -> Self {
        Self(Box::new(Inner {
            context,
            status,
            fault,
            excerpt,
        }))
    }

    /// The status of the answer; `None` when the fault is a next link, which no answer belongs to any more.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// Where in the JSON the fault is, such as `labels.Some-Skill`; `.` is the whole body. Line and column are in the text
    /// of the source.
    #[must_use]
    pub fn path(&self) -> &str {
        match &self.0.fault {
            Fault::Empty => ".",
            Fault::Json { path, .. } => path,
            Fault::NextLink { .. } => "nextLink",
        }
    }

    /// At most 1,024 characters of the body; runs that look like a key, a token or a signature are left out.
    ///
    /// It may hold what customers wrote, so neither `Debug` nor `Display` shows it.
    #[must_use]
    pub fn body_excerpt(&self) -> &str {
        self.0.excerpt.as_str()
    }

    /// The operation's id, such as `getJob`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.context.operation().unwrap_or_default()
    }

    pub(super) fn context(&self) -> &CallContext {
        &self.0.context
    }
}

/// What the JSON reader says, without the texts of the body that it quotes.
#[derive(Debug)]
struct JsonFault(String);

impl JsonFault {
    fn new(text: &str) -> Self {
        Self(match (text.find('"'), text.rfind('"')) {
            (Some(first), Some(last)) if first < last => {
                format!("{}\"...\"{}", &text[..first], &text[last + 1..])
            }
            _ => text.to_owned(),
        })
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for JsonFault {}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            context,
            status,
            fault,
            ..
        } = &*self.0;
        write!(formatter, "{context}")?;
        if let Some(status) = status {
            write!(formatter, " answered {status}, but")?;
        }
        match fault {
            Fault::Empty => write!(formatter, " the body was empty"),
            Fault::Json { path, .. } if path == "." => {
                write!(formatter, " the body is not the documented JSON")
            }
            Fault::Json { path, .. } => {
                write!(formatter, " the body is not the documented JSON at {path}")
            }
            Fault::NextLink { reason } => {
                write!(formatter, " cannot go to the next page: {reason}")
            }
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DecodeError")
            .field("operation", &self.operation())
            .field("status", &self.0.status)
            .field("fault", &self.0.fault)
            .field("body_excerpt", &self.0.excerpt)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.fault {
            Fault::Json { source, .. } => Some(source),
            Fault::Empty | Fault::NextLink { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::JsonFault;

    #[test]
    fn the_cause_quotes_nothing_of_the_body() {
        for (body, text) in [
            (
                r#"[1, "dear \"customer\", hello"]"#,
                "invalid type: string \"...\", expected u8 at line 1 column 30",
            ),
            (
                "[1, {}]",
                "invalid type: map, expected u8 at line 1 column 4",
            ),
        ] {
            let cause = serde_json::from_str::<Vec<u8>>(body).expect_err(body);
            assert_eq!(JsonFault::new(&cause.to_string()).to_string(), text);
        }
    }
}
