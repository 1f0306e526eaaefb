//! The one call that instruments an application.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::response::Response;
use axum::routing::{IntoMakeService, RouterIntoService};
use axum::serve::{IncomingStream, Listener};
use sendry_sdk::Announcement;
use sendry_sdk::Sendry;
use tower_service::Service;

use crate::layer::SendryLayer;
use crate::routes;

/// Instruments an application: every request is counted under the route that axum matched, and the hub learns all routes, also
/// those that are never called.
///
/// Call it last, when all routes and layers are there: the type that it returns takes no more, so nothing can be added that
/// would not be counted. It is served as a router is:
///
/// ```no_run
/// use axum::{Router, routing::get};
/// use sendry_sdk_axum::Sendry;
///
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sendry = Sendry::builder().build()?;
/// let app = Router::new().route("/orders/{id}", get(|| async { "an order" }));
/// let app = sendry_sdk_axum::instrument(app, &sendry);
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// axum::serve(listener, app).await?;
/// # Ok(()) }
/// ```
pub fn instrument(app: Router, sendry: &Sendry) -> Instrumented {
    if !sendry.is_enabled() {
        return Instrumented { router: app };
    }
    let found = routes::introspect(&app);
    sendry.notice_runtime();
    let announcement = Announcement::new()
        .sdk(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .framework("axum", Some("0.8"))
        .with_routes(found.routes)
        .routes_complete(found.complete);
    sendry.announce(announcement);
    // With its state given, axum builds each route's service once and not at every request.
    Instrumented { router: app.layer(SendryLayer::with_opaque(*sendry, found.opaque)).with_state(()) }
}

/// An application whose requests are counted; made by [`instrument`]. It is served like a [`Router`] and takes no more routes.
#[derive(Debug, Clone)]
#[must_use = "an application does nothing until it is served"]
pub struct Instrumented {
    router: Router,
}

impl Instrumented {
    /// For servers that take a make-service.
    pub fn into_make_service(self) -> IntoMakeService<Router> {
        self.router.into_make_service()
    }

    /// The same, with the client's address for [`axum::extract::ConnectInfo`].
    pub fn into_make_service_with_connect_info<C>(self) -> IntoMakeServiceWithConnectInfo<Router, C> {
        self.router.into_make_service_with_connect_info()
    }

    /// For where a plain service is needed.
    pub fn into_service<B>(self) -> RouterIntoService<B> {
        self.router.into_service()
    }

    /// The router inside, for code that wants the type. What is added to it from here on is not counted.
    pub fn into_router(self) -> Router {
        self.router
    }
}

impl<B> Service<axum::http::Request<B>> for Instrumented
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = axum::routing::future::RouteFuture<Infallible>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        <Router as Service<Request<Body>>>::poll_ready(&mut self.router, cx)
    }

    fn call(&mut self, request: axum::http::Request<B>) -> Self::Future {
        self.router.call(request)
    }
}

/// For `axum::serve(listener, app)`.
impl<L: Listener> Service<IncomingStream<'_, L>> for Instrumented {
    type Response = Router;
    type Error = Infallible;
    type Future = Ready<Result<Router, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _stream: IncomingStream<'_, L>) -> Self::Future {
        ready(Ok(self.router.clone()))
    }
}
