#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod future;
mod instrumented;
mod layer;
mod routes;
mod service;

pub use future::ResponseFuture;
pub use instrumented::{Instrumented, instrument};
pub use layer::SendryLayer;
pub use sendry_sdk::{Builder, ConfigError, FlushError, Sendry};
pub use service::SendryService;
