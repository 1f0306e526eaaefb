#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sendry_sdk_axum::fuzzing::check_router_debug(data));
