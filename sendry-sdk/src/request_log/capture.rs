//! What the request's thread notes of a request: copies of its texts, nothing more. What is made of them, masking too, is the
//! writer's work.

use std::net::IpAddr;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::body::{BodyCopy, BodyRules};
#[cfg(feature = "tracing")]
use super::detail::Told;
use super::header_lines::{self, HeaderLines};
use crate::aggregate::{MethodId, PathId};
use crate::track::Fault;

/// Bytes of a URL that are kept.
const URL_BYTES_MAX: usize = 4 * 1024;

/// What the headers of most requests and their responses take, so that copying them seldom allocates twice.
const HEADERS_BYTES_USUAL: usize = 1_408;

/// One request with its response. Boxed, it goes from the tracker to the queue to the writer.
#[derive(Debug)]
pub(crate) struct Capture {
    /// The URL, the request's header lines and the response's: one buffer, because another thread frees it.
    texts: Vec<u8>,
    /// Where the request's header lines begin and end in it.
    request_headers: Range<usize>,
    pub(super) peer: Option<IpAddr>,
    pub(super) request_body: SharedBody,
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
        let mut texts = Vec::with_capacity(kept.len() + HEADERS_BYTES_USUAL);
        texts.extend_from_slice(kept.as_bytes());
        Self {
            request_headers: texts.len()..texts.len(),
            texts,
            peer,
            request_body: SharedBody::Left(BodyCopy::off()),
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
        self.was_cut |= !header_lines::append(&mut self.texts, headers);
        self.request_headers.end = self.texts.len();
        self.request_body = SharedBody::Left(rules.begin_request(self.request_headers()));
        self.response_body = rules.without_response();
    }

    /// Comes after the request's.
    pub(super) fn set_response_headers<'a>(
        &mut self,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        rules: &BodyRules,
    ) {
        self.was_cut |= !header_lines::append(&mut self.texts, headers);
        self.response_body = rules.begin_response(self.response_headers());
    }

    /// The path and query as requested.
    pub(super) fn url(&self) -> &str {
        let url = self.texts.get(..self.request_headers.start).unwrap_or_default();
        std::str::from_utf8(url).unwrap_or_default()
    }

    pub(super) fn request_headers(&self) -> HeaderLines<'_> {
        HeaderLines::new(self.texts.get(self.request_headers.clone()).unwrap_or_default())
    }

    pub(super) fn response_headers(&self) -> HeaderLines<'_> {
        HeaderLines::new(self.texts.get(self.request_headers.end..).unwrap_or_default())
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
            + self.texts.capacity()
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
