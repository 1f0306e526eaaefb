#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod future;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod instrumented;
mod layer;
mod routes;
mod service;

pub use future::ResponseFuture;
pub use instrumented::{Instrumented, instrument};
pub use layer::SendryLayer;
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
