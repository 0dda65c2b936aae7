//! RFC 7396 for objects whose members the service knows: names compare without regard to case.

use serde_json::{Map, Value};

/// Merges `patch` into `stored`: objects merge by member, null removes one, anything else replaces.
pub(crate) fn merge(stored: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *stored = patch.clone();
        return;
    };
    if !stored.is_object() {
        *stored = Value::Object(Map::new());
    }
    let Value::Object(stored) = stored else {
        return;
    };
    for (name, value) in patch {
        let name = stored_name(stored, name);
        if value.is_null() {
            stored.remove(&name);
        } else {
            merge(stored.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// The name that the stored object uses for this member, or the patch's own.
fn stored_name(stored: &Map<String, Value>, name: &str) -> String {
    let known = stored.keys().find(|known| known.eq_ignore_ascii_case(name));
    known.map_or_else(|| name.to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    // R18: the cases of RFC 7396, appendix A, that an object can meet.
    #[test]
    fn merges_as_the_rfc_says() {
        for (stored, patch, merged) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [1, 2]}),
                json!({"a": [null]}),
                json!({"a": [null]}),
            ),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!([1, 2]),
                json!({"a": "b", "c": null}),
                json!({"a": "b"}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"c": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            let mut value = stored.clone();
            merge(&mut value, &patch);
            assert_eq!(value, merged, "{stored} with {patch}");
        }
    }

    // R4
    #[test]
    fn names_meet_without_regard_to_case() {
        let mut value = json!({"kind": "roundRobin", "maxConcurrentOffers": 2});
        merge(
            &mut value,
            &json!({"Kind": "longestIdle", "MAXCONCURRENTOFFERS": null}),
        );
        assert_eq!(value, json!({"kind": "longestIdle"}));
    }
}
