//! actix-web's applications.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::Identity;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App as ActixWeb, Error, web};
use sendry_sdk_actix::SendryMiddleware;

use super::{App, LocalFuture, ORDER, PATH, Variant, install_meter, install_sentry, sendry};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnActix {
    Bare,
    /// A middleware that does nothing: what any costs in actix-web.
    Nothing,
    Sendry,
    ActixWebProm,
    OpenTelemetry,
    /// A hub of its own for each request.
    Sentry,
    /// The same, with a transaction for each request.
    SentryTraced,
}

/// An application as a worker has it. Requests are boxed here, so that the response's body stays what the middleware made it,
/// as it does in the server.
pub struct ActixApp(Box<dyn Fn() -> LocalFuture<()>>);

impl Variant for OnActix {
    type App = ActixApp;

    const BARE: Self = Self::Bare;
    const SENDRY: Self = Self::Sendry;
    const PEERS: [(Self, &'static str); 2] =
        [(Self::ActixWebProm, "actix-web-prom"), (Self::OpenTelemetry, "OpenTelemetry")];

    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Nothing => "a middleware that does nothing",
            Self::Sendry => "Sendry",
            Self::ActixWebProm => "actix-web-prom 0.10",
            Self::OpenTelemetry => "opentelemetry-instrumentation-actix-web 0.25",
            Self::Sentry => "sentry-actix 0.49, hub only",
            Self::SentryTraced => "sentry-actix 0.49, every request traced",
        }
    }

    async fn app(self) -> ActixApp {
        let app = ActixWeb::new().configure(routes);
        match self {
            Self::Bare => served(app).await,
            Self::Nothing => served(app.wrap(Identity::default())).await,
            Self::Sendry => served(app.wrap(SendryMiddleware::new(&sendry()))).await,
            Self::ActixWebProm => {
                let prometheus = actix_web_prom::PrometheusMetricsBuilder::new("api").endpoint("/metrics");
                served(app.wrap(prometheus.build().expect("the settings are valid"))).await
            }
            Self::OpenTelemetry => {
                install_meter();
                served(app.wrap(opentelemetry_instrumentation_actix_web::RequestMetrics::default())).await
            }
            Self::Sentry => {
                install_sentry();
                served(app.wrap(sentry::integrations::actix::Sentry::new())).await
            }
            Self::SentryTraced => {
                install_sentry();
                served(app.wrap(sentry::integrations::actix::Sentry::with_transaction())).await
            }
        }
    }

    /// Each worker builds the application for itself.
    async fn on_threads(self) -> impl Fn() -> LocalFuture<ActixApp> + Sync {
        move || Box::pin(self.app())
    }
}

impl App for ActixApp {
    async fn exchange(&self) {
        (self.0)().await;
    }
}

async fn served<F, B>(app: ActixWeb<F>) -> ActixApp
where
    F: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let app = Rc::new(init_service(app).await);
    ActixApp(Box::new(move || {
        let app = app.clone();
        Box::pin(async move {
            let response = app.call(request()).await.unwrap_or_else(|error| panic!("{error}"));
            let mut body = pin!(response.into_body());
            while let Some(chunk) = poll_fn(|cx| body.as_mut().poll_next(cx)).await {
                std::hint::black_box(chunk.is_ok());
            }
        })
    }))
}

/// A small service: thirty routes around the one that is called.
fn routes(app: &mut web::ServiceConfig) {
    for n in 0..29 {
        app.route(&format!("/r{n}/{{id}}"), web::get().to(async || "other"));
    }
    let order = async |path: web::Path<(u32, u32)>| if path.0 < path.1 { ORDER } else { "none" };
    app.route("/api/users/{user}/orders/{order}", web::get().to(order));
}

/// As the server makes one of a request without a body: it has no payload, where that of a test has an empty one.
fn request() -> actix_http::Request {
    let mut request = TestRequest::with_uri(PATH).insert_header(("host", "localhost")).to_request();
    drop(request.take_payload());
    request
}
