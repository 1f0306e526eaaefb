use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use sendry_sdk::protocol::LossReason;
use sendry_sdk::protocol::limits::{COUNT_MAX, PATH_BYTES_MAX, REPORT_DECOMPRESSED_BYTES_MAX};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::queue::{ENVELOPE_VERSION, Encoding};

const NOW_MS: i64 = 1_700_000_000_000;
const MINUTE: i64 = NOW_MS / 60_000;

fn envelope(kind: Kind, encoding: Encoding, body: Vec<u8>) -> Envelope {
    Envelope {
        version: ENVELOPE_VERSION,
        ingest_id: Uuid::from_u128(1),
        ingest_sequence: 4,
        accepted_at: NOW_MS,
        app_id: Uuid::from_u128(2),
        kind,
        encoding,
        body: body.into(),
    }
}

fn decode_json(kind: Kind, message: &Value) -> Result<Message, Refusal> {
    let envelope = envelope(kind, Encoding::Identity, message.to_string().into_bytes());
    decode(&envelope, &unpack(&envelope)?, &ConsumerKey::new(*b"key"))
}

fn report(message: &Value) -> Decoded<AcceptedReport> {
    match decode_json(Kind::Report, message).unwrap() {
        Message::Report(report) => report,
        other => panic!("{other:?}"),
    }
}

/// A good series of route 0.
fn series() -> Value {
    json!({"r": 0, "s": 200, "n": 2, "d": {"s": 10, "m": 6, "k": [0, -100, 1, 1, 1]}, "i": {"s": 9, "k": [0, 12, 1]}})
}

fn message(minute: i64, routes: Vec<Value>) -> Value {
    json!({
        "v": 1, "report_id": Uuid::from_u128(8), "instance_id": Uuid::from_u128(9), "sequence": 3, "env": "prod",
        "created_at_ms": NOW_MS, "routes": [{"method": "GET", "path": "/a"}, {"method": "GET", "path": "/b"}],
        "consumers": [{"identifier": "ann"}, {"identifier": "bob"}],
        "minutes": [{"minute": minute, "routes": routes}],
    })
}

fn rejected(decoded: &Decoded<AcceptedReport>) -> u64 {
    let losses = decoded.accepted.hub_losses.iter();
    losses.filter(|loss| loss.reason == LossReason::RejectedByHub).map(|loss| loss.count).sum()
}

#[test]
fn a_good_report_is_taken_whole() {
    let decoded = report(&message(MINUTE, vec![series()]));
    assert_eq!((rejected(&decoded), decoded.refusal), (0, None));
    let accepted = decoded.accepted;
    assert_eq!(accepted.report.minutes[0].routes[0].count, 2);
    assert_eq!(
        (accepted.ingest.sequence, accepted.app_id, accepted.hub_losses),
        (4, Uuid::from_u128(2), vec![])
    );
    assert_eq!(accepted.consumer_hashes.len(), 2);
    assert_ne!(accepted.consumer_hashes[0], accepted.consumer_hashes[1]);
    assert_eq!(decoded.consumers[1].consumer.identifier, "bob");
}

#[test]
fn unknown_fields_are_accepted() {
    let mut newer = message(MINUTE, vec![series()]);
    newer["invented"] = json!({"later": [1, 2]});
    newer["minutes"][0]["routes"][0]["x"] = json!(1);
    assert_eq!(rejected(&report(&newer)), 0);
}

#[test]
fn a_bad_series_is_dropped_alone() {
    let bad: Vec<(&str, Value)> = vec![
        ("n", json!(-1)),
        ("n", json!(0)),
        ("n", json!(COUNT_MAX + 1)),
        ("n", json!(1.5)),
        ("n", json!("many")),
        ("r", json!(2)),
        ("r", json!(-1)),
        ("s", json!(99)),
        ("s", json!(1_000)),
        ("s", json!(70_000)),
        ("o", json!({"a": 3})),
        ("d", json!({"s": 1, "m": 1, "k": [0, 5, 3]})),
        ("d", json!({"s": 1, "m": 1, "k": [3]})),
        ("d", json!({"s": 1, "m": 1, "k": [0, 1025, 1]})),
        ("d", json!({"s": 1, "m": 1, "k": [0, -1025, 1]})),
        ("d", json!({"s": 1, "m": 1, "k": [0, 5]})),
        ("d", json!({"s": u64::MAX, "m": 1, "k": [0, 5, 1]})),
        ("h", json!([0, 5, 3])),
        ("i", json!({"s": 1, "k": [3]})),
    ];
    for (field, value) in bad {
        let mut spoiled = series();
        spoiled[field] = value.clone();
        let decoded = report(&message(MINUTE, vec![series(), spoiled, series()]));
        assert_eq!(decoded.accepted.report.minutes[0].routes.len(), 2, "{field}: {value}");
        assert_eq!(rejected(&decoded), 1, "{field}: {value}");
    }
}

#[test]
fn both_paths_give_the_same_for_what_is_good() {
    let good = message(MINUTE, vec![series(), series()]);
    let mut spoiled = good.clone();
    spoiled["losses"] = json!([{"reason": "text_cut", "count": -1}]);
    assert_eq!(report(&good).accepted.report, report(&spoiled).accepted.report);
    assert_eq!(rejected(&report(&spoiled)), 1);
}

