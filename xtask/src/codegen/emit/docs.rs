//! Descriptions as doc comments.

use proc_macro2::TokenStream;
use quote::quote;

/// A doc comment as attributes, one for each line.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = lines(text).map(|line| quote! { #[doc = #line] });
    quote! { #(#lines)* }
}

/// A doc comment as text, for what is not formatted: the insides of macros.
pub(super) fn doc_text(text: &str, indentation: &str) -> String {
    lines(text)
        .map(|line| format!("{indentation}///{line}\n"))
        .collect()
}

/// The doc comment of a file.
pub(super) fn file_doc(text: &str) -> TokenStream {
    let lines = lines(text).map(|line| quote! { #![doc = #line] });
    quote! { #(#lines)* }
}

/// The first paragraph.
pub(super) fn summary(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or_default()
}

fn lines(text: &str) -> impl Iterator<Item = String> {
    text.trim().lines().map(|line| match line.trim_end() {
        "" => String::new(),
        line => format!(" {line}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{doc_text, summary};

    #[test]
    fn parts_of_a_description_are_found() {
        let text = "One job. It\nwaits.\n\nMore.";
        assert_eq!(summary(text), "One job. It\nwaits.");
        assert_eq!(
            doc_text(text, "  "),
            "  /// One job. It\n  /// waits.\n  ///\n  /// More.\n"
        );
    }
}
