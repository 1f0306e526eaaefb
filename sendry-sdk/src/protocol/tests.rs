//! What a hub reads may come from anybody: any bytes are refused or understood, never worse.

use proptest::prelude::*;

use super::{Buckets, Histogram, Report};

proptest! {
    #[test]
    fn any_array_is_refused_or_becomes_buckets_that_travel(
        numbers in proptest::collection::vec(prop_oneof![-20i64..300, any::<i64>()], 0..12)
    ) {
        let json = serde_json::to_vec(&numbers).expect("JSON");
        if let Ok(buckets) = serde_json::from_slice::<Buckets>(&json) {
            let again = serde_json::to_vec(&buckets).expect("JSON");
            prop_assert_eq!(serde_json::from_slice::<Buckets>(&again).expect("our own"), buckets.clone());
            prop_assert_eq!(Histogram::from(&buckets).count(), buckets.count());
        }
    }

    #[test]
    fn any_text_in_the_place_of_a_report_is_refused_or_travels(
        at in 0..REPORTS.len(), from in 0usize..350, text in "[\\[\\]{}\",:0-9a-z.-]{0,12}"
    ) {
        let (head, tail) = REPORTS[at].split_at(from.min(REPORTS[at].len()));
        let json = format!("{head}{text}{}", tail.get(text.len()..).unwrap_or_default());
        if let Ok(report) = serde_json::from_str::<Report>(&json) {
            let again = serde_json::to_string(&report).expect("JSON");
            let read_again = serde_json::from_str::<Report>(&again).expect("our own");
            prop_assert_eq!(serde_json::to_string(&read_again).expect("JSON"), again);
        }
    }
}

const REPORTS: [&str; 2] = [
    r#"{"v":1,"report_id":"5a4e8a0e-6f4e-4b0f-9a55-0b8f9d7f1a11","instance_id":"5a4e8a0e-6f4e-4b0f-9a55-0b8f9d7f1a11","sequence":0,"env":"prod","created_at_ms":0}"#,
    r#"{"minutes":[{"minute":1,"routes":[{"r":0,"s":200,"n":3,"d":{"s":5,"m":5,"k":[0,1,1]}}]}],"losses":[{"reason":"text_cut","count":1}],"v":1,"report_id":"5a4e8a0e-6f4e-4b0f-9a55-0b8f9d7f1a11","instance_id":"5a4e8a0e-6f4e-4b0f-9a55-0b8f9d7f1a11","sequence":0,"env":"prod","created_at_ms":0}"#,
];
