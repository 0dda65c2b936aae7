//! Reads the named schemas: objects, open enumerations and unions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::types::read_map_type;
use super::{Field, Kind, Model, OpenEnum, Page, Reader, Struct, Type, Union, Variant};
use crate::codegen::json::{child, flag, object, required_text, text, texts};
use crate::codegen::marks;
use crate::codegen::names::{is_identifier, snake_name, variant_name};
use crate::codegen::positions::SCHEMAS;
use crate::codegen::spec::Refusal;

/// Names that the generated code uses for something else.
const TAKEN: [&str; 18] = [
    "BTreeMap",
    "Box",
    "Clone",
    "Debug",
    "Default",
    "Deserialize",
    "From",
    "Into",
    "LabelValue",
    "Option",
    "Patch",
    "PatchMap",
    "Result",
    "Serialize",
    "String",
    "Timestamp",
    "Value",
    "Vec",
];

/// Reads one schema.
pub(super) struct ModelReader<'a> {
    name: &'a str,
    pointer: String,
    renames: &'a BTreeMap<String, String>,
}

impl<'a> ModelReader<'a> {
    /// `renames` is that of the options: the names of parts are looked up in it.
    pub(super) fn new(name: &'a str, renames: &'a BTreeMap<String, String>) -> Self {
        Self {
            name,
            pointer: format!("{SCHEMAS}{name}"),
            renames,
        }
    }

    /// Reads the schema. `used` gathers the names under which its parts could have been renamed.
    pub(super) fn model(
        &self,
        schema: &Value,
        used: &mut BTreeSet<String>,
    ) -> Result<Model, Refusal> {
        if TAKEN.contains(&self.name) {
            return Err(Refusal::new(
                &self.pointer,
                "generated code uses this name for something else",
                "give the schema another name under `renames` in specs/codegen.toml",
            ));
        }
        let map = object(schema, &self.pointer)?;
        if let Some(union) = map.get(marks::UNION) {
            self.union(map, union, used).map(Model::Union)
        } else if let Some(values) = map.get(marks::OPEN_ENUM) {
            self.open_enum(map, values, used).map(Model::Enum)
        } else {
            self.object(map, used).map(Model::Struct)
        }
    }

    /// The configured name of a part, or the usual one.
    fn part_name(
        &self,
        part: &str,
        usual: String,
        used: &mut BTreeSet<String>,
    ) -> Result<String, Refusal> {
        let key = format!("{}.{part}", self.name);
        let name = self.renames.get(&key).cloned().unwrap_or(usual);
        if !is_identifier(&name) {
            return Err(Refusal::new(
                &self.pointer,
                format!("its part {part:?} gets the name {name:?}, which Rust does not take"),
                format!(
                    "give it another under `renames` in specs/codegen.toml: {key:?} = \"name\""
                ),
            ));
        }
        used.insert(key);
        Ok(name)
    }

