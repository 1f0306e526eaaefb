//! The worker: takes envelopes out of the queue, decodes them and stores them, in batches.
//!
//! `app` runs one [`Worker`] per topic and one [`RetentionJob`], [`RollUpJob`] and [`EraseJob`]. What it promises: everything stored is acknowledged only
//! after the store's commit; poison goes to the dead letters with its reason and never blocks; an outage is not poison: the
//! deliveries go back once, and nothing is received until a probe succeeds ([`outage`]). It holds no state that must survive:
//! killed at any point, everything it had is delivered again, and storing is idempotent.

mod batch;
mod decode;
mod directory;
mod erase;
mod intake;
mod outage;
mod register;
mod retention;
mod roll_up;
mod run;
mod stats;
mod steady;
mod storing;
mod supervise;

pub use decode::{Decoded, Message, Refusal, open};
pub use directory::{Directory, KnownConsumer};
pub use erase::{EraseJob, EraseParts};
pub use retention::{RetentionJob, RetentionParts};
pub use roll_up::RollUpJob;
pub use run::{Worker, WorkerParts};
pub use stats::WorkerStats;
pub use supervise::{Liveness, keep_running};
