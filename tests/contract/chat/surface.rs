//! What acs-chat shows of the raw crate.

/// Pages are streams and requests are setters; who takes part is a `CommunicationIdentifier`, and failures are outcomes.
fn has_another_shape(model: &str) -> bool {
    const OUTCOMES: [&str; 2] = ["AddChatParticipantsResult", "CreateChatThreadResult"];
    const CONTENTS: [&str; 2] = [
        "CommunicationIdentifierModelKind",
        "CommunicationCloudEnvironmentModel",
    ];
    model.ends_with("Collection")
        || model.ends_with("Request")
        || model.ends_with("IdentifierModel")
        || OUTCOMES.contains(&model)
        || CONTENTS.contains(&model)
}

/// The type names in re-exports.
fn exported(source: &str) -> Vec<&str> {
    source
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.starts_with(char::is_uppercase))
        .collect()
}

#[test]
fn every_model_of_the_raw_crate_is_exported_unless_it_has_another_shape() {
    let raw = include_str!("../../../crates/acs-core-chat/src/generated/models/mod.rs");
    let (raw, _) = raw
        .split_once("\nfn ")
        .expect("re-exports, then a function");
    let raw: Vec<_> = raw.lines().filter(|line| !line.starts_with("//")).collect();
    let typed = exported(include_str!("../../../crates/acs-chat/src/lib.rs"));

    let raw = raw.join("\n");
    let models = exported(&raw);
    assert!(models.len() > 30, "{models:?}");
    let missing: Vec<_> = models
        .into_iter()
        .filter(|model| !has_another_shape(model) && !typed.contains(model))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
