//! Swagger 2.0, the format before OpenAPI 3.0: everything has its counterpart, but bodies are parameters, types stand beside the
//! names of parameters, and media types are listed once for the whole document.

use serde_json::{Map, Value, json};

use crate::codegen::json::{array_mut, child, flag, object_mut, required_text, text, texts};
use crate::codegen::positions::{SCHEMAS, is_method, visit_schemas};
use crate::codegen::spec::{Log, Refusal};

const DEFINITIONS: &str = "#/definitions/";
const JSON: &str = "application/json";

/// What stays beside the name of a parameter; all else describes its type.
const OF_PARAMETERS: [&str; 5] = ["name", "in", "required", "description", "allowEmptyValue"];

/// What describes the host and the credentials: the pipeline knows both.
const DROPPED: [&str; 6] = [
    "host",
    "schemes",
    "securityDefinitions",
    "consumes",
    "produces",
    "swagger",
];

/// Turns the document into OpenAPI 3.0.
pub(super) fn to_openapi(document: &mut Value, log: &mut Log) -> Result<(), Refusal> {
    let root = object_mut(document, "#")?;
    if root.contains_key("x-ms-paths") {
        return Err(Refusal::new(
            "#/x-ms-paths",
            "paths that differ in their query are not understood",
            "write such calls by hand",
        ));
    }
    let shared = Shared {
        parameters: table(root, "parameters")?,
        responses: table(root, "responses")?,
        consumes: media_types(root, "consumes", "#")?,
        produces: media_types(root, "produces", "#")?,
    };
    let base = text(root, "basePath", "#")?.unwrap_or_default().to_owned();
    if let Some(paths) = root.get_mut("paths") {
        let paths = object_mut(paths, "#/paths")?;
        for (path, item) in &mut *paths {
            let pointer = child("#/paths", path);
            if !path.starts_with("x-") {
                shared.path(object_mut(item, &pointer)?, &pointer)?;
            }
        }
        add_base(paths, base.trim_end_matches('/'), log);
    }
    let definitions = table(root, "definitions")?;
    root.retain(|key, _| key != "basePath" && !DROPPED.contains(&key.as_str()));
    root.insert("openapi".to_owned(), "3.0.0".into());
    root.insert("components".to_owned(), json!({"schemas": definitions}));
    log.change("#", "turned from Swagger 2.0 into OpenAPI 3.0");
    visit_schemas(document, &mut |schema, pointer| {
        schema_to_openapi(object_mut(schema, pointer)?, pointer)
    })
}

fn table(root: &mut Map<String, Value>, key: &str) -> Result<Map<String, Value>, Refusal> {
    match root.remove(key) {
        Some(mut table) => object_mut(&mut table, &child("#", key)).map(std::mem::take),
        None => Ok(Map::new()),
    }
}

/// The listed media types; JSON if there is no list.
fn media_types(map: &Map<String, Value>, key: &str, pointer: &str) -> Result<Vec<String>, Refusal> {
    let listed = texts(map, key, pointer)?;
    Ok(if listed.is_empty() {
        vec![JSON.to_owned()]
    } else {
        listed.into_iter().map(str::to_owned).collect()
    })
}

fn add_base(paths: &mut Map<String, Value>, base: &str, log: &mut Log) {
    if base.is_empty() {
        return;
    }
    *paths = std::mem::take(paths)
        .into_iter()
        .map(|(path, item)| match path.starts_with("x-") {
            true => (path, item),
            false => (format!("{base}{path}"), item),
        })
        .collect();
    log.change("#/basePath", format!("all paths begin with {base}"));
}