#[test]
fn a_bad_route_takes_its_entries_with_it_and_no_others() {
    let mut other = series();
    other["r"] = json!(1);
    let mut spoiled = message(MINUTE, vec![series(), other]);
    spoiled["routes"][0] = json!({"method": "GET"});
    spoiled["minutes"][0]["consumers"] = json!([
        {"c": 1, "r": 1, "s": 200, "n": 1}, {"c": 0, "r": 1, "s": 200, "n": 1}, {"c": 1, "r": 0, "s": 200, "n": 1},
    ]);
    spoiled["consumers"][0] = json!(7);
    let decoded = report(&spoiled);
    let found = &decoded.accepted.report;
    assert_eq!((found.routes.len(), found.routes[0].path.as_str()), (1, "/b"));
    assert_eq!(found.minutes[0].routes.iter().map(|series| series.route).collect::<Vec<_>>(), [0]);
    let consumers: Vec<_> =
        found.minutes[0].consumers.iter().map(|series| (series.consumer, series.route)).collect();
    assert_eq!(consumers, [(0, 0)]);
    assert_eq!((decoded.consumers.len(), decoded.accepted.consumer_hashes.len()), (1, 1));
    assert_eq!(rejected(&decoded), 5, "a route, a consumer and three entries");
}

#[test]
fn minutes_outside_the_window_are_dropped_and_counted() {
    for (minute, kept) in [(-65, true), (-66, false), (5, true), (6, false)] {
        let mut message = message(MINUTE + minute, vec![series(), series()]);
        message["minutes"].as_array_mut().unwrap().push(json!({"minute": MINUTE, "routes": [series()]}));
        let decoded = report(&message);
        assert_eq!(decoded.accepted.report.minutes.len(), 1 + usize::from(kept), "{minute}");
        assert_eq!((rejected(&decoded), decoded.refusal), (if kept { 0 } else { 2 }, None), "{minute}");
    }
}

#[test]
fn a_report_of_which_all_minutes_are_outside_the_window_is_refused_for_its_clock() {
    let decoded = report(&message(MINUTE - 100_000, vec![series()]));
    assert_eq!(decoded.refusal.map(|refusal| refusal.reason), Some(DeadLetterReason::Clock));
    assert_eq!(decoded.accepted.hub_losses[0].detail.as_deref(), Some("clock"));
    let mut heartbeat = message(MINUTE, vec![]);
    heartbeat["minutes"] = json!([]);
    assert_eq!(report(&heartbeat).refusal, None);
}

#[test]
fn long_texts_are_cut_at_a_character_and_counted() {
    let mut long = message(MINUTE, vec![series()]);
    long["routes"][0]["path"] = json!("ü".repeat(5_000) + "x");
    long["validation_errors"] = json!([{
        "minute": MINUTE, "route": 0, "status": 422, "location": "body", "field": "a", "message": "é".repeat(3_000), "count": 1,
    }]);
    let decoded = report(&long);
    let found = &decoded.accepted.report;
    assert_eq!(found.routes[0].path, "ü".repeat(PATH_BYTES_MAX / 2));
    assert_eq!(found.validation_errors[0].message.chars().count(), 2_048);
    let cut: Vec<_> = decoded.accepted.hub_losses.iter().map(|loss| (loss.reason, loss.count)).collect();
    assert_eq!(cut, [(LossReason::TextCut, 2)]);
}

#[test]
fn what_is_no_report_is_malformed() {
    let mut no_id = message(MINUTE, vec![]);
    no_id.as_object_mut().unwrap().remove("report_id");
    let mut no_list = message(MINUTE, vec![]);
    no_list["minutes"] = json!({"minute": 1});
    let mut bad_env = message(MINUTE, vec![]);
    bad_env["env"] = json!("a b");
    for bad in [json!([]), json!("x"), json!({}), no_id, no_list, bad_env] {
        let refusal = decode_json(Kind::Report, &bad).unwrap_err();
        assert_eq!(refusal.reason, DeadLetterReason::Malformed, "{bad}");
        assert!(decode_json(Kind::Startup, &bad).is_err(), "{bad}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_is_unpacked_up_to_its_limit() {
    let bomb = |size: usize| envelope(Kind::Report, Encoding::Gzip, gzip(&vec![b' '; size]));
    assert_eq!(unpack(&bomb(REPORT_DECOMPRESSED_BYTES_MAX)).unwrap().len(), REPORT_DECOMPRESSED_BYTES_MAX);
    assert_eq!(
        unpack(&bomb(REPORT_DECOMPRESSED_BYTES_MAX + 1)).unwrap_err().reason,
        DeadLetterReason::Malformed
    );
    let garbage = envelope(Kind::Report, Encoding::Gzip, b"not gzip".to_vec());
    assert_eq!(unpack(&garbage).unwrap_err().reason, DeadLetterReason::Malformed);
}

#[test]
fn a_startup_is_taken_with_its_good_routes() {
    let message = json!({
        "v": 1, "instance_id": Uuid::from_u128(9), "env": "prod", "sdk": {"name": "s", "version": "1"}, "started_at_ms": 5,
        "routes": [{"method": "GET", "path": "/a"}, {"method": "", "path": "/b"}],
    });
    let Ok(Message::Startup(startup)) = decode_json(Kind::Startup, &message) else { panic!() };
    assert_eq!(startup.startup.routes.len(), 1);
}
