use sendry_sdk::protocol::{LogLevel, LossReason};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::queue::{ENVELOPE_VERSION, Encoding, Kind};

const NOW_MS: i64 = 1_700_000_000_000;

fn decode_lines(lines: &[String]) -> Decoded<AcceptedRequestLogs> {
    let head = json!({"v": 1, "batch_id": Uuid::from_u128(1), "instance_id": Uuid::from_u128(2), "sequence": 0, "env": "prod"});
    let body = format!("{head}\n{}\n", lines.join("\n"));
    let envelope = Envelope {
        version: ENVELOPE_VERSION,
        ingest_id: Uuid::from_u128(1),
        ingest_sequence: 4,
        accepted_at: NOW_MS,
        app_id: Uuid::from_u128(2),
        kind: Kind::RequestLogs,
        encoding: Encoding::Identity,
        body: body.clone().into(),
    };
    decode(&envelope, body.as_bytes(), &ConsumerKey::new(*b"key")).unwrap()
}

fn line(change: impl FnOnce(&mut Value)) -> String {
    let mut line = json!({
        "id": Uuid::from_u128(3), "time_us": NOW_MS * 1_000, "method": "GET", "path": "/", "url": "/", "status": 200,
        "duration_us": 9, "consumer": {"identifier": "ann"},
    });
    change(&mut line);
    line.to_string()
}

fn losses(decoded: &Decoded<AcceptedRequestLogs>) -> Vec<(LossReason, u64, &str)> {
    let losses = decoded.accepted.hub_losses.iter();
    losses.map(|loss| (loss.reason, loss.count, loss.detail.as_deref().unwrap_or(""))).collect()
}

#[test]
fn a_bad_line_is_dropped_alone() {
    let huge = line(|line| line["request_body"] = json!({"text": "x".repeat(LINE_BYTES_MAX)}));
    let lines = [
        line(|_| {}),
        "{broken".to_owned(),
        line(|line| line["status"] = json!(99)),
        line(|line| line["method"] = json!("")),
        line(|line| line["path"] = json!("")),
        huge,
        line(|line| line["id"] = json!(Uuid::from_u128(4))),
    ];
    let decoded = decode_lines(&lines);
    assert_eq!(decoded.accepted.logs.len(), 2);
    assert_eq!(losses(&decoded), [(LossReason::RejectedByHub, 5, "request logs")]);
    let key = ConsumerKey::new(*b"key");
    assert_eq!(decoded.accepted.consumer_hashes, [Some(key.hash(Uuid::from_u128(2), "ann")); 2]);
}

#[test]
fn the_minute_in_which_a_request_ended_must_be_accepted() {
    let ended = |minutes: i64, seconds: i64| {
        let end = NOW_MS * 1_000 + minutes * 60_000_000;
        line(|line| {
            line["time_us"] = json!(end - seconds * 1_000_000);
            line["duration_us"] = json!(seconds * 1_000_000);
        })
    };
    for (minutes, seconds, kept) in
        [(-65, 1, true), (-66, 1, false), (5, 1, true), (6, 1, false), (-3, 7_200, true)]
    {
        let decoded = decode_lines(&[line(|_| {}), ended(minutes, seconds)]);
        assert_eq!(decoded.accepted.logs.len(), 1 + usize::from(kept), "{minutes} {seconds}");
        let expected: &[_] = if kept { &[] } else { &[(LossReason::RejectedByHub, 1, "clock")] };
        assert_eq!((losses(&decoded).as_slice(), decoded.refusal.is_none()), (expected, true), "{minutes}");
    }
    let refused = decode_lines(&[ended(-10_000, 1), ended(i64::MIN / 120_000_000, 1)]);
    assert_eq!(refused.refusal.map(|refusal| refusal.reason), Some(DeadLetterReason::Clock));
}