/// What the whole document shares.
struct Shared {
    parameters: Map<String, Value>,
    responses: Map<String, Value>,
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl Shared {
    fn path(&self, item: &mut Map<String, Value>, pointer: &str) -> Result<(), Refusal> {
        let of_path = match item.remove("parameters") {
            Some(mut list) => {
                let pointer = child(pointer, "parameters");
                std::mem::take(array_mut(&mut list, &pointer)?)
            }
            None => Vec::new(),
        };
        for (method, operation) in item.iter_mut().filter(|(method, _)| is_method(method)) {
            let pointer = child(pointer, method);
            self.operation(object_mut(operation, &pointer)?, &of_path, &pointer)?;
        }
        Ok(())
    }

    fn operation(
        &self,
        operation: &mut Map<String, Value>,
        of_path: &[Value],
        pointer: &str,
    ) -> Result<(), Refusal> {
        let consumes = match operation.contains_key("consumes") {
            true => media_types(operation, "consumes", pointer)?,
            false => self.consumes.clone(),
        };
        let produces = match operation.contains_key("produces") {
            true => media_types(operation, "produces", pointer)?,
            false => self.produces.clone(),
        };
        for key in ["consumes", "produces", "schemes"] {
            operation.remove(key);
        }
        let place = child(pointer, "parameters");
        let mut own = match operation.remove("parameters") {
            Some(mut list) => std::mem::take(array_mut(&mut list, &place)?),
            None => Vec::new(),
        };
        let own_count = own.len();
        own.extend(of_path.iter().cloned());
        let mut parameters = Parameters::default();
        for (index, mut parameter) in own.into_iter().enumerate() {
            let pointer = child(&place, &index.to_string());
            self.resolve(&mut parameter, &self.parameters, "parameters", &pointer)?;
            let parameter = std::mem::take(object_mut(&mut parameter, &pointer)?);
            // A parameter of the path gives way to one of the operation.
            if index < own_count || !parameters.has(&parameter) {
                parameters.add(parameter, &pointer)?;
            }
        }
        operation.insert("parameters".to_owned(), parameters.plain.into());
        let body = match parameters.form.is_empty() {
            true => parameters.body,
            false => Some(form(parameters.form, &consumes)),
        };
        if let Some((schema, required)) = body {
            let content = content(&consumes, &schema);
            let body = json!({"required": required, "content": content});
            operation.insert("requestBody".to_owned(), body);
        }
        let place = child(pointer, "responses");
        let responses = operation.entry("responses").or_insert_with(|| json!({}));
        for (status, response) in object_mut(responses, &place)? {
            let pointer = child(&place, status);
            self.resolve(response, &self.responses, "responses", &pointer)?;
            let response = object_mut(response, &pointer)?;
            // Their types have another form, and nothing reads them.
            response.remove("headers");
            if let Some(schema) = response.remove("schema") {
                response.insert("content".to_owned(), content(&produces, &schema));
            }
        }
        Ok(())
    }

    /// Replaces a reference to a table of the document by a copy of its target.
    fn resolve(
        &self,
        entry: &mut Value,
        table: &Map<String, Value>,
        name: &str,
        pointer: &str,
    ) -> Result<(), Refusal> {
        let Some(reference) = object_mut(entry, pointer)?.get("$ref") else {
            return Ok(());
        };
        let target = reference
            .as_str()
            .and_then(|text| text.strip_prefix(&format!("#/{name}/")))
            .and_then(|key| table.get(key));
        let Some(target) = target else {
            return Err(Refusal::new(
                pointer,
                format!("`$ref` {reference} does not lead to an entry of #/{name}"),
                format!("copy its target to #/{name} and refer to it there"),
            ));
        };
        *entry = target.clone();
        Ok(())
    }
}

/// The parameters of an operation, by what becomes of them.
#[derive(Default)]
struct Parameters {
    plain: Vec<Value>,
    /// The schema of the body, and whether it is required.
    body: Option<(Value, bool)>,
    /// The members of a form.
    form: Vec<Map<String, Value>>,
}

impl Parameters {
    fn has(&self, parameter: &Map<String, Value>) -> bool {
        self.plain.iter().any(|known| {
            known.get("name") == parameter.get("name") && known.get("in") == parameter.get("in")
        })
    }

