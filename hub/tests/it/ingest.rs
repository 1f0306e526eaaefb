//! What ingest accepts, what it refuses, and how it says so.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Body, Method};
use sendry_hub::queue::{Envelope, Producer, QueueError, Topic};
use sendry_sdk::protocol::Accepted;
use serde_json::json;

use crate::harness::{TestHub, gzip, problem, report, report_of, traffic};

#[tokio::test]
async fn a_report_is_accepted_with_the_hubs_time_and_counted() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let now = hub.clock.now();
    let response =
        hub.send(&app.write_key, &report_of("prod", now / 60, vec![traffic("GET", "/a", 200, 3)])).await;
    assert_eq!(response.status(), 202);
    let accepted: Accepted = response.json().await.unwrap();
    assert!((accepted.server_time - now as f64).abs() < 10.0);
    let path = format!("/apps/{}/endpoints?env=prod", app.app_id);
    let answer = hub.get_until(&token, &path, |answer| answer["data"][0]["requests"] == 3).await;
    assert_eq!(answer["data"][0]["path"], "/a");
}

#[tokio::test]
async fn a_startup_message_makes_its_routes_known_before_the_first_request() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let startup = json!({
        "v": 1, "instance_id": uuid::Uuid::new_v4(), "env": "prod", "sdk": {"name": "sendry-sdk", "version": "1"},
        "started_at_ms": hub.clock.now_ms(), "routes": [{"method": "GET", "path": "/never"}], "routes_complete": true,
    });
    let body = gzip(startup.to_string().as_bytes());
    let response =
        hub.post("startup", &app.write_key).header("content-encoding", "gzip").body(body).send().await;
    assert_eq!(response.unwrap().status(), 202);
    let path = format!("/apps/{}/endpoints?env=prod", app.app_id);
    let answer = hub.get_until(&token, &path, |answer| answer["data"][0]["path"] == "/never").await;
    assert_eq!(answer["data"][0]["requests"], 0);
    assert_eq!(answer["data"][0]["p50_ms"], json!(null));
    assert_eq!(answer["data"][0]["first_seen_at"], json!(null));
}

