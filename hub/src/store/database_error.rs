//! What an error of a SQL database means for who asked: is it the content's fault, or is the store down?

use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

use super::StoreError;

impl From<sqlx::Error> for StoreError {
    /// What the database refuses for the content's sake is refused; everything else (busy, full, gone, corrupt) is an outage.
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(refusal) if is_about_the_content(refusal) => Self::Refused(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

fn is_about_the_content(error: &dyn DatabaseError) -> bool {
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(error) => is_refused_by_postgres(error.code()),
        None => error.code().and_then(|code| code.parse().ok()).is_some_and(is_refused_by_sqlite),
    }
}

/// By SQLSTATE: class 22 is a value that cannot be, 23 a constraint.
fn is_refused_by_postgres(code: &str) -> bool {
    code.starts_with("22") || code.starts_with("23")
}

/// By result code, whose lowest byte is the class.
fn is_refused_by_sqlite(code: i64) -> bool {
    const TOO_BIG: i64 = 18;
    const CONSTRAINT: i64 = 19;
    const MISMATCH: i64 = 20;
    matches!(code & 0xff, TOO_BIG | CONSTRAINT | MISMATCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_content_did_is_refused() {
        let (unique, extended_unique, busy, full) = (19, 2_067, 5, 13);
        assert!(is_refused_by_sqlite(unique) && is_refused_by_sqlite(extended_unique));
        assert!(!is_refused_by_sqlite(busy) && !is_refused_by_sqlite(full));
        let (unique, nul_in_text) = ("23505", "22021");
        assert!(is_refused_by_postgres(unique) && is_refused_by_postgres(nul_in_text));
        let (deadlock, disk_full, no_permission, shutting_down) = ("40P01", "53100", "42501", "57P01");
        for outage in [deadlock, disk_full, no_permission, shutting_down] {
            assert!(!is_refused_by_postgres(outage));
        }
    }
}
