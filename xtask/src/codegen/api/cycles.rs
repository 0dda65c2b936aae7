//! Finds the structs that contain themselves: they need a box.

use std::collections::{BTreeMap, BTreeSet};

use super::{Model, Type};

/// Boxes the fields through which a struct would contain itself. Lists and maps are boxes already, and every cycle leads through a
/// field, as unions hold structs only.
pub(super) fn box_cycles(models: &mut BTreeMap<String, Model>) {
    let direct: BTreeMap<String, Vec<String>> = models
        .iter()
        .map(|(name, model)| (name.clone(), direct_parts(model)))
        .collect();
    for (name, model) in models {
        let Model::Struct(model) = model else {
            continue;
        };
        for field in &mut model.fields {
            if let Type::Named(part) = &field.kind {
                field.boxed = reaches(part, name, &direct);
            }
        }
    }
}

/// The models that a model holds by value.
fn direct_parts(model: &Model) -> Vec<String> {
    match model {
        Model::Struct(model) => model
            .fields
            .iter()
            .filter_map(|field| match &field.kind {
                Type::Named(name) => Some(name.clone()),
                _ => None,
            })
            .collect(),
        Model::Enum(_) => Vec::new(),
        Model::Union(model) => model
            .kinds
            .iter()
            .map(|kind| kind.payload.clone())
            .collect(),
    }
}

fn reaches(from: &str, to: &str, direct: &BTreeMap<String, Vec<String>>) -> bool {
    let mut pending = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(name) = pending.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            pending.extend(direct.get(name).into_iter().flatten().map(String::as_str));
        }
    }
    false
}