    fn add(&mut self, mut parameter: Map<String, Value>, pointer: &str) -> Result<(), Refusal> {
        required_text(&parameter, "name", pointer)?;
        match required_text(&parameter, "in", pointer)? {
            "body" => {
                let required = flag(&parameter, "required");
                let schema = parameter.remove("schema").unwrap_or_else(|| json!({}));
                self.body = Some((schema, required));
            }
            "formData" => self.form.push(parameter),
            _ => self.plain.push(plain(parameter, pointer)?),
        }
        Ok(())
    }
}

/// Moves what describes the type of a parameter into a schema.
fn plain(parameter: Map<String, Value>, pointer: &str) -> Result<Value, Refusal> {
    let collection = text(&parameter, "collectionFormat", pointer)?.map(str::to_owned);
    let is_list = parameter.get("type").is_some_and(|kind| kind == "array");
    let (mut kept, mut schema) = (Map::new(), Map::new());
    for (key, value) in parameter {
        match key.as_str() {
            "collectionFormat" => {}
            key if OF_PARAMETERS.contains(&key) || key.starts_with("x-ms-parameter") => {
                kept.insert(key.to_owned(), value);
            }
            key => {
                schema.insert(key.to_owned(), value);
            }
        }
    }
    kept.insert("schema".to_owned(), schema.into());
    if is_list {
        let in_query = kept.get("in").is_some_and(|place| place == "query");
        let (style, explode) = match collection.as_deref().unwrap_or("csv") {
            "multi" => ("form", true),
            "csv" if in_query => ("form", false),
            "csv" => ("simple", false),
            "ssv" => ("spaceDelimited", false),
            "pipes" => ("pipeDelimited", false),
            other => {
                return Err(Refusal::new(
                    child(pointer, "collectionFormat"),
                    format!("the form {other:?} of a list is not understood"),
                    "use csv, ssv, pipes or multi",
                ));
            }
        };
        kept.insert("style".to_owned(), style.into());
        kept.insert("explode".to_owned(), explode.into());
    }
    Ok(kept.into())
}

/// A form is an object in the body.
fn form(members: Vec<Map<String, Value>>, consumes: &[String]) -> (Value, bool) {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for mut member in members {
        member.remove("in");
        let is_required = flag(&member, "required");
        member.remove("required");
        if let Some(Value::String(name)) = member.remove("name") {
            if is_required {
                required.push(name.clone());
            }
            properties.insert(name, member.into());
        }
    }
    let is_required = !required.is_empty() || consumes.is_empty();
    let schema = json!({"type": "object", "properties": properties, "required": required});
    (schema, is_required)
}

fn content(media_types: &[String], schema: &Value) -> Value {
    let content: Map<_, _> = media_types
        .iter()
        .map(|media_type| (media_type.clone(), json!({"schema": schema})))
        .collect();
    content.into()
}

fn schema_to_openapi(schema: &mut Map<String, Value>, pointer: &str) -> Result<(), Refusal> {
    if let Some(name) = text(schema, "$ref", pointer)?.and_then(|to| to.strip_prefix(DEFINITIONS)) {
        let reference = format!("{SCHEMAS}{name}");
        schema.insert("$ref".to_owned(), reference.into());
    }
    if let Some(nullable) = schema.remove("x-nullable") {
        schema.insert("nullable".to_owned(), nullable);
    }
    if let Some(property) = schema.get("discriminator").filter(|kind| kind.is_string()) {
        let discriminator = json!({"propertyName": property});
        schema.insert("discriminator".to_owned(), discriminator);
    }
    if schema.get("type").is_some_and(|kind| kind == "file") {
        schema.insert("type".to_owned(), "string".into());
        schema.insert("format".to_owned(), "binary".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::to_openapi;
    use crate::codegen::spec::{Log, Refusal};

    fn converted(operation: Value, root: Value) -> Result<Value, Refusal> {
        let mut document = json!({
            "swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "example.com",
            "paths": {"/a": {"post": operation}}
        });
        for (key, value) in root.as_object().into_iter().flatten() {
            document[key] = value.clone();
        }
        to_openapi(&mut document, &mut Log::default()).map(|()| document)
    }

    #[test]
    fn bodies_answers_and_definitions_find_their_places() {
        let document = converted(
            json!({
                "parameters": [{"name": "thing", "in": "body", "required": true, "schema": {"$ref": "#/definitions/A"}}],
                "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/A"}, "headers": {}}, "default": {"$ref": "#/responses/Error"}}
            }),
            json!({
                "consumes": ["application/merge-patch+json"], "basePath": "/v1/",
                "responses": {"Error": {"description": "failed"}},
                "definitions": {
                    "A": {"type": "object", "discriminator": "kind", "properties": {
                        "kind": {"type": "string", "x-nullable": true}, "a": {"$ref": "#/definitions/A"}
                    }}
                }
            }),
        );
        let to = json!({"schema": {"$ref": "#/components/schemas/A"}});
        assert_eq!(
            document,
            Ok(json!({
                "openapi": "3.0.0", "info": {"title": "T", "version": "1"},
                "paths": {"/v1/a": {"post": {
                    "parameters": [],
                    "requestBody": {"required": true, "content": {"application/merge-patch+json": to}},
                    "responses": {
                        "200": {"description": "ok", "content": {"application/json": to}},
                        "default": {"description": "failed"}
                    }
                }}},
                "components": {"schemas": {"A": {
                    "type": "object", "discriminator": {"propertyName": "kind"}, "properties": {
                        "kind": {"type": "string", "nullable": true}, "a": {"$ref": "#/components/schemas/A"}
                    }
                }}}
            }))
        );
    }

