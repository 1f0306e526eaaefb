//! What the hub remembers: [`traffic`] is what happened, [`metadata`] is what people configured.

mod database_error;
pub mod metadata;
pub mod traffic;

/// What can go wrong with a store. A worker's decision follows from it: see [`StoreError::is_outage`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or written now (down, locked, disk full): try again later.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The store refused this very content; trying again will not help.
    #[error("the store refused the data: {0}")]
    Refused(String),
    /// The store was written by a newer version of the hub.
    #[error("{0}")]
    SchemaTooNew(String),
    /// The store answers, but not to this configuration (password, database, permissions): a person must mend it. The text
    /// is a whole sentence that says how.
    #[error("{0}")]
    Misconfigured(String),
}

/// How much room a table takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    pub table: String,
    pub bytes: u64,
    /// Where the store knows.
    pub rows: Option<u64>,
}

impl StoreError {
    /// Whether everything would fail now, not only this.
    pub fn is_outage(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }
}
