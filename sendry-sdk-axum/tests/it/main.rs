//! The axum integration through the front door: a real router, a transport that keeps what is sent, a clock moved by hand.
//!
//! Rules: a test names the behaviour it shows; time moves by the clock; what is asserted is what a hub would receive.

mod bodies;
mod conformance;
mod context;
mod harness;
mod request_logs;
mod requests;
mod routes;
mod wire;
