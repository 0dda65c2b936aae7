//! A value that may be a text, a number or a boolean becomes `5.0` when it was `5`, if a generator makes an enum of it: this pass
//! marks such unions, for which there is a hand-written type that keeps integers.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::codegen::json::object_mut;
use crate::codegen::marks::LABEL;
use crate::codegen::positions::{referenced, visit_schemas};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn scalar_unions(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    visit_schemas(&mut spec.document, &mut |schema, pointer| {
        let Some(kinds) = kinds(schema, &schemas) else {
            return Ok(());
        };
        let map = object_mut(schema, pointer)?;
        map.remove("anyOf");
        map.remove("oneOf");
        let kinds: Vec<_> = kinds.iter().map(String::as_str).collect();
        let text = match kinds.as_slice() {
            [one] => {
                map.insert("type".to_owned(), (*one).into());
                format!("a union of {one} alone")
            }
            ["integer", "number"] => {
                map.insert("type".to_owned(), "number".into());
                "a union of numbers is a number".to_owned()
            }
            _ => {
                map.insert(LABEL.to_owned(), true.into());
                format!("a union of {} is a label value", kinds.join(", "))
            }
        };
        spec.log.change(pointer, text);
        Ok(())
    })
}

/// The scalar types in a union; `None` if the schema is no union or holds something else.
fn kinds(schema: &Value, schemas: &Map<String, Value>) -> Option<BTreeSet<String>> {
    let branches = ["anyOf", "oneOf"]
        .into_iter()
        .find_map(|list| schema.get(list)?.as_array())?;
    branches
        .iter()
        .map(|branch| {
            let branch = referenced(branch)
                .and_then(|name| schemas.get(name))
                .unwrap_or(branch);
            let kind = branch.get("type")?.as_str()?;
            matches!(kind, "string" | "number" | "integer" | "boolean").then(|| kind.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::scalar_unions;
    use crate::codegen::spec::Spec;

    #[test]
    fn unions_of_scalars_become_label_values_or_their_one_type() {
        for (union, lowered) in [
            (
                json!(["string", "number", "boolean"]),
                json!({"x-lowered-label": true}),
            ),
            (json!(["string", "string"]), json!({"type": "string"})),
            (json!(["integer", "number"]), json!({"type": "number"})),
        ] {
            let branches: Vec<_> = union
                .as_array()
                .into_iter()
                .flatten()
                .map(|kind| json!({"type": kind}))
                .collect();
            let mut spec = Spec::of_schemas(json!({"A": {"oneOf": branches}}));
            scalar_unions(&mut spec).expect("understood");
            assert_eq!(spec.schemas()["A"], lowered, "{union}");
        }
    }

    #[test]
    fn a_union_with_an_object_is_left_alone() {
        let union = json!({"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/B"}]});
        let mut spec = Spec::of_schemas(json!({"A": union, "B": {"type": "object"}}));
        scalar_unions(&mut spec).expect("understood");
        assert_eq!(spec.schemas()["A"], union);
    }
}
