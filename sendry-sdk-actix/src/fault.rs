//! Why the server failed, where the handler did not say so itself: by the error that it returned.

use std::fmt::{self, Write};

use actix_web::Error;
use actix_web::dev::ServiceResponse;
use sendry_sdk::ErrorCause;
use sendry_sdk::track::RequestTracker;

/// Bytes of a type's name. What is longer is none.
const NAME_BYTES_MAX: usize = 64;

/// Tells the tracker of a 5xx what its extensions say, else the error that it was made of, unless the handler said more.
#[cold]
pub(crate) fn explain<B>(tracker: &mut RequestTracker, response: &ServiceResponse<B>) {
    if let Some(cause) = response.response().extensions().get::<ErrorCause>() {
        tracker.set_cause(cause.clone());
    } else if let Some(error) = response.response().error() {
        tracker.explain(|| cause_of(error));
    }
}

/// What an error says of itself.
pub(crate) fn cause_of(error: &Error) -> ErrorCause {
    ErrorCause::of(&kind_of(error), error)
}

/// The name at the beginning of the error's `Debug` form, which is that of its type or variant: actix-web tells no other.
fn kind_of(error: &Error) -> String {
    let mut name = Name(String::new());
    // It fails where the name ends.
    _ = write!(name, "{:?}", error.as_response_error());
    let is_name = name.0.starts_with(|c: char| c.is_alphabetic()) && name.0.len() <= NAME_BYTES_MAX;
    // A message in quotes, for instance, is none.
    if is_name { name.0 } else { String::new() }
}

/// Takes characters up to the first that is of no name.
struct Name(String);

impl Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
        let end = text.find(|c| !is_of_name(c)).unwrap_or(text.len());
        self.0.push_str(&text[..end]);
        if end < text.len() || self.0.len() > NAME_BYTES_MAX { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::error::{ErrorBadGateway, ErrorInternalServerError};

    use super::*;

    #[derive(Debug)]
    #[allow(dead_code, reason = "read by `Debug`")]
    enum Broken {
        NoStock { sku: u32 },
    }

    impl std::fmt::Display for Broken {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("no stock")
        }
    }

    impl actix_web::ResponseError for Broken {}

    #[test]
    fn an_errors_name_is_that_of_its_debug_form() {
        assert_eq!(kind_of(&Broken::NoStock { sku: 7 }.into()), "NoStock");
        assert_eq!(kind_of(&ErrorInternalServerError(Broken::NoStock { sku: 7 })), "NoStock");
        assert_eq!(kind_of(&ErrorBadGateway("a message")), "");
    }
}
