//! Texts of the application within the limits of the protocol.

use std::fmt::{self, Display, Write};

/// Cuts a text to `bytes` at a character boundary.
#[inline]
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

/// A text that takes what fits. What it has no room for is not formatted either.
#[derive(Debug, Default)]
pub(crate) struct Bounded {
    pub(crate) text: String,
    /// Whether something did not fit.
    pub(crate) was_cut: bool,
    bytes_max: usize,
}

impl Bounded {
    /// Formats `value` in at most `bytes_max` bytes.
    pub(crate) fn of(value: &(impl Display + ?Sized), bytes_max: usize) -> Self {
        let mut bounded = Self { bytes_max, ..Self::default() };
        bounded.push(value);
        bounded
    }

    /// Appends `value` as far as it fits.
    pub(crate) fn push(&mut self, value: &(impl Display + ?Sized)) {
        // It fails when there is enough, or when the value's own formatting does.
        self.was_cut |= write!(self, "{value}").is_err();
    }
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let fitting = cut(more, self.bytes_max.saturating_sub(self.text.len()));
        self.text.push_str(fitting);
        if fitting.len() < more.len() { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_taken_to_the_last_character_and_the_rest_is_noticed() {
        let whole = Bounded::of("ééé", 6);
        assert_eq!((whole.text.as_str(), whole.was_cut), ("ééé", false));
        let mut cut = Bounded::of("ééé", 5);
        cut.push("more");
        assert_eq!((cut.text.as_str(), cut.was_cut), ("éém", true));
    }
}
