//! Reads paths such as `std::time::Instant` out of Rust tokens, `use` groups included.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A path as written; `use a::{b, c}` gives `a::b` and `a::c`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PathUse {
    pub(super) segments: Vec<String>,
    /// Line of the last segment, counted from one.
    pub(super) line: usize,
}

impl PathUse {
    /// Whether the path begins with these segments.
    pub(super) fn starts_with(&self, prefix: &[&str]) -> bool {
        self.segments.len() >= prefix.len()
            && prefix
                .iter()
                .zip(&self.segments)
                .all(|(wanted, own)| wanted == own)
    }

    fn push(&mut self, segment: &Ident) {
        let name = segment.to_string();
        // `use a::{self}` means `a`.
        if name != "self" || self.segments.is_empty() {
            self.segments.push(name);
        }
        self.line = segment.span().start().line;
    }
}

/// All paths in the tokens; a lone identifier is a path of one segment.
pub(super) fn paths(tokens: TokenStream) -> Vec<PathUse> {
    let mut found = Vec::new();
    collect(tokens, &[], &mut found);
    found
}

fn collect(tokens: TokenStream, prefix: &[String], found: &mut Vec<PathUse>) {
    let mut open: Option<PathUse> = None;
    let mut colons = 0;
    for token in tokens {
        let joined = if colons == 2 { open.take() } else { None };
        match (token, joined) {
            (TokenTree::Punct(punct), None) if punct.as_char() == ':' => {
                colons += 1;
                continue;
            }
            (TokenTree::Ident(segment), joined) => {
                found.extend(open.take());
                let mut path = joined.unwrap_or_else(|| PathUse {
                    segments: prefix.to_vec(),
                    line: 0,
                });
                path.push(&segment);
                open = Some(path);
            }
            (TokenTree::Group(group), Some(path)) if group.delimiter() == Delimiter::Brace => {
                collect(group.stream(), &path.segments, found);
            }
            (TokenTree::Punct(punct), Some(mut path)) if punct.as_char() == '*' => {
                path.segments.push("*".to_owned());
                found.push(path);
            }
            (token, joined) => {
                found.extend(joined.or_else(|| open.take()));
                if let TokenTree::Group(group) = token {
                    collect(group.stream(), &[], found);
                }
            }
        }
        colons = 0;
    }
    found.extend(open);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> Vec<String> {
        paths(code.parse().unwrap())
            .into_iter()
            .map(|path| path.segments.join("::"))
            .collect()
    }

    #[test]
    fn paths_are_read_whole() {
        assert_eq!(
            texts("fn f(a: std::time::Instant) -> Vec<b::C> { d.e() }"),
            [
                "fn",
                "f",
                "a",
                "std::time::Instant",
                "Vec",
                "b::C",
                "d",
                "e"
            ]
        );
    }

    #[test]
    fn use_groups_are_spread_out() {
        assert_eq!(
            texts("use std::{fs, time::{self, Instant}}; use a::*;"),
            [
                "use",
                "std::fs",
                "std::time",
                "std::time::Instant",
                "use",
                "a::*"
            ]
        );
    }

    #[test]
    fn a_block_after_a_path_is_not_its_continuation() {
        assert_eq!(texts("match a::b { c => d }"), ["match", "a::b", "c", "d"]);
        assert_eq!(texts("a::B::<c::D>::new()"), ["a::B", "c::D", "new"]);
    }

    #[test]
    fn paths_know_their_line() {
        let found = paths("use a::{\n b,\n c\n};".parse().unwrap());
        let lines: Vec<_> = found.iter().map(|path| path.line).collect();
        assert_eq!(lines, [1, 2, 3]);
    }

    #[test]
    fn a_prefix_is_compared_by_segment() {
        let path = &paths("std::environment::x".parse().unwrap())[0];
        assert!(path.starts_with(&["std"]));
        assert!(!path.starts_with(&["std", "env"]));
    }
}
