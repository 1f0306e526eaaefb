//! One request, from its arrival to the end of its response: for the layer of this crate and for framework integrations.
//!
//! What is measured, and when it ends:
//!
//! - A request begins when the middleware is called. Its *duration* ends with the response's body: its last byte, its being
//!   dropped, or its error. The *time to headers* ends when the response's head is there.
//! - A body of known length up to [`HANDED_OVER_BYTES_MAX`] ends when it is handed to the server, which sends it with the
//!   head; so do bodies that are never sent (`HEAD`, 204, 304). Bodies of errors are watched to their end.
//! - Upgrades and `text/event-stream` are counted when their head is there and have no duration: they last as long as somebody
//!   listens.
//! - A request whose future is dropped before there is a response was aborted by the client and counts as 499; one whose
//!   handler panics counts as 500, and the panic goes on as before.
//! - A request belongs to the minute in which it ended.
//!
//! While its handler runs, a request has a context on the running thread: there the application names the
//! caller and reports errors, from anywhere in the handler's task, and outer layers of the same client are seen.

mod body;
mod cause;
mod context;
mod head;
mod log;
mod panics;
mod request;
mod tapped;

pub use body::{BodyTracker, TrackedBody};
pub use cause::ErrorCause;
pub use context::{report_error, report_error_as, set_consumer};
pub use head::ResponseHead;
pub use panics::capture_panics;
pub use request::{Entered, RequestTracker};
pub use tapped::TappedBody;

pub(crate) use body::ReadAlong;
pub(crate) use cause::Fault;
#[cfg(feature = "tracing")]
pub(crate) use context::current_detail;
pub(crate) use context::{Context, SEPARATOR, add_validation_errors};

/// Bodies of known length up to this many bytes count as sent when they are handed to the server: it writes them together
/// with the head, and watching them would cost an allocation a request.
pub const HANDED_OVER_BYTES_MAX: u64 = 16 * 1024;

/// Bodies of error responses are read along up to this many bytes: an answer that explains an error is small.
pub(crate) const ERROR_BODY_BYTES_MAX: u64 = 64 * 1024;

/// The status of a request whose client went away before there was a response.
const CLIENT_CLOSED_REQUEST: u16 = 499;
