//! The beginning of a body, kept for diagnosis.

use std::fmt;

/// The most characters that are kept.
const LONGEST: usize = 1024;

/// From this length on, a run of token characters is taken for a secret. A base64 SHA-256 signature has 44, a GUID 36.
const SHORTEST_SECRET: usize = 40;

/// At most 1,024 characters of a body, with everything that looks like a key, a token or a signature left out.
///
/// Bodies can hold what customers wrote, so `Debug` prints the length alone.
#[derive(Clone, Default)]
pub(crate) struct Excerpt(String);

impl Excerpt {
    pub(crate) fn new(body: &[u8]) -> Self {
        // One character takes at most four bytes. The cut may split a secret: what is left of it is still a long run, or
        // too short to be of use.
        let beginning = &body[..body.len().min(4 * LONGEST)];
        let text: String = String::from_utf8_lossy(beginning)
            .chars()
            .take(LONGEST)
            .collect();
        Self(without_secrets(&text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{} characters>", self.0.chars().count())
    }
}

fn without_secrets(text: &str) -> String {
    let is_token =
        |character: char| character.is_ascii_alphanumeric() || "+/=-_.~".contains(character);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_token) {
        let (before, from_run) = rest.split_at(start);
        let end = from_run
            .find(|character| !is_token(character))
            .unwrap_or(from_run.len());
        let (run, after) = from_run.split_at(end);
        kept.push_str(before);
        kept.push_str(if run.len() < SHORTEST_SECRET {
            run
        } else {
            "[redacted]"
        });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::{Excerpt, LONGEST};

    #[test]
    fn keeps_the_beginning_of_a_long_body_on_character_boundaries() {
        let excerpt = Excerpt::new("ä ".repeat(10_000).as_bytes());
        assert_eq!(excerpt.as_str(), "ä ".repeat(LONGEST / 2));
        assert_eq!(Excerpt::new(b"\xff!").as_str(), "\u{fffd}!");
    }

    #[test]
    fn leaves_out_what_looks_like_a_token_a_key_or_a_signature() {
        let token = format!("eyJhbGciOi.{}.c2ln", "x_y-".repeat(20));
        let signature = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let body =
            format!(r#"{{"token":"{token}","sent":"Signature={signature}","expiresOn":"2024"}}"#);
        assert_eq!(
            Excerpt::new(body.as_bytes()).as_str(),
            r#"{"token":"[redacted]","sent":"[redacted]","expiresOn":"2024"}"#
        );
    }

    #[test]
    fn keeps_identifiers() {
        let body = r#"{"id":"00000000-1111-2222-3333-444444444444"}"#;
        assert_eq!(Excerpt::new(body.as_bytes()).as_str(), body);
    }

    #[test]
    fn debug_tells_the_length_only() {
        assert_eq!(
            format!("{:?}", Excerpt::new(b"dear customer")),
            "<13 characters>"
        );
    }
}
