//! docs/protocol.md is for those who cannot read the Rust types, so its examples are read by them.

use std::str::FromStr;

use sendry_sdk::protocol::{Accepted, Report, RequestLog, RequestLogBatchHead, Scale, Startup};
use serde::de::DeserializeOwned;

const PAGE: &str = include_str!("../../../../docs/protocol.md");

/// The blocks of a language, in their order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    PAGE.split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect()
}

/// Reads an example, and finds every field of it again in what was read: none is misspelt.
fn read<T: DeserializeOwned + serde::Serialize>(example: &str) -> T {
    let read: T = serde_json::from_str(example).unwrap();
    let example = serde_json::Value::from_str(example).unwrap();
    for name in example.as_object().unwrap().keys() {
        assert!(serde_json::to_value(&read).unwrap().get(name).is_some(), "{name} is not a field");
    }
    read
}

#[test]
fn the_examples_are_messages() {
    let [accepted, startup, report] = blocks("json").try_into().unwrap();
    read::<Accepted>(accepted);
    assert_eq!(read::<Startup>(startup).routes.len(), 2);
    let report: Report = read(report);
    let series = &report.minutes[0].routes;
    assert_eq!(series.iter().map(|series| series.durations.buckets.count()).collect::<Vec<_>>(), [3, 1, 2]);
    assert_eq!(series[1].outcomes.aborted, 1);
    assert_eq!(report.minutes[0].consumers[0].response_bytes, 4_200);
    assert_eq!(report.minutes[0].minute, report.created_at_ms / 60_000);
}

#[test]
fn the_example_of_request_logs_is_one() {
    let lines: Vec<_> = blocks("jsonl")[0].lines().collect();
    read::<RequestLogBatchHead>(lines[0]);
    assert_eq!(read::<RequestLog>(lines[1]).response_body.missing.as_deref(), Some("off"));
}

#[test]
fn the_table_of_indexes_is_what_the_code_says() {
    let (_, table) = PAGE.split_once("| value | scale | index |").unwrap();
    let rows: Vec<_> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 7);
    for row in rows {
        let cells: Vec<_> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().replace('−', "-")).collect();
        let scale = if cells[1] == "4" { Scale::DURATION } else { Scale::SIZE };
        assert_eq!(scale.index_of(cells[0].parse().unwrap()).to_string(), cells[2], "{row}");
    }
}
