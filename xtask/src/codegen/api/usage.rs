//! Where models are used: in requests or only in answers, and by the operations of which part of the service.

use std::collections::{BTreeMap, BTreeSet};

use super::{Api, Type};
use crate::codegen::names::snake_name;

/// The file of the models that operations under several paths share.
const SHARED: &str = "shared";

/// The models that callers build: those that requests lead to. Their collections tell absent from empty.
pub(in crate::codegen) fn request_side(api: &Api) -> BTreeSet<String> {
    let roots = api
        .operations
        .iter()
        .flat_map(super::Operation::request_types);
    reached(api, roots.filter_map(Type::named))
}

/// The group of each model: the part of the service whose operations lead to it, or `shared`.
pub(in crate::codegen) fn groups(api: &Api) -> BTreeMap<String, String> {
    let prefix = common_prefix(api);
    let mut groups: BTreeMap<String, String> = BTreeMap::new();
    for operation in &api.operations {
        let group = group_name(&operation.path, prefix);
        let types = operation.request_types().chain(&operation.answer);
        for model in reached(api, types.filter_map(Type::named)) {
            let known = groups.entry(model).or_insert_with(|| group.clone());
            if *known != group {
                SHARED.clone_into(known);
            }
        }
    }
    groups
}

/// The part of a path that names a group, such as `/routing/jobs`; `None` for models of several groups.
pub(in crate::codegen) fn group_of_path(api: &Api, group: &str) -> Option<String> {
    let prefix = common_prefix(api);
    let operation = api
        .operations
        .iter()
        .find(|operation| group != SHARED && group_name(&operation.path, prefix) == group)?;
    let segments: Vec<_> = segments(&operation.path).take(prefix + 1).collect();
    Some(format!("/{}", segments.join("/")))
}

fn group_name(path: &str, prefix: usize) -> String {
    segments(path)
        .nth(prefix)
        .map_or_else(|| SHARED.to_owned(), snake_name)
}

/// The fixed segments at the beginning of a path, without the verb that may follow a colon.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .skip(1)
        .map(|segment| segment.split(':').next().unwrap_or_default())
        .take_while(|segment| !segment.is_empty() && !segment.starts_with('{'))
}

/// How many segments all paths share, leaving each at least one of its own.
fn common_prefix(api: &Api) -> usize {
    let mut paths = api
        .operations
        .iter()
        .map(|operation| operation.path.as_str());
    let Some(first) = paths.next() else {
        return 0;
    };
    let first: Vec<_> = segments(first).collect();
    let mut shared = first.len().saturating_sub(1);
    for path in paths {
        let path: Vec<_> = segments(path).collect();
        let equal = first.iter().zip(&path).take_while(|(a, b)| a == b).count();
        shared = shared.min(equal).min(path.len().saturating_sub(1));
    }
    shared
}

fn reached<'a>(api: &'a Api, roots: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut pending: Vec<&str> = roots.collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = pending.pop() {
        if reached.insert(name.to_owned())
            && let Some(model) = api.models.get(name)
        {
            pending.extend(model.parts());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{group_of_path, groups, request_side};
    use crate::codegen::api::{Api, read};
    use crate::codegen::spec::{Options, Spec};

    fn api() -> Api {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let answer =
            |name: &str| json!({"200": {"content": {"application/json": {"schema": to(name)}}}});
        let object = |part: &str| json!({"description": "D.", "properties": {"part": {"$ref": to(part)["$ref"], "description": "D."}}});
        let leaf = json!({"description": "D.", "properties": {}});
        let document = json!({
            "info": {"title": "T", "version": "1"},
            "paths": {
                "/routing/jobs/{id}:close": {"post": {
                    "operationId": "close", "responses": answer("Job"),
                    "requestBody": {"content": {"application/json": {"schema": to("Options")}}}
                }},
                "/routing/workers": {"get": {"operationId": "list", "responses": answer("Worker")}}
            },
            "components": {"schemas": {
                "Job": object("Label"), "Worker": object("Label"), "Options": object("Note"),
                "Label": leaf, "Note": leaf
            }}
        });
        read(&Spec::new(document, Options::default())).expect("readable")
    }

    #[test]
    fn models_are_grouped_by_the_paths_that_lead_to_them() {
        let api = api();
        let groups = groups(&api);
        for (model, group) in [
            ("Job", "jobs"),
            ("Note", "jobs"),
            ("Worker", "workers"),
            ("Label", "shared"),
        ] {
            assert_eq!(groups[model], group, "{model}");
        }
        assert_eq!(
            group_of_path(&api, "jobs").as_deref(),
            Some("/routing/jobs")
        );
        assert_eq!(group_of_path(&api, "shared"), None);
    }

    #[test]
    fn only_what_requests_lead_to_is_built_by_callers() {
        let names: Vec<_> = request_side(&api()).into_iter().collect();
        assert_eq!(names, ["Note", "Options"]);
    }
}
