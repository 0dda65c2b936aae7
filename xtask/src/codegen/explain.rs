//! `cargo xtask codegen --explain`: what each pass did to one operation or schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use similar::TextDiff;

use super::json::child;
use super::lower::{self, PASSES};
use super::names::snake_name;
use super::positions::{SCHEMAS, visit_operations};
use super::spec::{Refusal, Spec};

/// Lines around a change.
const CONTEXT: usize = 2;

/// Stands for the document as a whole.
const DOCUMENT: &str = "#";

/// Tells the story of an operation, a schema or the whole document (`#`); `None` if the document has none of this name, before or after any pass.
///
/// An operation may be named by its id in the document or by its method in Rust, a schema by its name in the document or by its
/// type in Rust.
pub(super) fn explain(mut spec: Spec, wanted: &str) -> Option<String> {
    let mut stages = vec![spec.document.clone()];
    let result = lower::lower_observed(&mut spec, &mut |spec| stages.push(spec.document.clone()));
    let subject = Subject::find(wanted, &stages, &spec)?;
    Some(story(&subject, &stages, &spec, result.err()))
}

enum Subject {
    Document,
    Operation {
        path: String,
        method: String,
    },
    /// By all names that it has on the way.
    Schema(BTreeSet<String>),
}

impl Subject {
    fn find(wanted: &str, stages: &[Value], spec: &Spec) -> Option<Self> {
        if wanted == DOCUMENT {
            return Some(Self::Document);
        }
        let operation = stages
            .iter()
            .find_map(|document| operation(document, wanted));
        operation.or_else(|| {
            let mut names = BTreeSet::from([wanted.to_owned()]);
            for (old, new) in &spec.type_names {
                if old == wanted || new == wanted {
                    names.extend([old.clone(), new.clone()]);
                }
            }
            let schema = Self::Schema(names);
            let exists = stages
                .iter()
                .any(|document| schema.within(document).is_some());
            exists.then_some(schema)
        })
    }

