//! What commands do. Each checks everything first, then changes, then tells.

mod messages;
mod notices;
mod participants;
mod threads;

use std::sync::Arc;

use acs_types::Patch;

use crate::caller::Caller;
use crate::command::{Metadata, MetadataPatch};
use crate::message::{Body, News};

/// What the service says in a thread when somebody has changed it.
fn told_by(caller: &Caller, news: News) -> Body {
    Body::System {
        initiator: Arc::clone(&caller.user),
        news,
    }
}

/// The metadata after a patch. An empty text removes an entry as `None` does.
fn patched(metadata: &Arc<Metadata>, patch: MetadataPatch) -> Arc<Metadata> {
    match patch {
        Patch::Keep => Arc::clone(metadata),
        Patch::Clear => Arc::default(),
        Patch::Set(entries) => {
            let mut merged = Metadata::clone(metadata);
            for (name, value) in entries {
                match value.filter(|value| !value.is_empty()) {
                    Some(value) => merged.insert(name, value),
                    None => merged.remove(&name),
                };
            }
            Arc::new(merged)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    // chat 17, 34
    #[test]
    fn a_patch_merges_entry_by_entry_and_an_empty_text_removes_one() {
        let entry = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let old = Arc::new(Metadata::from([
            entry("a", "1"),
            entry("b", "2"),
            entry("c", "3"),
        ]));
        let change = BTreeMap::from([
            ("a".to_owned(), Some("9".to_owned())),
            ("b".to_owned(), Some(String::new())),
            ("c".to_owned(), None),
            ("d".to_owned(), Some("4".to_owned())),
        ]);
        let new = patched(&old, Patch::Set(change));
        assert_eq!(*new, Metadata::from([entry("a", "9"), entry("d", "4")]));
        assert_eq!(patched(&old, Patch::Keep), old);
        assert!(patched(&old, Patch::Clear).is_empty());
    }
}
