#![forbid(unsafe_code)]
//! The Sendry hub. Modules stand in the order of the data path: a report enters through [`ingest`], waits in the
//! [`queue`], is stored by the [`worker`] and answered for by [`query`].

pub mod auth;
pub mod clock;
pub mod config;
pub mod http;
pub mod ingest;
pub mod metrics;
pub mod query;
pub mod queue;
mod sqlite;
pub mod store;
pub mod worker;
