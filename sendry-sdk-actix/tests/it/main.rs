//! The actix-web integration through the front door: a real application, a transport that keeps what is sent, a clock moved by
//! hand.
//!
//! Rules: a test names the behaviour it shows; time moves by the clock; what is asserted is what a hub would receive. What
//! every integration does alike is in the conformance table.

mod conformance;
mod harness;
mod refusals;
mod request_logs;
mod requests;
mod routes;
