//! The generic layer and the HTTP transport through the front door.
//!
//! Rules: a test names the behaviour it shows; what is asserted is what a hub would receive, or what a user would read.

#[cfg(feature = "tracing")]
mod application_logs;
#[cfg(unix)]
mod full_disk;
#[cfg(unix)]
mod killed;
mod layer;
mod request_logs;
mod transport;
