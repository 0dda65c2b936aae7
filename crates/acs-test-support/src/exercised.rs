//! Which operations the tests have called, for the coverage page.
//!
//! Each operation leaves an empty file of its name under `target/exercised/contract`, which needs no lock between test
//! processes. Operations are told by matching the requests that arrived with the routes of the fact tables.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use wiremock::Request;

const JOBROUTER_FACTS: &str = include_str!("../../../specs/facts/jobrouter.json");

struct Route {
    operation: String,
    method: String,
    path: String,
}

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let facts: Value = serde_json::from_str(JOBROUTER_FACTS).expect("the fact table is JSON");
    let operations = facts["operations"]
        .as_array()
        .expect("the fact table lists operations");
    let text =
        |operation: &Value, name: &str| operation[name].as_str().unwrap_or_default().to_owned();
    operations
        .iter()
        .map(|operation| Route {
            operation: text(operation, "name"),
            method: text(operation, "method"),
            path: text(operation, "path"),
        })
        .collect()
});

/// Leaves a mark for the operation of each request.
pub(crate) fn record(requests: &[Request]) {
    let folder = folder();
    std::fs::create_dir_all(&folder).expect("the target folder is writable");
    for route in requests.iter().filter_map(route_of) {
        std::fs::write(folder.join(&route.operation), "").expect("the target folder is writable");
    }
}

fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    target.join("exercised/contract")
}

fn route_of(request: &Request) -> Option<&'static Route> {
    ROUTES.iter().find(|route| {
        route.method == request.method.as_str() && fits(&route.path, request.url.path())
    })
}

/// Whether a path fits a template such as `/routing/jobs/{jobId}:cancel`.
fn fits(template: &str, path: &str) -> bool {
    let (templates, segments) = (template.split('/'), path.split('/'));
    templates.clone().count() == segments.clone().count()
        && templates.zip(segments).all(|(template, segment)| {
            match (template.strip_prefix('{'), template.split_once('}')) {
                (Some(_), Some((_, ""))) => !segment.contains(':'),
                (Some(_), Some((_, action))) => segment.ends_with(action),
                _ => template == segment,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn templates_fit_their_own_paths_only() {
        assert!(fits("/routing/jobs/{jobId}", "/routing/jobs/job-1"));
        assert!(fits(
            "/routing/jobs/{jobId}:cancel",
            "/routing/jobs/job-1:cancel"
        ));
        assert!(!fits("/routing/jobs/{jobId}", "/routing/jobs/job-1:cancel"));
        assert!(!fits("/routing/jobs/{jobId}:cancel", "/routing/jobs/job-1"));
        assert!(!fits(
            "/routing/jobs/{jobId}",
            "/routing/jobs/job-1/position"
        ));
        assert!(!fits("/routing/jobs", "/routing/queues"));
    }
}
