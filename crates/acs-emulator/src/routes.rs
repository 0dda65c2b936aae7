//! Which operation a request addresses: a matcher built from the operation table when the emulator starts.
//!
//! Templates such as `/routing/jobs/{jobId}:cancel` end a segment with a parameter and an action word, which axum's own
//! path syntax cannot say. The rules here:
//!
//! - Literal parts are compared byte by byte, so `/routing/Jobs` is unknown. Ids keep their case.
//! - An action word is looked for in the path as sent: `/routing/jobs/a%3Acancel` addresses the job `a:cancel`.
//! - Where two templates fit (`{jobId}` and `{jobId}:cancel`), the one with more literal text wins if it takes the
//!   request's method; so `PATCH /routing/jobs/a:cancel` addresses the job `a:cancel`.
//! - Ids are percent-decoded after matching. An empty segment is never an id.

use acs_types::Operation;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::wire::Failure;

/// The operations that have a place in the URL space, with their templates taken apart.
#[derive(Debug)]
pub(crate) struct Routes {
    /// By the number of segments. Those with more literal text first, so that the first match is the best one.
    by_length: Vec<Vec<Route>>,
}

#[derive(Debug)]
struct Route {
    operation: &'static Operation,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Literal(&'static str),
    Parameter {
        name: &'static str,
        suffix: &'static str,
    },
}

/// The operation of a request and the ids of its path, decoded.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) operation: &'static Operation,
    pub(crate) ids: Vec<(&'static str, String)>,
}

/// Why no operation was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unmatched {
    UnknownPath,
    WrongMethod { allowed: Vec<&'static str> },
    UndecodableId { name: &'static str },
}

impl Routes {
    pub(crate) fn new(operations: impl IntoIterator<Item = &'static Operation>) -> Self {
        let mut by_length: Vec<Vec<Route>> = Vec::new();
        for route in operations.into_iter().map(Route::new) {
            let length = route.segments.len();
            by_length.resize_with(by_length.len().max(length + 1), Vec::new);
            by_length[length].push(route);
        }
        for routes in &mut by_length {
            routes.sort_by_key(|route| std::cmp::Reverse(route.literal_length()));
        }
        Self { by_length }
    }

    /// The operation that a request addresses, or the answer to one that addresses none.
    pub(crate) fn addressed(&self, head: &Parts) -> Result<Match, Failure> {
        let (method, path) = (head.method.as_str(), head.uri.path());
        self.find(method, path)
            .map_err(|unmatched| match unmatched {
                Unmatched::UnknownPath => Failure::unknown_path(path),
                Unmatched::WrongMethod { allowed } => Failure::wrong_method(method, allowed),
                Unmatched::UndecodableId { name } => Failure::invalid(
                    "InvalidId",
                    format!("`{name}` in the path is not percent-encoded UTF-8"),
                ),
            })
    }

    /// Finds the operation for a method and a path as sent (percent-encoded, without its query).
    pub(crate) fn find(&self, method: &str, path: &str) -> Result<Match, Unmatched> {
        let parts: Vec<&str> = path_segments(path).collect();
        let routes = self.by_length.get(parts.len());
        let mut allowed = Vec::new();
        for route in routes.into_iter().flatten() {
            let Some(raw_ids) = route.ids(&parts) else {
                continue;
            };
            if route.operation.method == method {
                return Ok(Match {
                    operation: route.operation,
                    ids: decode(raw_ids)?,
                });
            }
            allowed.push(route.operation.method);
        }
        if allowed.is_empty() {
            return Err(Unmatched::UnknownPath);
        }
        allowed.sort_unstable();
        allowed.dedup();
        Err(Unmatched::WrongMethod { allowed })
    }
}

impl Route {
    fn new(operation: &'static Operation) -> Self {
        let segments = path_segments(operation.path).map(Segment::new).collect();
        Self {
            operation,
            segments,
        }
    }

    fn literal_length(&self) -> usize {
        self.segments.iter().map(Segment::literal_length).sum()
    }

    /// The ids of a path with as many segments as this route.
    fn ids<'p>(&self, parts: &[&'p str]) -> Option<Vec<(&'static str, &'p str)>> {
        let mut ids = Vec::new();
        for (segment, part) in self.segments.iter().zip(parts) {
            match *segment {
                Segment::Literal(text) if *part == text => {}
                Segment::Literal(_) => return None,
                Segment::Parameter { name, suffix } => {
                    let id = part.strip_suffix(suffix).filter(|id| !id.is_empty())?;
                    ids.push((name, id));
                }
            }
        }
        Some(ids)
    }
}