#[tokio::test]
async fn a_wrong_or_missing_key_is_told_so() {
    let hub = TestHub::start().await;
    let body = serde_json::to_vec(&report("prod")).unwrap();
    let without = hub.request(Method::POST, "/ingest/v1/report").body(body.clone()).send().await.unwrap();
    assert_eq!(without.headers()["www-authenticate"], "Bearer");
    problem(without, 401).await;
    let app = hub.app().await;
    let client_id = app.client_id.to_string();
    for key in ["sdry_0000000000000000000000000000000000000000", "nonsense", &client_id, ""] {
        problem(hub.send(key, &report("prod")).await, 401).await;
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_within_seconds() {
    let hub = TestHub::start().await;
    let app = hub.app().await;
    assert_eq!(hub.send(&app.write_key, &report("prod")).await.status(), 202);
    let keys = hub.metadata.credentials(app.app_id).await.unwrap();
    for key in keys {
        assert!(hub.metadata.revoke_credential(app.app_id, key.id, 1).await.unwrap());
    }
    let refused = async {
        while hub.send(&app.write_key, &report("prod")).await.status() != 401 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(6), refused).await.unwrap();
}

#[tokio::test]
async fn what_is_no_report_is_refused_for_good() {
    let hub = TestHub::start().await;
    let key = hub.app().await.write_key;
    let send = |body: String| hub.post("report", &key).body(body).send();
    let good = serde_json::to_string(&report("prod")).unwrap();
    assert_eq!(problem(send("{\"v\":1".into()).await.unwrap(), 400).await["type"], "not_json");
    assert_eq!(problem(send(String::new()).await.unwrap(), 400).await["type"], "not_json");
    assert_eq!(problem(send("{\"v\":1}".into()).await.unwrap(), 422).await["type"], "not_a_message");
    let newer = good.replace("\"v\":1", "\"v\":2");
    assert_eq!(problem(send(newer).await.unwrap(), 422).await["type"], "unsupported_version");
    let unpackable =
        hub.post("report", &key).header("content-encoding", "gzip").body(good.clone()).send().await;
    assert_eq!(problem(unpackable.unwrap(), 400).await["type"], "not_gzip");
}

#[tokio::test]
async fn unknown_fields_of_a_newer_sdk_are_accepted() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let report = report_of("prod", hub.clock.now() / 60, vec![traffic("GET", "/a", 200, 1)]);
    let mut json = serde_json::to_value(report).unwrap();
    json["novelty"] = json!({"deep": [1, {"er": null}]});
    json["minutes"][0]["routes"][0]["zz"] = json!("new");
    let response = hub.post("report", &app.write_key).json(&json).send().await.unwrap();
    assert_eq!(response.status(), 202);
    let path = format!("/apps/{}/endpoints?env=prod", app.app_id);
    hub.get_until(&token, &path, |answer| answer["data"][0]["requests"] == 1).await;
}

#[tokio::test]
async fn content_type_and_encoding_must_be_known() {
    let hub = TestHub::start().await;
    let key = hub.app().await.write_key;
    let body = serde_json::to_vec(&report("prod")).unwrap();
    let request = || hub.request(Method::POST, "/ingest/v1/report").bearer_auth(&key).body(body.clone());
    problem(request().send().await.unwrap(), 415).await;
    problem(request().header("content-type", "text/plain").send().await.unwrap(), 415).await;
    let typed = || request().header("content-type", "application/json; charset=utf-8");
    let brotli = typed().header("content-encoding", "br").send().await.unwrap();
    assert_eq!(brotli.headers()["accept-encoding"], "gzip");
    problem(brotli, 415).await;
    assert_eq!(typed().header("content-encoding", "identity").send().await.unwrap().status(), 202);
}

#[tokio::test]
async fn a_bomb_is_refused_and_costs_no_more_than_its_limit() {
    let hub = TestHub::start().await;
    let key = hub.app().await.write_key;
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let send = || hub.post("report", &key).header("content-encoding", "gzip").body(bomb.clone()).send();
    let (one, two, three) = tokio::join!(send(), send(), send());
    for refused in [one, two, three] {
        assert_eq!(problem(refused.unwrap(), 413).await["type"], "too_large_unpacked");
    }
}

#[tokio::test]
async fn a_body_of_100_megabytes_is_refused_with_a_reason_announced_or_not() {
    let hub = TestHub::start().await;
    let key = hub.app().await.write_key;
    let megabytes = 100;
    let announced = hub.post("report", &key).body(vec![b' '; megabytes << 20]).send().await.unwrap();
    assert_eq!(problem(announced, 413).await["type"], "too_large");
    let chunk = || Ok::<_, std::io::Error>(vec![b' '; 1 << 20]);
    let stream = futures_util::stream::iter((0..megabytes).map(move |_| chunk()));
    let chunked = hub.post("report", &key).body(Body::wrap_stream(stream)).send().await.unwrap();
    assert_eq!(problem(chunked, 413).await["type"], "too_large");
    assert_eq!(hub.send(&key, &report("prod")).await.status(), 202);
}

#[tokio::test]
async fn a_large_report_within_the_limits_is_accepted() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let many =
        (0..1_900).map(|at| traffic("GET", &format!("/route/{at}/with/a/long/enough/name/{{id}}"), 200, 1));
    let report = report_of("prod", hub.clock.now() / 60, many.collect());
    let body = gzip(&serde_json::to_vec(&report).unwrap());
    let response =
        hub.post("report", &app.write_key).header("content-encoding", "gzip").body(body).send().await;
    assert_eq!(response.unwrap().status(), 202);
    let path = format!("/apps/{}/summary?env=prod", app.app_id);
    hub.get_until(&token, &path, |answer| answer["data"]["requests"] == 1_900).await;
}

