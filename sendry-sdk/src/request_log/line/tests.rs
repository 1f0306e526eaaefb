use super::super::config::RequestLogs;
use super::*;
use crate::aggregate::{MethodId, PathId};
use crate::protocol::LoggedBody;
use crate::track::Fault;

const TRACEPARENT: &[u8] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn ended() -> Ended {
    Ended {
        time_us: 1_800_000_000_123_456,
        duration_us: 8_120,
        method: MethodId::of(&http::Method::POST),
        path: PathId::UNMATCHED,
        status: 200,
        request_bytes: None,
        response_bytes: Some(2),
        consumer: Some(format!("acme{SEPARATOR}Acme Ltd{SEPARATOR}{SEPARATOR}").into()),
        fault: Some(Box::new(Fault {
            kind: "shop::Broken".to_owned(),
            message: "no \"stock\"".to_owned(),
            backtrace: Some("0: main".to_owned()),
            ..Fault::default()
        })),
        #[cfg(feature = "tracing")]
        told: None,
    }
}

fn write(settings: RequestLogs, mut capture: Capture) -> (RequestLog, String) {
    let mut line = Vec::new();
    settings.check().unwrap().line_writer().write(&mut capture, &ended(), "/orders/{id}", &mut line).unwrap();
    let text = String::from_utf8(line).unwrap();
    (serde_json::from_str(&text).unwrap(), text)
}

fn capture(headers: &[(&str, &[u8])], settings: &RequestLogs) -> Capture {
    let mut capture = Capture::new("/orders/17?expand=lines&token=abc", Some([10, 0, 0, 1].into()));
    let rules = settings.clone().check().unwrap().body_rules();
    capture.set_request_headers(headers.iter().copied(), &rules);
    capture.set_response_headers([("content-type", &b"application/json"[..])], &rules);
    capture
}

fn with_body(content_type: &str, body: &[u8]) -> LoggedBody {
    let settings = RequestLogs::new().request_bodies().body_content_types(["text/plain"]);
    let mut capture = capture(&[("content-type", content_type.as_bytes())], &settings);
    if let Some(tap) = capture.tap_request_body() {
        tap.data(body);
        tap.end();
    }
    write(settings, capture).0.request_body
}

#[test]
fn a_line_is_what_serde_writes_of_the_same_entry() {
    let settings = RequestLogs::new().client_address().request_bodies();
    let headers: &[(&str, &[u8])] = &[("content-type", b"application/json"), ("traceparent", TRACEPARENT)];
    let (log, text) = write(settings.clone(), capture(headers, &settings));
    assert_eq!(text, serde_json::to_string(&log).unwrap() + "\n");
    assert_eq!(
        (log.path.as_str(), log.url.as_str()),
        ("/orders/{id}", "/orders/17?expand=lines&token=******")
    );
    assert_eq!((log.status, log.duration_us, log.time_us), (200, 8_120, 1_800_000_000_123_456));
    let consumer = Consumer { identifier: "acme".to_owned(), name: Some("Acme Ltd".to_owned()), group: None };
    assert_eq!(log.consumer, Some(consumer));
    assert_eq!(log.client_address.as_deref(), Some("10.0.0.1"));
    assert_eq!(log.trace_id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_eq!(log.span_id.as_deref(), Some("00f067aa0ba902b7"));
    assert_eq!(log.response_body.missing.as_deref(), Some("off"));
    let error = log.error.unwrap();
    assert_eq!((error.kind.as_str(), error.message.as_str()), ("shop::Broken", "no \"stock\""));
    assert_eq!((error.location, error.backtrace.as_deref()), (None, Some("0: main")));
    assert_eq!(log.id.get_version_num(), 7);
}

#[test]
fn secrets_in_headers_are_masked_by_default() {
    let settings = RequestLogs::new();
    let headers: &[(&str, &[u8])] = &[
        ("authorization", b"Bearer hunter2"),
        ("cookie", b"session=hunter2"),
        ("x-api-key", b"hunter2"),
        ("accept", b"*/*"),
    ];
    let (log, text) = write(settings.clone(), capture(headers, &settings));
    assert!(!text.contains("hunter2"), "{text}");
    let masked = log.request_headers.iter().filter(|(_, value)| value == MASKED).count();
    assert_eq!((masked, log.request_headers.len()), (3, 4));
    assert_eq!(log.request_headers[3], ("accept".to_owned(), "*/*".to_owned()));
}

#[test]
fn header_bytes_that_are_no_text_are_shown_as_far_as_they_are() {
    let settings = RequestLogs::new();
    let (log, _) = write(settings.clone(), capture(&[("x-raw", b"caf\xe9 \"\\\n")], &settings));
    assert_eq!(log.request_headers[0].1, "caf\u{fffd} \"\\\n");
}

#[test]
fn parts_that_are_switched_off_are_not_there() {
    let settings = RequestLogs::new().without_query().without_request_headers().without_response_headers();
    let (log, _) = write(settings.clone(), capture(&[("accept", b"*/*")], &settings));
    assert_eq!(log.url, "/orders/17");
    assert!(log.request_headers.is_empty() && log.response_headers.is_empty());
    assert_eq!(log.client_address, None, "the client's address is off by default");
}

#[test]
fn garbage_for_a_trace_context_is_none() {
    let settings = RequestLogs::new();
    let (log, _) = write(settings.clone(), capture(&[("traceparent", b"00-\xff-garbage")], &settings));
    assert_eq!((log.trace_id, log.span_id), (None, None));
}

#[test]
fn bodies_are_masked_by_what_they_are() {
    let json = with_body("application/json", br#"{"a":1,"password":"x"}"#);
    assert_eq!(json.text.as_deref(), Some(r#"{"a":1,"password":"******"}"#));
    assert_eq!((json.bytes, json.missing), (Some(22), None));
    let form = with_body("application/x-www-form-urlencoded", b"a=1&pwd=x");
    assert_eq!(form.text.as_deref(), Some("a=1&pwd=******"));
    assert_eq!(with_body("text/plain", b"hello").text.as_deref(), Some("hello"));
}

#[test]
fn a_body_that_is_not_what_its_content_type_says_is_left_out() {
    let missing = |kind, body| with_body(kind, body).missing.unwrap_or_default();
    assert_eq!(missing("application/json", b"password=x"), "not_json");
    assert_eq!(missing("application/json", b"{\"a\":\"\xff\"}"), "not_utf8");
    assert_eq!(missing("application/x-www-form-urlencoded", b"a=\xff"), "not_utf8");
    assert_eq!(missing("image/png", b"png"), "content_type");
    assert_eq!(missing("application/json", &[b'1'; 50_001]), "too_large");
    assert_eq!(with_body("application/json", b""), LoggedBody { bytes: Some(0), ..LoggedBody::default() });
}

#[test]
fn ids_differ_and_rise_with_time() {
    let writer = RequestLogs::new().check().unwrap().line_writer();
    let ids: std::collections::HashSet<Uuid> =
        (0..10_000).map(|_| writer.id(1_800_000_000_000_000)).collect();
    assert_eq!(ids.len(), 10_000);
    assert!(writer.id(1_800_000_000_000_000) < writer.id(1_800_000_000_002_000));
}
