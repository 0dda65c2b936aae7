//! Makes values of schemas, each with what a model has to make of it.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::Side;
use super::document::{Document, Listed, Member, Shape, Union, referenced};

/// How deep values that may be anything are nested.
const DEPTH: usize = 3;

/// A value as it is read, and as it has to be written.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) read: Value,
    pub(super) written: Value,
}

impl From<Value> for Pair {
    fn from(value: Value) -> Self {
        Self {
            read: value.clone(),
            written: value,
        }
    }
}

/// The choices that a value is made from. When they run out, each is the simplest one: members are left out, lists are empty.
pub(super) struct Choices<'a>(std::slice::Iter<'a, u8>);

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    /// A number below the limit, which is at most 256.
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    fn integer(&mut self) -> i64 {
        i64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    fn text(&mut self) -> String {
        const CHARACTERS: [&str; 16] = [
            "a", "Z", "7", " ", "-", "_", "/", "\"", "\\", "\n", "\u{0}", "é", "漢", "😀", "{",
            "null",
        ];
        (0..self.below(6))
            .map(|_| self.one_of(&CHARACTERS))
            .collect()
    }
}

/// Makes values of the schemas of a document.
pub(super) struct Values<'a> {
    document: &'a Document,
    /// What becomes of absent members, by schema.
    sides: BTreeMap<&'a str, Side>,
}

impl<'a> Values<'a> {
    pub(super) fn new(document: &'a Document, sides: BTreeMap<&'a str, Side>) -> Self {
        Self { document, sides }
    }

    /// A value of a named schema for one of its models. The value of one kind of a union is a value of the union.
    pub(super) fn of_model(&self, name: &str, side: Side, choices: &mut Choices<'_>) -> Pair {
        if let Some((union, kind)) = self.document.kind_of(name) {
            return self.kind(name, kind, union.discriminator, choices);
        }
        let shape = self.document.shape(self.document.schema(name));
        self.shaped(&shape, side, choices)
    }

    fn value(&self, schema: &Value, side: Side, choices: &mut Choices<'_>) -> Pair {
        let side = match referenced(schema) {
            Some(name) => self.sides.get(name).copied().unwrap_or(side),
            None => side,
        };
        self.shaped(&self.document.shape(schema), side, choices)
    }

    fn shaped(&self, shape: &Shape<'_>, side: Side, choices: &mut Choices<'_>) -> Pair {
        match shape {
            Shape::Text => choices.text().into_pair(),
            Shape::Time => time(choices).into_pair(),
            Shape::Boolean => choices.flag().into_pair(),
            Shape::Int32 => (choices.integer() >> 32).into_pair(),
            Shape::Int64 => choices.integer().into_pair(),
            Shape::Number => number(choices),
            Shape::Label => match choices.below(4) {
                0 => choices.text().into_pair(),
                1 => choices.integer().into_pair(),
                2 => Value::from(fraction(choices)).into(),
                _ => choices.flag().into_pair(),
            },
            Shape::Anything => anything(choices, DEPTH).into(),
            Shape::Enumeration(known) => enumerated(known, choices),
            Shape::List(items) => self.list(items, side, choices),
            Shape::Map(values) => self.map(values, side, choices),
            Shape::Object(members) => self.object(members, side, choices),
            Shape::Union(union) => self.union(union, choices),
        }
    }

    fn list(&self, items: &Value, side: Side, choices: &mut Choices<'_>) -> Pair {
        let pairs: Vec<_> = (0..choices.below(4))
            .map(|_| self.nullable(items, side, choices))
            .collect();
        let (read, written) = pairs
            .into_iter()
            .map(|pair| (pair.read, pair.written))
            .unzip();
        Pair {
            read: Value::Array(read),
            written: Value::Array(written),
        }
    }

    fn map(&self, values: &Value, side: Side, choices: &mut Choices<'_>) -> Pair {
        let (mut read, mut written) = (Map::new(), Map::new());
        for _ in 0..choices.below(4) {
            let key = choices.text();
            let pair = match side {
                // A null entry of a patch removes one.
                Side::Patch if choices.below(4) == 3 => Value::Null.into(),
                Side::Patch => self.nullable(values, Side::Sent, choices),
                _ => self.nullable(values, side, choices),
            };
            read.insert(key.clone(), pair.read);
            written.insert(key, pair.written);
        }
        Pair {
            read: Value::Object(read),
            written: Value::Object(written),
        }
    }

