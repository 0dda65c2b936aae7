//! The wire names of the raw client, found in its source text.
//!
//! The text is our generator's own output, so its shape is known; a shape that is not found is an error, not a smaller set.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// One change of one wire name.
pub(super) struct Mutation {
    pub(super) file: PathBuf,
    place: Range<usize>,
    replacement: String,
    description: String,
}

impl Mutation {
    pub(super) fn apply(&self, text: &str) -> String {
        let mut changed = text.to_owned();
        changed.replace_range(self.place.clone(), &self.replacement);
        changed
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.description)
    }
}

/// Members that answers may hold and that no request does.
const NEVER_SENT: &[(&str, &str)] = &[("CommunicationIdentifierModel", "kind")];

/// All changes in the given operations (named as in the specification, `upsertJob`) and in the models they use; with `answers`
/// also in those of answers.
pub(super) fn of(
    raw_crate: &Path,
    operations: &[String],
    answers: bool,
) -> anyhow::Result<Vec<Mutation>> {
    let generated = raw_crate.join("src/generated");
    let client = Source::read(generated.join("client.rs"))?;
    let models = Models::read(&generated)?;
    let mut mutations = Vec::new();
    let mut used = BTreeSet::new();
    for operation in operations {
        let place = client
            .method(&snake_case(operation))
            .with_context(|| format!("client.rs has no method for {operation}"))?;
        mutations.extend(client.names(operation, place.clone())?);
        used.extend(client.models(place, answers));
    }
    mutations.extend(models.members(used, answers)?);
    Ok(mutations)
}

struct Source {
    file: PathBuf,
    text: String,
}

impl Source {
    fn read(file: PathBuf) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self { file, text })
    }

    /// Where the method of this name stands, from its signature to the next one.
    fn method(&self, name: &str) -> Option<Range<usize>> {
        const METHOD: &str = "pub async fn ";
        let start = self.text.find(&format!("{METHOD}{name}<"))?;
        let rest = &self.text[start + METHOD.len()..];
        let end = rest
            .find(METHOD)
            .map_or(self.text.len(), |next| start + METHOD.len() + next);
        Some(start..end)
    }

    /// The path, the query parameters and the headers of a method.
    fn names(&self, operation: &str, method: Range<usize>) -> anyhow::Result<Vec<Mutation>> {
        let mut names = self.texts_after("format!(", &method);
        if names.len() != 1 {
            bail!(
                "{operation}: one path was expected, {} were found",
                names.len()
            );
        }
        // The last segment tells most operations apart: an action, or the collection.
        let path = &mut names[0];
        path.start += self.text[path.clone()]
            .rfind(char::is_alphabetic)
            .unwrap_or_default();
        let paths = names
            .into_iter()
            .map(|place| ("path", place.start..place.start + 1));
        let queries = self
            .texts_after("QueryParam::new(", &method)
            .into_iter()
            .map(|place| ("query", place));
        let headers = self
            .texts_after("header_map.append(", &method)
            .into_iter()
            .map(|place| ("header", place));
        Ok(paths
            .chain(queries)
            .chain(headers)
            .map(|(kind, place)| {
                let name = &self.text[place.clone()];
                Mutation {
                    file: self.file.clone(),
                    replacement: format!("{name}x"),
                    description: format!("{operation}: {kind} {name:?}"),
                    place,
                }
            })
            .collect())
    }

    /// The text literals that directly follow an opening, without their quotes.
    fn texts_after(&self, opening: &str, within: &Range<usize>) -> Vec<Range<usize>> {
        let text = &self.text[within.clone()];
        text.match_indices(opening)
            .filter_map(|(at, _)| {
                let after = at + opening.len();
                let quote = after + text[after..].find(|c: char| !c.is_whitespace())?;
                let literal = text[quote..].strip_prefix('"')?;
                let start = within.start + quote + 1;
                Some(start..start + literal.find('"')?)
            })
            .collect()
    }

    /// The models that a method's signature names, with or without those of its result.
    fn models(&self, method: Range<usize>, with_result: bool) -> Vec<String> {
        let end = if with_result { "{" } else { "->" };
        let signature = self.text[method].split(end).next().unwrap_or_default();
        identifiers_after("models::", signature)
    }
}

/// The generated models, by name.
struct Models(BTreeMap<String, (PathBuf, Vec<Member>)>);

struct Member {
    name: String,
    /// Where its wire name stands, or where an attribute with one can be put.
    place: Range<usize>,
    is_renamed: bool,
    type_text: String,
}

impl Models {
    fn read(generated: &Path) -> anyhow::Result<Self> {
        let mut files = vec![generated.join("patches.rs"), generated.join("unions.rs")];
        files.retain(|file| file.exists());
        for entry in std::fs::read_dir(generated.join("models"))? {
            files.push(entry?.path());
        }
        files.sort();
        let mut models = BTreeMap::new();
        for file in files {
            let source = Source::read(file)?;
            for (name, members) in structs(&source.text) {
                models.insert(name, (source.file.clone(), members));
            }
        }
        Ok(Self(models))
    }

