//! The tower layer: counts every request of any tower service.
//!
//! What is counted, when it starts and when it ends is defined in [`crate::track`].

mod body;
mod future;
#[allow(clippy::module_inception)]
mod layer;
mod service;

pub use body::{ReadAlong, RequestBodies, Untouched};
pub use future::ResponseFuture;
pub use layer::SendryLayer;
pub use service::{RequestHead, SendryService};
