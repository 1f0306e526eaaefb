//! The middleware, as an application adds it.

use std::future::{Ready, ready};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use sendry_sdk::Sendry;

use crate::body::TrackedBody;
use crate::routes;
use crate::service::SendryService;

/// Counts every request of an application, under the pattern of the resource that actix-web matched.
///
/// Wrap the whole [`App`](actix_web::App), and make it the last `wrap`: that one is the outermost, so that the time and the
/// answers of the other middlewares are counted too. Where it stands among the services does not matter.
///
/// ```no_run
/// use actix_web::{App, HttpServer, web};
/// use sendry_sdk_actix::{Sendry, SendryMiddleware};
///
/// # #[actix_web::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sendry = Sendry::builder().build()?;
/// HttpServer::new(move || {
///     App::new()
///         .route("/orders/{id}", web::get().to(async || "an order"))
///         .wrap(SendryMiddleware::new(&sendry))
/// })
/// .bind("127.0.0.1:3000")?
/// .run()
/// .await?;
/// # Ok(()) }
/// ```
///
/// All workers count for the one client, each into memory of its own.
#[derive(Debug, Clone, Copy)]
pub struct SendryMiddleware {
    sendry: Sendry,
}

impl SendryMiddleware {
    /// A middleware that counts for `sendry`.
    pub fn new(sendry: &Sendry) -> Self {
        Self { sendry: *sendry }
    }
}

impl<S, B> Transform<S, ServiceRequest> for SendryMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<TrackedBody<B>>;
    type Error = Error;
    type Transform = SendryService<S>;
    type InitError = ();
    type Future = Ready<Result<SendryService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        routes::introduce(&self.sendry);
        // Each worker has a runtime of its own, and this runs in it.
        self.sendry.notice_runtime();
        ready(Ok(SendryService::new(self.sendry, inner)))
    }
}
