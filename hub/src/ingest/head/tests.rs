use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const REPORT: &str = r#"{"v":1,"report_id":"00000000-0000-0000-0000-000000000001","instance_id":"00000000-0000-0000-0000-000000000002",
    "sequence":0,"env":"prod","created_at_ms":0,"minutes":[{"minute":1,"anything":[{"new":true}]}],"newer":{"x":[1,2]}}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn report(json: &str) -> Result<String, Refusal> {
    inspect(Kind::Report, Encoding::Identity, json.as_bytes(), BYTES_MAX)
}

#[test]
fn the_head_is_found_and_unknown_fields_are_accepted() {
    assert_eq!(report(REPORT).unwrap(), "prod");
    let packed = gzip(REPORT.as_bytes());
    assert_eq!(inspect(Kind::Report, Encoding::Gzip, &packed, BYTES_MAX).unwrap(), "prod");
}

#[test]
fn what_is_wrong_is_told_apart() {
    let cut = &REPORT[..REPORT.len() - 1];
    assert!(matches!(report(cut), Err(Refusal::NotJson { .. })));
    assert!(matches!(report("{} x"), Err(Refusal::NotJson { .. })));
    assert!(matches!(report(""), Err(Refusal::NotJson { .. })));
    assert!(matches!(report("[]"), Err(Refusal::NotAMessage { .. })));
    assert!(matches!(report("{}"), Err(Refusal::NotAMessage { .. })));
    let without_id = REPORT.replace("report_id", "report_no");
    assert!(matches!(report(&without_id), Err(Refusal::NotAMessage { .. })));
    assert!(matches!(report(&REPORT.replace("\"v\":1", "\"v\":2")), Err(Refusal::Version { version: 2 })));
    assert!(matches!(report(r#"{"v":70000,"other":"head"}"#), Err(Refusal::Version { version: 70_000 })));
    assert!(matches!(report(&REPORT.replace("\"v\":1", "\"v\":0")), Err(Refusal::Version { version: 0 })));
    let latin = inspect(Kind::Report, Encoding::Identity, b"{\"v\":\"\xe9\"}", BYTES_MAX);
    assert!(matches!(latin, Err(Refusal::NotJson { .. })));
}

#[test]
fn a_bomb_is_unpacked_no_further_than_the_limit() {
    let bomb = gzip(&vec![b' '; 40 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    let refused = inspect(Kind::Report, Encoding::Gzip, &bomb, BYTES_MAX);
    assert!(matches!(refused, Err(Refusal::TooLargeUnpacked { limit }) if limit == BYTES_MAX));
}

#[test]
fn what_is_called_gzip_must_be_gzip() {
    assert!(matches!(
        inspect(Kind::Report, Encoding::Gzip, REPORT.as_bytes(), 1_000),
        Err(Refusal::Gzip { .. })
    ));
    let packed = gzip(REPORT.as_bytes());
    let cut = &packed[..packed.len() - 6];
    assert!(matches!(inspect(Kind::Report, Encoding::Gzip, cut, 10_000), Err(Refusal::Gzip { .. })));
}

#[test]
fn deep_nesting_is_refused_and_kills_nobody() {
    let deep = format!(r#"{{"v":1,"x":{}"#, "[".repeat(2_000_000));
    assert!(report(&deep).is_err());
}

#[test]
fn every_line_of_request_logs_must_be_json() {
    let head = r#"{"v":1,"batch_id":"00000000-0000-0000-0000-000000000001","instance_id":"00000000-0000-0000-0000-000000000002","sequence":0,"env":"dev"}"#;
    let lines = |rest: &str| {
        inspect(Kind::RequestLogs, Encoding::Identity, format!("{head}\n{rest}").as_bytes(), BYTES_MAX)
    };
    assert_eq!(lines("{\"id\":1}\n\n{\"id\":2}\n").unwrap(), "dev");
    assert!(matches!(lines("{\"id\":1}\n{\"id\":"), Err(Refusal::NotJson { .. })));
}

#[tokio::test]
async fn a_large_message_is_inspected_as_a_small_one() {
    let padding = format!(",\"padding\":\"{}\"}}", "x".repeat(2 * INLINE_BYTES_MAX));
    let large = Bytes::from(REPORT.trim_end_matches('}').to_owned() + "}" + &padding);
    let inspector = Inspector::default();
    assert_eq!(inspector.inspect(Kind::Report, Encoding::Identity, large.clone()).await.unwrap(), "prod");
    let packed = Bytes::from(gzip(&large));
    assert_eq!(inspector.inspect(Kind::Report, Encoding::Gzip, packed).await.unwrap(), "prod");
}