    fn within<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Document => Some(document),
            Self::Operation { path, method } => document.get("paths")?.get(path)?.get(method),
            Self::Schema(names) => {
                let schemas = document.pointer("/components/schemas")?;
                names.iter().find_map(|name| schemas.get(name))
            }
        }
    }

    /// Whether a JSON pointer leads to the subject or into it.
    fn holds(&self, pointer: &str) -> bool {
        let roots = match self {
            Self::Document => vec![DOCUMENT.to_owned()],
            Self::Operation { path, method } => vec![child(&child("#/paths", path), method)],
            Self::Schema(names) => names
                .iter()
                .map(|name| format!("{SCHEMAS}{name}"))
                .collect(),
        };
        roots.iter().any(|root| {
            let rest = pointer.strip_prefix(root.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    fn title(&self) -> String {
        match self {
            Self::Document => "the document".to_owned(),
            Self::Operation { path, method } => {
                format!("operation {} {path}", method.to_uppercase())
            }
            Self::Schema(names) => {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                format!("schema {}", names.join(", "))
            }
        }
    }
}

fn operation(document: &Value, wanted: &str) -> Option<Subject> {
    let mut found = None;
    // Nothing but the search may stop: what is wrong elsewhere is for the passes to say.
    let _: Result<(), Refusal> = visit_operations(&mut document.clone(), &mut |at, operation| {
        let id = operation.get("operationId").and_then(Value::as_str);
        if id.is_some_and(|id| id == wanted || snake_name(id) == snake_name(wanted)) {
            found.get_or_insert(Subject::Operation {
                path: at.path.to_owned(),
                method: at.method.to_owned(),
            });
        }
        Ok(())
    });
    found
}

fn story(subject: &Subject, stages: &[Value], spec: &Spec, refusal: Option<Refusal>) -> String {
    let mut text = format!("{}\n", subject.title());
    if !matches!(subject, Subject::Document) {
        text.push_str("\nin the document\n");
        match stages.first().and_then(|document| subject.within(document)) {
            Some(value) => text.push_str(&indented(&format!("{value:#}"))),
            None => text.push_str("  not there: a pass makes it\n"),
        }
    }
    let mut idle = Vec::new();
    for (pass, pair) in PASSES.iter().zip(stages.windows(2)) {
        let before = subject.within(&pair[0]);
        let after = subject.within(&pair[1]);
        if before == after {
            idle.push(pass.name);
            continue;
        }
        let _ = writeln!(text, "\n{}", pass.name);
        for change in &spec.log.changes {
            if change.pass == pass.name && subject.holds(&change.subject) {
                let _ = writeln!(text, "  {}: {}", change.subject, change.text);
            }
        }
        text.push_str(&indented(&difference(before, after)));
    }
    let _ = writeln!(text, "\nwithout a change: {}", idle.join(", "));
    if let Some(refusal) = refusal {
        let _ = writeln!(text, "\nand then the document was refused: {refusal}");
    }
    text
}

fn difference(before: Option<&Value>, after: Option<&Value>) -> String {
    let text = |value: Option<&Value>| value.map_or(String::new(), |value| format!("{value:#}\n"));
    diff(&text(before), &text(after))
}

fn diff(before: &str, after: &str) -> String {
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(CONTEXT)
        .to_string()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{diff, explain};
    use crate::codegen::config::read_document;
    use crate::codegen::spec::{Options, Spec};
    use crate::process::workspace_root;

    fn things(wanted: &str) -> Option<String> {
        let path = workspace_root().join("xtask/golden/things.json");
        let document = read_document(&path).expect("readable");
        explain(Spec::new(document, Options::default()), wanted)
    }

    /// The part of a story that is about one pass.
    fn of_pass<'a>(story: &'a str, pass: &str) -> &'a str {
        let start = story.find(&format!("\n{pass}\n")).expect(pass);
        let rest = &story[start + 1..];
        rest.split("\n\n").next().unwrap_or_default()
    }

    /// One golden file for all passes: what each does to the golden document.
    #[test]
    fn each_pass_does_to_the_golden_document_what_the_golden_file_says() {
        let path = workspace_root().join("xtask/golden/passes.txt");
        let golden = std::fs::read_to_string(path).expect("readable");
        let story = format!("# {}\n", things("#").expect("there"));
        assert!(
            golden == story,
            "{}\nIf this is wanted: cargo xtask codegen --spec xtask/golden/things.json --explain '#' > xtask/golden/passes.txt",
            diff(&golden, &story)
        );
        assert!(
            story.contains("without a change: references, raw-json"),
            "the golden document has something for every other pass"
        );
    }

    #[test]
    fn an_operation_is_followed_from_the_document_through_every_pass() {
        let story = things("upsertThing").expect("there");
        assert_eq!(story, things("ThingOperations_UpsertThing").expect("there"));
        assert_eq!(story, things("upsert_thing").expect("there"));
        assert!(
            story.starts_with("operation PATCH /store/things/{thingId}\n\nin the document\n  {")
        );
        let renamed = of_pass(&story, "operation-ids");
        assert!(
            renamed.contains("ThingOperations_UpsertThing is called upsertThing"),
            "{renamed}"
        );
        assert!(
            renamed.contains("-  \"operationId\": \"ThingOperations_UpsertThing\""),
            "{renamed}"
        );
        assert!(
            renamed.contains("+  \"operationId\": \"upsertThing\""),
            "{renamed}"
        );
        let patched = of_pass(&story, "merge-patch-models");
        assert!(
            patched.contains("\n  +          \"$ref\": \"#/components/schemas/ThingPatch\""),
            "{patched}"
        );
        assert!(story.contains("\nwithout a change: "), "{story}");
    }

    #[test]
    fn a_schema_is_followed_under_all_its_names_until_it_goes() {
        let document = json!({
            "openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {},
            "components": {"schemas": {"old.name": {"type": "object", "maxProperties": 1}}}
        });
        let of = |wanted| explain(Spec::new(document.clone(), Options::default()), wanted);
        let story = of("old.name").expect("there");
        assert_eq!(of("OldName").as_ref(), Some(&story));
        assert!(
            of_pass(&story, "strip-constraints").contains("-  \"maxProperties\": 1"),
            "{story}"
        );
        assert!(
            of_pass(&story, "prune").contains("no operation and no event leads to it"),
            "{story}"
        );
        assert_eq!(of("Gone"), None);
    }

    #[test]
    fn what_a_pass_makes_and_why_it_stopped_are_told() {
        let story = things("ThingPatch").expect("made");
        assert!(story.contains("not there: a pass makes it"), "{story}");
        assert!(
            of_pass(&story, "merge-patch-models").contains("+  \"x-lowered-patch-of\": \"Thing\""),
            "{story}"
        );
        let document = json!({
            "openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {},
            "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}}}
        });
        let story = explain(Spec::new(document, Options::default()), "A").expect("there");
        assert!(
            story.contains("and then the document was refused"),
            "{story}"
        );
        assert!(story.contains("points to nothing"), "{story}");
    }
}
