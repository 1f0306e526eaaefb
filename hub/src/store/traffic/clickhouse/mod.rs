//! The traffic store on ClickHouse, for what one machine's file cannot hold: any number of workers write, any number of queries
//! read, and a report is counted once all the same.
//!
//! That rests on the rows, not on memory ([`rows`]): what a report says becomes rows whose keys are a function of its bytes, in
//! tables that keep one row a key, read with `FINAL`. Any worker may insert them again, in any batch. The coarser tiers are
//! never added to: a half hour is computed whole from its minutes ([`rollup`]), a day from its half hours. Whoever writes minutes
//! leaves a *mark* on their half hour, after the rows and before the queue's acknowledgement; a question reads a half hour from
//! the coarse tier only if the run that made it saw every mark ([`read`]), and from its minutes otherwise. So an answer is
//! right seconds after the write, whether a roll-up ever runs or not.
//!
//! Deliberately absent: materialized views and TTLs (`docs/decisions`), insert tokens, tables that add counters up.

mod columns;
mod erase;
mod error;
mod expire;
mod link;
mod migrate;
mod read;
mod rollup;
mod rows;
mod target;
mod write;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use tokio::sync::Mutex;
use uuid::Uuid;

pub use migrate::{Inspection, inspect, schema};
pub use target::{Target, URL_FORM};

use self::link::Link;
use self::write::{InHand, Known};
use super::plan::delete_before;
use super::{Retention, Scope, Tier};
use crate::clock::{SharedClock, UnixSecs};
use crate::store::StoreError;

const DAY: i64 = 86_400;

/// Minutes stay this much longer than anybody asks for them: a report is accepted as long as its id is known, and its minutes
/// are up to an hour older; its half hour is computed from all of them.
const MINUTES_KEPT_LONGER: i64 = 2 * DAY;

/// What was not seen for long is dropped in spans of this length.
const PERIOD_SECS: i64 = 32 * DAY;

/// How long it is known which running numbers of ingest arrived: longer than an envelope waits in a queue, as long as a person
/// may look for what is missing.
const ARRIVALS_KEPT_SECS: i64 = 8 * DAY;

/// Running numbers in one row, as bits.
const BLOCK: u64 = 64;

/// No ingest process has this id: what is written in its name only shows that something can be written.
const PROBE: Uuid = Uuid::nil();

/// The store; cloning shares it.
#[derive(Clone)]
pub struct ClickHouseTraffic {
    link: Link,
    clock: SharedClock,
    retention: Retention,
    /// What writers know, of reports and of request logs. It is held while a batch is made ready, not while it is written.
    reports: Arc<Mutex<Known>>,
    logs: Arc<Mutex<Known>>,
    in_hand: Arc<InHand>,
    /// As it was when this process connected, or further where it deleted itself. A process that does not delete need not know
    /// more: what others delete follows from the retention.
    minutes_deleted_before: Arc<AtomicI64>,
}

/// The name under which it is remembered.
const MINUTES_DELETED_BEFORE: &str = "minutes_deleted_before";

/// Connects, makes the database and brings its schema to the newest version. With a `cluster`, tables are replicated within it.
pub async fn connect(
    target: &Target,
    cluster: Option<String>,
    clock: SharedClock,
    retention: Retention,
) -> Result<ClickHouseTraffic, StoreError> {
    let link = migrate::open(target, cluster).await?;
    let sql = format!(
        "SELECT max(value) FROM remembered WHERE name = '{MINUTES_DELETED_BEFORE}' HAVING count() > 0"
    );
    let remembered: Vec<i64> = link.ask(&sql).await?;
    let minutes_deleted_before =
        Arc::new(AtomicI64::new(remembered.first().copied().unwrap_or(UnixSecs::MIN)));
    let (reports, logs, in_hand) = (Arc::default(), Arc::default(), Arc::default());
    Ok(ClickHouseTraffic { link, clock, retention, reports, logs, in_hand, minutes_deleted_before })
}

impl ClickHouseTraffic {
    /// How long the ids of what was stored are kept: as long as minutes, and two days at the least.
    fn ids_kept_secs(retention: &Retention) -> i64 {
        retention.minutes_secs.max(2 * DAY)
    }

    /// The first moment of which all minutes are there.
    fn minutes_there_from(now: UnixSecs, retention: &Retention) -> UnixSecs {
        Tier::Day.floor(now - Self::ids_kept_secs(retention) - MINUTES_KEPT_LONGER)
    }

    /// Coarser rows before this are deleted, or will be.
    fn coarse_from(&self) -> UnixSecs {
        delete_before(Tier::Day, self.clock.now(), &self.retention)
    }
}

/// The condition that a row is of `scope`.
fn of_scope(scope: &Scope) -> String {
    format!("app_id = '{}' AND env = {}", scope.app_id, link::quote(&scope.env))
}

fn tier_id(tier: Tier) -> u8 {
    match tier {
        Tier::Minute => 0,
        Tier::HalfHour => 1,
        Tier::Day => 2,
    }
}

/// The class of an event in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum EventClass {
    Validation = 0,
    Server = 1,
    Loss = 2,
}

/// The span of [`PERIOD_SECS`] that holds `time`.
fn period(time: UnixSecs) -> u16 {
    u16::try_from(time.div_euclid(PERIOD_SECS).max(0)).unwrap_or(u16::MAX)
}
