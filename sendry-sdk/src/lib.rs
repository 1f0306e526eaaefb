#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "client"), doc = "The wire protocol of Sendry.")]

pub mod protocol;

#[cfg(feature = "client")]
mod aggregate;
#[cfg(feature = "client")]
mod announcement;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
pub mod clock;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
mod incidents;
#[cfg(feature = "client")]
pub mod layer;
#[cfg(feature = "client")]
mod losses;
#[cfg(feature = "client")]
mod recent;
#[cfg(feature = "client")]
pub mod request_log;
#[cfg(feature = "client")]
mod resources;
#[cfg(feature = "client")]
mod sync;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
#[cfg(feature = "client")]
mod text;
#[cfg(feature = "client")]
pub mod track;
#[cfg(feature = "client")]
pub mod validation;

#[cfg(feature = "client")]
pub use announcement::{Announcement, OpenApiError};
#[cfg(feature = "client")]
pub use client::Sendry;
#[cfg(feature = "client")]
pub use config::{Builder, ConfigError};
#[cfg(feature = "client")]
pub use sync::{FlushError, transport};
#[cfg(feature = "client")]
pub use track::{ErrorCause, capture_panics, report_error, report_error_as, set_consumer};
