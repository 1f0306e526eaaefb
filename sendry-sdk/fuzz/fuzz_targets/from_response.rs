//! Any body of a refusal is read, and what comes out keeps to its limits. The first byte picks the content type.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sendry_sdk::validation::{FIELDS_PER_RESPONSE_MAX, from_response};

const KINDS: [Option<&[u8]>; 4] =
    [None, Some(b"text/plain"), Some(b"application/json"), Some(b"application/problem+json; charset=utf-8")];

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let kind = KINDS[usize::from(*first) % KINDS.len()];
    let errors = from_response(422, kind, body);
    assert!(errors.len() <= FIELDS_PER_RESPONSE_MAX);
    for error in errors {
        assert!(error.field().chars().count() <= 256);
        assert!(error.message().chars().count() <= 2_048);
        assert!(error.code().len() <= 128);
    }
});
