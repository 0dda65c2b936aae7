//! Which schemas need a model: those that the service sends or takes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Document, Shape, list, referenced};

const MERGE_PATCH: &str = "application/merge-patch+json";

/// The names of the schemas, each with whether it is needed as a merge patch.
pub(super) fn needed(document: &Document) -> BTreeSet<(String, bool)> {
    let mut search = Search {
        document,
        found: BTreeSet::new(),
    };
    for operation in document.operations() {
        for parameter in list(operation, "parameters") {
            search.schema(&document.parameter(parameter)["schema"]);
        }
        search.content(&operation["requestBody"]["content"]);
        let responses = operation["responses"].as_object().into_iter().flatten();
        for (_, response) in responses.filter(|(status, _)| status.starts_with('2')) {
            search.content(&response["content"]);
        }
    }
    for payload in document.payloads() {
        search.named(payload);
    }
    search.found
}

struct Search<'a> {
    document: &'a Document,
    found: BTreeSet<(String, bool)>,
}

impl Search<'_> {
    fn content(&mut self, content: &Value) {
        for (media_type, entry) in content.as_object().into_iter().flatten() {
            let schema = &entry["schema"];
            match referenced(schema) {
                Some(name) if media_type == MERGE_PATCH => self.patch(name),
                _ => self.schema(schema),
            }
        }
    }

    fn schema(&mut self, schema: &Value) {
        match referenced(schema) {
            Some(name) => self.named(name),
            None => self.within(&self.document.shape(schema)),
        }
    }

    fn named(&mut self, name: &str) {
        let shape = self.document.shape(self.document.schema(name));
        let has_type = matches!(
            shape,
            Shape::Object(_) | Shape::Union(_) | Shape::Enumeration(_)
        );
        if has_type && !self.found.insert((name.to_owned(), false)) {
            return;
        }
        self.within(&shape);
    }

    /// A patch leads to what can be written.
    fn patch(&mut self, name: &str) {
        self.found.insert((name.to_owned(), true));
        let shape = self.document.shape(self.document.schema(name));
        if let Shape::Object(mut members) = shape {
            members.retain(|member| !member.read_only);
            self.within(&Shape::Object(members));
        }
    }

    fn within(&mut self, shape: &Shape<'_>) {
        match shape {
            Shape::List(inner) | Shape::Map(inner) => self.schema(inner),
            Shape::Object(members) => {
                for member in members {
                    self.schema(member.schema);
                }
            }
            Shape::Union(union) => {
                for kind in union.kinds.values() {
                    self.kind(kind, union.discriminator);
                }
            }
            _ => {}
        }
    }

    /// The discriminator of a kind is written by its union: its type is nobody's.
    fn kind(&mut self, name: &str, discriminator: &str) {
        if !self.found.insert((name.to_owned(), false)) {
            return;
        }
        if let Shape::Object(mut members) = self.document.shape(self.document.schema(name)) {
            members.retain(|member| member.name != discriminator);
            self.within(&Shape::Object(members));
        }
    }
}
