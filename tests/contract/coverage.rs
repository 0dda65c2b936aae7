//! Which operations and members the table of cases goes through, compared with the fact table.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use wiremock::Request;

/// What is known of a service.
pub(crate) type Facts = LazyLock<Value>;

pub(crate) static JOB_ROUTER: Facts =
    LazyLock::new(|| read(include_str!("../../specs/facts/jobrouter.json")));
pub(crate) static IDENTITY: Facts =
    LazyLock::new(|| read(include_str!("../../specs/facts/identity.json")));
pub(crate) static CHAT: Facts = LazyLock::new(|| read(include_str!("../../specs/facts/chat.json")));

fn read(facts: &str) -> Value {
    serde_json::from_str(facts).expect("the fact table is JSON")
}

/// Which way a member goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Sent,
    Read,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Read => "read",
        }
    }
}

/// A set of lines such as `sent RouterJob.channelId`: what there is, or what was seen.
pub(crate) struct Coverage {
    facts: &'static Facts,
    pub(crate) lines: BTreeSet<String>,
    visited: BTreeSet<(Way, String)>,
}

impl Coverage {
    /// Nothing yet.
    pub(crate) fn new(facts: &'static Facts) -> Self {
        Self {
            facts,
            lines: BTreeSet::new(),
            visited: BTreeSet::new(),
        }
    }

    /// All that the facts say can be sent and read.
    pub(crate) fn of_all(facts: &'static Facts) -> Self {
        let mut all = Self::new(facts);
        for operation in array(&facts["operations"]) {
            let id = text(&operation["name"]);
            all.add(format!("called {id}"));
            for (part, names) in [("query", "query_params"), ("header", "header_params")] {
                for parameter in array(&operation[names]) {
                    all.add(format!("sent {id} {part} {}", text(&parameter["name"])));
                }
            }
            if let Some(model) = body_model(operation) {
                all.all_of(Way::Sent, model);
                if operation["request_body"]["merge_patch"] == true {
                    all.all_clearable(model);
                }
            }
            if let Some(model) = operation["response_model"].as_str() {
                all.all_of(Way::Read, model);
            }
        }
        all
    }

    fn all_of(&mut self, way: Way, model: &str) {
        if !self.visited.insert((way, model.to_owned())) {
            return;
        }
        for (kind, leaf) in kinds(self.facts, model) {
            self.add(format!("{} {model} of kind {kind}", way.name()));
            self.all_of(way, leaf);
        }
        for (name, member) in members(self.facts, model) {
            if way == Way::Sent && member["readonly"] == true {
                continue;
            }
            self.add(format!("{} {model}.{name}", way.name()));
            if let Some(inner) = inner_model(member) {
                self.all_of(way, inner);
            }
        }
    }

    fn all_clearable(&mut self, model: &str) {
        for (name, member) in members(self.facts, model) {
            if member["readonly"] != true {
                self.add(format!("cleared {model}.{name}"));
            }
            if member["readonly"] != true && member["type"] == "map" {
                self.add(format!("removed an entry of {model}.{name}"));
            }
        }
    }

    /// Takes in a request, and the answer to it.
    pub(crate) fn exchange(&mut self, request: &Request, answer: &Value) {
        let operation = operation_of(self.facts, request);
        let id = text(&operation["name"]);
        self.add(format!("called {id}"));
        for (name, _) in request.url.query_pairs() {
            self.add(format!("sent {id} query {name}"));
        }
        for parameter in array(&operation["header_params"]) {
            let name = text(&parameter["name"]);
            if request.headers.contains_key(name) {
                self.add(format!("sent {id} header {name}"));
            }
        }
        if let (Some(model), Ok(body)) = (
            body_model(operation),
            serde_json::from_slice::<Value>(&request.body),
        ) {
            self.object(Way::Sent, model, &body);
        }
        if let Some(model) = operation["response_model"].as_str() {
            self.object(Way::Read, model, answer);
        }
    }

    fn object(&mut self, way: Way, model: &str, object: &Value) {
        if let Some(kind) = object["kind"].as_str()
            && let Some((_, leaf)) = kinds(self.facts, model).find(|(known, _)| *known == kind)
        {
            self.add(format!("{} {model} of kind {kind}", way.name()));
            return self.object(way, leaf, object);
        }
        for (name, value) in object.as_object().into_iter().flatten() {
            let Some((_, member)) = members(self.facts, model).find(|(known, _)| *known == name)
            else {
                // The kind itself is no member of its own here.
                if name != "kind" {
                    self.add(format!("{} {model}.{name}, which there is not", way.name()));
                }
                continue;
            };
            match value {
                Value::Null => self.add(format!("cleared {model}.{name}")),
                value => {
                    self.add(format!("{} {model}.{name}", way.name()));
                    self.member(way, &format!("{model}.{name}"), member, value);
                }
            }
        }
    }

    fn member(&mut self, way: Way, path: &str, member: &Value, value: &Value) {
        match text(&member["type"]) {
            "model" => self.object(way, text(&member["ref"]), value),
            "array" => {
                for item in array(value) {
                    self.member(way, path, &member["items"], item);
                }
            }
            "map" => {
                for entry in value.as_object().into_iter().flat_map(Map::values) {
                    if entry.is_null() {
                        self.add(format!("removed an entry of {path}"));
                    }
                    self.member(way, path, &member["values"], entry);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, line: String) {
        self.lines.insert(line);
    }
}

fn operation_of(facts: &'static Facts, request: &Request) -> &'static Value {
    array(&facts["operations"])
        .iter()
        .find(|operation| {
            text(&operation["method"]) == request.method.as_str()
                && acs_test_support::path_fits(text(&operation["path"]), request.url.path())
        })
        .unwrap_or_else(|| panic!("no operation is {} {}", request.method, request.url))
}

fn body_model(operation: &'static Value) -> Option<&'static str> {
    operation["request_body"]["model"].as_str()
}

/// The kinds of a union with the models that they stand for; none for other models.
fn kinds(facts: &'static Facts, model: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    facts["models"][model]["discriminator"]["mapping"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(kind, leaf)| (kind.as_str(), text(leaf)))
}

/// The members of a model, those of its base among them. A union has none: its kinds have them all.
fn members(
    facts: &'static Facts,
    model: &str,
) -> impl Iterator<Item = (&'static String, &'static Value)> {
    let is_union = kinds(facts, model).next().is_some();
    let own = Some(&facts["models"][model]).filter(|_| !is_union);
    let base = own.and_then(|own| facts["models"].get(own["base"].as_str()?));
    [own, base]
        .into_iter()
        .flatten()
        .flat_map(|model| model["properties"].as_object().into_iter().flatten())
        .filter(|(name, _)| *name != "kind")
}

/// The model that a member holds, however deep inside.
fn inner_model(member: &'static Value) -> Option<&'static str> {
    match text(&member["type"]) {
        "model" => member["ref"].as_str(),
        "array" => inner_model(&member["items"]),
        "map" => inner_model(&member["values"]),
        _ => None,
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
