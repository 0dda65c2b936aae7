//! Documents hold schemas that nothing needs any more, such as errors and the kinds of unions: this pass drops what no operation
//! and no event leads to.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::codegen::marks::UNION;
use crate::codegen::positions::{SCHEMAS, referenced, visit_uses, visit_within};
use crate::codegen::spec::{Refusal, Spec};

pub(super) fn prune(spec: &mut Spec) -> Result<(), Refusal> {
    let schemas = spec.schemas().clone();
    let mut pending = Vec::new();
    visit_uses(&mut spec.document, &mut |schema, pointer| {
        collect(schema, pointer, &mut pending)
    })?;
    let mut reached = BTreeSet::new();
    while let Some(name) = pending.pop() {
        if let Some(schema) = schemas.get(&name)
            && reached.insert(name.clone())
        {
            let pointer = format!("{SCHEMAS}{name}");
            collect(&mut schema.clone(), &pointer, &mut pending)?;
        }
    }
    spec.schemas_mut()?.retain(|name, _| reached.contains(name));
    for name in schemas.keys().filter(|name| !reached.contains(*name)) {
        spec.log.change(
            format!("{SCHEMAS}{name}"),
            "dropped: no operation and no event leads to it",
        );
    }
    Ok(())
}

/// Collects the names of the schemas that a schema refers to.
fn collect(schema: &mut Value, pointer: &str, names: &mut Vec<String>) -> Result<(), Refusal> {
    visit_within(schema, pointer, &mut |schema, _| {
        names.extend(referenced(schema).map(str::to_owned));
        let variants = schema
            .get(UNION)
            .and_then(|union| union.get("variants")?.as_array());
        names.extend(
            variants
                .into_iter()
                .flatten()
                .filter_map(|variant| variant.get("schema")?.as_str().map(str::to_owned)),
        );
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::prune;
    use crate::codegen::spec::Spec;

    #[test]
    fn only_what_operations_lead_to_stays() {
        let mut spec = Spec::of_operation(
            "get",
            "/a",
            json!({"responses": {"200": {"content": {"application/json": {
                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}
            }}}}}),
        );
        spec.document["components"]["schemas"] = json!({
            "A": {"properties": {"union": {"$ref": "#/components/schemas/U"}, "a": {"$ref": "#/components/schemas/A"}}},
            "U": {"x-lowered-union": {"variants": [{"kind": "v", "schema": "V"}]}},
            "V": {"type": "object"},
            "Error": {"properties": {"inner": {"$ref": "#/components/schemas/Error"}}}
        });
        prune(&mut spec).expect("valid");
        assert_eq!(spec.schemas().keys().collect::<Vec<_>>(), ["A", "U", "V"]);
    }
}
