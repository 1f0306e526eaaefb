//! Any bytes in the place of a report are refused, or are a report that is written the same after it was read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sendry_sdk::protocol::Report;

fuzz_target!(|data: &[u8]| {
    let Ok(report) = serde_json::from_slice::<Report>(data) else { return };
    let written = serde_json::to_string(&report).expect("JSON");
    let read = serde_json::from_str::<Report>(&written).expect("our own");
    assert_eq!(serde_json::to_string(&read).expect("JSON"), written);
});
