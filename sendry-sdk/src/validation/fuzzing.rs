//! What fuzz targets need and nobody else: not a part of the public API.

/// Scrubs a sentence, as those of an application are.
pub fn sentence(text: &str, field: &str, values: &[String]) -> String {
    super::scrub::sentence(text, field, values)
}
