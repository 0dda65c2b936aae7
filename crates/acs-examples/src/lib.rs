#![doc = include_str!("../README.md")]

mod target;

pub use target::{Target, shown};

/// Compiles the code of the repository's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// Compiles the code of the guide to the job router.
macro_rules! guide {
    ($($page:literal)*) => {
        $(
            #[cfg(doctest)]
            const _: () = {
                #[doc = include_str!(concat!("../../../docs/jobrouter/", $page, ".md"))]
                struct Page;
            };
        )*

        #[cfg(test)]
        const GUIDE: &[&str] = &[$($page),*];
    };
}

guide! {
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
    "worker"
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
    fn every_page_of_the_guide_is_compiled() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/jobrouter");
        let mut pages: Vec<_> = std::fs::read_dir(folder)
            .expect("the guide")
            .map(|entry| entry.expect("an entry").path())
            .map(|path| path.file_stem().expect("a name").to_owned())
            .collect();
        pages.sort();
        assert_eq!(pages, super::GUIDE);
    }

    #[test]
    fn the_page_for_python_names_every_call_every_filter_and_every_model() {
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

        let missing: Vec<_> = calls
            .chain(filters)
            .chain(models)
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
