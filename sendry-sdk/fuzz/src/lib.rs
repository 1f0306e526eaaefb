//! What each fuzz target asserts of its input.
//!
//! The targets in `fuzz_targets/` hand over what libFuzzer makes; `tests/fuzz` of the crates hands over the seeds and random bytes on
//! the stable compiler, by including this file. So what is asserted is compiled and run by every `cargo test`.

use sendry_sdk::protocol::{Buckets, Histogram, Report};
use sendry_sdk::request_log::{self, TraceParent};
use sendry_sdk::validation::{self, FIELDS_PER_RESPONSE_MAX, FieldError, Location};
use sendry_sdk::{Announcement, protocol};

/// A value that must not come out.
const MARK: &str = "Zq7Zq";

/// A target that takes any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: [(&str, Target); 8] = [
    ("from_response", from_response),
    ("deserialization", deserialization),
    ("sentence", sentence),
    ("buckets", buckets),
    ("report", report),
    ("traceparent", traceparent),
    ("mask", mask),
    ("openapi", openapi),
];

/// Any body of a refusal is read, and what comes out keeps to its limits. The first byte picks the content type.
pub fn from_response(data: &[u8]) {
    const KINDS: [Option<&[u8]>; 4] = [
        None,
        Some(b"text/plain"),
        Some(b"application/json"),
        Some(b"application/problem+json; charset=utf-8"),
    ];
    let Some((first, body)) = data.split_first() else { return };
    let kind = KINDS[usize::from(*first) % KINDS.len()];
    let errors = validation::from_response(422, kind, body);
    assert!(errors.len() <= FIELDS_PER_RESPONSE_MAX);
    for error in errors {
        assert!(error.field().chars().count() <= 256);
        assert!(error.message().chars().count() <= protocol::limits::MESSAGE_CHARS_MAX);
        assert!(error.code().len() <= protocol::limits::TEXT_BYTES_MAX);
    }
}

/// Any text of a deserializer is read; a string that serde quotes in it does not come out.
pub fn deserialization(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let value = format!("{MARK}{text}{MARK}");
    for error in [
        text.to_owned(),
        format!("items[0].name: invalid type: string {value:?}, expected u32 at line 1 column 9"),
        format!("unknown variant `{value}`, expected `a` or `b`"),
        format!("{value}: unknown field `{value}`, there are no fields"),
    ] {
        let read = FieldError::from_deserialization(Location::Body, &error);
        assert!(!read.message().contains(MARK) || text.contains(MARK), "{error}: {read:?}");
        assert!(!read.field().contains(MARK) || text.contains(MARK), "{error}: {read:?}");
    }
}

/// Any sentence is scrubbed, and a value that it quotes does not come out.
pub fn sentence(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let whole = validation::fuzzing::sentence(text, "paint.colour", &[text.to_owned()]);
    assert!(whole.chars().count() <= protocol::limits::MESSAGE_CHARS_MAX);
    let value = format!("{MARK}{text}{MARK}");
    for quote in ['"', '\'', '`'] {
        let sentence = format!("the colour {quote}{value}{quote} is not known");
        let scrubbed = validation::fuzzing::sentence(&sentence, "paint.colour", &[]);
        assert!(!scrubbed.contains(MARK), "{sentence}: {scrubbed}");
    }
}

/// Any array is refused, or becomes buckets that travel unchanged and merge into a histogram of the same count.
pub fn buckets(data: &[u8]) {
    let Ok(buckets) = serde_json::from_slice::<Buckets>(data) else { return };
    let again = serde_json::to_vec(&buckets).expect("JSON");
    assert_eq!(serde_json::from_slice::<Buckets>(&again).expect("our own"), buckets);
    assert_eq!(Histogram::from(&buckets).count(), buckets.count());
}

/// Any bytes in the place of a report are refused, or are a report that is written the same after it was read again.
pub fn report(data: &[u8]) {
    let Ok(report) = serde_json::from_slice::<Report>(data) else { return };
    let written = serde_json::to_string(&report).expect("JSON");
    let read = serde_json::from_str::<Report>(&written).expect("our own");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), written);
}

/// Any bytes of a `traceparent` are no trace context, or one that is written as it was read.
pub fn traceparent(value: &[u8]) {
    let Some(read) = TraceParent::parse(value) else { return };
    let ids = [read.trace_id(), read.span_id()];
    assert_eq!(ids.map(str::len), [32, 16]);
    let written = format!("00-{}-{}-{:02x}", ids[0], ids[1], u8::from(read.is_sampled()));
    assert_eq!(TraceParent::parse(written.as_bytes()), Some(read));
}

/// Any body is masked or left out; what is masked once stays as it is, and a secret of JSON or a form does not come out.
pub fn mask(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(masked) = request_log::fuzzing::mask_json(text) {
        assert_eq!(request_log::fuzzing::mask_json(&masked).as_deref(), Some(masked.as_str()), "{text}");
        let secret =
            format!(r#"{{"a": [{text}], "password": "{MARK}", "b": {{"token" : [{text}, "{MARK}"]}}}}"#);
        let masked = request_log::fuzzing::mask_json(&secret);
        assert!(masked.is_none_or(|masked| !masked.contains(MARK) || text.contains(MARK)), "{secret}");
    }
    let form = format!("{text}&password={MARK}");
    assert!(!request_log::fuzzing::mask_query(&form).contains(MARK) || text.contains(MARK), "{form}");
}

/// Any text is an OpenAPI document or not.
pub fn openapi(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read = Announcement::from_openapi(text);
    assert_eq!(read, Announcement::from_openapi(text));
}
