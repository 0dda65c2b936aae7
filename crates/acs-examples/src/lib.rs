#![doc = include_str!("../README.md")]

mod target;

pub use target::{Target, shown};

/// Compiles the code of the repository's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// Compiles the code of the guides.
macro_rules! guides {
    ($($folder:literal: $($page:literal)*;)*) => {
        $($(
            #[cfg(doctest)]
            const _: () = {
                #[doc = include_str!(concat!("../../../docs/", $folder, "/", $page, ".md"))]
                struct Page;
            };
        )*)*

        #[cfg(test)]
        const GUIDES: &[(&str, &[&str])] = &[$(($folder, &[$($page),*])),*];
    };
}

guides! {
    "chat":
        "README"
        "following"
        "from-python"
        "message"
        "participant"
        "receipt"
        "thread"
        "troubleshooting"
        "user-token";
    "events":
        "README"
        "differences"
        "publishing"
        "receiving"
        "troubleshooting";
    "identity":
        "README"
        "from-python"
        "teams"
        "token"
        "troubleshooting"
        "user";
    "jobrouter":
        "README"
        "changing"
        "channel"
        "classification-policy"
        "distribution-policy"
        "exception-policy"
        "from-python"
        "job"
        "labels"
        "offer"
        "queue"
        "selectors"
        "troubleshooting"
        "worker";
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_readme_names_every_example() {
        let readme = include_str!("../README.md");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
        let missing: Vec<_> = std::fs::read_dir(folder)
            .expect("examples")
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|file| !readme.contains(&*file.to_string_lossy()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_page_of_the_guides_is_compiled() {
        for (folder, pages) in super::GUIDES {
            let path = format!("{}/../../docs/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut found: Vec<_> = std::fs::read_dir(path)
                .expect("the guide")
                .map(|entry| entry.expect("an entry").path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
                .map(|path| path.file_stem().expect("a name").to_owned())
                .collect();
            found.sort();
            assert_eq!(found, *pages, "{folder}");
        }
    }

    /// The calls and keyword arguments of the package's own documentation.
    const CHAT_IN_PYTHON: &[&str] = &[
        "create_chat_thread(",
        "list_chat_threads(",
        "delete_chat_thread(",
        "get_chat_thread_client(",
        "update_topic(",
        "get_properties(",
        "send_message(",
        "get_message(",
        "list_messages(",
        "update_message(",
        "delete_message(",
        "list_participants(",
        "add_participants(",
        "remove_participant(",
        "send_typing_notification(",
        "send_read_receipt(",
        "list_read_receipts(",
        "CommunicationTokenCredential(",
        "thread_participants=",
        "idempotency_token=",
        "results_per_page=",
        "start_time=",
        "skip=",
        "sender_display_name=",
        "chat_message_type=",
        "metadata=",
        "token_refresher=",
        "proactive_refresh=",
    ];

    #[test]
    fn the_page_for_python_names_every_call_option_and_model_of_chat() {
        let page = include_str!("../../../docs/chat/from-python.md");
        let facts = include_str!("../../../specs/facts/chat.json");
        let facts: serde_json::Value = serde_json::from_str(facts).expect("the fact table is JSON");
        let models = facts["models"].as_object().expect("models").keys();
        // Python has other names for the models of the wire, or none.
        let models = models.filter(|model| {
            !["Request", "Result", "Collection", "Model", "Response"]
                .iter()
                .any(|end| model.ends_with(end))
        });
        let missing: Vec<_> = CHAT_IN_PYTHON
            .iter()
            .copied()
            .chain(models.map(String::as_str))
            .filter(|name| !page.contains(name))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// What the README of the previews writes otherwise than that of 1.0.0.
    const OLDER_ROUTER_IN_PYTHON: [&str; 9] = [
        "create_distribution_policy",
        "create_queue",
        "create_job",
        "create_worker",
        "total_capacity=",
        "queue_assignments=",
        "channel_configurations=",
        "ChannelConfiguration(",
        "EventGridEvent.from_json",
    ];

    #[test]
    fn the_page_for_python_names_every_call_every_filter_every_model_and_every_enum() {
        let page = include_str!("../../../docs/jobrouter/from-python.md");
        let facts = include_str!("../../../specs/facts/jobrouter.json");
        let facts: serde_json::Value = serde_json::from_str(facts).expect("the fact table is JSON");
        let operations = facts["operations"].as_array().expect("operations");
        let calls = operations
            .iter()
            .filter_map(|operation| operation["python_name"].as_str().map(str::to_owned));
        let filters = operations
            .iter()
            .flat_map(|operation| operation["query_params"].as_array().expect("parameters"))
            .map(|parameter| parameter["name"].as_str().expect("a name"))
            .filter(|name| !["api-version", "maxpagesize"].contains(name))
            .map(|name| format!("{}=", snake_case(name)));
        let models = facts["models"]
            .as_object()
            .expect("models")
            .keys()
            .filter(|model| !model.starts_with("Paged") && !model.contains("Error"))
            .cloned();
        let enums = facts["enums"].as_object().expect("enums").keys().cloned();

        let missing: Vec<_> = calls
            .chain(filters)
            .chain(models)
            .chain(enums)
            .chain(OLDER_ROUTER_IN_PYTHON.map(str::to_owned))
            .filter(|name| !page.contains(name))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    fn snake_case(camel_case: &str) -> String {
        camel_case.chars().fold(String::new(), |mut name, letter| {
            if letter.is_uppercase() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
            name
        })
    }
}
