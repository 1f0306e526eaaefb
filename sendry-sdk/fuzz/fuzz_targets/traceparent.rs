#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sendry_sdk_fuzz::traceparent(data));
