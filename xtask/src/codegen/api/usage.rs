//! Where models are used: in requests or only in answers, and by which part of the service.

use std::collections::{BTreeMap, BTreeSet};

use super::{Api, Operation, Type};
use crate::codegen::names::snake_name;

/// The file of the models that several parts of a service share.
const SHARED: &str = "shared";

/// The models that callers build: those that requests lead to.
pub(in crate::codegen) fn request_side(api: &Api) -> BTreeSet<String> {
    let requests = api.operations.iter().flat_map(Operation::request_types);
    reached(api, requests.filter_map(Type::named))
}

/// The models that events carry.
pub(in crate::codegen) fn event_side(api: &Api) -> BTreeSet<String> {
    let payloads = api.event_types.iter();
    reached(api, payloads.filter_map(|event| event.payload.as_deref()))
}

/// The group of each model: the part of the service whose operations lead to it, the family of its events, or `shared`.
pub(in crate::codegen) fn groups(api: &Api) -> BTreeMap<String, String> {
    let prefix = common_prefix(api);
    let mut groups: BTreeMap<String, String> = BTreeMap::new();
    let mut assign = |models: BTreeSet<String>, group: &str| {
        for model in models {
            let known = groups.entry(model).or_insert_with(|| group.to_owned());
            if known != group {
                SHARED.clone_into(known);
            }
        }
    };
    for operation in &api.operations {
        let types = operation.request_types().chain(&operation.answer);
        let models = reached(api, types.filter_map(Type::named));
        assign(models, &group_name(&operation.path, prefix));
    }
    for event in &api.event_types {
        let models = reached(api, event.payload.as_deref().into_iter());
        assign(models, &file_name(&event.family));
    }
    groups
}

/// What the models of a group are, in a sentence.
pub(in crate::codegen) fn group_description(api: &Api, group: &str) -> String {
    let prefix = common_prefix(api);
    let operation = api
        .operations
        .iter()
        .find(|operation| group_name(&operation.path, prefix) == group);
    let event = api
        .event_types
        .iter()
        .find(|event| file_name(&event.family) == group);
    match (group, operation, event) {
        (SHARED, _, _) => "Models that several parts of the service share.".to_owned(),
        (_, Some(operation), _) => {
            let segments: Vec<_> = segments(&operation.path).take(prefix + 1).collect();
            format!("Models of the operations under `/{}`.", segments.join("/"))
        }
        (_, None, Some(event)) => format!("Data of the events of the family `{}`.", event.family),
        (_, None, None) => format!("Models of the group `{group}`."),
    }
}

/// A name for a file of models. Rust wants such names in ASCII; what has none goes to the shared models.
fn file_name(name: &str) -> String {
    let name = snake_name(name);
    if name.is_ascii() && name != "_" {
        name
    } else {
        SHARED.to_owned()
    }
}

fn group_name(path: &str, prefix: usize) -> String {
    segments(path)
        .nth(prefix)
        .map_or_else(|| SHARED.to_owned(), file_name)
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

    use super::{event_side, group_description, groups, request_side};
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
            group_description(&api, "jobs"),
            "Models of the operations under `/routing/jobs`."
        );
    }

    #[test]
    fn the_data_of_events_is_grouped_by_family() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let event = |family: &str, payload: &str| json!({"type": format!("Things.{payload}"), "family": family, "description": "D.", "payload": to(payload)});
        let data = json!({"description": "D.", "properties": {"part": {"$ref": to("Part")["$ref"], "description": "D."}}});
        let document = json!({
            "info": {"title": "T", "version": "1"}, "paths": {},
            "x-acs-event-types": [event("thing-life", "Made"), event("größe", "Grown")],
            "components": {"schemas": {
                "Made": data, "Grown": data, "Part": {"description": "D.", "properties": {}}
            }}
        });
        let api = read(&Spec::new(document, Options::default())).expect("readable");
        let groups = groups(&api);
        for (model, group) in [
            ("Made", "thing_life"),
            ("Grown", "shared"),
            ("Part", "shared"),
        ] {
            assert_eq!(groups[model], group, "{model}");
        }
        assert_eq!(
            group_description(&api, "thing_life"),
            "Data of the events of the family `thing-life`."
        );
        assert_eq!(event_side(&api).len(), 3);
        assert!(request_side(&api).is_empty());
    }

    #[test]
    fn only_what_requests_lead_to_is_built_by_callers() {
        let names: Vec<_> = request_side(&api()).into_iter().collect();
        assert_eq!(names, ["Note", "Options"]);
    }
}
