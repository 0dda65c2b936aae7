//! The README's way through the code leads somewhere.

use std::path::Path;

/// A file of the table, and the functions that the table says are in it.
fn places(cell: &str) -> Vec<(String, Vec<&str>)> {
    let mut places: Vec<(String, Vec<&str>)> = Vec::new();
    for name in cell.split('`').skip(1).step_by(2) {
        match places.last_mut() {
            _ if name.ends_with(".rs") => places.push((name.to_owned(), Vec::new())),
            Some((_, functions)) => functions.push(name),
            None => panic!("{name} comes before its file"),
        }
    }
    places
}

#[test]
fn every_place_that_the_readme_names_is_there() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let readme = include_str!("../../README.md");
    let (_, way) = readme
        .split_once("## One job through the code")
        .expect("the chapter");
    let (way, _) = way.split_once("## ").expect("another chapter");
    let cells = way.lines().filter_map(|line| line.split('|').nth(2));
    let places: Vec<_> = cells.flat_map(places).collect();
    assert!(places.len() > 15, "{places:?}");
    for (file, functions) in places {
        let text = std::fs::read_to_string(source.join(&file)).expect(&file);
        for function in functions {
            let definition = format!("fn {function}(");
            assert!(text.contains(&definition), "{file} has no {function}");
        }
    }
}
