//! The few template functions that our templates use.

/// Where functions find what they name.
pub(crate) trait Scope {
    fn parameter(&self, name: &str) -> String;
}

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/group";

/// The value of a text: an expression in brackets, or the text itself.
pub(crate) fn resolve(text: &str, scope: &dyn Scope) -> String {
    let Some(expression) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return text.to_owned();
    };
    let mut reader = Reader {
        rest: expression,
        scope,
    };
    let value = reader.value();
    assert!(
        reader.rest.trim().is_empty(),
        "{text}: what is {:?}?",
        reader.rest
    );
    value
}

/// The id of a resource of the group: the type and name interleaved.
pub(crate) fn resource_id(kind: &str, names: &[&str]) -> String {
    let mut kinds = kind.split('/');
    let provider = kinds.next().unwrap_or_default();
    let kinds: Vec<_> = kinds.collect();
    assert_eq!(kinds.len(), names.len(), "{kind} does not fit {names:?}");
    let segments: Vec<_> = kinds
        .iter()
        .zip(names)
        .map(|(kind, name)| format!("/{kind}/{name}"))
        .collect();
    format!("{GROUP}/providers/{provider}{}", segments.concat())
}

struct Reader<'a> {
    rest: &'a str,
    scope: &'a dyn Scope,
}

impl<'a> Reader<'a> {
    /// A text in quotes, or a call with the members that follow it.
    fn value(&mut self) -> String {
        self.rest = self.rest.trim_start();
        if let Some(text) = self.rest.strip_prefix('\'') {
            let (text, rest) = text.split_once('\'').expect("an end of the text");
            self.rest = rest;
            return text.to_owned();
        }
        let (name, arguments) = self.call();
        let members = self.members();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        match (name, arguments.as_slice(), members.as_str()) {
            ("parameters", [name], "") => self.scope.parameter(name),
            ("concat", parts, "") => parts.concat(),
            ("resourceId", [kind, names @ ..], "") => resource_id(kind, names),
            ("resourceGroup", [], ".id") => GROUP.to_owned(),
            ("resourceGroup", [], ".location") => "westeurope".to_owned(),
            // Thirteen letters and digits, the same for the same texts.
            ("uniqueString", [_, ..], "") => "abcdefgh12345".to_owned(),
            ("reference", [id, _version], ".primaryEndpoints.queue") => {
                let account = id.rsplit('/').next().unwrap_or_default();
                format!("https://{account}.queue.core.windows.net/")
            }
            _ => panic!("{name}({arguments:?}){members} is not known here"),
        }
    }

    fn call(&mut self) -> (&'a str, Vec<String>) {
        let (name, rest) = self.rest.split_once('(').expect("a call");
        self.rest = rest.trim_start();
        let mut arguments = Vec::new();
        while !self.rest.starts_with(')') {
            arguments.push(self.value());
            self.rest = self.rest.trim_start();
            self.rest = self
                .rest
                .strip_prefix(',')
                .unwrap_or(self.rest)
                .trim_start();
        }
        self.rest = &self.rest[1..];
        (name.trim(), arguments)
    }

    fn members(&mut self) -> String {
        let end = self
            .rest
            .find(|letter: char| !letter.is_alphanumeric() && letter != '.')
            .unwrap_or(self.rest.len());
        let (members, rest) = self.rest.split_at(end);
        self.rest = rest;
        members.to_owned()
    }
}
