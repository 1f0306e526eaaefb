//! The service around an application, one in each worker.

use std::cell::OnceCell;
use std::rc::Rc;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ResourceMap, Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::http::{Version, header};
use sendry_sdk::Sendry;
use sendry_sdk::track::{Entered, RequestTracker};

use crate::body::TrackedBody;
use crate::future::ResponseFuture;
use crate::log::log;
use crate::pending::Pending;
use crate::routes;

/// Counts the requests of the service inside; made by [`crate::SendryMiddleware`].
#[derive(Debug)]
pub struct SendryService<S> {
    sendry: Sendry,
    /// The application's resources, from the first request on.
    resources: OnceCell<Rc<ResourceMap>>,
    inner: S,
}

impl<S> SendryService<S> {
    pub(crate) fn new(sendry: Sendry, inner: S) -> Self {
        Self { sendry, resources: OnceCell::new(), inner }
    }

    #[inline]
    fn start(&self, request: &ServiceRequest) -> Option<Pending> {
        let tracker =
            RequestTracker::start_named(&self.sendry, request.method().as_str(), None, length_of(request))?;
        let resources = self.resources.get_or_init(|| {
            routes::announce(&self.sendry, request);
            Rc::new(request.resource_map().clone())
        });
        Some(Pending::new(tracker, request.uri(), resources.clone()))
    }
}

impl<S, B> Service<ServiceRequest> for SendryService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<TrackedBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    forward_ready!(inner);

    #[inline]
    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let mut pending = self.start(&request);
        if let Some(tracker) = pending.as_mut().and_then(Pending::logged) {
            log(tracker, &mut request);
        }
        let entered = pending.as_mut().map(Pending::enter);
        let future = self.inner.call(request);
        entered.into_iter().for_each(Entered::leave);
        ResponseFuture::new(future, pending)
    }
}

/// The length of a request's body, where the request tells it. Before HTTP/2, one that tells nothing has none.
#[inline]
fn length_of(request: &ServiceRequest) -> Option<u64> {
    if matches!(request.parts().1, Payload::None) {
        return Some(0);
    }
    let headers = request.headers();
    match headers.get(header::CONTENT_LENGTH) {
        Some(length) => length.to_str().ok()?.trim().parse().ok(),
        None if request.version() < Version::HTTP_2 && !headers.contains_key(header::TRANSFER_ENCODING) => {
            Some(0)
        }
        None => None,
    }
}
