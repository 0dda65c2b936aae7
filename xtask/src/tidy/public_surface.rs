//! Typed crates: no public item may name an HTTP library, the generator's runtime, or a raw client.
//!
//! What a typed crate shows in its signatures becomes part of its own promise of stability; these three are
//! replaced more often than that.

use std::collections::BTreeMap;

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Fields, ImplItem, Item, TraitItem, UseTree, Visibility};

use super::paths::{PathUse, paths};
use super::{Finding, SourceFile};

/// Source folders of the typed crates.
const TYPED_CRATES: &[&str] = &[
    "crates/acs-chat/src/",
    "crates/acs-identity/src/",
    "crates/acs-jobrouter/src/",
];

/// The functions that take the caller's own HTTP client, and the one foreign type they may name.
const BRING_YOUR_OWN: (&str, &[&str]) = ("http_client", &["reqwest", "Client"]);

const FOREIGN_CRATES: &[&str] = &["progenitor", "progenitor_client", "reqwest"];

/// Raw crates are called `acs_core_<service>`.
const RAW_CRATE_PREFIX: &str = "acs_core_";

/// What may not be taken from a raw crate: its client, or everything at once.
const RAW_ITEMS: &[&str] = &["Client", "client", "*"];

/// Checks one Rust file.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    if !TYPED_CRATES
        .iter()
        .any(|folder| file.path.starts_with(folder))
    {
        return Vec::new();
    }
    // A file that does not parse is reported with the rules for Rust files.
    let Ok(parsed) = syn::parse_file(&file.text) else {
        return Vec::new();
    };
    let mut surface = Surface::default();
    surface.read(&parsed.items);
    surface
        .leaks()
        .into_iter()
        .map(|path| {
            file.finding(
                path.line,
                format!("{} in a public signature", path.segments.join("::")),
                format!(
                    "show a type of ours instead; only a function named {} may take {}",
                    BRING_YOUR_OWN.0,
                    BRING_YOUR_OWN.1.join("::")
                ),
            )
        })
        .collect()
}

/// What a file shows to the users of its crate, and what its imports mean.
#[derive(Default)]
struct Surface {
    imports: BTreeMap<String, Vec<String>>,
    public: Vec<PathUse>,
}

impl Surface {
    fn read(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) => self.read_use(item),
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        self.read(items);
                    }
                }
                Item::Fn(item) if is_public(&item.vis) => self.show_function(&item.sig),
                Item::Struct(item) if is_public(&item.vis) => {
                    self.show(&item.generics);
                    self.show_public_fields(&item.fields);
                }
                Item::Enum(item) if is_public(&item.vis) => {
                    self.show(&item.generics);
                    self.show(&item.variants);
                }
                Item::Type(item) if is_public(&item.vis) => self.show(item),
                Item::Const(item) if is_public(&item.vis) => self.show(&item.ty),
                Item::Static(item) if is_public(&item.vis) => self.show(&item.ty),
                Item::Trait(item) if is_public(&item.vis) => self.read_trait(item),
                Item::Impl(item) => self.read_implementation(item),
                Item::Macro(item) => self.read_macro(item),
                _ => {}
            }
        }
    }

    /// What of a macro becomes public cannot be seen from here: it names no foreign crate at all. Raw clients
    /// it may use, as the bodies of functions do.
    fn read_macro(&mut self, item: &syn::ItemMacro) {
        let named = paths(item.mac.tokens.clone());
        let foreign: Vec<PathUse> = named
            .into_iter()
            .filter(|path| names_foreign_crate(&self.resolve(path)))
            .collect();
        self.public.extend(foreign);
    }

    fn read_trait(&mut self, item: &syn::ItemTrait) {
        self.show(&item.generics);
        self.show(&item.supertraits);
        for item in &item.items {
            match item {
                TraitItem::Fn(function) => self.show_function(&function.sig),
                other => self.show(other),
            }
        }
    }

    fn read_implementation(&mut self, item: &syn::ItemImpl) {
        self.show(&item.generics);
        let of_trait = match &item.trait_ {
            Some((_, path, _)) => {
                self.show(path);
                self.show(&item.self_ty);
                true
            }
            None => false,
        };
        for item in &item.items {
            match item {
                ImplItem::Fn(function) if of_trait || is_public(&function.vis) => {
                    self.show_function(&function.sig);
                }
                ImplItem::Type(item) => self.show(&item.ty),
                ImplItem::Const(item) if of_trait || is_public(&item.vis) => self.show(&item.ty),
                _ => {}
            }
        }
    }

    fn show_public_fields(&mut self, fields: &Fields) {
        for field in fields {
            if is_public(&field.vis) {
                self.show(&field.ty);
            }
        }
    }

    fn show_function(&mut self, signature: &syn::Signature) {
        let (name, allowed) = BRING_YOUR_OWN;
        for path in paths(signature.to_token_stream()) {
            let exempt = signature.ident == name && self.resolve(&path) == allowed;
            if !exempt {
                self.public.push(path);
            }
        }
    }

    fn show(&mut self, tokens: &impl ToTokens) {
        self.public.extend(paths(tokens.to_token_stream()));
    }

    fn read_use(&mut self, item: &syn::ItemUse) {
        let mut imports = Vec::new();
        collect_imports(&item.tree, &[], &mut imports);
        for Import { name, path } in imports {
            if is_public(&item.vis) {
                self.public.push(path.clone());
            }
            if let Some(name) = name {
                self.imports.insert(name, path.segments);
            }
        }
    }

    /// The path with its first segment replaced by what was imported under that name.
    fn resolve(&self, path: &PathUse) -> Vec<String> {
        match path.segments.split_first() {
            Some((first, rest)) => match self.imports.get(first) {
                Some(full) => full.iter().chain(rest).cloned().collect(),
                None => path.segments.clone(),
            },
            None => Vec::new(),
        }
    }

    fn leaks(&self) -> Vec<PathUse> {
        let leak = |path: &&PathUse| is_leak(&self.resolve(path));
        self.public.iter().filter(leak).cloned().collect()
    }
}

