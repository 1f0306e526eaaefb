//! Why the server failed: what an application says of it, beside the response that its client gets.

use std::error::Error;
use std::fmt::Display;

use super::body::ReadAlong;
use crate::aggregate::{Observation, Outcome};
use crate::protocol::limits;
use crate::text::Bounded;

/// One byte more than a message of the widest characters takes, so that a cut is noticed.
const MESSAGE_BYTES_ENOUGH: usize = 4 * limits::MESSAGE_CHARS_MAX + 1;

/// Why the server failed, within the limits of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) location: Option<String>,
    pub(crate) backtrace: Option<String>,
    /// How many of its texts were cut.
    pub(crate) cuts: u64,
}

impl Fault {
    pub(super) fn new(kind: &str, message: &(impl Display + ?Sized)) -> Self {
        let mut fault = Self::default();
        fault.kind = fault.bounded(kind, limits::TEXT_BYTES_MAX);
        fault.message = fault.message_of(message);
        fault
    }

    /// What can be said of a 5xx whose handler said nothing: that it panicked, or what its body tells the client.
    pub(crate) fn untold(observation: &Observation, read: Option<&ReadAlong>) -> Self {
        if observation.outcome == Outcome::Panic {
            return Self { kind: "panic".to_owned(), ..Self::default() };
        }
        Self { message: read.map(ReadAlong::message).unwrap_or_default(), ..Self::default() }
    }

    pub(super) fn set_location(&mut self, location: &(impl Display + ?Sized)) {
        self.location = Some(self.bounded(location, limits::PATH_BYTES_MAX));
    }

    pub(super) fn set_backtrace(&mut self, backtrace: &(impl Display + ?Sized)) {
        let text = self.bounded(backtrace, limits::BACKTRACE_BYTES_MAX);
        // What `std::backtrace` says where none was taken.
        let is_there = !matches!(text.as_str(), "" | "disabled backtrace" | "unsupported backtrace");
        self.backtrace = is_there.then_some(text);
    }

    fn bounded(&mut self, value: &(impl Display + ?Sized), bytes_max: usize) -> String {
        let bounded = Bounded::of(value, bytes_max);
        self.cuts += u64::from(bounded.was_cut);
        bounded.text
    }

    fn message_of(&mut self, message: &(impl Display + ?Sized)) -> String {
        let Bounded { mut text, mut was_cut, .. } = Bounded::of(message, MESSAGE_BYTES_ENOUGH);
        if let Some((end, _)) = text.char_indices().nth(limits::MESSAGE_CHARS_MAX) {
            text.truncate(end);
            was_cut = true;
        }
        self.cuts += u64::from(was_cut);
        text
    }
}

/// Why a response is a 5xx: its client is told nothing of it, and the hub shows it. Put it into the response's extensions, where
/// the error becomes a response.
///
/// It is the way for errors that know no type, as those of `anyhow` and `eyre`, and for responses that are made far from a handler;
/// [`report_error`](crate::report_error) is shorter where one is at hand.
///
/// ```
/// use sendry_sdk::ErrorCause;
///
/// struct AppError(anyhow::Error);
///
/// impl From<AppError> for http::Response<String> {
///     fn from(AppError(error): AppError) -> Self {
///         let mut response = http::Response::new("please try again".to_owned());
///         *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
///         response.extensions_mut().insert(ErrorCause::new(&*error).with_backtrace(error.backtrace()));
///         response
///     }
/// }
/// ```
///
/// What it says goes before what was said by [`report_error`](crate::report_error). On a response that is no 5xx it does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorCause(pub(super) Fault);

impl ErrorCause {
    /// The type of an error, and its message with those of its causes. An error without its type is called `error`.
    pub fn new<E: Error + ?Sized>(error: &E) -> Self {
        let kind = std::any::type_name::<E>();
        Self::of(if kind.starts_with("dyn ") { "error" } else { kind }, &chain(error))
    }

    /// A type and a message of the application's own.
    pub fn of(kind: &str, message: &(impl Display + ?Sized)) -> Self {
        Self(Fault::new(kind, message))
    }

    /// Names the type, for errors that have lost theirs.
    pub fn with_kind(mut self, kind: &str) -> Self {
        self.0.kind = self.0.bounded(kind, limits::TEXT_BYTES_MAX);
        self
    }

    /// Adds where in the source it happened.
    pub fn with_location(mut self, location: &(impl Display + ?Sized)) -> Self {
        self.0.set_location(location);
        self
    }

    /// Adds a backtrace, at most 64 KiB of it. One that was not taken, as `std` says it, adds nothing.
    pub fn with_backtrace(mut self, backtrace: &(impl Display + ?Sized)) -> Self {
        self.0.set_backtrace(backtrace);
        self
    }
}

/// The message of an error and those of its causes, as far as they fit.
fn chain<E: Error + ?Sized>(error: &E) -> String {
    let mut message = Bounded::of(error, MESSAGE_BYTES_ENOUGH);
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| !message.was_cut) {
        message.push(": ");
        message.push(error);
        cause = error.source();
    }
    message.text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl std::fmt::Display for Layer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let error =
            Layer("no order", Some(Box::new(Layer("no database", Some(Box::new(Layer("refused", None)))))));
        let ErrorCause(fault) = ErrorCause::new(&error);
        assert_eq!(fault.message, "no order: no database: refused");
        assert!(fault.kind.ends_with("Layer"), "{}", fault.kind);
        let ErrorCause(fault) = ErrorCause::new(&error as &dyn Error);
        assert_eq!((fault.kind.as_str(), fault.cuts), ("error", 0));
    }

    #[test]
    fn errors_of_anyhow_and_eyre_are_told_with_their_causes() {
        let anyhow = anyhow::Error::msg("refused").context("no database");
        let eyre = eyre::Report::msg("refused").wrap_err("no database");
        for ErrorCause(fault) in [ErrorCause::new(&*anyhow), ErrorCause::new(&*eyre).with_kind("error")] {
            assert_eq!((fault.kind.as_str(), fault.message.as_str()), ("error", "no database: refused"));
        }
    }

    #[test]
    fn long_texts_are_cut_at_characters_and_counted() {
        let long = "é".repeat(100_000);
        let cause = ErrorCause::of(&long, &long).with_location(&long).with_backtrace(&long);
        assert_eq!(cause.0.kind.len(), limits::TEXT_BYTES_MAX);
        assert_eq!(cause.0.message.chars().count(), limits::MESSAGE_CHARS_MAX);
        assert_eq!(cause.0.backtrace.as_ref().map(String::len), Some(limits::BACKTRACE_BYTES_MAX));
        assert_eq!(cause.0.cuts, 4);
        assert_eq!(ErrorCause::of("E", &"x".repeat(limits::MESSAGE_CHARS_MAX)).0.cuts, 0);
        assert_eq!(ErrorCause::of("E", &"x".repeat(limits::MESSAGE_CHARS_MAX + 1)).0.cuts, 1);
    }

    #[test]
    fn a_backtrace_that_was_not_taken_is_none() {
        assert_eq!(ErrorCause::of("E", "m").with_backtrace("disabled backtrace").0.backtrace, None);
        let taken = std::backtrace::Backtrace::force_capture();
        assert!(ErrorCause::of("E", "m").with_backtrace(&taken).0.backtrace.is_some());
    }
}
