//! What the application tells `tracing` is found in the log of the request it belongs to, and in no other.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use http::{Request, Response};
use http_body_util::Full;
use sendry_sdk::Sendry;
use sendry_sdk::protocol::limits::{
    APPLICATION_LOGS_MAX, LOG_FIELD_BYTES_MAX, REQUEST_DETAIL_BYTES_MAX, SPANS_MAX,
};
use sendry_sdk::protocol::{LogLevel, LossReason, RequestLog};
use sendry_sdk::request_log::{self, RequestLogs};
use sendry_sdk::testing::TestTransport;
use tokio::sync::{Barrier, Notify};
use tower::{Layer, ServiceExt};
use tracing::subscriber::DefaultGuard;
use tracing::{Instrument, Span};
use tracing_subscriber::layer::SubscriberExt;

type Body = Full<bytes::Bytes>;

struct TestHub {
    sendry: Sendry,
    hub: Arc<TestTransport>,
    _listening: DefaultGuard,
}

impl TestHub {
    fn new() -> Self {
        Self::with(Some(RequestLogs::new().mask_fields(["iban"])))
    }

    fn with(logs: Option<RequestLogs>) -> Self {
        let listening =
            tracing::subscriber::set_default(tracing_subscriber::registry().with(request_log::layer()));
        let hub = TestTransport::new();
        // Kept until the test's process ends: the client's threads outlive the test.
        let spool = tempfile::TempDir::new().unwrap().keep();
        let mut builder = Sendry::builder().transport(hub.clone()).spool_dir(spool.join("spool"));
        if let Some(logs) = logs {
            builder = builder.request_logs(logs);
        }
        Self { sendry: builder.build().unwrap(), hub, _listening: listening }
    }

    /// Serves one request to `path` with `handler`.
    async fn serve<F: Future<Output = ()>>(&self, path: &str, handler: impl FnOnce() -> F + Clone) {
        let service = tower::service_fn(move |_: Request<Body>| {
            let handled = handler.clone()();
            async move {
                handled.await;
                Ok::<_, Infallible>(Response::new(Body::default()))
            }
        });
        let path = path.to_owned();
        let layer = self.sendry.layer(|head| head.uri.path().starts_with('/').then_some("/route"));
        let request = Request::builder().uri(path).body(Body::default()).unwrap();
        layer.layer(service).oneshot(request).await.unwrap();
    }

    async fn logs(&self) -> Vec<RequestLog> {
        self.sendry.flush().await.unwrap();
        self.hub.request_logs()
    }

    async fn only_log(&self) -> RequestLog {
        let mut logs = self.logs().await;
        assert_eq!(logs.len(), 1, "{logs:#?}");
        logs.remove(0)
    }
}

fn messages(log: &RequestLog) -> Vec<&str> {
    log.logs.iter().map(|log| log.message.as_str()).collect()
}

#[tokio::test]
async fn requests_that_run_at_once_keep_their_own() {
    let hub = TestHub::new();
    let gate = Arc::new(Barrier::new(2));
    let one = |name: &'static str| {
        let gate = gate.clone();
        hub.serve(name, move || async move {
            tracing::info!("{name} begins");
            let work = async move {
                gate.wait().await;
                tracing::info!("{name} works");
            };
            work.instrument(tracing::info_span!("work", name)).await;
            tracing::info!("{name} ends");
        })
    };
    tracing::info!("before all");
    tokio::join!(one("/a"), one("/b"));
    tracing::info!("after all");
    let logs = hub.logs().await;
    assert_eq!(logs.len(), 2);
    for log in logs {
        let name = log.url.as_str();
        assert_eq!(
            messages(&log),
            [format!("{name} begins"), format!("{name} works"), format!("{name} ends")]
        );
        assert_eq!(
            (log.spans.len(), log.spans[0].fields[0].1.as_str(), log.logs[1].span),
            (1, name, Some(1))
        );
    }
}

