//! The hub watched by itself: which processes there are, how the queue is, what is missing, and what is wrong now.
//!
//! Every process writes every ten seconds what it sees into the metadata ([`heartbeat`]): its roles, its workers, its disk, and
//! the queue, where it is connected to it. The query role reads that, adds what the traffic store knows ([`view`]), and
//! compares it with limits ([`watchdogs`]); so it needs no connection to the queue, and silence itself is seen. All query
//! processes evaluate, for `/metrics` and `GET /api/v1/system`; the one that holds the lease logs when something turns ([`watch`]).

mod heartbeat;
mod state;
mod view;
mod watch;
mod watchdogs;

pub use heartbeat::{Heartbeat, HeartbeatParts, disk_state};
pub use state::{DiskState, FileState, ProcessState, QueueState, TopicState, WorkerState};
pub use view::{SystemView, look};
pub use watch::{Turned, Watch};
pub use watchdogs::{Finding, Watchdog};

use std::time::Duration;

/// How often a process says that it is there. Silence of four times that is a process that died.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);

/// After this time a process that said nothing counts as gone without a goodbye.
pub const SILENT_AFTER_MS: i64 = 45_000;

/// After this time nobody cares for a process that is gone.
const FORGOTTEN_AFTER_MS: i64 = 24 * 3_600_000;

/// How often the watchdogs look. The traffic store is asked once a minute, and each time while something is missing.
pub const WATCH_EVERY: Duration = Duration::from_secs(15);
