//! Server errors: 5xx responses and panics by cause, bounded, until the next report takes them.
//!
//! They are few, so one lock holds them all; a service that only fails meets it once a request, for a hash look-up.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::aggregate::SeriesKey;
use crate::losses::Losses;
use crate::protocol::{LossReason, limits};
use crate::track::Fault;

/// Groups of faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    groups: Mutex<HashMap<FaultKey, FaultGroup>>,
}

/// What makes a group of its own: the same cause in the same place, for the same caller. The backtrace is that of the first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FaultKey {
    pub(crate) minute: i64,
    pub(crate) series: SeriesKey,
    pub(crate) consumer: Option<Box<str>>,
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) location: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct FaultGroup {
    pub(crate) backtrace: Option<String>,
    pub(crate) count: u64,
}

impl Faults {
    pub(crate) fn record(
        &self,
        minute: i64,
        series: SeriesKey,
        consumer: Option<&str>,
        fault: Fault,
        losses: &Losses,
    ) {
        let Fault { kind, message, location, backtrace } = fault;
        let key = FaultKey { minute, series, consumer: consumer.map(Into::into), kind, message, location };
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.len() >= limits::SERVER_ERRORS_MAX && !groups.contains_key(&key) {
            return losses.record(LossReason::ServerErrorsDropped, 1);
        }
        let group = groups.entry(key).or_default();
        group.backtrace = group.backtrace.take().or(backtrace);
        group.count += 1;
    }

    pub(crate) fn take(&self) -> HashMap<FaultKey, FaultGroup> {
        std::mem::take(&mut self.groups.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