    /// The members of these models and of all that they hold; without `answers` only those that requests hold.
    fn members(&self, used: BTreeSet<String>, answers: bool) -> anyhow::Result<Vec<Mutation>> {
        let mut waiting = VecDeque::from_iter(used);
        let mut seen = BTreeSet::new();
        let mut mutations = Vec::new();
        while let Some(model) = waiting.pop_front() {
            let Some((file, members)) = self.0.get(&model) else {
                continue;
            };
            if !seen.insert(model.clone()) {
                continue;
            }
            for member in members {
                waiting.extend(identifiers_after("", &member.type_text));
                let name = (model.as_str(), member.name.as_str());
                if answers || !NEVER_SENT.contains(&name) {
                    mutations.push(member.renamed(&model, file));
                }
            }
        }
        if mutations.is_empty() {
            bail!("no member of any model was found");
        }
        Ok(mutations)
    }
}

impl Member {
    fn renamed(&self, model: &str, file: &Path) -> Mutation {
        let name = format!("{}x", self.name);
        Mutation {
            file: file.to_owned(),
            place: self.place.clone(),
            replacement: if self.is_renamed {
                name
            } else {
                format!("#[serde(rename = \"{name}\")] ")
            },
            description: format!("{model}: member {:?}", self.name),
        }
    }
}

/// The structs of a file with their public fields.
fn structs(text: &str) -> Vec<(String, Vec<Member>)> {
    const STRUCT: &str = "pub struct ";
    text.match_indices(STRUCT)
        .filter_map(|(at, _)| {
            let start = at + STRUCT.len();
            let name: String = text[start..]
                .chars()
                .take_while(|c| c.is_alphanumeric())
                .collect();
            let body = start + text[start..].find('{')? + 1;
            let end = body + text[body..].find("\n}")?;
            Some((name, fields(text, body..end)))
        })
        .collect()
}

fn fields(text: &str, body: Range<usize>) -> Vec<Member> {
    const FIELD: &str = "    pub ";
    const RENAME: &str = "rename = \"";
    let mut fields = Vec::new();
    let mut from = body.start;
    while let Some(at) = text[from..body.end].find(FIELD).map(|at| from + at) {
        let start = at + FIELD.len();
        let line = text[start..body.end].lines().next().unwrap_or_default();
        let Some((name, type_text)) = line.split_once(": ") else {
            break;
        };
        let rename = text[from..at]
            .rfind(RENAME)
            .map(|rename| from + rename + RENAME.len());
        let (name, place) = match rename {
            Some(wire) => {
                let length = text[wire..].find('"').unwrap_or_default();
                (text[wire..wire + length].to_owned(), wire..wire + length)
            }
            None => (name.to_owned(), at + 4..at + 4),
        };
        fields.push(Member {
            name,
            place,
            is_renamed: rename.is_some(),
            type_text: type_text.to_owned(),
        });
        from = start + line.len();
    }
    fields
}

/// The identifiers in capitalised form that follow a prefix.
fn identifiers_after(prefix: &str, text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == ':' || c == '_'))
        .filter_map(|word| word.strip_prefix(prefix))
        .filter(|word| word.starts_with(char::is_uppercase))
        .map(str::to_owned)
        .collect()
}

fn snake_case(camel_case: &str) -> String {
    camel_case.chars().fold(String::new(), |mut name, letter| {
        if letter.is_uppercase() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
        name
    })
}

#[cfg(test)]
mod tests {
    use super::{fields, identifiers_after, snake_case, structs};

    const MODEL: &str = r#"
pub struct CloseJobOptions {
    /// When.
    #[serde(rename = "closeAt", skip_serializing_if = "Option::is_none")]
    pub close_at: Option<Timestamp>,
    /// What.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Vec<RouterJobNote>>,
}
"#;

    #[test]
    fn members_are_found_with_their_wire_names() {
        let found = structs(MODEL);
        let (name, members) = &found[0];
        assert_eq!(name, "CloseJobOptions");
        let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["closeAt", "note"]);
        let renamed = members[0].renamed(name, "f".as_ref()).apply(MODEL);
        assert!(renamed.contains(r#"rename = "closeAtx""#), "{renamed}");
        let renamed = members[1].renamed(name, "f".as_ref()).apply(MODEL);
        assert!(
            renamed.contains(r#"#[serde(rename = "notex")] pub note"#),
            "{renamed}"
        );
        assert_eq!(fields("", 0..0).len(), 0);
    }

    #[test]
    fn models_are_found_in_types_and_signatures() {
        assert_eq!(
            identifiers_after("models::", "body: &'a models::JobPatch, x: Other"),
            ["JobPatch"]
        );
        assert_eq!(
            identifiers_after("", "Option<Vec<RouterJobNote>>"),
            ["Option", "Vec", "RouterJobNote"]
        );
    }

    #[test]
    fn methods_are_named_after_their_operations() {
        assert_eq!(
            snake_case("upsertDistributionPolicy"),
            "upsert_distribution_policy"
        );
    }
}
