//! Operation ids carry the name of their interface (`JobRouterOperations_GetJob`): this pass leaves `getJob` where that is unique,
//! and refuses operations without an id or with one that another has.

use std::collections::BTreeMap;

use crate::codegen::json::required_text;
use crate::codegen::names::{is_identifier, operation_id, snake_name};
use crate::codegen::positions::visit_operations;
use crate::codegen::spec::{Refusal, Spec};

/// Names that the client and the operation table use for something else.
const TAKEN: [&str; 5] = [
    "api_versions",
    "default_api_version",
    "new",
    "new_with_client",
    "operations",
];

pub(super) fn operation_ids(spec: &mut Spec) -> Result<(), Refusal> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    visit_operations(&mut spec.document, &mut |at, operation| {
        let id = required_text(operation, "operationId", &at.pointer)?;
        *uses.entry(short(id)).or_default() += 1;
        Ok(())
    })?;
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    visit_operations(&mut spec.document, &mut |at, operation| {
        let id = required_text(operation, "operationId", &at.pointer)?.to_owned();
        let new = match uses.get(&short(&id)) {
            Some(1) => short(&id),
            _ => operation_id(&id),
        };
        let method = snake_name(&new);
        if !is_identifier(&method) || TAKEN.contains(&method.as_str()) {
            return Err(Refusal::new(
                &at.pointer,
                format!(
                    "the operation id {id:?} gives the method name {method:?}, which cannot be used"
                ),
                "give the operation another `operationId`",
            ));
        }
        if let Some(other) = owners.insert(method, id.clone()) {
            return Err(Refusal::new(
                &at.pointer,
                format!("the operation id {id:?} gives the same method name as {other:?}"),
                "give one of them another `operationId`",
            ));
        }
        if new != id {
            spec.log
                .change(&at.pointer, format!("{id} is called {new}"));
        }
        operation.insert("operationId".to_owned(), new.into());
        Ok(())
    })
}

/// The id without the name of its interface.
fn short(id: &str) -> String {
    operation_id(id.rsplit_once('_').map_or(id, |(_, name)| name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::operation_ids;
    use crate::codegen::spec::{Options, Spec};

    fn spec(ids: &[&str]) -> Spec {
        let paths: serde_json::Map<_, _> = ids
            .iter()
            .enumerate()
            .map(|(index, id)| (format!("/{index}"), json!({"get": {"operationId": id}})))
            .collect();
        Spec::new(json!({"paths": paths}), Options::default())
    }

    #[test]
    fn the_interface_is_dropped_where_the_rest_is_unique() {
        let mut spec = spec(&["Jobs_Get", "Workers_Get", "Jobs_CloseJob", "listAll"]);
        operation_ids(&mut spec).expect("unique");
        for (path, id) in [
            ("0", "jobsGet"),
            ("1", "workersGet"),
            ("2", "closeJob"),
            ("3", "listAll"),
        ] {
            assert_eq!(spec.at(&format!("/paths/~1{path}/get/operationId")), id);
        }
    }

    #[test]
    fn missing_and_repeated_ids_are_refused() {
        let refusal = operation_ids(&mut spec(&["Jobs_Get", "Jobs_Get"])).expect_err("twice");
        assert_eq!(refusal.pointer, "#/paths/~11/get");
        let mut without = Spec::of_operation("get", "/a", json!({}));
        operation_ids(&mut without).expect_err("missing");
    }
}
