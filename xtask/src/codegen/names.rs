//! Names in Rust made of names in documents.

use heck::{ToLowerCamelCase, ToSnakeCase, ToUpperCamelCase};

/// Words that cannot name anything as they are, in the edition of this workspace.
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A type name. A name that is one already stays as it is: `OAuth2Credential` keeps its capitals.
pub(super) fn type_name(name: &str) -> String {
    let starts_well = name.starts_with(|first: char| first.is_ascii_uppercase());
    if starts_well && name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        identifier(name.to_owned())
    } else {
        identifier(words(name).to_upper_camel_case())
    }
}

/// A name of a variant.
pub(super) fn variant_name(value: &str) -> String {
    identifier(words(value).to_upper_camel_case())
}

/// A name of a field, a method, a parameter or a module.
pub(super) fn snake_name(name: &str) -> String {
    identifier(words(name).to_snake_case())
}

/// A name of a constant.
pub(super) fn constant_name(name: &str) -> String {
    identifier(words(name).to_snake_case().to_uppercase())
}

/// An operation id such as `getJob`.
pub(super) fn operation_id(name: &str) -> String {
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    if starts_well && name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        name.to_owned()
    } else {
        words(name).to_lower_camel_case()
    }
}

/// Whether Rust takes the name for an identifier; not every letter and digit of Unicode is one there.
pub(super) fn is_identifier(name: &str) -> bool {
    name != "_" && !KEYWORDS.contains(&name) && syn::parse_str::<syn::Ident>(name).is_ok()
}

/// Puts a break between words in the place of whatever cannot stand in a name.
fn words(name: &str) -> String {
    name.replace('\'', "")
        .replace(|letter: char| !letter.is_alphanumeric(), "-")
}

/// Makes a Rust identifier of letters, digits and underscores.
fn identifier(name: String) -> String {
    if name.is_empty() || KEYWORDS.contains(&name.as_str()) {
        name + "_"
    } else if name.starts_with(|first: char| first.is_numeric()) {
        format!("_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{is_identifier, operation_id, snake_name, type_name, variant_name};

    #[test]
    fn names_become_identifiers_of_their_kind() {
        for (found, wanted) in [
            (
                type_name("OAuth2WebhookClientCredential"),
                "OAuth2WebhookClientCredential",
            ),
            (
                type_name("Azure.Core.Foundations.Error"),
                "AzureCoreFoundationsError",
            ),
            (type_name("roomsCollection"), "RoomsCollection"),
            (type_name("3d-model"), "_3dModel"),
            (type_name("Self"), "Self_"),
            (type_name("größe"), "Größe"),
            (
                variant_name("pendingClassification"),
                "PendingClassification",
            ),
            (variant_name("static"), "Static"),
            (variant_name(""), "_"),
            (snake_name("maxNumberOfJobs"), "max_number_of_jobs"),
            (snake_name("If-Unmodified-Since"), "if_unmodified_since"),
            (snake_name("type"), "type_"),
            (snake_name("@odata.type"), "odata_type"),
            (operation_id("GetJob"), "getJob"),
            (operation_id("getInQueuePosition"), "getInQueuePosition"),
            (operation_id("Things_List"), "thingsList"),
        ] {
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn what_rust_does_not_take_for_a_name_is_told() {
        for name in ["größe", "数量", "type_", "_3d", "a1"] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["", "_", "½", "a b", "type", "3d", "x-y", "gen"] {
            assert!(!is_identifier(name), "{name}");
        }
    }
}
