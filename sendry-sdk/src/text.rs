//! Texts of the application within the limits of the protocol.

/// Cuts a text to `bytes` at a character boundary.
#[inline]
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}
