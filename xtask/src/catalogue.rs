//! `cargo xtask catalogue`: pages about every type of events, from the specification: when it is sent, its subject, its data and a
//! sample.

mod model;
mod sample;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;
use similar::TextDiff;

use self::model::{Models, one_line};
use self::sample::event;
use crate::process::workspace_root;

const DOCUMENT: &str = "specs/openapi/events.2018-01-01.json";
const FOLDER: &str = "docs/events/catalogue";
const HEADER: &str = "<!-- Written by \"cargo xtask catalogue\". Do not edit. -->\n\n";

/// Options of `cargo xtask catalogue`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Compare with the committed pages instead of writing them
    #[arg(long)]
    check: bool,
}

/// Writes the pages, or compares them.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let root = workspace_root();
    let text = std::fs::read_to_string(root.join(DOCUMENT))
        .with_context(|| format!("cannot read {DOCUMENT}"))?;
    let document = serde_json::from_str(&text).with_context(|| format!("in {DOCUMENT}"))?;
    let pages = pages(&document)?;
    let folder = root.join(FOLDER);
    if arguments.check {
        return check(&folder, &pages);
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {FOLDER}"))?;
    for (name, text) in &pages {
        std::fs::write(folder.join(name), text)
            .with_context(|| format!("cannot write {FOLDER}/{name}"))?;
    }
    println!("{FOLDER}: {} pages", pages.len());
    Ok(())
}

fn check(folder: &Path, pages: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let mut differences = String::new();
    for (name, text) in pages {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        if committed != *text {
            let diff = TextDiff::from_lines(committed.as_str(), text);
            let header = (format!("committed/{name}"), format!("specified/{name}"));
            differences.push_str(&diff.unified_diff().header(&header.0, &header.1).to_string());
        }
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {FOLDER}"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !pages.contains_key(&name) {
            let _ = writeln!(differences, "{name} belongs to no family of events");
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    println!("{differences}");
    bail!("{FOLDER} is not what the specification gives; run `cargo xtask catalogue`");
}

/// The pages by file name: one for each family, and an index.
fn pages(document: &Value) -> anyhow::Result<BTreeMap<String, String>> {
    let events = document["x-acs-event-types"]
        .as_array()
        .context("the document lists no event types")?;
    let mut families: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for event in events {
        families
            .entry(text(event, "family")?)
            .or_default()
            .push(event);
    }
    let mut pages = BTreeMap::from([("README.md".to_owned(), index(&families)?)]);
    for (family, events) in &families {
        let page = page(document, family, events).with_context(|| (*family).to_owned())?;
        pages.insert(format!("{family}.md"), page);
    }
    Ok(pages)
}

fn index(families: &BTreeMap<&str, Vec<&Value>>) -> anyhow::Result<String> {
    let mut page = format!(
        "{HEADER}# Events\n\nEvery type of events, by family. Names in the envelope begin with `Microsoft.Communication.` but for \
         those of Event Grid itself.\n"
    );
    for (family, events) in families {
        let _ = write!(
            page,
            "\n## {family}\n\n| type | when it is sent |\n| --- | --- |\n"
        );
        for event in events {
            let name = short_name(text(event, "type")?);
            let anchor = name.to_lowercase();
            let description = first_sentence(text(event, "description")?);
            let _ = writeln!(page, "| [{name}]({family}.md#{anchor}) | {description} |");
        }
    }
    Ok(page)
}

fn page(document: &Value, family: &str, events: &[&Value]) -> anyhow::Result<String> {
    let mut page = format!("{HEADER}# Events of the family `{family}`\n");
    let mut models = Models::new(document);
    for event in events {
        section(&mut page, document, event, &mut models)?;
    }
    page.push_str(&models.parts());
    Ok(page)
}

fn section(
    page: &mut String,
    document: &Value,
    described: &Value,
    models: &mut Models<'_>,
) -> anyhow::Result<()> {
    let name = text(described, "type")?;
    let description = text(described, "description")?;
    let _ = write!(
        page,
        "\n## {}\n\n{description}\n\n`{name}`\n",
        short_name(name)
    );
    let list = |key: &str| -> Vec<String> {
        let items = described[key].as_array().into_iter().flatten();
        items
            .filter_map(Value::as_str)
            .map(|item| format!("`{item}`"))
            .collect()
    };
    let (subjects, others) = (list("subjects"), list("alsoRead"));
    if !subjects.is_empty() {
        let _ = write!(page, "\nSubject: {}\n", subjects.join(", or "));
    }
    if !others.is_empty() {
        let _ = write!(page, "\nAlso read under the name {}\n", others.join(", "));
    }
    match described["payload"].as_str() {
        Some(payload) => {
            let _ = write!(
                page,
                "\nData: `models::{payload}`\n\n{}",
                models.table(payload)?
            );
        }
        None => {
            page.push_str("\nNothing is published about its data, which is read as any JSON.\n")
        }
    }
    let sample = serde_json::to_string_pretty(&event(document, described)?)?;
    let _ = write!(page, "\n```json\n{sample}\n```\n");
    Ok(())
}

fn short_name(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn first_sentence(text: &str) -> String {
    let line = one_line(text);
    match line.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => line,
    }
}

fn text<'a>(value: &'a Value, key: &str) -> anyhow::Result<&'a str> {
    value[key]
        .as_str()
        .with_context(|| format!("an event type has no `{key}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::pages;

    #[test]
    fn a_family_gets_a_page_with_tables_and_samples() {
        let document = json!({
            "x-acs-event-types": [
                {"type": "Things.ThingBroken", "family": "things", "description": "Sent when a thing breaks. Rare.",
                    "payload": "Broken", "subjects": ["thing/{thing-id}"], "alsoRead": ["Things.Broken"]},
                {"type": "Things.Closed", "family": "things", "description": "Sent at night."}
            ],
            "components": {"schemas": {
                "Base": {"type": "object", "required": ["thingId", "cause"], "properties": {
                    "thingId": {"type": "string", "description": "Id of\nthe thing."}}},
                "Broken": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Base"}],
                    "x-acs-may-lack": ["cause"], "properties": {
                        "cause": {"allOf": [{"$ref": "#/components/schemas/Cause"}], "description": "Why | how.",
                            "x-acs-also-read": ["reason"]},
                        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Base"}, "description": "Parts."}
                    }},
                "Cause": {"anyOf": [{"type": "string"}, {"type": "string", "enum": ["rust", "fall"]}],
                    "description": "A cause."}
            }}
        });
        let pages = pages(&document).expect("complete");
        let index = &pages["README.md"];
        assert!(
            index.contains("| [ThingBroken](things.md#thingbroken) | Sent when a thing breaks. |")
        );
        let page = &pages["things.md"];
        for line in [
            "Subject: `thing/{thing-id}`",
            "| `thingId` | text | always | Id of the thing. |",
            "| `cause` (`reason`) | `rust`, `fall` | | Why \\| how. |",
            "| `parts` | list of [Base](#base) | | Parts. |",
            "Nothing is published",
            "### Base",
            "    \"cause\": \"rust\",",
            "  \"subject\": \"thing/thing-1\",",
        ] {
            assert!(page.contains(line), "{line} is not in {page}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let document = json!({"x-acs-event-types": [{"type": "A.B", "family": "a"}]});
        let error = pages(&document).expect_err("no description").to_string();
        assert!(
            error.contains("description") || error.contains('a'),
            "{error}"
        );
    }
}
