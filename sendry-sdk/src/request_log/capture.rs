//! What the request's thread notes of a request: copies of its texts, nothing more. What is made of them, masking too, is the
//! writer's work.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::body::{BodyCopy, BodyRules};
#[cfg(feature = "tracing")]
use super::detail::Told;
use crate::aggregate::{MethodId, PathId};
use crate::track::Fault;

/// Bytes of the headers of one message that are kept, names and values. Servers take 8 to 100 KiB; what is worth a look fits.
const HEADERS_BYTES_MAX: usize = 16 * 1024;

/// Bytes of a URL that are kept.
const URL_BYTES_MAX: usize = 4 * 1024;

/// What most requests' and responses' headers take, so that copying them seldom allocates twice.
const REQUEST_HEADERS_BYTES_USUAL: usize = 1_024;
const RESPONSE_HEADERS_BYTES_USUAL: usize = 384;

/// One request with its response. Boxed, it goes from the tracker to the queue to the writer.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(super) url: Box<str>,
    pub(super) peer: Option<IpAddr>,
    pub(super) request_headers: HeaderLines,
    pub(super) request_body: SharedBody,
    pub(super) response_headers: HeaderLines,
    pub(super) response_body: BodyCopy,
    /// Whether something was longer than is kept.
    pub(super) was_cut: bool,
    /// How it ended; none while it has not.
    pub(super) ended: Option<Ended>,
}

/// How a request ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// When it arrived, in microseconds of Unix time.
    pub(crate) time_us: i64,
    pub(crate) duration_us: u64,
    pub(crate) method: MethodId,
    pub(crate) path: PathId,
    pub(crate) status: u16,
    pub(crate) request_bytes: Option<u64>,
    pub(crate) response_bytes: Option<u64>,
    /// As [`crate::track::Context`] keeps it.
    pub(crate) consumer: Option<Box<str>>,
    /// Why the server failed.
    pub(crate) fault: Option<Box<Fault>>,
    /// What the application said meanwhile.
    #[cfg(feature = "tracing")]
    pub(crate) told: Option<Box<Told>>,
}

/// The copy of a request's body, which is read while the tracker waits for the response.
#[derive(Debug)]
pub(super) enum SharedBody {
    /// It is not copied, for the reason that the copy holds.
    Left(BodyCopy),
    Read(Arc<Mutex<BodyCopy>>),
}

impl Capture {
    pub(super) fn new(url: &str, peer: Option<IpAddr>) -> Self {
        let kept = crate::text::cut(url, URL_BYTES_MAX);
        Self {
            url: kept.into(),
            peer,
            request_headers: HeaderLines::default(),
            request_body: SharedBody::Left(BodyCopy::off()),
            response_headers: HeaderLines::default(),
            response_body: BodyCopy::off(),
            was_cut: kept.len() < url.len(),
            ended: None,
        }
    }

    pub(super) fn set_request_headers<'a>(
        &mut self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        rules: &BodyRules,
    ) {
        self.was_cut |= !self.request_headers.fill(headers, REQUEST_HEADERS_BYTES_USUAL);
        self.request_body = SharedBody::Left(rules.begin_request(&self.request_headers));
        self.response_body = rules.without_response();
    }

    pub(super) fn set_response_headers<'a>(
        &mut self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        rules: &BodyRules,
    ) {
        self.was_cut |= !self.response_headers.fill(headers, RESPONSE_HEADERS_BYTES_USUAL);
        self.response_body = rules.begin_response(&self.response_headers);
    }

    /// Hands out the copy of the request's body to what reads it, where it is wanted.
    pub(crate) fn tap_request_body(&mut self) -> Option<BodyTap> {
        match &mut self.request_body {
            SharedBody::Left(copy) if copy.is_copying() => {
                let shared = Arc::new(Mutex::new(std::mem::replace(copy, BodyCopy::off())));
                self.request_body = SharedBody::Read(shared.clone());
                Some(BodyTap(shared))
            }
            SharedBody::Left(_) | SharedBody::Read(_) => None,
        }
    }

    /// The copy of the response's body, while it is wanted.
    #[inline]
    pub(crate) fn response_body(&mut self) -> Option<&mut BodyCopy> {
        if self.response_body.is_copying() { Some(&mut self.response_body) } else { None }
    }

    /// Its memory, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.url.len()
            + self.request_headers.bytes.capacity()
            + self.response_headers.bytes.capacity()
            + self.request_body.bytes()
            + self.response_body.bytes()
            + self.fault_bytes()
            + self.told_bytes()
    }

    fn fault_bytes(&self) -> usize {
        let fault = self.ended.as_ref().and_then(|ended| ended.fault.as_ref());
        fault.map_or(0, |fault| {
            size_of::<Fault>() + fault.message.len() + fault.backtrace.as_ref().map_or(0, String::len)
        })
    }

    #[cfg(feature = "tracing")]
    fn told_bytes(&self) -> usize {
        self.ended.as_ref().and_then(|ended| ended.told.as_ref()).map_or(0, |told| told.bytes())
    }

    #[cfg(not(feature = "tracing"))]
    fn told_bytes(&self) -> usize {
        0
    }
}

