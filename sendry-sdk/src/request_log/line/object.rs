//! A JSON object, written field by field into a buffer. The bytes are those of `serde_json`.
//!
//! Texts are most of a line. They are looked through eight bytes at a time, and copied in as few pieces as they have characters
//! to escape.

use serde::Serialize;

/// An object that is being written.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    /// Begins an object at the end of `out`.
    pub(super) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    /// Writes a field whose value is a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        push_text(self.field(name), text);
    }

    /// Writes a field whose value is made of letters, digits and signs that need no escape.
    pub(super) fn plain(&mut self, name: &str, text: &str) {
        let out = self.field(name);
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }

    /// Writes a field of any other kind.
    pub(super) fn value<T: Serialize>(&mut self, name: &str, value: &T) -> serde_json::Result<()> {
        serde_json::to_writer(self.field(name), value)
    }

    /// The same, where there is a value.
    pub(super) fn optional<T: Serialize>(&mut self, name: &str, value: Option<&T>) -> serde_json::Result<()> {
        value.map_or(Ok(()), |value| self.value(name, value))
    }

    /// Begins a field; its value goes into what is returned. Names are ours and need no escape.
    pub(super) fn field(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

/// Appends a text with its quotes.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (copied, escaped) = rest.split_at(plain_len(rest));
        out.extend_from_slice(copied);
        let Some((byte, after)) = escaped.split_first() else { break };
        push_escaped(out, *byte);
        rest = after;
    }
    out.push(b'"');
}

/// How many bytes from the start need no escape.
fn plain_len(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let marks = marks_of(u64::from_le_bytes(*word));
        if marks != 0 {
            return at * 8 + (marks.trailing_zeros() / 8) as usize;
        }
    }
    let done = bytes.len() - tail.len();
    tail.iter().position(|byte| needs_escape(*byte)).map_or(bytes.len(), |at| done + at)
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Marks bytes of a word that need an escape, in their highest bits. The lowest mark is exact; a borrow may set false ones above.
///
/// Each difference has its highest bit set where the byte is below what is subtracted, unless the byte has it set itself.
fn marks_of(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = ONES << 7;
    let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let quotes = is_zero(word ^ (ONES * u64::from(b'"')));
    let backslashes = is_zero(word ^ (ONES * u64::from(b'\\')));
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | backslashes | controls) & HIGHEST
}

#[cold]
fn push_escaped(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]];
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digits[0], digits[1]]);
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> String {
        let mut out = Vec::new();
        push_text(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_character_is_escaped_as_serde_json_does_wherever_it_stands() {
        for c in (0..=0x2ff).filter_map(char::from_u32) {
            for before in 0..9 {
                let given = format!("{}{c}é\"{c}", "x".repeat(before));
                assert_eq!(text(&given), serde_json::to_string(&given).unwrap());
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_what_serde_json_makes_of_it(given in any::<String>()) {
            prop_assert_eq!(text(&given), serde_json::to_string(&given).unwrap());
        }
    }

    #[test]
    fn fields_are_divided_by_commas() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object.plain("a", "x");
        object.value("b", &1).unwrap();
        object.optional::<u8>("c", None).unwrap();
        object.text("d", "\n");
        object.end();
        assert_eq!(out, br#"{"a":"x","b":1,"d":"\n"}"#);
    }
}
