//! Every example runs against an emulator to its end and prints what its file in `tests/outputs` says.
//!
//! Ids that the service makes and times differ from run to run: they stand there as `<id>` and `<time>`. After a change
//! on purpose, `WRITE_OUTPUTS=1 cargo test -p acs-examples` writes the files anew; read the difference before you
//! commit it.

mod example;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use acs_jobrouter::Timestamp;

const WRITE: &str = "WRITE_OUTPUTS";

#[test]
fn every_example_prints_what_is_expected() {
    let examples = names("examples", "rs");
    let failures: Vec<_> = examples
        .iter()
        .filter_map(|example| check(example).err())
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn no_output_is_kept_of_an_example_that_is_gone() {
    assert_eq!(names("tests/outputs", "txt"), names("examples", "rs"));
}

fn check(example: &str) -> Result<(), String> {
    let printed = run(example)?;
    let path = folder(&format!("tests/outputs/{example}.txt"));
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(&path, printed).map_err(|error| format!("{example}: {error}"));
    }
    let expected =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    if printed == expected {
        return Ok(());
    }
    Err(format!(
        "{example} printed\n{printed}instead of\n{expected}"
    ))
}

fn run(example: &str) -> Result<String, String> {
    let output = example::program(example)
        .output()
        .map_err(|error| format!("{example} was not built with the tests: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "{example} ended with {}\n{printed}{complaint}",
            output.status
        ));
    }
    Ok(printed.lines().map(without_changing_parts).collect())
}

fn without_changing_parts(line: &str) -> String {
    let words: Vec<_> = line.split(' ').map(without_changing_part).collect();
    words.join(" ") + "\n"
}

fn without_changing_part(word: &str) -> String {
    let bare = word.trim_end_matches([',', ':', ';', '.']);
    let rest = &word[bare.len()..];
    if is_guid(bare) {
        format!("<id>{rest}")
    } else if Timestamp::parse(bare).is_ok() {
        format!("<time>{rest}")
    } else {
        word.to_owned()
    }
}

fn is_guid(word: &str) -> bool {
    let groups: Vec<_> = word.split('-').collect();
    let lengths: Vec<_> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .concat()
            .chars()
            .all(|digit| digit.is_ascii_hexdigit())
}

/// The names of the files in a folder, without the extension that they must have.
fn names(path: &str, extension: &str) -> BTreeSet<String> {
    let folder = folder(path);
    let files = std::fs::read_dir(&folder).expect("the folder is there");
    files
        .map(|file| file.expect("a readable folder").path())
        .map(|path| {
            assert_eq!(path.extension().expect("an extension"), extension);
            let name = path.file_stem().expect("a name");
            name.to_string_lossy().into_owned()
        })
        .collect()
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn ids_and_times_are_told_from_other_words() {
    assert_eq!(
        without_changing_parts(
            "Offer 657eecdd-3cb1-4d09-82d3-26e0055bdef6: job-1 at 2026-11-20T13:00:40.2648371+00:00"
        ),
        "Offer <id>: job-1 at <time>\n"
    );
}