#[tokio::test]
async fn what_is_told_after_the_end_belongs_to_nobody_and_spans_that_go_on_have_no_end() {
    let hub = TestHub::new();
    let (go, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (waits, tells) = (go.clone(), done.clone());
    hub.serve("/a", move || async move {
        let late = async move {
            waits.notified().await;
            tracing::info!("too late");
            tells.notify_one();
        };
        tokio::spawn(late.instrument(tracing::info_span!("background")));
    })
    .await;
    go.notify_one();
    done.notified().await;
    let log = hub.only_log().await;
    assert_eq!((messages(&log).len(), log.spans.len(), log.spans[0].duration_us), (0, 1, None));
}

#[tokio::test]
async fn a_span_of_an_earlier_request_or_of_none_tells_for_the_request_that_enters_it() {
    let hub = TestHub::new();
    let shared = Arc::new(std::sync::Mutex::new(tracing::info_span!("of no request")));
    let keep = shared.clone();
    hub.serve("/a", move || async move {
        keep.lock().unwrap().in_scope(|| tracing::info!("first"));
        *keep.lock().unwrap() = tracing::info_span!("of the first");
    })
    .await;
    let keep = shared.clone();
    hub.serve("/b", move || async move { keep.lock().unwrap().in_scope(|| tracing::info!("second")) }).await;
    let logs = hub.logs().await;
    assert_eq!((messages(&logs[0]), messages(&logs[1])), (vec!["first"], vec!["second"]));
    assert_eq!(logs.iter().map(|log| log.spans.len()).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(logs.iter().map(|log| log.logs[0].span).collect::<Vec<_>>(), [None, None]);
}

#[tokio::test]
async fn spans_nest_and_say_whether_they_failed() {
    let hub = TestHub::new();
    hub.serve("/a", || async {
        let outer = tracing::info_span!("outer", otel.status_code = tracing::field::Empty);
        let inner = async {
            tracing::error!(error = &std::io::Error::other("disk") as &dyn std::error::Error, "cannot write");
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        };
        async {
            inner.instrument(tracing::info_span!("inner")).await;
            Span::current().record("otel.status_code", "ERROR");
            tracing::debug_span!("not heard").in_scope(|| tracing::info!("below the level"));
        }
        .instrument(outer)
        .await;
    })
    .await;
    let log = hub.only_log().await;
    let spans: Vec<_> = log.spans.iter().map(|span| (span.name.as_str(), span.parent, span.failed)).collect();
    assert_eq!(spans, [("outer", None, true), ("inner", Some(1), true)]);
    assert_eq!(log.logs[0].fields, [("error".to_owned(), "disk".to_owned())]);
    assert_eq!((log.logs[0].level, log.logs[1].span), (LogLevel::Error, Some(1)));
    let inner = &log.spans[1];
    assert!(inner.duration_us.unwrap() >= 2_000 && inner.busy_us < inner.duration_us, "{inner:?}");
}

#[tokio::test]
async fn values_named_like_secrets_are_masked_in_events_and_spans() {
    let hub = TestHub::new();
    hub.serve("/a", || async {
        let span = tracing::info_span!("pay", iban = "DE00", amount = 12.5, paid = false);
        span.in_scope(|| tracing::info!(api_key = "k", user.password = ?Some("p"), tries = 3_u64, "paying"));
    })
    .await;
    let log = hub.only_log().await;
    let fields =
        |fields: &[(String, String)]| fields.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>();
    assert_eq!(fields(&log.spans[0].fields), ["iban=******", "amount=12.5", "paid=false"]);
    assert_eq!(fields(&log.logs[0].fields), ["api_key=******", "user.password=******", "tries=3"]);
}

#[tokio::test]
async fn chatter_is_cut_and_counted_and_errors_after_it_are_kept() {
    let hub = TestHub::new();
    hub.serve("/a", || async {
        for turn in 0..1_000 {
            tracing::info_span!("turn").in_scope(|| tracing::info!(turn, "again"));
        }
        tracing::error!("at the end");
    })
    .await;
    let log = hub.only_log().await;
    assert_eq!((log.spans.len(), log.spans_cut), (SPANS_MAX, 800));
    assert_eq!((log.logs.len(), log.logs_cut), (APPLICATION_LOGS_MAX - 50 + 1, 850));
    assert_eq!(log.logs.last().unwrap().message, "at the end");
}

#[tokio::test]
async fn long_texts_are_cut_and_their_sum_is_bounded() {
    let hub = TestHub::new();
    hub.serve("/a", || async {
        let long = "é".repeat(100_000);
        tracing::info!(long, "{long}");
        for _ in 0..100 {
            tracing::info!(long = %long, "more");
        }
    })
    .await;
    let log = hub.only_log().await;
    assert_eq!((log.logs[0].message.len(), log.logs[0].fields[0].1.len()), (2_048, LOG_FIELD_BYTES_MAX));
    let bytes = |log: &sendry_sdk::protocol::ApplicationLog| log.message.len() + log.fields[0].1.len();
    assert!(log.logs.iter().map(bytes).sum::<usize>() <= REQUEST_DETAIL_BYTES_MAX);
    assert_eq!(log.logs.len() + log.logs_cut as usize, 101);
    assert!(log.logs_cut > 0);
}

struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn a_value_that_panics_while_it_is_shown_costs_its_event_and_is_counted() {
    let hub = TestHub::new();
    hub.serve("/a", || async {
        tracing::info!(value = ?Panics, "lost");
        tracing::info!("kept");
    })
    .await;
    let log = hub.only_log().await;
    assert_eq!(messages(&log), ["kept"]);
    let losses = &hub.hub.reports()[0].losses;
    assert!(losses.iter().any(|loss| loss.reason == LossReason::CallbackPanicked && loss.count == 1));
}

#[tokio::test]
async fn a_request_that_is_not_logged_hears_nothing_and_all_that_is_logged_stays_readable() {
    let quiet = TestHub::with(None);
    quiet.serve("/a", || async { tracing::info!("to nobody") }).await;
    assert!(quiet.logs().await.is_empty());
    let silent = TestHub::new();
    silent.serve("/a", || async {}).await;
    let log = silent.only_log().await;
    assert!(log.logs.is_empty() && log.spans.is_empty());
}
