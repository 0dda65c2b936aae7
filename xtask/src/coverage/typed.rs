//! Which rows of the operation table a typed crate names: a typed call cannot be made without its row.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Item};

use super::raw::Row;

/// The ids of the rows that the code in a folder names. Its tests do not count.
pub(super) fn named_rows(folder: &Path, rows: &[Row]) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for path in rust_files(folder)? {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        names.extend(names_in(&text).with_context(|| path.display().to_string())?);
    }
    let named = rows.iter().filter(|row| names.contains(&row.constant));
    Ok(named.map(|row| row.id.clone()).collect())
}

fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// The names behind `operations::`, and those that are handed to macros.
fn names_in(text: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut file = syn::parse_file(text)?;
    file.items.retain(|item| !is_test(item));
    let mut names = BTreeSet::new();
    for item in file.items {
        match item {
            Item::Macro(call) if call.ident.is_none() => all_names(call.mac.tokens, &mut names),
            item => paths(item.to_token_stream(), &mut names),
        }
    }
    Ok(names)
}

fn is_test(item: &Item) -> bool {
    let is_test = |attributes: &[Attribute]| {
        attributes.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute.to_token_stream().to_string().contains("test")
        })
    };
    matches!(item, Item::Mod(module) if is_test(&module.attrs))
}

/// What follows `operations::`: one name, or several in braces.
fn paths(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let mut before = [String::new(), String::new(), String::new()];
    for token in tokens {
        let is_behind = before == ["operations", ":", ":"];
        match &token {
            TokenTree::Ident(name) if is_behind => {
                names.insert(name.to_string());
            }
            TokenTree::Group(group) if is_behind => all_names(group.stream(), names),
            TokenTree::Group(group) => paths(group.stream(), names),
            _ => {}
        }
        before.rotate_left(1);
        before[2] = match token {
            TokenTree::Group(_) => String::new(),
            token => token.to_string(),
        };
    }
}

fn all_names(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                names.insert(name.to_string());
            }
            TokenTree::Group(group) => all_names(group.stream(), names),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names_in;

    #[test]
    fn rows_are_found_in_paths_imports_and_macro_calls_and_nowhere_else() {
        let text = r#"
            //! GET_DOCS
            use acs_core_things::operations::{GET_ONE, GET_TWO};
            macro_rules! call { ($row:ident) => { &operations::$row } }
            call!(get_three GET_THREE);
            fn a() -> &'static Operation { pipeline.call(&operations::GET_FOUR, "GET_TEXT") }
            fn b(method: Method) -> bool { method == Method::GET_OTHER }
            #[cfg(test)]
            mod tests { fn c() { operations::GET_TESTED; } }
        "#;
        let names = names_in(text).expect("Rust");
        for (name, is_named) in [
            ("GET_ONE", true),
            ("GET_TWO", true),
            ("GET_THREE", true),
            ("GET_FOUR", true),
            ("GET_DOCS", false),
            ("GET_TEXT", false),
            ("GET_OTHER", false),
            ("GET_TESTED", false),
        ] {
            assert_eq!(names.contains(name), is_named, "{name}");
        }
    }
}
