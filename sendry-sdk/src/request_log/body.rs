//! Copies of bodies, made of the bytes that pass. A body is kept whole or not at all: half of one cannot be masked.

use super::header_lines::HeaderLines;

/// Bytes of a body that are kept at the most.
pub(super) const BODY_BYTES_MAX: usize = 50_000;

/// Content types whose bodies can be masked field by field. `+json` types count as JSON.
pub(super) const CONTENT_TYPES: &[&str] =
    &["application/json", "application/x-ndjson", "application/jsonl", "application/x-www-form-urlencoded"];

/// Why a body is not in the log. The words are those of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Bodies are not logged.
    Off,
    /// Bodies of its content type are not.
    ContentType,
    /// It is compressed.
    Encoded,
    TooLarge,
    /// Its bytes are no text.
    NotUtf8,
    /// It is not the JSON that its content type says.
    NotJson,
    /// Nobody read it, or not to its end.
    NotRead,
}

impl Missing {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::ContentType => "content_type",
            Self::Encoded => "encoded",
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::NotRead => "not_read",
        }
    }
}

/// How a body's text is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    UrlEncoded,
    /// It has no fields.
    Text,
}

/// Which bodies are kept.
#[derive(Debug, Clone)]
pub(super) struct BodyRules {
    pub(super) requests: bool,
    pub(super) responses: bool,
    pub(super) bytes_max: usize,
    /// In lower case; `text/*` stands for all of its kind.
    pub(super) content_types: Vec<String>,
}

impl BodyRules {
    pub(super) fn begin_request(&self, headers: HeaderLines<'_>) -> BodyCopy {
        if self.requests { self.begin(headers) } else { BodyCopy::off() }
    }

    pub(super) fn begin_response(&self, headers: HeaderLines<'_>) -> BodyCopy {
        if self.responses { self.begin(headers) } else { BodyCopy::off() }
    }

    /// The body of a response that is not there yet, and never is where the request fails before.
    pub(super) fn without_response(&self) -> BodyCopy {
        BodyCopy::Missing(if self.responses { Missing::NotRead } else { Missing::Off })
    }

    fn begin(&self, headers: HeaderLines<'_>) -> BodyCopy {
        let is_plain = |encoding: &[u8]| encoding.trim_ascii().eq_ignore_ascii_case(b"identity");
        let Some(form) = headers.first("content-type").and_then(|value| self.form_of(value)) else {
            return BodyCopy::Missing(Missing::ContentType);
        };
        if !headers.values_of("content-encoding").all(is_plain) {
            return BodyCopy::Missing(Missing::Encoded);
        }
        let length = headers.first("content-length").and_then(|value| std::str::from_utf8(value).ok());
        if length
            .and_then(|text| text.trim().parse().ok())
            .is_some_and(|length: usize| length > self.bytes_max)
        {
            return BodyCopy::Missing(Missing::TooLarge);
        }
        BodyCopy::Copying { form, bytes: Vec::new(), bytes_max: self.bytes_max }
    }

    /// How bodies of a content type are read, where they are allowed.
    fn form_of(&self, content_type: &[u8]) -> Option<Form> {
        let essence = std::str::from_utf8(content_type).ok()?.split(';').next()?.trim().to_ascii_lowercase();
        let is_json = essence == "application/json"
            || essence.ends_with("+json")
            || matches!(essence.as_str(), "application/x-ndjson" | "application/jsonl" | "text/json");
        let allows = |allowed: &String| match allowed.strip_suffix('*') {
            Some(start) => essence.starts_with(start),
            None => *allowed == essence,
        };
        let allowed = essence.ends_with("+json") || self.content_types.iter().any(allows);
        let form = match essence.as_str() {
            _ if is_json => Form::Json,
            "application/x-www-form-urlencoded" => Form::UrlEncoded,
            _ => Form::Text,
        };
        allowed.then_some(form)
    }
}

