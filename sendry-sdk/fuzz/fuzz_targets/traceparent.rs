//! Any bytes of a `traceparent` are no trace context, or one that is written as it was read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sendry_sdk::request_log::TraceParent;

fuzz_target!(|value: &[u8]| {
    let Some(read) = TraceParent::parse(value) else { return };
    let ids = [read.trace_id(), read.span_id()];
    assert_eq!(ids.map(str::len), [32, 16]);
    let written = format!("00-{}-{}-{:02x}", ids[0], ids[1], u8::from(read.is_sampled()));
    assert_eq!(TraceParent::parse(written.as_bytes()), Some(read));
});
