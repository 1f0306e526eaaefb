#![forbid(unsafe_code)]
//! A shop's API as a small team would write it, and the load that believable customers send to it.
//!
//! It is the app that `cargo xtask demo` monitors: nested routers, path parameters, JSON bodies, slow and failing
//! endpoints. Everything lives in memory and every collection is bounded, so it can run for days.

pub mod api;
pub mod auth;
pub mod error;
pub mod latency;
pub mod load;
pub mod shelf;
pub mod state;
