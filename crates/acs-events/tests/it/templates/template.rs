//! A template with its parameters, and what deploying it does to a resource group.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use super::expression::{Scope, resolve, resource_id};

/// The resources of a group, by id.
pub(crate) type Deployed = BTreeMap<String, Value>;

#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) document: Value,
    given: BTreeMap<String, String>,
}

impl Scope for Template {
    fn parameter(&self, name: &str) -> String {
        if let Some(value) = self.given.get(name) {
            return value.clone();
        }
        let default = &self.document["parameters"][name]["defaultValue"];
        let default = default.as_str();
        resolve(
            default.unwrap_or_else(|| panic!("{name} is not given")),
            self,
        )
    }
}

impl Template {
    pub(crate) fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../deploy")
            .join(name);
        let text = std::fs::read_to_string(path).expect("a template");
        Self {
            document: serde_json::from_str(&text).expect("JSON"),
            given: BTreeMap::new(),
        }
    }

    pub(crate) fn with(mut self, given: &[(&str, &str)]) -> Self {
        for (name, value) in given {
            let known = self.document["parameters"].get(name);
            assert!(known.is_some(), "there is no parameter {name}");
            self.given.insert((*name).to_owned(), (*value).to_owned());
        }
        self
    }

    pub(crate) fn resources(&self) -> &[Value] {
        self.document["resources"].as_array().expect("a list")
    }

    /// Names have one segment for each segment of the type behind the provider, and none is empty or too long.
    pub(crate) fn check_names(&self) {
        let mut seen = BTreeSet::new();
        for resource in self.resources() {
            let id = self.id(resource);
            assert!(seen.insert(id.to_ascii_lowercase()), "{id} is there twice");
            let name = self.name(resource);
            for segment in name.split('/') {
                assert!((3..=128).contains(&segment.len()), "{name}");
            }
        }
        for (name, output) in self.document["outputs"].as_object().into_iter().flatten() {
            let value = resolve(output["value"].as_str().expect("a text"), self);
            assert!(!value.is_empty(), "{name}");
        }
    }

    /// The ids of the resources in an order in which each comes after those it depends on.
    pub(crate) fn order(&self) -> Vec<String> {
        let all: BTreeSet<_> = self.resources().iter().map(|each| self.id(each)).collect();
        let mut order: Vec<String> = Vec::new();
        while order.len() < all.len() {
            let next = self.resources().iter().find(|resource| {
                let needs = self.dependencies(resource);
                for need in &needs {
                    assert!(all.contains(need), "{need} is not in the template");
                }
                !order.contains(&self.id(resource)) && needs.iter().all(|need| order.contains(need))
            });
            order.push(self.id(next.expect("no circle")));
        }
        order
    }

    /// What the resource of a type depends on.
    pub(crate) fn needs(&self, kind: &str) -> Vec<String> {
        let resource = self
            .resources()
            .iter()
            .find(|resource| resource["type"] == kind);
        self.dependencies(resource.expect("a resource of the type"))
    }

    /// Puts every resource into the group, replacing what is there, as the resource manager does.
    pub(crate) fn deploy(&self, mut group: Deployed) -> Deployed {
        for id in self.order() {
            let resource = self.resources().iter().find(|each| self.id(each) == id);
            let resource = self.resolved(resource.expect("it is in the order"));
            group.insert(id, resource);
        }
        group
    }

    fn dependencies(&self, resource: &Value) -> Vec<String> {
        let list = resource["dependsOn"].as_array().into_iter().flatten();
        list.map(|id| resolve(id.as_str().expect("a text"), self))
            .collect()
    }

    fn name(&self, resource: &Value) -> String {
        resolve(resource["name"].as_str().expect("a name"), self)
    }

    fn id(&self, resource: &Value) -> String {
        let name = self.name(resource);
        let names: Vec<_> = name.split('/').collect();
        resource_id(resource["type"].as_str().expect("a type"), &names)
    }

    fn resolved(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => resolve(text, self).into(),
            Value::Array(items) => items.iter().map(|item| self.resolved(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.resolved(value)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }
}
