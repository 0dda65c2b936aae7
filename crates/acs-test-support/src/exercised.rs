//! Which operations the tests have called, for the coverage page.
//!
//! Each operation leaves an empty file under `target/exercised/contract`, in a folder of its service and by its own name, which
//! needs no lock between test processes. Operations are told by matching the requests that arrived with the routes of the fact
//! tables.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use wiremock::Request;

const FACTS: [(&str, &str); 3] = [
    ("chat", include_str!("../../../specs/facts/chat.json")),
    (
        "identity",
        include_str!("../../../specs/facts/identity.json"),
    ),
    (
        "jobrouter",
        include_str!("../../../specs/facts/jobrouter.json"),
    ),
];

struct Route {
    service: &'static str,
    operation: String,
    method: String,
    path: String,
}

static ROUTES: LazyLock<Vec<Route>> =
    LazyLock::new(|| FACTS.into_iter().flat_map(routes).collect());

fn routes((service, facts): (&'static str, &'static str)) -> Vec<Route> {
    let facts: Value = serde_json::from_str(facts).expect("the fact table is JSON");
    let operations = facts["operations"]
        .as_array()
        .expect("the fact table lists operations");
    let text =
        |operation: &Value, name: &str| operation[name].as_str().unwrap_or_default().to_owned();
    operations
        .iter()
        .map(|operation| Route {
            service,
            operation: text(operation, "name"),
            method: text(operation, "method"),
            path: text(operation, "path"),
        })
        .collect()
}

/// Leaves a mark for the operation of each request.
pub(crate) fn record(requests: &[Request]) {
    for route in requests.iter().filter_map(route_of) {
        let folder = folder().join(route.service);
        std::fs::create_dir_all(&folder).expect("the target folder is writable");
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
        route.method == request.method.as_str() && path_fits(&route.path, request.url.path())
    })
}

/// Whether a path fits a template such as `/routing/jobs/{jobId}:cancel`.
#[must_use]
pub fn path_fits(template: &str, path: &str) -> bool {
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
    use super::path_fits;

    #[test]
    fn templates_fit_their_own_paths_only() {
        assert!(path_fits("/routing/jobs/{jobId}", "/routing/jobs/job-1"));
        assert!(path_fits(
            "/routing/jobs/{jobId}:cancel",
            "/routing/jobs/job-1:cancel"
        ));
        assert!(!path_fits(
            "/routing/jobs/{jobId}",
            "/routing/jobs/job-1:cancel"
        ));
        assert!(!path_fits(
            "/routing/jobs/{jobId}:cancel",
            "/routing/jobs/job-1"
        ));
        assert!(!path_fits(
            "/routing/jobs/{jobId}",
            "/routing/jobs/job-1/position"
        ));
        assert!(!path_fits("/routing/jobs", "/routing/queues"));
    }
}
