use tower_layer::Layer;

use super::{RequestHead, SendryService};
use crate::Sendry;

/// Wraps services so that their requests are counted; made by [`Sendry::layer`].
///
/// Put it outermost. Where the layers outside of it answer a request themselves, it is not counted.
#[derive(Debug, Clone, Copy)]
pub struct SendryLayer<R> {
    sendry: Sendry,
    route: R,
}

impl<R> SendryLayer<R>
where
    R: for<'a> Fn(RequestHead<'a>) -> Option<&'a str>,
{
    pub(crate) fn new(sendry: Sendry, route: R) -> Self {
        Self { sendry, route }
    }
}

impl<S, R: Clone> Layer<S> for SendryLayer<R> {
    type Service = SendryService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        SendryService::new(self.sendry, self.route.clone(), inner)
    }
}
