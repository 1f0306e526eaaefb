#![forbid(unsafe_code)]
//! The built dashboard, as files in the binary.
//!
//! The hub's `dashboard` module serves them. A crate of its own, so that a change of the hub does not embed them again. It
//! compiles without `dist/`; the hub then serves a page that says what to run. In debug builds the files are read from
//! disk at each request, so that a rebuilt dashboard shows at once.

use std::borrow::Cow;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "dist/"]
#[allow_missing = true]
struct Dist;

/// A file of the dashboard.
pub struct File {
    pub bytes: Cow<'static, [u8]>,
    pub content_type: String,
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
}

/// Returns the file at `path`, which is relative to the dashboard's root; none when there is no such file.
pub fn file(path: &str) -> Option<File> {
    let file = Dist::get(path)?;
    let content_type = file.metadata.mimetype().to_owned();
    Some(File { content_type, hash: file.metadata.sha256_hash(), bytes: file.data })
}