#[test]
fn long_texts_are_cut_and_what_is_no_trace_is_none() {
    let long = line(|line| {
        line["method"] = json!("M".repeat(200));
        line["path"] = json!("/ü".repeat(2_000));
        line["url"] = json!("/".repeat(10_000));
        line["trace_id"] = json!("not a trace");
        line["consumer"] = json!({"identifier": ""});
    });
    let traced = line(|line| line["trace_id"] = json!("0AF7651916CD43DD8448EB211C80319C"));
    let decoded = decode_lines(&[long, traced]);
    let [log, traced] = decoded.accepted.logs.as_slice() else { panic!("{decoded:?}") };
    assert_eq!(
        (log.method.len(), log.path.len(), log.url.len()),
        (TEXT_BYTES_MAX, PATH_BYTES_MAX, URL_BYTES_MAX)
    );
    assert_eq!((&log.trace_id, &log.consumer), (&None, &None));
    assert_eq!(traced.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
    assert_eq!(losses(&decoded), [(LossReason::TextCut, 3, "hub")]);
    assert_eq!(decoded.accepted.consumer_hashes[0], None);
}

#[test]
fn application_logs_and_spans_are_held_to_their_limits() {
    let log = |at: u64| json!({"offset_us": at, "level": "fatal", "message": "x".repeat(3_000), "span": 1});
    let spans = json!([
        {"id": 1, "name": "n".repeat(200), "offset_us": 0, "parent": 1},
        {"id": 2, "name": "b", "offset_us": 5, "parent": 9, "duration_us": 3, "fields": vec![("a", "b"); 40]},
        {"id": 2, "name": "again", "offset_us": 6},
    ]);
    let decoded = decode_lines(&[line(|line| {
        line["logs"] = (0..300).map(log).collect();
        line["logs_cut"] = json!(7);
        line["spans"] = spans;
    })]);
    let log = &decoded.accepted.logs[0];
    // Texts of 2,048 characters each: 64 KiB hold 32 of them.
    assert_eq!((log.logs.len(), log.logs_cut), (31, 7 + 300 - 31));
    assert_eq!((log.logs[0].message.len(), log.logs[0].level), (2_048, LogLevel::Info));
    assert_eq!((log.spans.len(), log.spans_cut), (2, 1));
    assert_eq!((log.spans[0].name.len(), log.spans[0].parent), (128, None));
    assert_eq!((log.spans[1].parent, log.spans[1].fields.len()), (None, 32));
    assert!(decoded.accepted.hub_losses.iter().any(|loss| loss.reason == LossReason::TextCut));

    let spans = (0..300).map(|id| json!({"id": id, "name": "s", "offset_us": id})).collect::<Vec<_>>();
    let decoded = decode_lines(&[line(|line| {
        line["logs"] = json!([{"offset_us": 1, "span": 77}]);
        line["spans"] = json!(spans);
    })]);
    let log = &decoded.accepted.logs[0];
    assert_eq!((log.spans.len(), log.spans_cut, log.logs[0].span), (200, 100, Some(77)));
}

#[test]
fn a_request_of_more_than_a_day_is_no_measurement_and_shows_nobody_long_ago() {
    let lasting = |duration_us: u64| {
        line(|line| {
            line["duration_us"] = json!(duration_us);
            line["time_us"] = json!(NOW_MS * 1_000 - duration_us.cast_signed());
        })
    };
    let decoded = decode_lines(&[lasting(DURATION_US_MAX)]);
    assert_eq!((decoded.accepted.logs.len(), decoded.consumers.len()), (1, 1));
    for too_long in [DURATION_US_MAX + 1, (NOW_MS * 1_000).cast_unsigned()] {
        let decoded = decode_lines(&[lasting(too_long)]);
        assert_eq!((decoded.accepted.logs.len(), decoded.consumers.len()), (0, 0));
        assert_eq!(decoded.accepted.hub_losses[0].reason, LossReason::RejectedByHub);
    }
}
