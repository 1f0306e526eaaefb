#![forbid(unsafe_code)]
//! The Sendry hub. Modules stand in the order of the data path: a report enters through [`ingest`], waits in the
//! [`queue`], is stored by the [`worker`] and answered for by [`query`].

pub mod admin;
pub mod app;
pub mod auth;
pub mod backup;
pub mod certificates;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dashboard;
pub mod http;
pub mod ingest;
pub mod lifecycle;
pub mod metrics;
pub mod migrate;
pub mod query;
pub mod queue;
mod sqlite;
pub mod store;
pub mod system;
pub mod worker;