    #[test]
    fn types_of_parameters_become_schemas_and_lists_get_a_style() {
        let list = |place: &str, format: &str| json!({"name": "l", "in": place, "type": "array", "items": {"type": "string"}, "collectionFormat": format});
        for (parameter, expected) in [
            (
                json!({"name": "n", "in": "query", "type": "integer", "format": "int32", "required": true, "description": "N."}),
                json!({"name": "n", "in": "query", "required": true, "description": "N.", "schema": {"type": "integer", "format": "int32"}}),
            ),
            (
                list("query", "multi"),
                json!({"name": "l", "in": "query", "style": "form", "explode": true, "schema": {"type": "array", "items": {"type": "string"}}}),
            ),
            (
                list("header", "csv"),
                json!({"name": "l", "in": "header", "style": "simple", "explode": false, "schema": {"type": "array", "items": {"type": "string"}}}),
            ),
            (
                list("query", "pipes"),
                json!({"name": "l", "in": "query", "style": "pipeDelimited", "explode": false, "schema": {"type": "array", "items": {"type": "string"}}}),
            ),
        ] {
            let root = json!({"parameters": {"P": parameter}});
            let document = converted(json!({"parameters": [{"$ref": "#/parameters/P"}]}), root);
            let document = document.expect("understood");
            assert_eq!(
                document["paths"]["/a"]["post"]["parameters"],
                json!([expected])
            );
        }
    }

    #[test]
    fn forms_become_objects_of_their_media_type() {
        let document = converted(
            json!({
                "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [
                    {"name": "a", "in": "formData", "type": "string", "required": true},
                    {"name": "b", "in": "formData", "type": "file"}
                ]
            }),
            json!({}),
        );
        assert_eq!(
            document.expect("understood")["paths"]["/a"]["post"]["requestBody"],
            json!({"required": true, "content": {"application/x-www-form-urlencoded": {"schema": {
                "type": "object", "required": ["a"],
                "properties": {"a": {"type": "string"}, "b": {"type": "string", "format": "binary"}}
            }}}})
        );
    }

    #[test]
    fn a_parameter_of_the_path_gives_way_to_one_of_the_operation() {
        let parameter = |description: &str| json!({"name": "x", "in": "query", "type": "string", "description": description});
        let mut document = json!({"swagger": "2.0", "paths": {"/a": {
            "parameters": [parameter("of the path")],
            "get": {"parameters": [parameter("own")]}, "put": {}
        }}});
        to_openapi(&mut document, &mut Log::default()).expect("understood");
        let description = |method: &str| {
            let parameters = &document["paths"]["/a"][method]["parameters"];
            (
                parameters[0]["description"].clone(),
                parameters.as_array().map(Vec::len),
            )
        };
        assert_eq!(description("get"), (json!("own"), Some(1)));
        assert_eq!(description("put"), (json!("of the path"), Some(1)));
    }

    #[test]
    fn what_has_no_counterpart_here_is_refused() {
        for (operation, root, pointer) in [
            (json!({}), json!({"x-ms-paths": {}}), "#/x-ms-paths"),
            (
                json!({"parameters": [{"$ref": "other.json#/parameters/P"}]}),
                json!({}),
                "#/paths/~1a/post/parameters/0",
            ),
            (
                json!({"parameters": [{"name": "l", "in": "query", "type": "array", "collectionFormat": "tsv"}]}),
                json!({}),
                "#/paths/~1a/post/parameters/0/collectionFormat",
            ),
        ] {
            let refusal = converted(operation, root).expect_err(pointer);
            assert_eq!(refusal.pointer, pointer);
        }
    }
}
