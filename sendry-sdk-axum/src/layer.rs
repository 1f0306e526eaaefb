//! The layer, for applications that need the type [`axum::Router`] after it is added.

use sendry_sdk::Sendry;
use tower_layer::Layer;

use crate::routes::Opaque;
use crate::service::SendryService;

/// Counts the requests of a router's routes, under the templates that axum matched.
///
/// [`crate::instrument`] is the better way: it also tells the hub which routes there are, and nothing can be added after it.
/// With the layer, call [`axum::Router::layer`] last: routes that are added later are not counted.
#[derive(Debug, Clone, Copy)]
pub struct SendryLayer {
    sendry: Sendry,
    opaque: &'static [Opaque],
}

impl SendryLayer {
    /// A layer that counts for `sendry`.
    pub fn new(sendry: &Sendry) -> Self {
        Self { sendry: *sendry, opaque: &[] }
    }

    /// Leaks the few prefixes: they live as long as the client, and every request reads them.
    pub(crate) fn with_opaque(sendry: Sendry, opaque: Vec<Opaque>) -> Self {
        Self { sendry, opaque: Vec::leak(opaque) }
    }
}

impl<S> Layer<S> for SendryLayer {
    type Service = SendryService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SendryService::new(self.sendry, self.opaque, inner)
    }
}