    fn refuse_repeated(&self, names: &[&str]) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        match names.iter().find(|name| !seen.insert(**name)) {
            None => Ok(()),
            Some(name) => Err(Refusal::new(
                &self.pointer,
                format!("two of its parts get the name {name} in Rust"),
                format!(
                    "give one another under `renames` in specs/codegen.toml: \"{}.part\" = \"name\"",
                    self.name
                ),
            )),
        }
    }

    /// A spelling must stand for one value.
    fn refuse_repeated_values(&self, variants: &[Variant]) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        let mut spellings = variants
            .iter()
            .flat_map(|variant| variant.also_read.iter().chain([&variant.value]));
        match spellings.find(|spelling| !seen.insert(*spelling)) {
            None => Ok(()),
            Some(spelling) => Err(Refusal::new(
                &self.pointer,
                format!("the spelling {spelling:?} stands for two of its values"),
                "leave it with one of them",
            )),
        }
    }

    fn description(&self, map: &Map<String, Value>) -> Result<String, Refusal> {
        required_text(map, "description", &self.pointer).map(str::to_owned)
    }

    fn union(
        &self,
        map: &Map<String, Value>,
        union: &Value,
        used: &mut BTreeSet<String>,
    ) -> Result<Union, Refusal> {
        let union = object(union, &self.pointer)?;
        let variants = union.get("variants").and_then(Value::as_array);
        let mut kinds = Vec::new();
        for variant in variants.into_iter().flatten() {
            let variant = object(variant, &self.pointer)?;
            let value = required_text(variant, "kind", &self.pointer)?;
            kinds.push(Kind {
                name: self.part_name(value, variant_name(value), used)?,
                value: value.to_owned(),
                payload: required_text(variant, "schema", &self.pointer)?.to_owned(),
            });
        }
        let names = kinds.iter().map(|kind| kind.name.as_str());
        self.refuse_repeated(&names.chain(["Unknown"]).collect::<Vec<_>>())?;
        Ok(Union {
            name: self.name.to_owned(),
            description: self.description(map)?,
            discriminator: required_text(union, "discriminator", &self.pointer)?.to_owned(),
            kinds,
        })
    }

    fn open_enum(
        &self,
        map: &Map<String, Value>,
        values: &Value,
        used: &mut BTreeSet<String>,
    ) -> Result<OpenEnum, Refusal> {
        let mut variants = Vec::new();
        for value in values.as_array().into_iter().flatten() {
            let entry = object(value, &self.pointer)?;
            let value = required_text(entry, "value", &self.pointer)?;
            variants.push(Variant {
                name: self.part_name(value, variant_name(value), used)?,
                value: value.to_owned(),
                also_read: owned(texts(entry, marks::ALSO_READ, &self.pointer)?),
                description: self.description(entry)?,
            });
        }
        self.refuse_repeated_values(&variants)?;
        let names = variants.iter().map(|variant| variant.name.as_str());
        self.refuse_repeated(&names.chain(["Unknown"]).collect::<Vec<_>>())?;
        Ok(OpenEnum {
            name: self.name.to_owned(),
            description: self.description(map)?,
            variants,
        })
    }

    fn object(
        &self,
        map: &Map<String, Value>,
        used: &mut BTreeSet<String>,
    ) -> Result<Struct, Refusal> {
        if map
            .get("additionalProperties")
            .is_some_and(|additional| additional.is_object())
        {
            return Err(Refusal::new(
                &self.pointer,
                "an object with both properties and typed `additionalProperties`",
                "declare the further members, or list the schema under `raw-json` in specs/codegen.toml",
            ));
        }
        let empty = Map::new();
        let properties = map
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let mut names = texts(map, "required", &self.pointer)?;
        let required: BTreeSet<_> = names.iter().copied().collect();
        names.extend(
            properties
                .keys()
                .map(String::as_str)
                .filter(|name| !required.contains(name)),
        );
        let mut fields = Vec::new();
        for wire in names {
            let pointer = child(&child(&self.pointer, "properties"), wire);
            let property = properties.get(wire).unwrap_or(&Value::Null);
            let required = required.contains(wire);
            fields.push(self.field(wire, object(property, &pointer)?, required, &pointer, used)?);
        }
        self.refuse_repeated(
            &fields
                .iter()
                .map(|field| field.name.as_str())
                .collect::<Vec<_>>(),
        )?;
        let page = map.get(marks::PAGE).map(|page| Page {
            items: page["items"].as_str().unwrap_or_default().to_owned(),
            next_link: page["nextLink"].as_str().unwrap_or_default().to_owned(),
        });
        Ok(Struct {
            name: self.name.to_owned(),
            description: text(map, "description", &self.pointer)?
                .unwrap_or_default()
                .to_owned(),
            fields,
            page,
            patch_of: text(map, marks::PATCH_OF, &self.pointer)?.map(str::to_owned),
        })
    }

    fn field(
        &self,
        wire: &str,
        property: &Map<String, Value>,
        required: bool,
        pointer: &str,
        used: &mut BTreeSet<String>,
    ) -> Result<Field, Refusal> {
        let usual = match snake_name(wire) {
            // The constructor has this name.
            name if name == "new" => "new_".to_owned(),
            name => name,
        };
        let kind = read_map_type(property, pointer)?;
        Ok(Field {
            wire: wire.to_owned(),
            also_read: owned(texts(property, marks::ALSO_READ, pointer)?),
            name: self.part_name(wire, usual, used)?,
            reader: reader(
                &texts(property, marks::ALSO_ACCEPT, pointer)?,
                &kind,
                pointer,
            )?,
            kind,
            required: required && !flag(property, "nullable"),
            read_only: flag(property, "readOnly"),
            secret: flag(property, marks::SECRET),
            boxed: false,
            description: required_text(property, "description", pointer)?.to_owned(),
        })
    }
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

/// What reads a value of a type in the forms given.
fn reader(forms: &[&str], kind: &Type, pointer: &str) -> Result<Option<Reader>, Refusal> {
    let is_number = matches!(kind, Type::Int32 | Type::Int64 | Type::Double);
    let is_map_of_texts = matches!(kind, Type::Map(values) if **values == Type::Text);
    match forms {
        [] => Ok(None),
        ["number-text"] if is_number => Ok(Some(Reader::Number)),
        ["primitive"] if is_map_of_texts => Ok(Some(Reader::Texts)),
        forms
            if *kind == Type::Double
                && forms.contains(&"duration-text")
                && !forms.contains(&"primitive") =>
        {
            Ok(Some(Reader::Seconds))
        }
        forms => Err(Refusal::new(
            pointer,
            format!(
                "the other forms {} of a value of this type are not understood",
                forms.join(", ")
            ),
            "number-text goes with numbers, duration-text with type number, primitive with maps of texts",
        )),
    }
}
