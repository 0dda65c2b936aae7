//! Types of events, which a table lists under `events` and a document under `x-acs-event-types`.

use anyhow::ensure;
use serde::Deserialize;
use serde_json::Value;

use super::Statements;
use super::document::{Document, list, text};

/// An event of a table of facts.
#[derive(Deserialize)]
pub(super) struct Event {
    event_type: String,
    family: String,
    /// Model of the data, if its schema is known.
    data_schema: Option<String>,
    /// Patterns of the subject, the preferred one first.
    subject_patterns: Vec<String>,
}

impl Event {
    pub(super) fn statements(&self, said: &mut Statements) {
        state(
            &self.event_type,
            &self.family,
            self.data_schema.as_deref(),
            self.subject_patterns.iter().map(String::as_str),
            said,
        );
    }
}

impl Document {
    /// The types of events that the document names.
    pub(super) fn event_types(&self) -> &[Value] {
        list(self.root().get("x-acs-event-types"))
    }
}

/// What a document says about one type of events.
pub(super) fn event_statements(event: &Value, said: &mut Statements) -> anyhow::Result<()> {
    let kind = text(event, "type")?;
    let payload = event.get("payload").map(|_| text(event, "payload"));
    let subjects = list(event.get("subjects")).iter();
    ensure!(
        !said
            .iter()
            .any(|line| line.starts_with(&format!("event {kind} "))),
        "the type is named twice"
    );
    state(
        kind,
        text(event, "family")?,
        payload.transpose()?,
        subjects.map(|subject| subject.as_str().unwrap_or_default()),
        said,
    );
    Ok(())
}

fn state<'a>(
    kind: &str,
    family: &str,
    payload: Option<&str>,
    subjects: impl Iterator<Item = &'a str>,
    said: &mut Statements,
) {
    said.insert(format!("event {kind} is of the family {family}"));
    said.insert(format!(
        "event {kind} carries {}",
        payload.unwrap_or("anything")
    ));
    for (place, subject) in subjects.enumerate() {
        said.insert(format!(
            "event {kind} has the subject {subject}, preferred as number {}",
            place + 1
        ));
    }
}