impl SharedBody {
    fn bytes(&self) -> usize {
        match self {
            Self::Left(copy) => copy.bytes(),
            Self::Read(shared) => lock(shared).bytes(),
        }
    }

    /// Takes the copy. When the body is still being read, which nobody waits for, it stays what was read so far.
    pub(super) fn take(&mut self) -> BodyCopy {
        match self {
            Self::Left(copy) => copy.take(),
            Self::Read(shared) => lock(shared).take(),
        }
    }
}

/// Reads a request's body along; for integrations of frameworks, made by [`crate::track::RequestTracker::tap_request_body`].
///
/// It copies what it is shown and changes nothing.
#[derive(Debug)]
pub struct BodyTap(Arc<Mutex<BodyCopy>>);

impl BodyTap {
    /// Shows the next bytes of the body.
    pub fn data(&self, bytes: &[u8]) {
        lock(&self.0).data(bytes);
    }

    /// A part of the body passed unseen, so it is left out.
    pub fn give_up(&self) {
        lock(&self.0).give_up();
    }

    /// The body was read to its end.
    pub fn end(&self) {
        lock(&self.0).end();
    }
}

fn lock(shared: &Mutex<BodyCopy>) -> std::sync::MutexGuard<'_, BodyCopy> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Header lines in one buffer: for each the lengths of name and value, two bytes each, and both texts.
#[derive(Debug, Default)]
pub(super) struct HeaderLines {
    bytes: Vec<u8>,
}

impl HeaderLines {
    /// Copies lines; false when not all fit.
    fn fill<'a>(&mut self, headers: impl IntoIterator<Item = (&'a str, &'a [u8])>, usual: usize) -> bool {
        self.bytes.reserve(usual);
        let mut fits = true;
        for (name, value) in headers {
            fits &= self.push(name, value);
        }
        fits
    }

    /// Copies one line; false when there is no room for it.
    #[inline]
    pub(super) fn push(&mut self, name: &str, value: &[u8]) -> bool {
        let lengths = (u16::try_from(name.len()), u16::try_from(value.len()));
        let (Ok(name_len), Ok(value_len)) = lengths else { return false };
        if self.bytes.len() + name.len() + value.len() > HEADERS_BYTES_MAX {
            return false;
        }
        self.bytes.extend_from_slice(&name_len.to_le_bytes());
        self.bytes.extend_from_slice(&value_len.to_le_bytes());
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(value);
        true
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.raw().map(|(name, value)| (std::str::from_utf8(name).unwrap_or_default(), value))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn raw(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = self.bytes.as_slice();
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
    pub(super) fn values_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let is_meant = move |(known, _): &(&[u8], &[u8])| known.eq_ignore_ascii_case(name.as_bytes());
        self.raw().filter(is_meant).map(|(_, value)| value)
    }

    pub(super) fn first(&self, name: &str) -> Option<&[u8]> {
        self.values_of(name).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_lines_come_out_as_they_went_in() {
        let mut lines = HeaderLines::default();
        let given: [(&str, &[u8]); 3] = [("accept", b"*/*"), ("x-raw", b"\xff\x00"), ("x-empty", b"")];
        assert!(lines.fill(given, 64));
        assert_eq!(lines.iter().collect::<Vec<_>>(), given);
        assert_eq!((lines.first("x-raw"), lines.first("host")), (Some(&b"\xff\x00"[..]), None));
    }

    #[test]
    fn headers_without_end_are_cut() {
        let mut lines = HeaderLines::default();
        let value = vec![b'x'; 1_000];
        assert!(!lines.fill((0..1_000).map(|_| ("x-long", value.as_slice())), 64));
        assert!(!lines.push("x-huge", &vec![b'x'; 100_000]));
        assert!(lines.push("x-short", b"y"));
        assert_eq!(lines.iter().count(), 17);
        assert!(lines.bytes.capacity() <= 2 * HEADERS_BYTES_MAX);
    }
}
