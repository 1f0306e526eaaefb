use std::net::IpAddr;

use tower_layer::Layer;

use super::service::Peer;
use super::{ReadAlong, RequestHead, SendryService, Untouched};
use crate::Sendry;
use crate::track::TappedBody;

/// Wraps services so that their requests are counted; made by [`Sendry::layer`].
///
/// Put it outermost. Where the layers outside of it answer a request themselves, it is not counted.
#[derive(Debug, Clone, Copy)]
pub struct SendryLayer<R, W = Untouched> {
    sendry: Sendry,
    route: R,
    bodies: W,
    peer: Option<Peer>,
}

impl<R> SendryLayer<R>
where
    R: for<'a> Fn(RequestHead<'a>) -> Option<&'a str>,
{
    pub(crate) fn new(sendry: Sendry, route: R) -> Self {
        Self { sendry, route, bodies: Untouched, peer: None }
    }

    /// Lets the request log have the bodies of requests, where [`RequestLogs::request_bodies`] says so. `wrap` makes the
    /// service's own type of body of one that is read along; in axum that is `axum::body::Body::new`.
    ///
    /// ```
    /// use sendry_sdk::{Sendry, request_log::RequestLogs};
    ///
    /// # fn main() -> Result<(), sendry_sdk::ConfigError> {
    /// let sendry = Sendry::builder().request_logs(RequestLogs::new().request_bodies()).build()?;
    /// let app: axum::Router = axum::Router::new()
    ///     .layer(sendry.layer(|_| Some("/upload")).request_bodies(axum::body::Body::new));
    /// # let _ = app; Ok(()) }
    /// ```
    ///
    /// [`RequestLogs::request_bodies`]: crate::request_log::RequestLogs::request_bodies
    pub fn request_bodies<B, F: Fn(TappedBody<B>) -> B>(self, wrap: F) -> SendryLayer<R, ReadAlong<F>> {
        SendryLayer { sendry: self.sendry, route: self.route, bodies: ReadAlong(wrap), peer: self.peer }
    }
}

impl<R, W> SendryLayer<R, W> {
    /// Tells the request log the address of the connection, which the server puts somewhere in the request's extensions.
    pub fn peer_address(mut self, peer: fn(RequestHead<'_>) -> Option<IpAddr>) -> Self {
        self.peer = Some(peer);
        self
    }
}

impl<S, R: Clone, W: Clone> Layer<S> for SendryLayer<R, W> {
    type Service = SendryService<S, R, W>;

    fn layer(&self, inner: S) -> Self::Service {
        SendryService::new(self.sendry, self.route.clone(), self.bodies.clone(), self.peer, inner)
    }
}
