//! Incidents: failed validations, server errors and panics, grouped by cause and bounded, until the next report takes them.
//!
//! They are few, so one lock holds each kind; a service that only fails meets it once a request, for a hash look-up.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::aggregate::SeriesKey;
use crate::losses::Losses;
use crate::protocol::{LossReason, limits};
use crate::track::Fault;
use crate::validation::FieldError;

/// What went wrong in the requests of one series and minute, for one caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Incident<C> {
    pub(crate) minute: i64,
    pub(crate) series: SeriesKey,
    pub(crate) consumer: Option<Box<str>>,
    pub(crate) cause: C,
}

/// The cause of a server error, without its backtrace, of which the first is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FaultCause {
    pub(crate) kind: String,
    pub(crate) message: String,
    pub(crate) location: Option<String>,
}

/// Both kinds.
#[derive(Debug)]
pub(crate) struct Incidents {
    pub(crate) faults: Groups<FaultCause, Option<String>>,
    pub(crate) validations: Groups<FieldError, ()>,
}

impl Default for Incidents {
    fn default() -> Self {
        Self {
            faults: Groups::new(limits::SERVER_ERRORS_MAX, LossReason::ServerErrorsDropped),
            validations: Groups::new(limits::VALIDATION_ERRORS_MAX, LossReason::ValidationErrorsDropped),
        }
    }
}

impl Incidents {
    pub(crate) fn record_fault(&self, at: Incident<()>, fault: Fault, losses: &Losses) {
        let Fault { kind, message, location, backtrace, cuts } = fault;
        losses.record(LossReason::TextCut, cuts);
        self.faults.record(at.with(FaultCause { kind, message, location }), backtrace, losses);
    }

    pub(crate) fn record_validation(&self, at: Incident<()>, error: FieldError, losses: &Losses) {
        self.validations.record(at.with(error), (), losses);
    }
}

impl Incident<()> {
    fn with<C>(self, cause: C) -> Incident<C> {
        Incident { minute: self.minute, series: self.series, consumer: self.consumer, cause }
    }
}

/// Groups of incidents with their counts, and a detail of the first of each.
#[derive(Debug)]
pub(crate) struct Groups<C, D> {
    groups: Mutex<HashMap<Incident<C>, (D, u64)>>,
    max: usize,
    reason: LossReason,
}

impl<C: Eq + Hash, D> Groups<C, D> {
    fn new(max: usize, reason: LossReason) -> Self {
        Self { groups: Mutex::default(), max, reason }
    }

    fn record(&self, incident: Incident<C>, detail: D, losses: &Losses) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.len() >= self.max && !groups.contains_key(&incident) {
            return losses.record(self.reason, 1);
        }
        groups.entry(incident).or_insert((detail, 0)).1 += 1;
    }

    pub(crate) fn take(&self) -> HashMap<Incident<C>, (D, u64)> {
        std::mem::take(&mut self.groups.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Moves what was recorded so far by `minutes`: the clock was corrected.
    pub(crate) fn shift(&self, minutes: i64) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let shifted = groups
            .drain()
            .map(|(incident, group)| (Incident { minute: incident.minute + minutes, ..incident }, group));
        *groups = shifted.collect::<Vec<_>>().into_iter().collect();
    }
}
