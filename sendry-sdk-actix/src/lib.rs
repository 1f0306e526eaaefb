#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod body;
mod future;
mod pending;
mod routes;
mod service;
mod transform;

pub use body::TrackedBody;
pub use future::ResponseFuture;
pub use sendry_sdk::{
    Builder, ConfigError, FlushError, Sendry, capture_panics, report_error, report_error_as, set_consumer,
};
pub use service::SendryService;
pub use transform::SendryMiddleware;
