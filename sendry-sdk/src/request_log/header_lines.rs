//! Header lines in a buffer: for each the lengths of name and value, two bytes each, and both texts.

/// Bytes of the headers of one message that are kept, names and values. Servers take 8 to 100 KiB; what is worth a look fits.
const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// Appends lines to a buffer; false when not all fit.
pub(super) fn append<'a>(
    buffer: &mut Vec<u8>,
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> bool {
    let bytes_max = buffer.len() + HEADERS_BYTES_MAX;
    headers.into_iter().fold(true, |fits, (name, value)| push(buffer, bytes_max, name, value) && fits)
}

/// Appends one line; false when there is no room for it.
#[inline]
fn push(buffer: &mut Vec<u8>, bytes_max: usize, name: &str, value: &[u8]) -> bool {
    let lengths = (u16::try_from(name.len()), u16::try_from(value.len()));
    let (Ok(name_len), Ok(value_len)) = lengths else { return false };
    if buffer.len() + name.len() + value.len() > bytes_max {
        return false;
    }
    buffer.extend_from_slice(&name_len.to_le_bytes());
    buffer.extend_from_slice(&value_len.to_le_bytes());
    buffer.extend_from_slice(name.as_bytes());
    buffer.extend_from_slice(value);
    true
}

/// Lines as [`append`] wrote them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeaderLines<'a>(&'a [u8]);

impl<'a> HeaderLines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.raw().map(|(name, value)| (std::str::from_utf8(name).unwrap_or_default(), value))
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    fn raw(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (lengths, texts) = rest.split_first_chunk::<4>()?;
            let name_len = usize::from(u16::from_le_bytes([lengths[0], lengths[1]]));
            let value_len = usize::from(u16::from_le_bytes([lengths[2], lengths[3]]));
            let (name, texts) = texts.split_at_checked(name_len)?;
            let (value, next) = texts.split_at_checked(value_len)?;
            rest = next;
            Some((name, value))
        })
    }

    /// The values of a header, whose name is given in lower case.
    pub(super) fn values_of(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let is_meant = move |(known, _): &(&[u8], &[u8])| known.eq_ignore_ascii_case(name.as_bytes());
        self.raw().filter(is_meant).map(|(_, value)| value)
    }

    pub(super) fn first(self, name: &str) -> Option<&'a [u8]> {
        self.values_of(name).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_lines_come_out_as_they_went_in() {
        let mut buffer = Vec::new();
        let given: [(&str, &[u8]); 3] = [("accept", b"*/*"), ("x-raw", b"\xff\x00"), ("x-empty", b"")];
        assert!(append(&mut buffer, given));
        let lines = HeaderLines::new(&buffer);
        assert_eq!(lines.iter().collect::<Vec<_>>(), given);
        assert_eq!((lines.first("x-raw"), lines.first("host")), (Some(&b"\xff\x00"[..]), None));
    }

    #[test]
    fn headers_without_end_are_cut() {
        let mut buffer = vec![b'u'; 5_000];
        let value = vec![b'x'; 1_000];
        assert!(!append(&mut buffer, (0..1_000).map(|_| ("x-long", value.as_slice()))));
        assert!(!append(&mut buffer, [("x-huge", &vec![b'x'; 100_000][..])]));
        let count = |buffer: &[u8]| HeaderLines::new(&buffer[5_000..]).iter().count();
        assert_eq!(count(&buffer), 16);
        let huge_in_between: [(&str, &[u8]); 2] = [("x-huge", &[b'x'; 20_000]), ("x-short", b"y")];
        assert!(!append(&mut buffer, huge_in_between));
        assert_eq!(count(&buffer), 17);
    }
}