/// A body on its way, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BodyCopy {
    Copying { form: Form, bytes: Vec<u8>, bytes_max: usize },
    Whole { form: Form, bytes: Vec<u8> },
    Missing(Missing),
}

impl BodyCopy {
    pub(super) fn off() -> Self {
        Self::Missing(Missing::Off)
    }

    #[inline]
    pub(super) fn is_copying(&self) -> bool {
        matches!(self, Self::Copying { .. })
    }

    /// Copies the next bytes.
    pub(crate) fn data(&mut self, data: &[u8]) {
        let Self::Copying { bytes, bytes_max, .. } = self else { return };
        if data.len() > bytes_max.saturating_sub(bytes.len()) {
            *self = Self::Missing(Missing::TooLarge);
            return;
        }
        bytes.extend_from_slice(data);
    }

    /// The body came to its end.
    pub(crate) fn end(&mut self) {
        if let Self::Copying { form, bytes, .. } = self {
            *self = Self::Whole { form: *form, bytes: std::mem::take(bytes) };
        }
    }

    /// A part of the body passed unseen.
    pub(crate) fn give_up(&mut self) {
        if self.is_copying() {
            *self = Self::Missing(Missing::NotRead);
        }
    }

    /// Takes the body as it is now.
    pub(super) fn take(&mut self) -> Self {
        self.give_up();
        std::mem::replace(self, Self::Missing(Missing::NotRead))
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Copying { bytes, .. } | Self::Whole { bytes, .. } => bytes.capacity(),
            Self::Missing(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::header_lines::append;
    use super::*;

    fn rules() -> BodyRules {
        let content_types = CONTENT_TYPES.iter().copied().chain(["text/*"]).map(str::to_owned).collect();
        BodyRules { requests: true, responses: false, bytes_max: 10, content_types }
    }

    fn begin(headers: &[(&str, &str)]) -> BodyCopy {
        let mut lines = Vec::new();
        append(&mut lines, headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        rules().begin_request(HeaderLines::new(&lines))
    }

    fn form(content_type: &str) -> Option<Form> {
        rules().form_of(content_type.as_bytes())
    }

    #[test]
    fn only_allowed_content_types_are_kept() {
        assert_eq!(form("application/json; charset=utf-8"), Some(Form::Json));
        assert_eq!(form("Application/Problem+JSON"), Some(Form::Json));
        assert_eq!(form("application/x-www-form-urlencoded"), Some(Form::UrlEncoded));
        assert_eq!(form("text/html"), Some(Form::Text));
        assert_eq!([form("image/png"), form(""), form("multipart/form-data; boundary=x")], [None; 3]);
        assert_eq!(begin(&[]), BodyCopy::Missing(Missing::ContentType));
    }

    #[test]
    fn compressed_and_large_bodies_are_left_out() {
        let json = ("content-type", "application/json");
        assert_eq!(begin(&[json, ("content-encoding", "gzip")]), BodyCopy::Missing(Missing::Encoded));
        assert!(begin(&[json, ("content-encoding", "identity")]).is_copying());
        assert_eq!(begin(&[json, ("content-length", "11")]), BodyCopy::Missing(Missing::TooLarge));
        let mut copy = begin(&[json, ("content-length", "10")]);
        copy.data(b"0123456789");
        assert!(copy.is_copying());
        copy.data(b"");
        copy.data(b"0");
        copy.end();
        assert_eq!(copy, BodyCopy::Missing(Missing::TooLarge));
    }

    #[test]
    fn half_a_body_is_not_kept() {
        let mut copy = begin(&[("content-type", "application/json")]);
        copy.data(b"[1");
        assert_eq!(copy.take(), BodyCopy::Missing(Missing::NotRead));
        let mut copy = begin(&[("content-type", "application/json")]);
        copy.data(b"[1");
        copy.data(b"]");
        copy.end();
        assert_eq!(copy.take(), BodyCopy::Whole { form: Form::Json, bytes: b"[1]".to_vec() });
    }
}
