#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod body;
mod fault;
mod future;
mod log;
mod pending;
mod refusal;
mod routes;
mod service;
mod transform;

pub use body::TrackedBody;
pub use future::ResponseFuture;
#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
pub use sendry_sdk::request_log::RequestLogLayer;
pub use sendry_sdk::request_log::RequestLogs;
pub use sendry_sdk::validation;
pub use sendry_sdk::{
    Announcement, Builder, ConfigError, ErrorCause, FlushError, OpenApiError, Sendry, capture_panics,
    report_error, report_error_as, set_consumer,
};
pub use service::SendryService;
pub use transform::SendryMiddleware;
