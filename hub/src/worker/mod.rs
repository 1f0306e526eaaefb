//! The worker: takes envelopes out of the queue, decodes them and stores them.

mod directory;

pub use directory::{Directory, KnownConsumer};