#[tokio::test]
async fn an_environment_must_have_a_name_and_the_21st_is_one_too_many() {
    let hub = TestHub::start().await;
    let key = hub.app().await.write_key;
    for env in ["", "über", "a b", &"x".repeat(33)] {
        assert_eq!(
            problem(hub.send(&key, &report(env)).await, 422).await["type"],
            "bad_environment",
            "{env}"
        );
    }
    for at in 0..20 {
        assert_eq!(hub.send(&key, &report(&format!("env-{at}"))).await.status(), 202);
    }
    assert_eq!(problem(hub.send(&key, &report("env-20")).await, 422).await["type"], "too_many_environments");
    assert_eq!(hub.send(&key, &report("env-7")).await.status(), 202);
    let other = hub.app().await.write_key;
    assert_eq!(hub.send(&other, &report("env-20")).await.status(), 202);
}

/// A queue that takes nothing.
struct Full;

#[async_trait]
impl Producer for Full {
    async fn publish(&self, _: Topic, _: Envelope) -> Result<(), QueueError> {
        Err(QueueError::Unavailable("the disk is full".into()))
    }
}

#[tokio::test]
async fn a_full_queue_asks_the_sender_to_come_again() {
    let hub = TestHub::builder()
        .stores(|stores| stores.queue.as_mut().unwrap().producer = Arc::new(Full))
        .start()
        .await;
    let key = hub.app().await.write_key;
    let response = hub.send(&key, &report("prod")).await;
    assert_eq!(response.headers()["retry-after"], "10");
    assert_eq!(problem(response, 503).await["type"], "queue_unavailable");
    let metrics = hub.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("sendry_ingest_refused_total{reason=\"queue_unavailable\"} 1"), "{metrics}");
}

#[tokio::test]
async fn above_the_rate_limit_a_sender_waits_and_others_do_not() {
    let hub = TestHub::builder().set("SENDRY_INGEST__MESSAGES_PER_SECOND_MAX", "2").start().await;
    let (key, other) = (hub.app().await.write_key, hub.app().await.write_key);
    let mut limited = None;
    for _ in 0..20 {
        let response = hub.send(&key, &report("prod")).await;
        if response.status() == 429 {
            limited = Some(response);
            break;
        }
    }
    let limited = limited.unwrap();
    assert_eq!(limited.headers()["retry-after"], "1");
    problem(limited, 429).await;
    assert_eq!(hub.send(&other, &report("prod")).await.status(), 202);
}

#[tokio::test]
async fn the_rhythm_that_is_configured_is_told_to_sdks() {
    let hub = TestHub::builder().set("SENDRY_INGEST__SYNC_INTERVAL_SECS", "30").start().await;
    let key = hub.app().await.write_key;
    let accepted: Accepted = hub.send(&key, &report("prod")).await.json().await.unwrap();
    assert_eq!(accepted.sync_interval_secs, Some(30));
}

#[tokio::test]
async fn minutes_out_of_the_window_are_dead_letters_and_the_instance_is_shown() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    for minutes_off in [-120, 30] {
        let minute = hub.clock.now() / 60 + minutes_off;
        let response =
            hub.send(&app.write_key, &report_of("prod", minute, vec![traffic("GET", "/a", 200, 1)])).await;
        assert_eq!(response.status(), 202);
    }
    let dead = |metrics: &str| metrics.contains("sendry_queue_dead_letters{topic=\"reports\"} 2");
    let until = async {
        loop {
            let metrics = hub.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
            if dead(&metrics) {
                assert!(metrics.contains("sendry_accepted_not_stored 0"), "{metrics}");
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), until).await.unwrap();
    let answer = hub.get(&token, &format!("/apps/{}/summary?env=prod", app.app_id)).await;
    assert_eq!(answer["data"]["requests"], 0);
}

