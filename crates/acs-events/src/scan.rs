//! A reader of plain envelopes that goes once over the text, several times as fast as one that builds on serde.
//!
//! It only ever says yes: whatever it does not expect (a mistake, an escape in the envelope, an extension attribute, nesting
//! deeper than 64) is left to the reader in [`envelope`](crate::envelope), which takes everything and words the errors. What it
//! accepts is JSON, data included, and the two readers find the same in it; tests compare them.

use std::borrow::Cow;

use crate::envelope::Members;

/// The members of an event, if its envelope is a plain one.
pub(crate) fn plain_members(text: &str) -> Option<Members<'_>> {
    let mut scanner = Scanner { text, at: 0 };
    let members = scanner.members()?;
    // Nothing but white space may follow.
    scanner.peek().is_none().then_some(members)
}

struct Scanner<'a> {
    text: &'a str,
    /// Where the next byte is.
    at: usize,
}

impl<'a> Scanner<'a> {
    fn members(&mut self) -> Option<Members<'a>> {
        let mut members = Members::default();
        self.expect(b'{')?;
        loop {
            let name = self.plain_text()?;
            self.expect(b':')?;
            if name == "data" {
                self.peek()?;
                let start = self.at;
                self.skip_value()?;
                let data = self.text.get(start..self.at)?;
                // Of two members of one name, or null, the other reader knows what to make.
                let first = members.data.replace(data).is_none();
                (first && data != "null").then_some(())?;
            } else {
                let value = self.plain_text()?;
                let first = members.text(name)?.replace(Cow::Borrowed(value)).is_none();
                first.then_some(())?;
            }
            match self.next_token()? {
                b',' => {}
                b'}' => return Some(members),
                _ => return None,
            }
        }
    }

    /// A text without escapes, and its quotation marks.
    fn plain_text(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        (self.next_special()? == b'"').then_some(())?;
        self.text.get(start..self.at - 1)
    }

    /// Passes over one value of any kind. It keeps no list of what is open but a bit for each level.
    fn skip_value(&mut self) -> Option<()> {
        // The lowest bit is the innermost level: 1 for an object, 0 for a list.
        let (mut levels, mut depth) = (0_u64, 0_u32);
        loop {
            let opened = self.next_token()?;
            match opened {
                b'{' | b'[' => {
                    let is_object = opened == b'{';
                    // `]` and `}` come two places after their counterparts.
                    if self.peek()? == opened + 2 {
                        self.next()?;
                    } else {
                        (depth < u64::BITS).then_some(())?;
                        depth += 1;
                        levels = levels << 1 | u64::from(is_object);
                        if is_object {
                            self.skip_name()?;
                        }
                        continue;
                    }
                }
                b'"' => self.skip_text()?,
                b't' => self.skip_word(b"rue")?,
                b'f' => self.skip_word(b"alse")?,
                b'n' => self.skip_word(b"ull")?,
                b'-' | b'0'..=b'9' => self.skip_number(opened)?,
                _ => return None,
            }
            // A value ended, and perhaps what it is in.
            loop {
                if depth == 0 {
                    return Some(());
                }
                match (self.next_token()?, levels & 1) {
                    (b',', 1) => {
                        self.skip_name()?;
                        break;
                    }
                    (b',', _) => break,
                    (b'}', 1) | (b']', 0) => {
                        levels >>= 1;
                        depth -= 1;
                    }
                    _ => return None,
                }
            }
        }
    }

    /// Passes over a name of a member and its colon.
    fn skip_name(&mut self) -> Option<()> {
        self.expect(b'"')?;
        self.skip_text()?;
        self.expect(b':')
    }

    /// Passes over the rest of a text whose first quotation mark is behind.
    fn skip_text(&mut self) -> Option<()> {
        while self.next_special()? != b'"' {
            match self.next()? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => {
                    for _ in 0..4 {
                        self.next()?.is_ascii_hexdigit().then_some(())?;
                    }
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// Passes over the next quotation mark or backslash and gives it. Control characters may not stand before it.
    fn next_special(&mut self) -> Option<u8> {
        while let Some(chunk) = self.bytes()[self.at..].first_chunk() {
            let marks = special_bytes(u64::from_le_bytes(*chunk));
            if marks != 0 {
                self.at += marks.trailing_zeros() as usize / 8;
                break;
            }
            self.at += chunk.len();
        }
        loop {
            match self.next()? {
                found @ (b'"' | b'\\') => return Some(found),
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn skip_word(&mut self, rest: &[u8]) -> Option<()> {
        let found = self.bytes()[self.at..].starts_with(rest);
        found.then(|| self.at += rest.len())
    }

    /// Passes over the rest of a number that begins so.
    fn skip_number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.skip_digits(),
            _ => return None,
        }
        if self.skip_if(|byte| byte == b'.') {
            self.skip_if(|byte| byte.is_ascii_digit()).then_some(())?;
            self.skip_digits();
        }
        if self.skip_if(|byte| matches!(byte, b'e' | b'E')) {
            self.skip_if(|byte| matches!(byte, b'+' | b'-'));
            self.skip_if(|byte| byte.is_ascii_digit()).then_some(())?;
            self.skip_digits();
        }
        Some(())
    }

    fn skip_digits(&mut self) {
        while self.skip_if(|byte| byte.is_ascii_digit()) {}
    }

    fn skip_if(&mut self, accept: impl Fn(u8) -> bool) -> bool {
        let found = self.bytes().get(self.at).is_some_and(|byte| accept(*byte));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next_token()? == byte).then_some(())
    }

    /// The next byte that is no white space.
    fn next_token(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// The same, left where it is.
    fn peek(&mut self) -> Option<u8> {
        while self.skip_if(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {}
        self.bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes().get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }
}

/// Sets the highest bit of each byte that is a quotation mark, a backslash or a control character. Bytes above the lowest of
/// them may be marked in error, so only that one counts.
fn special_bytes(chunk: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let is_zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes;
    let quotation = is_zero(chunk ^ (ONES * b'"' as u64));
    let backslash = is_zero(chunk ^ (ONES * b'\\' as u64));
    let control = chunk.wrapping_sub(ONES * 0x20) & !chunk;
    (quotation | backslash | control) & HIGH
}

#[cfg(test)]
mod tests {
    use super::plain_members;
    use crate::envelope::Members;

    /// Whatever is accepted is JSON, and the other reader finds the same in it.
    fn accepts(text: &str) -> bool {
        let Some(plain) = plain_members(text) else {
            return false;
        };
        let other: Members<'_> = serde_json::from_str(text).expect(text);
        assert_eq!(format!("{plain:?}"), format!("{other:?}"));
        true
    }

    fn with_data(data: &str) -> String {
        format!("{{ \"id\" :\t\"1\",\r\n\"data\": {data} , \"eventType\":\"A.B\"}} \n")
    }

    #[test]
    fn plain_envelopes_are_accepted_whatever_their_data() {
        for data in [
            "{}",
            "[]",
            "5",
            "-0",
            "0.50e-7",
            "1E+30",
            "true",
            "false",
            "\"\"",
            "[ ]",
            "{ }",
            r#"{"a":{"b":[1,{"c":null},[],[[2]]]},"d":"x"}"#,
            r#"["\"\\\/\b\f\n\r\t\u00e4 \ud800 {[ äöü", "long enough for some chunks: ]} \\"]"#,
        ] {
            assert!(accepts(&with_data(data)), "{data}");
        }
        assert!(accepts(&with_data(&format!(
            "{}{}",
            "[".repeat(64),
            "]".repeat(64)
        ))));
    }

    #[test]
    fn what_is_not_plain_or_no_json_is_left_to_the_other_reader() {
        for data in [
            "",
            "null",
            "[",
            "{",
            "]",
            "}",
            "[}",
            "{]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 "b":2}"#,
            "{1:2}",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "tru",
            "nul",
            "truefalse",
            "\"",
            r#""\x""#,
            r#""\u12g4""#,
            r#""\u1"#,
            "\"\u{1}\"",
            "\"12345678\n\"",
            "1 2",
            "'a'",
        ] {
            assert!(!accepts(&with_data(data)), "{data}");
        }
        assert!(!accepts(&with_data(&format!(
            "{}{}",
            "[".repeat(66),
            "]".repeat(66)
        ))));
        for text in [
            "",
            "{",
            "{}",
            "[]",
            r#"{"id":"1"} x"#,
            r#"{"id":"1",}"#,
            r#"{"id":"1" "topic":"t"}"#,
            r#"{"id":"1","id":"2"}"#,
            r#"{"data":1,"data":2}"#,
            r#"{"id":"\u0031"}"#,
            r#"{"\u0069d":"1"}"#,
            r#"{"id":1}"#,
            r#"{"id":null}"#,
            r#"{"extension":"1"}"#,
            r#"{"id":"1"#,
            "{\"id\":\"\t\"}",
        ] {
            assert!(!accepts(text), "{text}");
        }
    }
}
