//! What the applications answer with.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;

use crate::testing::ManualClock;

/// What passes before the head of a streamed response.
pub const HEAD_TIME: Duration = Duration::from_millis(5);

/// What passes before each chunk, and before the end of a stream whose length was not told.
pub const CHUNK_TIME: Duration = Duration::from_millis(10);

/// A chunk of a stream whose length is told before; four of them are too long to be handed over at once.
pub const SIZED_CHUNK: &[u8] = &[b's'; 5_000];

/// How many of them are sent.
pub const SIZED_CHUNKS: usize = 4;

/// `compressed`, compressed.
pub const GZIP: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0xce, 0xcf, 0x2d, 0x28, 0x4a, 0x2d,
    0x2e, 0x4e, 0x4d, 0x01, 0x00, 0x1e, 0x4b, 0x56, 0x97, 0x0a, 0x00, 0x00, 0x00,
];

/// A body of five million bytes.
pub fn huge() -> Vec<u8> {
    (0..=250u8).cycle().take(5_000_000).collect()
}

/// How a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// After three chunks.
    Well,
    /// After one chunk, with an error.
    Error,
    /// After one chunk, with a panic.
    Panic,
    /// Never: after one chunk nothing comes.
    Never,
    /// After the chunks whose length was told; no time passes at the end, which servers need not ask for.
    Sized,
}

/// The chunks of a stream, to be handed out by whatever a framework calls a body.
#[derive(Debug)]
pub struct Chunks {
    clock: Arc<ManualClock>,
    end: End,
    left: usize,
}

impl Chunks {
    /// Passes [`HEAD_TIME`] and begins a stream.
    pub fn new(clock: Arc<ManualClock>, end: End) -> Self {
        clock.advance(HEAD_TIME);
        let left = match end {
            End::Well => 3,
            End::Sized => SIZED_CHUNKS,
            End::Error | End::Panic | End::Never => 1,
        };
        Self { clock, end, left }
    }

    /// The length that is told before.
    pub fn length(&self) -> Option<u64> {
        (self.end == End::Sized).then_some((SIZED_CHUNK.len() * SIZED_CHUNKS) as u64)
    }

    /// The next chunk.
    ///
    /// # Panics
    ///
    /// At the end of a stream that ends so.
    pub fn poll_next(&mut self) -> Poll<Option<Result<Bytes, std::io::Error>>> {
        if self.left > 0 {
            self.left -= 1;
            self.clock.advance(CHUNK_TIME);
            let chunk = if self.end == End::Sized { SIZED_CHUNK } else { b"chunk" };
            return Poll::Ready(Some(Ok(Bytes::from_static(chunk))));
        }
        match self.end {
            End::Never => return Poll::Pending,
            End::Sized => return Poll::Ready(None),
            End::Well | End::Error | End::Panic => self.clock.advance(CHUNK_TIME),
        }
        match self.end {
            End::Error => Poll::Ready(Some(Err(std::io::Error::other("on purpose")))),
            End::Panic => panic!("on purpose"),
            _ => Poll::Ready(None),
        }
    }
}