impl Segment {
    fn new(template: &'static str) -> Self {
        match template
            .strip_prefix('{')
            .and_then(|rest| rest.split_once('}'))
        {
            Some((name, suffix)) => Self::Parameter { name, suffix },
            None => Self::Literal(template),
        }
    }

    fn literal_length(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Parameter { suffix, .. } => suffix.len(),
        }
    }
}

fn path_segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn decode(raw_ids: Vec<(&'static str, &str)>) -> Result<Vec<(&'static str, String)>, Unmatched> {
    raw_ids
        .into_iter()
        .map(|(name, raw)| match percent_decode_str(raw).decode_utf8() {
            Ok(id) => Ok((name, id.into_owned())),
            Err(_) => Err(Unmatched::UndecodableId { name }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use acs_core_jobrouter::operations::OPERATIONS;
    use proptest::prelude::{Strategy as _, any, prop_assert_eq, proptest};

    use super::*;

    fn find(method: &str, path: &str) -> Result<(&'static str, Vec<String>), Unmatched> {
        let found = Routes::new(OPERATIONS.iter().copied()).find(method, path)?;
        let ids = found.ids.into_iter().map(|(_, id)| id).collect();
        Ok((found.operation.id, ids))
    }

    fn found(id: &'static str, ids: &[&str]) -> Result<(&'static str, Vec<String>), Unmatched> {
        Ok((id, ids.iter().map(|&id| id.to_owned()).collect()))
    }

    #[test]
    fn every_operation_is_found_under_its_own_template() {
        for operation in OPERATIONS {
            let path = operation.path.replace('{', "a-").replace('}', "-z");
            let found = Routes::new(OPERATIONS.iter().copied())
                .find(operation.method, &path)
                .unwrap();
            assert_eq!(found.operation, *operation);
            for (name, id) in found.ids {
                assert_eq!(id, format!("a-{name}-z"));
            }
        }
    }

    #[test]
    fn an_action_word_is_not_part_of_the_id() {
        let path = "/routing/jobs/j/assignments/a:complete";
        assert_eq!(find("POST", path), found("completeJob", &["j", "a"]));
        assert_eq!(
            find("POST", "/routing/jobs/a:b:cancel"),
            found("cancelJob", &["a:b"])
        );
    }

    #[test]
    fn an_encoded_action_word_is_part_of_the_id() {
        assert_eq!(
            find("GET", "/routing/jobs/a%3Acancel"),
            found("getJob", &["a:cancel"])
        );
    }

    #[test]
    fn a_method_that_the_action_does_not_take_addresses_an_id_with_a_colon() {
        assert_eq!(
            find("GET", "/routing/jobs/a:cancel"),
            found("getJob", &["a:cancel"])
        );
    }

    #[test]
    fn ids_are_percent_decoded_and_keep_their_case() {
        let path = "/routing/queues/Caf%C3%A9%20%2F%23";
        assert_eq!(find("GET", path), found("getQueue", &["Café /#"]));
    }

    #[test]
    fn ids_that_are_not_utf_8_are_refused_by_name() {
        let error = find("GET", "/routing/queues/%FF").unwrap_err();
        assert_eq!(error, Unmatched::UndecodableId { name: "queueId" });
    }

    #[test]
    fn other_methods_are_told_which_ones_fit() {
        let error = find("PUT", "/routing/jobs/a:cancel").unwrap_err();
        let allowed = vec!["DELETE", "GET", "PATCH", "POST"];
        assert_eq!(error, Unmatched::WrongMethod { allowed });
        let error = find("POST", "/routing/jobs").unwrap_err();
        assert_eq!(
            error,
            Unmatched::WrongMethod {
                allowed: vec!["GET"]
            }
        );
    }

    #[test]
    fn paths_that_only_resemble_a_template_are_unknown() {
        for path in [
            "",
            "/",
            "/routing",
            "/routing/",
            "/Routing/jobs",
            "/routing/Jobs",
            "/routing/jobs/",
            "/routing//jobs",
            "/routing/jobs/a/",
            "/routing/jobs/a/b",
            "/routing/jobs//position",
            "/routing/jobs/a/assignments/:complete",
            "/routing/workers/w/offers/o",
        ] {
            assert_eq!(find("GET", path), Err(Unmatched::UnknownPath), "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_id_comes_back_as_it_was_encoded(id in any::<String>().prop_filter("an id has text", |id| !id.is_empty())) {
            let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(find("GET", &format!("/routing/jobs/{encoded}")), found("getJob", &[&id]));
        }
    }
}
