//! Any array is refused, or becomes buckets that travel unchanged and merge into a histogram of the same count.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sendry_sdk::protocol::{Buckets, Histogram};

fuzz_target!(|data: &[u8]| {
    let Ok(buckets) = serde_json::from_slice::<Buckets>(data) else { return };
    let again = serde_json::to_vec(&buckets).expect("JSON");
    assert_eq!(serde_json::from_slice::<Buckets>(&again).expect("our own"), buckets);
    assert_eq!(Histogram::from(&buckets).count(), buckets.count());
});