    fn nullable(&self, schema: &Value, side: Side, choices: &mut Choices<'_>) -> Pair {
        if schema["nullable"] == true && choices.below(4) == 3 {
            return Value::Null.into();
        }
        self.value(schema, side, choices)
    }

    fn object(&self, members: &[Member<'_>], side: Side, choices: &mut Choices<'_>) -> Pair {
        let (mut read, mut written) = (Map::new(), Map::new());
        for member in members {
            if side == Side::Patch {
                self.patched(member, &mut read, &mut written, choices);
                continue;
            }
            let is_collection = matches!(
                self.document.shape(member.schema),
                Shape::List(_) | Shape::Map(_)
            );
            let name = match choices.below(8) {
                7 if !member.other_names.is_empty() => choices.one_of(&member.other_names),
                _ => member.name,
            };
            let optional = !member.required || member.nullable;
            let choice = if optional { choices.below(4) } else { 2 };
            match choice {
                0 if !member.required => {}
                0 | 1 => {
                    read.insert(name.to_owned(), Value::Null);
                }
                _ => {
                    let pair = self.value(member.schema, side, choices);
                    let pair = other_form(pair, &member.other_forms, choices);
                    read.insert(name.to_owned(), pair.read);
                    written.insert(member.name.to_owned(), pair.written);
                    continue;
                }
            }
            if is_collection && side == Side::Answered {
                let empty = match self.document.shape(member.schema) {
                    Shape::List(_) => json!([]),
                    _ => json!({}),
                };
                written.insert(member.name.to_owned(), empty);
            }
        }
        Pair {
            read: Value::Object(read),
            written: Value::Object(written),
        }
    }

    /// A member of a patch is absent, null or a value; what is within it is sent as it would be elsewhere.
    fn patched(
        &self,
        member: &Member<'_>,
        read: &mut Map<String, Value>,
        written: &mut Map<String, Value>,
        choices: &mut Choices<'_>,
    ) {
        if member.read_only {
            return;
        }
        let pair = match choices.below(4) {
            0 => return,
            1 => Value::Null.into(),
            _ => match self.document.shape(member.schema) {
                Shape::Map(values) => self.map(values, Side::Patch, choices),
                _ => self.value(member.schema, Side::Sent, choices),
            },
        };
        read.insert(member.name.to_owned(), pair.read);
        written.insert(member.name.to_owned(), pair.written);
    }

    fn union(&self, union: &Union<'_>, choices: &mut Choices<'_>) -> Pair {
        let kinds: Vec<_> = union.kinds.iter().collect();
        let choice = choices.below(kinds.len() + 1);
        if let Some((kind, name)) = kinds.get(choice) {
            return self.kind(name, kind, union.discriminator, choices);
        }
        let mut members = match anything(choices, DEPTH) {
            Value::Object(members) => members,
            other => Map::from_iter([("member".to_owned(), other)]),
        };
        let kind = format!("later{}", choices.text());
        members.insert(union.discriminator.to_owned(), kind.into());
        Value::Object(members).into()
    }

    fn kind(&self, name: &str, kind: &str, discriminator: &str, choices: &mut Choices<'_>) -> Pair {
        let side = self.sides.get(name).copied().unwrap_or(Side::Sent);
        let Shape::Object(mut members) = self.document.shape(self.document.schema(name)) else {
            panic!("{name} is a kind of a union and no object");
        };
        members.retain(|member| member.name != discriminator);
        let mut pair = self.object(&members, side, choices);
        for value in [&mut pair.read, &mut pair.written] {
            value[discriminator] = kind.into();
        }
        pair
    }
}

trait IntoPair {
    fn into_pair(self) -> Pair;
}

impl<T: Into<Value>> IntoPair for T {
    fn into_pair(self) -> Pair {
        Pair::from(self.into())
    }
}

/// A listed value, perhaps in another spelling, or one that is not listed.
fn enumerated(known: &[Listed<'_>], choices: &mut Choices<'_>) -> Pair {
    let listed = match choices.below(4) {
        0 => return choices.text().into_pair(),
        _ => &known[choices.below(known.len())],
    };
    let spelling = match choices.below(4) {
        3 if !listed.other_spellings.is_empty() => choices.one_of(&listed.other_spellings),
        _ => listed.value,
    };
    Pair {
        read: spelling.into(),
        written: listed.value.into(),
    }
}

/// The value, perhaps read in another form.
fn other_form(pair: Pair, forms: &[&str], choices: &mut Choices<'_>) -> Pair {
    if forms.is_empty() || choices.below(3) != 2 {
        return pair;
    }
    let Pair { read, written } = pair;
    match choices.one_of(forms) {
        "number-text" => Pair {
            read: read.to_string().into(),
            written,
        },
        "duration-text" => {
            let (days, seconds) = (choices.below(3), choices.below(200));
            Pair {
                read: format!("P{days}DT{seconds}S").into(),
                written: f64::from(u32::try_from(days * 86_400 + seconds).expect("small")).into(),
            }
        }
        "primitive" => with_primitives(read, written, choices),
        // Null is chosen elsewhere, and dates are their own tests.
        _ => Pair { read, written },
    }
}

/// A map of texts with a number and a boolean among its values.
fn with_primitives(mut read: Value, mut written: Value, choices: &mut Choices<'_>) -> Pair {
    let (number, flag) = (choices.integer(), choices.flag());
    for (key, value) in [("number", Value::from(number)), ("flag", flag.into())] {
        written[key] = value.to_string().into();
        read[key] = value;
    }
    Pair { read, written }
}

/// Of up to 15 digits, which readers of JSON keep exactly; what has more may change in the last one.
fn fraction(choices: &mut Choices<'_>) -> f64 {
    let digits = f64::from(u32::from_le_bytes(std::array::from_fn(|_| choices.byte())));
    let scale = [1.0, 10.0, 1e3, 1e5][choices.below(4)];
    let sign = if choices.flag() { -1.0 } else { 1.0 };
    sign * digits / scale
}

/// The service writes a whole number without a fraction, the models with one.
fn number(choices: &mut Choices<'_>) -> Pair {
    let number = fraction(choices);
    let read = if number.fract() == 0.0 && choices.flag() {
        number
            .to_string()
            .parse::<Number>()
            .expect("a whole number is JSON")
            .into()
    } else {
        number.into()
    };
    Pair {
        read,
        written: number.into(),
    }
}

/// Between 1970 and 2140, in the forms that services write: up to seven digits of a second, with an offset or `Z`.
fn time(choices: &mut Choices<'_>) -> String {
    let seconds = u32::from_le_bytes(std::array::from_fn(|_| choices.byte()));
    let ticks = i64::from(u16::from_le_bytes([choices.byte(), choices.byte()])) * 100;
    let offset = UtcOffset::from_hms([0, 2, -5][choices.below(3)], 0, 0).expect("in range");
    let moment = OffsetDateTime::UNIX_EPOCH
        + Duration::seconds(seconds.into())
        + Duration::nanoseconds(ticks);
    let text = moment
        .to_offset(offset)
        .format(&Rfc3339)
        .expect("a year of four digits");
    match choices.flag() {
        true => text.replace('Z', "+00:00"),
        false => text,
    }
}

fn anything(choices: &mut Choices<'_>, depth: usize) -> Value {
    match choices.below(if depth == 0 { 4 } else { 6 }) {
        0 => choices.text().into(),
        1 => choices.integer().into(),
        2 => choices.flag().into(),
        3 => fraction(choices).into(),
        4 => (0..choices.below(4))
            .map(|_| match choices.below(5) {
                4 => Value::Null,
                _ => anything(choices, depth - 1),
            })
            .collect(),
        _ => (0..choices.below(4))
            .map(|_| (choices.text(), anything(choices, depth - 1)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::num::u8::ANY;
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    use serde_json::{Value, json};

    use super::{Choices, Values};
    use crate::round_trips::Side;
    use crate::round_trips::document::Document;

    const DOCUMENT: &str = r##"{"components": {"schemas": {
        "Thing": {"type": "object", "required": ["color"], "properties": {
            "color": {"anyOf": [{"type": "string"}, {"type": "string", "enum": ["red"]}],
                "x-ms-enum": {"values": [{"value": "red", "x-acs-also-read": ["Red"]}]}},
            "age": {"type": "integer", "x-acs-also-accept": ["number-text"]},
            "span": {"type": "number", "x-acs-also-accept": ["duration-text"]},
            "marks": {"type": "object", "additionalProperties": {"type": "string"}, "x-acs-also-accept": ["primitive"]},
            "shape": {"$ref": "#/components/schemas/Shape"},
            "notes": {"type": "array", "items": {"type": "string"}},
            "made": {"type": "string", "readOnly": true, "x-acs-also-read": ["born"]}
        }},
        "Shape": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}},
            "discriminator": {"propertyName": "kind", "mapping": {"disc": "#/components/schemas/Disc"}}},
        "Disc": {"type": "object", "properties": {"radius": {"type": "number"}},
            "allOf": [{"$ref": "#/components/schemas/Shape"}]}
    }}}"##;

    /// What is read, and what has to be written, of many values.
    fn values(side: Side) -> Vec<(Value, Value)> {
        let document = Document::parse(DOCUMENT);
        let values = Values::new(&document, [("Thing", side)].into());
        let mut runner = TestRunner::deterministic();
        (0..2_000)
            .map(|_| {
                let bytes = vec(ANY, 64).new_tree(&mut runner).expect("no filter");
                let pair = values.of_model("Thing", side, &mut Choices::new(&bytes.current()));
                (pair.read, pair.written)
            })
            .collect()
    }

    fn any(values: &[(Value, Value)], holds: impl Fn(&Value, &Value) -> bool) -> bool {
        values.iter().any(|(read, written)| holds(read, written))
    }

    #[test]
    fn values_know_listed_and_other_values_and_kinds() {
        let values = values(Side::Sent);
        assert!(any(&values, |read, _| read["color"] == "red"));
        assert!(any(&values, |read, _| read["color"].is_string()
            && read["color"] != "red"));
        assert!(any(&values, |read, _| read["shape"]["kind"] == "disc"));
        let later = |kind: &Value| kind.as_str().is_some_and(|kind| kind.starts_with("later"));
        assert!(any(&values, |read, written| later(&read["shape"]["kind"])
            && read["shape"] == written["shape"]));
        assert!(any(&values, |read, written| read["born"].is_string()
            && written["made"] == read["born"]));
        assert!(values.iter().all(|(read, _)| read.get("color").is_some()));
    }

    #[test]
    fn other_spellings_and_forms_are_read_and_not_written() {
        let values = values(Side::Sent);
        assert!(any(&values, |read, written| read["color"] == "Red"
            && written["color"] == "red"));
        assert!(any(&values, |read, written| read["age"].is_string()
            && written["age"].is_number()));
        assert!(any(&values, |read, written| read["span"] == "P1DT7S"
            && written["span"] == 86_407.0));
        assert!(any(&values, |read, written| read["marks"]["flag"] == true
            && written["marks"]["flag"] == "true"));
    }

    #[test]
    fn null_and_absent_members_are_written_as_the_side_wants_it() {
        let null = |read: &Value| read.get("notes") == Some(&Value::Null);
        let sent = values(Side::Sent);
        assert!(any(&sent, |read, written| null(read)
            && written.get("notes").is_none()));
        let answered = values(Side::Answered);
        assert!(any(&answered, |read, written| null(read)
            && written["notes"] == json!([])));
        assert!(any(&answered, |read, written| read.get("notes").is_none()
            && written["notes"] == json!([])));
        let patches = values(Side::Patch);
        assert!(any(&patches, |read, written| null(read) && null(written)));
        assert!(any(&patches, |read, _| read.get("color").is_none()));
        assert!(patches.iter().all(|(read, _)| read.get("made").is_none()));
    }

    #[test]
    fn without_choices_a_value_is_as_simple_as_can_be() {
        let document = Document::parse(DOCUMENT);
        let values = Values::new(&document, [("Thing", Side::Sent)].into());
        let pair = values.of_model("Thing", Side::Sent, &mut Choices::new(&[]));
        assert_eq!(pair.read, json!({"color": ""}));
    }
}
