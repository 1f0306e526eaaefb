//! Validation errors: which field of a request failed which rule, and never the value that failed it.
//!
//! Most are read from the small body of a 400 or 422 response by [`from_response`], which framework integrations call; a
//! handler that knows better builds [`FieldError`]s itself. Everything here is a pure function of its
//! arguments: no I/O, no state, no panic, and work bounded by [`BODY_BYTES_MAX`] and [`FIELDS_PER_RESPONSE_MAX`].
//!
//! INVARIANT: there is no [`FieldError`] whose texts did not pass the scrubber. What frameworks and deserializers write is
//! taken apart by its grammar and written anew from the parts that are the application's; what does not fit a known grammar is
//! replaced. Messages that an application writes for people lose what stands in quotes, what was declared to be the value,
//! and what looks like data. A value that an application writes into its own sentence without quotes cannot be told from
//! the sentence: that is the one thing to avoid.
//!
//! A body of an unknown form gives no errors: no guess is better than a wrong one.

mod field_error;
mod field_path;
mod frameworks;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod json;
mod lines;
mod response;
mod rules;
mod scrub;
mod serde_text;
#[cfg(test)]
mod tests;

pub use field_error::{FieldError, Location};
pub use response::{BODY_BYTES_MAX, FIELDS_PER_RESPONSE_MAX, from_response};
pub(crate) use response::{Found, found_in};

/// Says which fields of the request whose handler runs failed validation, for handlers that know better than their response
/// tells. It counts when the response is a 4xx, instead of what could be read from its body. Outside of a handler it does
/// nothing; a request has at most [`FIELDS_PER_RESPONSE_MAX`] of them.
///
/// ```
/// use sendry_sdk::validation::{self, FieldError, Location};
///
/// // In a handler, with any validator; `garde` and `validator` have their own ways in, see [`FieldError`].
/// validation::report([FieldError::new(Location::Body, "items[0].price", "must be above zero").with_code("range")]);
/// ```
pub fn report(errors: impl IntoIterator<Item = FieldError>) {
    crate::track::add_validation_errors(errors);
}
