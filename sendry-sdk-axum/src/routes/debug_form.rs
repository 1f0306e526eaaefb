//! Reads what `#[derive(Debug)]` and its kin write: structs, tuples, maps, lists and strings. Anything else is `None`, never a panic.

/// Nesting deeper than this is not a router.
const DEPTH_MAX: usize = 32;

/// One value of a `Debug` form.
#[derive(Debug, PartialEq)]
pub(super) enum Form {
    /// A string, unescaped.
    Text(String),
    /// A name, with the values in its parentheses or its named fields in braces.
    Named { name: String, fields: Vec<(Form, Form)>, values: Vec<Form> },
}

impl Form {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let form = reader.value(0)?;
        reader.rest.trim().is_empty().then_some(form)
    }

    /// The field of a struct.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(key, _)| key.is(name)).map(|(_, value)| value)
    }

    /// The entries of a map, or the fields of a struct.
    pub(super) fn entries(&self) -> Option<&[(Self, Self)]> {
        match self {
            Self::Named { fields, .. } => Some(fields),
            Self::Text(_) => None,
        }
    }

    /// The value in a tuple's parentheses.
    pub(super) fn inner(&self) -> Option<&Self> {
        match self {
            Self::Named { values, .. } => values.first(),
            Self::Text(_) => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Named { .. } => None,
        }
    }

    /// Whether this is the bare name `expected`, or begins with it.
    pub(super) fn is(&self, expected: &str) -> bool {
        matches!(self, Self::Named { name, .. } if name == expected)
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Form> {
        if depth > DEPTH_MAX {
            return None;
        }
        self.skip_blanks();
        let name = self.name();
        if self.rest.starts_with('"') {
            return self.string().map(Form::Text);
        }
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        if self.eat("(") {
            values = self.values(")", depth)?;
        } else if self.eat("[") {
            values = self.values("]", depth)?;
        } else if self.eat(" {") || self.eat("{") {
            self.list("}", |reader| {
                let key = reader.value(depth + 1)?;
                reader.eat(":").then_some(())?;
                fields.push((key, reader.value(depth + 1)?));
                Some(())
            })?;
        } else if name.is_empty() {
            return None;
        }
        Some(Form::Named { name, fields, values })
    }

    fn values(&mut self, end: &str, depth: usize) -> Option<Vec<Form>> {
        let mut values = Vec::new();
        self.list(end, |reader| {
            values.push(reader.value(depth + 1)?);
            Some(())
        })?;
        Some(values)
    }

    /// Reads elements, divided by commas, up to `end`.
    fn list(&mut self, end: &str, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        loop {
            self.skip_blanks();
            if self.eat(end) {
                return Some(());
            }
            if self.rest.starts_with("..") {
                return None;
            }
            element(self)?;
            self.skip_blanks();
            if !self.eat(",") && !self.rest.starts_with(end) {
                return None;
            }
        }
    }

    fn name(&mut self) -> String {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name.to_owned()
    }

    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '0' => text.push('\0'),
                    'u' => {
                        let code: String =
                            chars.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
                        text.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                    }
                    // A byte of a byte string, of which only the end matters.
                    'x' => _ = (chars.next()?, chars.next()?),
                    other => text.push(other),
                },
                c => text.push(c),
            }
        }
        None
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_unescaped() {
        let text = "a\"b\\c\u{7}\n'é";
        assert_eq!(Form::parse(&format!("{text:?}")), Some(Form::Text(text.to_owned())));
    }

    #[test]
    fn what_is_not_a_debug_form_is_refused_without_a_panic() {
        for text in [
            "",
            "{",
            "A {",
            "A { b",
            "A { b: ",
            "\"",
            "\"\\",
            "\"\\u{110000}\"",
            "A(",
            ")",
            "A { .. }",
            "A B",
            "[1,,2]",
        ] {
            assert_eq!(Form::parse(text), None, "{text}");
        }
        assert_eq!(Form::parse(&"(".repeat(100_000)), None);
    }

    #[test]
    fn every_prefix_of_a_real_form_is_refused_without_a_panic() {
        let app: axum::Router = axum::Router::new().route("/é\"{id}", axum::routing::get(async || ()));
        let form = format!("{app:?}");
        assert!(Form::parse(&form).is_some());
        let prefixes = (0..form.len()).filter_map(|end| form.get(..end));
        assert!(
            prefixes.filter(|prefix| Form::parse(prefix).is_some()).count() < 8,
            "at most the bare name and its parts"
        );
    }

    proptest::proptest! {
        #[test]
        fn a_changed_form_is_read_or_refused_without_a_panic(
            at in proptest::prelude::any::<proptest::sample::Index>(),
            with in r#"[\[\](){}",:\\u. a-z]{0,6}"#,
        ) {
            let app: axum::Router = axum::Router::new()
                .route("/é\"{id}", axum::routing::get(async || ()).post(async || ()))
                .nest_service("/assets", axum::routing::get(async || ()));
            let mut form = format!("{app:?}");
            let at = (0..=at.index(form.len())).rev().find(|at| form.is_char_boundary(*at)).unwrap_or(0);
            form.insert_str(at, &with);
            _ = super::super::read(&form);
            _ = super::super::read(&with);
        }
    }
}
