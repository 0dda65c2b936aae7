//! Rules for every text file: line endings, open points, machine paths, and skipped Markdown examples.

use super::{Finding, SourceFile};

/// Folders that exist on somebody's machine only. Written in halves so that this file passes its own rule.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "Users/"),
    concat!("/", "work/"),
    concat!("/", "workspace/"),
];

const OPEN_POINT_WORDS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// Checks one file.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(file.text.split('\n')) {
        findings.extend(line_end(file, number, line));
        findings.extend(open_point(file, number, line));
        findings.extend(machine_path(file, number, line));
        if file.is_markdown() && skips_example(line) {
            findings.push(skipped_example(file, number));
        }
    }
    findings.extend(final_newline(file));
    findings
}

fn line_end(file: &SourceFile, number: usize, line: &str) -> Option<Finding> {
    if line.ends_with('\r') {
        Some(file.finding(number, "the line ends with CR LF", "write LF only"))
    } else if line.ends_with([' ', '\t']) {
        Some(file.finding(number, "the line ends with white space", "remove it"))
    } else {
        None
    }
}

/// Tables of facts are copies, and inputs of fuzz targets are what they are: both stay, byte for byte.
const NOT_OURS: &[&str] = &["specs/facts/", "fuzz/corpus/"];

fn final_newline(file: &SourceFile) -> Option<Finding> {
    let is_ours = !NOT_OURS.iter().any(|folder| file.path.starts_with(folder));
    let missing = is_ours && !file.text.is_empty() && !file.text.ends_with('\n');
    missing.then(|| {
        file.finding(
            file.text.lines().count(),
            "the file does not end with a newline",
            "add one",
        )
    })
}

fn open_point(file: &SourceFile, number: usize, line: &str) -> Option<Finding> {
    let word = OPEN_POINT_WORDS.iter().find(|word| {
        line.match_indices(**word).any(|(start, _)| {
            let before = line[..start].chars().next_back();
            let after = &line[start + word.len()..];
            let whole_word = !before.is_some_and(is_word) && !after.starts_with(is_word);
            whole_word && !starts_with_issue(after)
        })
    })?;
    Some(file.finding(
        number,
        format!("{word} without an issue"),
        format!("write {word}(#123) with the number of an open issue, or do it"),
    ))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Whether the text is `(#12)`, whatever follows.
fn starts_with_issue(text: &str) -> bool {
    text.strip_prefix("(#")
        .and_then(|rest| rest.split_once(')'))
        .is_some_and(|(number, _)| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn machine_path(file: &SourceFile, number: usize, line: &str) -> Option<Finding> {
    let folder = MACHINE_FOLDERS.iter().find(|folder| {
        line.match_indices(**folder).any(|(start, _)| {
            // Inside a longer path or a URL the folder is somebody's resource, not this machine's.
            let before = line[..start].chars().next_back();
            !before.is_some_and(|before| is_word(before) || ".-/~})".contains(before))
        })
    })?;
    Some(file.finding(
        number,
        format!("a path below {folder} exists on one machine only"),
        "write it relative to the repository",
    ))
}

/// Whether a line opens a code block that rustdoc would compile, were it not told to ignore it.
pub(super) fn skips_example(line: &str) -> bool {
    line.trim_start()
        .strip_prefix("```")
        .is_some_and(|information| {
            information
                .trim_start_matches('`')
                .split([',', ' '])
                .any(|word| word == "ignore" || word.starts_with("ignore-"))
        })
}

/// The finding for an example that no compiler sees.
pub(super) fn skipped_example(file: &SourceFile, line: usize) -> Finding {
    file.finding(
        line,
        "the example is ignored by the compiler",
        "make it compile; use no_run when it needs a service, text when it is not Rust",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::{file, lines};

    fn found(path: &str, text: &str) -> Vec<String> {
        lines(&check(&file(path, text)))
    }

    #[test]
    fn a_clean_file_passes() {
        assert!(found("a.txt", "one\n\ntwo\n").is_empty());
        assert!(found("empty.txt", "").is_empty());
    }

    #[test]
    fn line_ends_are_checked() {
        assert!(found("a.txt", "one\r\n")[0].starts_with("a.txt:1: the line ends with CR LF"));
        assert!(found("a.txt", "one\ntwo \n")[0].starts_with("a.txt:2: the line ends with white"));
        assert!(found("a.txt", "one\t\n")[0].starts_with("a.txt:1: the line ends with white"));
        assert!(found("a.txt", "one\ntwo")[0].starts_with("a.txt:2: the file does not end"));
    }

    #[test]
    fn an_open_point_needs_an_issue() {
        let word = OPEN_POINT_WORDS[0];
        assert!(found("a.rs", &format!("// {word}(#12): later\n")).is_empty());
        assert!(found("a.rs", &format!("let {word}S = 1;\n")).is_empty());
        for bad in ["", ": later", "(#)", "(someone)", "(#x)"] {
            let text = format!("// {word}{bad}\n");
            assert_eq!(found("a.rs", &text).len(), 1, "{text}");
        }
        assert_eq!(found("a.rs", &format!("// {word}(#1) {word}\n")).len(), 1);
    }

    #[test]
    fn paths_of_one_machine_are_reported() {
        for folder in MACHINE_FOLDERS {
            for text in [
                format!("cd {folder}project\n"),
                format!("path = \"{folder}x\"\n"),
                format!("{folder}x\n"),
            ] {
                assert_eq!(found("a.md", &text).len(), 1, "{text}");
            }
            for text in [
                format!("https://example.com{folder}x\n"),
                format!("see ..{folder}x\n"),
                format!("{{endpoint}}{folder}x\n"),
            ] {
                assert!(found("a.md", &text).is_empty(), "{text}");
            }
        }
    }

    #[test]
    fn an_ignored_markdown_example_is_reported() {
        assert_eq!(found("README.md", "```rust,ignore\n```\n").len(), 1);
        assert_eq!(found("README.md", "```ignore\n```\n").len(), 1);
        assert!(found("README.md", "```rust,no_run\n```\n").is_empty());
        assert!(found("notes.txt", "```ignore\n```\n").is_empty());
    }
}
