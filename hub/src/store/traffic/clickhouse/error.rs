//! What ClickHouse's errors mean to a worker: try again later, or never.

use clickhouse::error::Error;

use crate::store::StoreError;

/// Codes that blame the data: the same rows fail again. Everything else is taken for an outage, because a report that waits too
/// long is better than one thrown away.
const OF_THE_DATA: [u32; 9] = [
    6,   // CANNOT_PARSE_TEXT
    27,  // CANNOT_PARSE_INPUT_ASSERTION_FAILED
    33,  // CANNOT_READ_ALL_DATA
    53,  // TYPE_MISMATCH
    69,  // ARGUMENT_OUT_OF_BOUND
    117, // INCORRECT_DATA
    128, // TOO_LARGE_ARRAY_SIZE
    131, // TOO_LARGE_STRING_SIZE
    321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
];

/// ACCESS_DENIED: a grant is missing.
pub(super) const ACCESS_DENIED: u32 = 497;
/// AUTHENTICATION_FAILED: user or password is wrong.
pub(super) const AUTHENTICATION_FAILED: u32 = 516;

/// The server's code of an error, where it answered with one.
pub(super) fn code(error: &Error) -> Option<u32> {
    let Error::BadResponse(text) = error else { return None };
    let digits = &text[text.find("Code: ")? + "Code: ".len()..];
    digits[..digits.find(|c: char| !c.is_ascii_digit())?].parse().ok()
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let is_of_the_data = match &error {
            // What cannot be written as a row now cannot be written later.
            Error::Custom(_) | Error::SequenceMustHaveLength | Error::VariantDiscriminatorIsOutOfBound(_) => {
                true
            }
            other => code(other).is_some_and(|code| OF_THE_DATA.contains(&code)),
        };
        let words = format!("ClickHouse: {error}");
        if is_of_the_data { Self::Refused(words) } else { Self::Unavailable(words) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Error {
        Error::BadResponse(text.to_owned())
    }

    #[test]
    fn the_code_is_read_from_the_answer() {
        assert_eq!(code(&answer("Code: 516. DB::Exception: default: Authentication failed")), Some(516));
        assert_eq!(code(&answer("<html>502 Bad Gateway</html>")), None);
        assert_eq!(code(&Error::TimedOut), None);
    }

    #[test]
    fn only_what_blames_the_data_is_refused() {
        assert!(!StoreError::from(answer("Code: 117. DB::Exception: Incorrect data")).is_outage());
        for outage in [
            "Code: 252. DB::Exception: Too many parts",
            "Code: 497. DB::Exception: Not enough privileges",
            "?",
        ] {
            assert!(StoreError::from(answer(outage)).is_outage(), "{outage}");
        }
        assert!(StoreError::from(Error::TimedOut).is_outage());
    }
}
