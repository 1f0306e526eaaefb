//! Which fields a request was refused for, by the type of the error: also where the application words its answer anew, and
//! where the status is 404, as for parameters of the path.

use actix_web::Error;
use actix_web::ResponseError;
use actix_web::error::{InternalError, JsonPayloadError, PathError, QueryPayloadError, UrlencodedError};
use sendry_sdk::validation::{self, FieldError};

/// The fields that an error of one of actix-web's extractors complains of.
#[cold]
pub(crate) fn fields_of(error: &Error) -> Vec<FieldError> {
    let text = match error {
        _ if is_of_path(error) => format!("Path deserialize error: {error}"),
        _ if is_of_extractor(error) => error.to_string(),
        _ => return Vec::new(),
    };
    // What they display is what actix-web answers with by itself, which is taken apart there without the value.
    validation::from_response(400, Some(b"text/plain"), text.as_bytes())
}

fn is_of_extractor(error: &Error) -> bool {
    is::<JsonPayloadError>(error)
        || is::<QueryPayloadError>(error)
        || is::<PathError>(error)
        || is::<UrlencodedError>(error)
}

/// actix-web makes 404 of what a parameter's deserializer says, without the type that it has for it.
fn is_of_path(error: &Error) -> bool {
    error.as_error::<InternalError<serde::de::value::Error>>().is_some()
}

/// Whether it is an error of this type, alone or with an answer of the application's own: `InternalError::from_response`.
fn is<T: ResponseError + 'static>(error: &Error) -> bool {
    error.as_error::<T>().is_some() || error.as_error::<InternalError<T>>().is_some()
}