/// One name that a `use` brings in; a glob has none.
struct Import {
    name: Option<String>,
    path: PathUse,
}

fn collect_imports(tree: &UseTree, prefix: &[String], imports: &mut Vec<Import>) {
    let extended = |segment: &str, at: Span| {
        let mut segments = prefix.to_vec();
        // `use a::{self}` means `a`.
        if segment != "self" || segments.is_empty() {
            segments.push(segment.to_owned());
        }
        let line = at.start().line;
        PathUse { segments, line }
    };
    match tree {
        UseTree::Path(tree) => {
            let path = extended(&tree.ident.to_string(), tree.ident.span());
            collect_imports(&tree.tree, &path.segments, imports);
        }
        UseTree::Name(tree) => {
            let path = extended(&tree.ident.to_string(), tree.ident.span());
            let name = path.segments.last().cloned();
            imports.push(Import { name, path });
        }
        UseTree::Rename(tree) => {
            let path = extended(&tree.ident.to_string(), tree.ident.span());
            let name = Some(tree.rename.to_string());
            imports.push(Import { name, path });
        }
        UseTree::Glob(tree) => {
            let path = extended("*", tree.star_token.span());
            imports.push(Import { name: None, path });
        }
        UseTree::Group(tree) => {
            for tree in &tree.items {
                collect_imports(tree, prefix, imports);
            }
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Also behind a re-export, as in `acs_core::reqwest`.
fn names_foreign_crate(path: &[String]) -> bool {
    path.iter()
        .any(|segment| FOREIGN_CRATES.contains(&segment.as_str()))
}

fn is_leak(path: &[String]) -> bool {
    if names_foreign_crate(path) {
        return true;
    }
    match path {
        [first] => first.starts_with(RAW_CRATE_PREFIX),
        [first, second, ..] => {
            first.starts_with(RAW_CRATE_PREFIX) && RAW_ITEMS.contains(&second.as_str())
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::testing::{file, lines};

    fn found(code: &str) -> Vec<String> {
        lines(&check(&file("crates/acs-jobrouter/src/client.rs", code)))
    }

    #[test]
    fn public_items_of_ours_pass() {
        let code = "
            pub use acs_core_jobrouter::models::RouterJob;
            use acs_core_jobrouter::client;
            pub struct JobRouterClient { raw: acs_core_jobrouter::Client }
            impl JobRouterClient {
                pub fn job(&self, id: &str) -> Result<RouterJob> { client(&self.call).get(id) }
                fn raw(&self) -> &acs_core_jobrouter::Client { &self.raw }
                pub(crate) fn http(&self) -> reqwest::Client { todo() }
            }";
        assert_eq!(found(code), Vec::<String>::new());
    }

    #[test]
    fn foreign_types_are_reported_wherever_the_public_can_see_them() {
        for code in [
            "pub fn send(request: reqwest::Request) {}",
            "impl Call { pub fn response(self) -> Result<reqwest::Response> { x() } }",
            "pub struct Call { pub response: reqwest::Response }",
            "pub struct Call(pub reqwest::Response);",
            "pub enum Error { Http(reqwest::Error) }",
            "pub type Answer<T> = progenitor_client::ResponseValue<T>;",
            "pub trait Send { fn send(&self) -> progenitor_client::Error; }",
            "impl From<reqwest::Error> for Error { fn from(e: E) -> Self { x() } }",
            "impl Iterator for Call { type Item = reqwest::Response; }",
            "pub const METHOD: reqwest::Method = reqwest::Method::GET;",
            "pub use reqwest;",
            "pub use acs_core::reqwest;",
            "pub mod raw { pub use progenitor_client::Error; }",
            "call! { get_job -> reqwest::Response }",
            "macro_rules! call { () => { pub type Answer = progenitor_client::Error; } }",
        ] {
            assert!(!found(code).is_empty(), "{code}");
        }
    }

    #[test]
    fn a_macro_may_use_the_raw_client() {
        let code = "macro_rules! get { () => { acs_core_jobrouter::client(&call).get() } }";
        assert!(found(code).is_empty());
    }

    #[test]
    fn imports_and_new_names_hide_nothing() {
        let code = "use reqwest::{Response as Answer, Url};\npub fn f(x: Url) -> Answer { x() }\n";
        let found = found(code);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("crates/acs-jobrouter/src/client.rs:2: Url"),
            "{found:?}"
        );
    }

    #[test]
    fn raw_clients_are_reported_and_raw_models_are_not() {
        assert_eq!(found("pub use acs_core_jobrouter::Client;").len(), 1);
        assert_eq!(found("pub use acs_core_jobrouter::*;").len(), 1);
        assert_eq!(found("pub use acs_core_jobrouter as raw;").len(), 1);
        assert!(found("pub use acs_core_jobrouter::models::*;").is_empty());
    }

    #[test]
    fn only_the_named_constructor_may_take_an_http_client() {
        let allowed =
            "impl B { pub fn http_client(self, client: reqwest::Client) -> Self { self } }";
        assert!(found(allowed).is_empty());
        let more =
            "impl B { pub fn http_client(self, request: reqwest::Request) -> Self { self } }";
        assert_eq!(found(more).len(), 1);
    }

    #[test]
    fn other_crates_may_name_what_they_like() {
        let file = file("crates/acs-core/src/error.rs", "pub use reqwest::Client;");
        assert!(check(&file).is_empty());
    }
}
