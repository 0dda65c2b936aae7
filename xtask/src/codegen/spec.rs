//! The document being lowered: its text, what is known about it from `specs/codegen.toml`, and the log of the passes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::json;

/// A document on its way from OpenAPI 3.0 to what the emitters understand.
pub(super) struct Spec {
    /// The document; `components.schemas` and `paths` exist and are objects once the first pass is through.
    pub(super) document: Value,
    pub(super) options: Options,
    /// The name in Rust of each named schema that the document came with. A pass finds them.
    pub(super) type_names: BTreeMap<String, String>,
    pub(super) log: Log,
}

/// What a document does not say itself.
#[derive(Default)]
pub(super) struct Options {
    /// New names: of a schema (`Old`), of a property in Rust (`Schema.property`), of an enum value in Rust (`Schema.value`).
    pub(super) renames: BTreeMap<String, String>,
    /// Names of the patch models, by the schema that a merge patch changes.
    pub(super) patches: BTreeMap<String, String>,
    /// Properties (`Schema.property`) whose values must not appear in `Debug`.
    pub(super) secrets: BTreeSet<String>,
    /// Schemas that are carried as raw JSON.
    pub(super) raw_json: BTreeSet<String>,
    /// The documents of earlier api-versions, oldest first.
    pub(super) earlier: Vec<Earlier>,
}

/// A document of an earlier api-version: it tells since when something exists.
pub(super) struct Earlier {
    pub(super) version: String,
    pub(super) document: Value,
}

impl Spec {
    pub(super) fn new(document: Value, options: Options) -> Self {
        Self {
            document,
            options,
            type_names: BTreeMap::new(),
            log: Log::default(),
        }
    }

    /// The named schemas.
    pub(super) fn schemas(&self) -> &Map<String, Value> {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.document
            .pointer("/components/schemas")
            .and_then(Value::as_object)
            .unwrap_or(&NONE)
    }

    /// The named schemas, to be changed.
    pub(super) fn schemas_mut(&mut self) -> Result<&mut Map<String, Value>, Refusal> {
        let schemas = self
            .document
            .pointer_mut("/components/schemas")
            .ok_or_else(|| {
                Refusal::new(
                    "#/components/schemas",
                    "is missing",
                    "it is made by the first pass",
                )
            })?;
        json::object_mut(schemas, "#/components/schemas")
    }
}

/// What each pass did, in the order in which it did it.
#[derive(Default)]
pub(super) struct Log {
    pass: &'static str,
    pub(super) changes: Vec<Change>,
    pub(super) warnings: Vec<Warning>,
}

/// One change that a pass made.
pub(super) struct Change {
    pub(super) pass: &'static str,
    /// JSON pointer of what was changed.
    pub(super) subject: String,
    pub(super) text: String,
}

/// Something in the document that is probably a mistake of its authors.
pub(super) struct Warning {
    /// What `allowed-warnings` of `specs/codegen.toml` names: the kind of mistake and where it is.
    pub(super) key: String,
    pub(super) text: String,
}

impl Warning {
    /// The kind of mistake.
    pub(super) fn kind(&self) -> &str {
        self.key.split(' ').next().unwrap_or_default()
    }
}

impl Log {
    /// All further entries belong to this pass.
    pub(super) fn begin(&mut self, pass: &'static str) {
        self.pass = pass;
    }

    pub(super) fn change(&mut self, subject: impl Into<String>, text: impl Into<String>) {
        self.changes.push(Change {
            pass: self.pass,
            subject: subject.into(),
            text: text.into(),
        });
    }

    pub(super) fn warn(&mut self, kind: &str, subject: &str, text: impl Into<String>) {
        self.warnings.push(Warning {
            key: format!("{kind} {subject}"),
            text: text.into(),
        });
    }
}

/// Why a document cannot be generated from: where, what, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// JSON pointer of the part that was not understood.
    pub(super) pointer: String,
    pub(super) construct: String,
    pub(super) remedy: String,
}

impl Refusal {
    pub(super) fn new(
        pointer: impl Into<String>,
        construct: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            construct: construct.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pointer,
            construct,
            remedy,
        } = self;
        write!(formatter, "{pointer}: {construct}\n  remedy: {remedy}")
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
impl Spec {
    /// A document with these named schemas and no operation.
    pub(super) fn of_schemas(schemas: Value) -> Self {
        Self::new(
            serde_json::json!({"paths": {}, "components": {"schemas": schemas}}),
            Options::default(),
        )
    }

    /// A document with one operation, `GET /things/{id}` or the like, and no schema.
    pub(super) fn of_operation(method: &str, path: &str, operation: Value) -> Self {
        Self::new(
            serde_json::json!({"paths": {path: {method: operation}}, "components": {"schemas": {}}}),
            Options::default(),
        )
    }

    /// The part of the document at a pointer such as `/components/schemas/A`.
    pub(super) fn at(&self, pointer: &str) -> &Value {
        self.document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("nothing at {pointer} in {:#}", self.document))
    }
}
