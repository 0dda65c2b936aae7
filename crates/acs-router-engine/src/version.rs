//! Versions of entities, and the conditions that upserts put on them.

use acs_types::Timestamp;

use crate::command::Condition;
use crate::ids::{Etag, IdSource};
use crate::refusal::Refusal;

/// Which version of an entity this is, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Version {
    pub(crate) etag: Etag,
    pub(crate) modified: Timestamp,
}

impl Version {
    pub(crate) fn advance(&mut self, ids: &mut IdSource, now: Timestamp) {
        self.etag = self.etag.next(ids, now);
        self.modified = now;
    }
}

impl Condition {
    /// Whether the stored version (`None`: nothing is stored) is the one the caller means (R21).
    pub(crate) fn check(&self, stored: Option<Version>) -> Result<(), Refusal> {
        let etag = stored.map(|version| version.etag.to_string());
        match (self.if_match.as_deref(), &etag) {
            (None, _) | (Some("*"), Some(_)) => {}
            (Some(wanted), Some(etag)) if wanted == etag => {}
            (Some(wanted), Some(etag)) => {
                return Err(Refusal::precondition_failed(format!(
                    "If-Match is {wanted}, but the entity's ETag is {etag}"
                )));
            }
            (Some(_), None) => return Err(nothing_stored("If-Match")),
        }
        match (self.if_unmodified_since, stored) {
            (None, _) => Ok(()),
            // Whole seconds: the header cannot say more, and must hold for the `Last-Modified` it came from.
            (Some(since), Some(version))
                if version.modified.unix_seconds() <= since.unix_seconds() =>
            {
                Ok(())
            }
            (Some(since), Some(version)) => Err(Refusal::precondition_failed(format!(
                "If-Unmodified-Since is {}, but the entity was modified on {}",
                since.http_date(),
                version.modified.http_date()
            ))),
            (Some(_), None) => Err(nothing_stored("If-Unmodified-Since")),
        }
    }
}

fn nothing_stored(header: &str) -> Refusal {
    Refusal::precondition_failed(format!("{header} is given, but the entity does not exist"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn stored() -> Version {
        let modified = at("2024-01-01T00:00:00.5Z");
        let etag = Etag::first(&mut IdSource::new(1));
        Version { etag, modified }
    }

    fn if_match(tag: &str) -> Condition {
        Condition {
            if_match: Some(tag.to_owned()),
            ..Condition::default()
        }
    }

    fn unmodified_since(text: &str) -> Condition {
        Condition {
            if_unmodified_since: Some(at(text)),
            ..Condition::default()
        }
    }

    // R21
    #[test]
    fn if_match_holds_for_the_current_tag_and_a_star_for_any_entity() {
        let current = stored().etag.to_string();
        assert_eq!(if_match(&current).check(Some(stored())), Ok(()));
        assert_eq!(if_match("*").check(Some(stored())), Ok(()));
        for (tag, version) in [
            ("\"other\"", Some(stored())),
            (current.trim_matches('"'), Some(stored())),
            ("*", None),
            (&current, None),
        ] {
            let refusal = if_match(tag).check(version).expect_err(tag);
            assert_eq!(refusal.kind.status(), 412);
        }
    }

    // R21
    #[test]
    fn if_unmodified_since_compares_whole_seconds() {
        for holds in ["2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z"] {
            assert_eq!(
                unmodified_since(holds).check(Some(stored())),
                Ok(()),
                "{holds}"
            );
        }
        let earlier = unmodified_since("2023-12-31T23:59:59Z");
        assert!(earlier.check(Some(stored())).is_err());
        assert!(
            unmodified_since("2024-01-01T00:00:00Z")
                .check(None)
                .is_err()
        );
    }
}
