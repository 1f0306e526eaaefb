//! Any text in the place of a router's `Debug` form is understood or not, and never worse.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|form: &str| {
    if let Some(routes) = sendry_sdk_axum::fuzzing::router_debug(form) {
        // Each route has a method and a path of its own in the text.
        assert!(routes <= form.len());
    }
});