#[tokio::test]
async fn a_bad_entry_is_dropped_alone_and_shown_as_a_loss() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let good =
        vec![traffic("GET", "/a", 200, 5), traffic("GET", &format!("/{}", "x".repeat(10_240)), 200, 1)];
    let mut json = serde_json::to_value(report_of("prod", hub.clock.now() / 60, good)).unwrap();
    let series = json["minutes"][0]["routes"].as_array_mut().unwrap();
    series.push(json!({"r": 0, "s": 404, "n": -7}));
    series.push(json!({"r": 99, "s": 404, "n": 1}));
    series.push(json!({"r": 0, "s": 404, "n": 5_000_000_000_000u64}));
    let response = hub.post("report", &app.write_key).json(&json).send().await.unwrap();
    assert_eq!(response.status(), 202);
    let path = format!("/apps/{}/losses?env=prod", app.app_id);
    let losses = hub.get_until(&token, &path, |answer| answer["data"][0]["reason"].is_string()).await;
    let reasons: Vec<_> =
        losses["data"].as_array().unwrap().iter().map(|loss| loss["reason"].clone()).collect();
    assert!(reasons.contains(&json!("rejected_by_hub")), "{losses}");
    let endpoints = hub.get(&token, &format!("/apps/{}/endpoints?env=prod", app.app_id)).await;
    let a = endpoints["data"].as_array().unwrap().iter().find(|row| row["path"] == "/a").unwrap();
    assert_eq!((a["requests"].as_u64(), a["client_errors"].as_u64()), (Some(5), Some(0)));
}

#[tokio::test]
async fn a_report_sent_twice_is_counted_once() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let report = report_of("prod", hub.clock.now() / 60, vec![traffic("GET", "/a", 200, 3)]);
    for _ in 0..3 {
        assert_eq!(hub.send(&app.write_key, &report).await.status(), 202);
    }
    let after = report_of("prod", hub.clock.now() / 60, vec![traffic("GET", "/b", 200, 1)]);
    assert_eq!(hub.send(&app.write_key, &after).await.status(), 202);
    let path = format!("/apps/{}/endpoints?env=prod", app.app_id);
    let answer = hub.get_until(&token, &path, |answer| answer["data"][1]["requests"] == 1).await;
    assert_eq!(answer["data"][0]["requests"], 3);
}

#[tokio::test]
async fn request_logs_are_accepted_as_json_lines() {
    let hub = TestHub::start().await;
    let key = hub.app().await.write_key;
    let id = uuid::Uuid::new_v4();
    let head = json!({"v": 1, "batch_id": id, "instance_id": id, "sequence": 0, "env": "prod"});
    let request = |lines: String| {
        let request = hub.request(Method::POST, "/ingest/v1/request-logs").bearer_auth(&key);
        let body = gzip(lines.as_bytes());
        request
            .header("content-type", "application/x-ndjson")
            .header("content-encoding", "gzip")
            .body(body)
            .send()
    };
    assert_eq!(request(format!("{head}\n{{\"id\":\"{id}\"}}\n")).await.unwrap().status(), 202);
    problem(request(format!("{head}\n{{\"id\":")).await.unwrap(), 400).await;
    problem(request(String::new()).await.unwrap(), 400).await;
}

#[tokio::test]
async fn every_loss_of_an_sdk_reaches_its_operator() {
    let hub = TestHub::start().await;
    let (app, token) = (hub.app().await, hub.token().await);
    let reasons = [
        "routes_folded",
        "consumers_folded",
        "validation_errors_dropped",
        "server_errors_dropped",
        "text_cut",
        "reports_expired",
        "reports_evicted",
        "reports_refused",
        "reports_not_spooled",
        "request_logs_dropped",
        "callback_panicked",
        "rejected_by_hub",
        "of_a_newer_sdk",
    ];
    let mut report = serde_json::to_value(report("prod")).unwrap();
    let losses = reasons.iter().zip(1..).map(|(reason, count)| json!({"reason": reason, "count": count}));
    report["losses"] = losses.collect();
    assert_eq!(hub.post("report", &app.write_key).json(&report).send().await.unwrap().status(), 202);
    let path = format!("/apps/{}/losses?env=prod", app.app_id);
    let told = hub.get_until(&token, &path, |answer| answer["data"][0].is_object()).await;
    let count = |reason: &str| {
        told["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|loss| loss["reason"] == reason)
            .map(|loss| loss["count"].clone())
    };
    for (reason, expected) in reasons.iter().zip(1..).take(12) {
        assert_eq!(count(reason), Some(json!(expected)), "{reason}");
    }
    assert_eq!(
        count("unknown"),
        Some(json!(13)),
        "a reason that this hub does not know is counted all the same"
    );
}
