//! axum's applications.

use std::convert::Infallible;
use std::future::ready;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::Response;
use axum::routing::get;
use axum_prometheus::PrometheusMetricLayer;
use http_body_util::BodyExt;
use sentry::integrations::tower::{NewSentryLayer, SentryHttpLayer};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::{App, LocalFuture, ORDER, PATH, Variant, install_meter, install_sentry, sendry};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnAxum {
    Bare,
    /// A tower layer that does nothing: what any layer costs in axum.
    Nothing,
    Sendry,
    AxumPrometheus,
    OpenTelemetry,
    /// A hub of its own for each request, which knows the request.
    SentryHub,
    /// The same, with a transaction for each request.
    SentryTraced,
}

/// An application as a server clones it for a connection.
#[derive(Clone)]
pub struct AxumApp(pub BoxCloneSyncService<Request, Response, Infallible>);

impl Variant for OnAxum {
    type App = AxumApp;

    const BARE: Self = Self::Bare;
    const SENDRY: Self = Self::Sendry;
    const PEERS: [(Self, &'static str); 2] =
        [(Self::AxumPrometheus, "axum-prometheus"), (Self::OpenTelemetry, "OpenTelemetry")];

    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Nothing => "a layer that does nothing",
            Self::Sendry => "Sendry",
            Self::AxumPrometheus => "axum-prometheus 0.10",
            Self::OpenTelemetry => "opentelemetry-instrumentation-tower 0.19",
            Self::SentryHub => "sentry-tower 0.49, hub only",
            Self::SentryTraced => "sentry-tower 0.49, every request traced",
        }
    }

    async fn app(self) -> AxumApp {
        match self {
            Self::Bare => served(router()),
            Self::Nothing => served(router().layer(NothingLayer)),
            Self::Sendry => {
                AxumApp(BoxCloneSyncService::new(sendry_sdk_axum::instrument(router(), &sendry())))
            }
            Self::AxumPrometheus => {
                // The recorder is the process's.
                static LAYER: OnceLock<PrometheusMetricLayer<'static>> = OnceLock::new();
                served(router().layer(LAYER.get_or_init(|| PrometheusMetricLayer::pair().0).clone()))
            }
            Self::OpenTelemetry => {
                install_meter();
                served(router().layer(opentelemetry_instrumentation_tower::http::server::Layer::new()))
            }
            Self::SentryHub => {
                install_sentry();
                let layers = ServiceBuilder::new()
                    .layer(NewSentryLayer::<Request>::new_from_top())
                    .layer(SentryHttpLayer::new());
                served(router().layer(layers))
            }
            Self::SentryTraced => {
                install_sentry();
                let layers = ServiceBuilder::new()
                    .layer(NewSentryLayer::<Request>::new_from_top())
                    .layer(SentryHttpLayer::new().enable_transaction());
                served(router().layer(layers))
            }
        }
    }

    async fn on_threads(self) -> impl Fn() -> LocalFuture<AxumApp> + Sync {
        let app = self.app().await;
        move || Box::pin(ready(app.clone()))
    }
}

impl App for AxumApp {
    async fn exchange(&self) {
        let response = self.0.clone().oneshot(request()).await.unwrap_or_else(|never| match never {});
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            std::hint::black_box(frame.is_ok());
        }
    }
}

/// As `axum::serve` does with a router: the state is given once, not at every request.
pub fn served(router: Router) -> AxumApp {
    AxumApp(BoxCloneSyncService::new(router.with_state(())))
}

/// A small service: thirty routes around the one that is called.
pub fn router() -> Router {
    let others = (0..29)
        .fold(Router::new(), |router, n| router.route(&format!("/r{n}/{{id}}"), get(async || "other")));
    let order = async |Path((user, order)): Path<(u32, u32)>| if user < order { ORDER } else { "none" };
    others.route("/api/users/{user}/orders/{order}", get(order))
}

fn request() -> Request {
    Request::builder()
        .uri(PATH)
        .header("host", "localhost")
        .body(Body::empty())
        .expect("the request is valid")
}

#[derive(Clone, Copy)]
struct NothingLayer;

impl<S> Layer<S> for NothingLayer {
    type Service = Nothing<S>;

    fn layer(&self, inner: S) -> Nothing<S> {
        Nothing(inner)
    }
}

#[derive(Clone)]
struct Nothing<S>(S);

impl<S: Service<Request>> Service<Request> for Nothing<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.0.call(request)
    }
}
