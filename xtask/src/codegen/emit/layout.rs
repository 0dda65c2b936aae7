//! How generated Rust looks: prettyplease formats it, and blank lines separate the items, which prettyplease does not do.

use anyhow::Context;
use proc_macro2::TokenStream;
use syn::{Item, Visibility};

const NO_RUST: &str =
    "the generated code is no valid Rust, a mistake of the generator: report it with the document";

/// Formats items. The same tokens give the same text everywhere, as the version of the formatter is pinned.
pub(super) fn format_items(items: TokenStream) -> anyhow::Result<String> {
    let mut file = syn::parse2::<syn::File>(items).context(NO_RUST)?;
    let items = std::mem::take(&mut file.items);
    let mut text = prettyplease::unparse(&file);
    let mut previous = None;
    for item in items {
        let kind = Kind::of(&item);
        if !text.is_empty() && (kind == Kind::Other || previous != Some(kind)) {
            text.push('\n');
        }
        file.attrs.clear();
        file.items = vec![item];
        text.push_str(&space_out(&prettyplease::unparse(&file)));
        previous = Some(kind);
    }
    Ok(text)
}

/// Items of one kind, other than `Other`, stand together without blank lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Module,
    Import,
    ReExport,
    Other,
}

impl Kind {
    fn of(item: &Item) -> Self {
        match item {
            Item::Mod(module) if module.content.is_none() => Self::Module,
            Item::Use(import) if matches!(import.vis, Visibility::Inherited) => Self::Import,
            Item::Use(_) => Self::ReExport,
            _ => Self::Other,
        }
    }
}

/// Puts an empty line between the functions of an `impl`.
fn space_out(item: &str) -> String {
    let mut spaced = String::with_capacity(item.len() + item.len() / 32);
    let mut after_function = false;
    for line in item.lines() {
        if after_function && line != "}" {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        after_function = line == "    }";
    }
    spaced
}

/// Checks that a text is Rust.
pub(super) fn rust_file(text: &str) -> anyhow::Result<()> {
    syn::parse_file(text).map(drop).context(NO_RUST)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{format_items, rust_file};

    #[test]
    fn items_and_functions_are_apart_and_fields_are_not() {
        let text = format_items(quote! {
            #![doc = " A file."]
            use a::A;
            use b::B;
            #[doc = " An S."]
            struct S { a: A, b: B }
            impl S { fn a() { b(); } fn b() { if c { d(); } } }
        })
        .expect("rust");
        assert_eq!(
            text,
            "\
//! A file.

use a::A;
use b::B;

/// An S.
struct S {
    a: A,
    b: B,
}

impl S {
    fn a() {
        b();
    }

    fn b() {
        if c {
            d();
        }
    }
}
"
        );
    }

    #[test]
    fn text_that_is_no_rust_is_an_error() {
        rust_file("fn {").expect_err("no name");
        format_items(quote! { struct }).expect_err("no name");
    }
}
