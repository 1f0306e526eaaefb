//! The circuit breaker before the queue: when publishing fails again and again, senders are refused at once instead of each
//! waiting for its own failure, and the queue gets time to come back.
//!
//! Closed: everything passes. [`ERRORS_MAX`] failures within [`ERRORS_WITHIN`] open it: nothing passes. After [`OPEN_FOR`] it is
//! half open: [`TRIALS`] messages may try; when all of them succeed it closes, when one fails it opens again. What is refused
//! is lost to nobody: SDKs keep it and send it again. Each topic has a breaker of its own: a queue of request logs that is full
//! must not stop reports.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::{SharedClock, UnixMillis};
use crate::metrics::{Metrics, topic_name};
use crate::queue::{Envelope, Producer, QueueError, Topic};

/// Failures that open it, and the time they must fall into.
const ERRORS_MAX: usize = 5;
const ERRORS_WITHIN: Duration = Duration::from_secs(10);

/// How long it stays open.
const OPEN_FOR: Duration = Duration::from_secs(30);

/// Messages that try while it is half open.
const TRIALS: u32 = 2;

/// How the breaker stands, as `/metrics` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    Closed = 0,
    HalfOpen = 1,
    Open = 2,
}

impl BreakerState {
    pub const ALL: [Self; 3] = [Self::Closed, Self::HalfOpen, Self::Open];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

/// A producer behind a breaker for each topic.
pub(super) struct GuardedProducer {
    producer: Arc<dyn Producer>,
    reports: Breaker,
    request_logs: Breaker,
    clock: SharedClock,
    metrics: Arc<Metrics>,
}

impl GuardedProducer {
    pub(super) fn new(producer: Arc<dyn Producer>, clock: SharedClock, metrics: Arc<Metrics>) -> Self {
        metrics.know_breakers();
        Self { producer, reports: Breaker::default(), request_logs: Breaker::default(), clock, metrics }
    }

    fn breaker(&self, topic: Topic) -> &Breaker {
        match topic {
            Topic::Reports => &self.reports,
            Topic::RequestLogs => &self.request_logs,
        }
    }

    fn show(&self, topic: Topic, (before, after): Change) {
        if before == after {
            return;
        }
        self.metrics.set_breaker(topic, after);
        let topic = topic_name(topic);
        match after {
            BreakerState::Open => {
                tracing::warn!(
                    topic,
                    "The queue keeps failing: messages are refused at once for {OPEN_FOR:?}."
                );
            }
            BreakerState::HalfOpen => {
                tracing::info!(topic, "The queue is tried again with {TRIALS} messages.")
            }
            BreakerState::Closed => tracing::info!(topic, "The queue works again: messages are accepted."),
        }
    }
}

#[async_trait]
impl Producer for GuardedProducer {
    async fn publish(&self, topic: Topic, envelope: Envelope) -> Result<(), QueueError> {
        let breaker = self.breaker(topic);
        let (admission, change) = breaker.admit(self.clock.now_ms());
        self.show(topic, change);
        let ticket = admission.map_err(|wait| QueueError::CircuitOpen { retry_secs: whole_secs(wait) })?;
        // Given back when this future is dropped before its end.
        let mut pending = PendingTicket { breaker, ticket: Some(ticket) };
        let published = self.producer.publish(topic, envelope).await;
        if let Some(ticket) = pending.ticket.take() {
            self.show(topic, breaker.settle(ticket, published.is_ok(), self.clock.now_ms()));
        }
        published
    }
}

struct PendingTicket<'a> {
    breaker: &'a Breaker,
    ticket: Option<Ticket>,
}

impl Drop for PendingTicket<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.forget(ticket);
        }
    }
}

fn whole_secs(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// The state machine, without a clock of its own.
#[derive(Debug, Default)]
struct Breaker(Mutex<State>);

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Counts the changes of phase: an answer from an earlier phase says nothing about this one.
    generation: u64,
}

#[derive(Debug)]
enum Phase {
    /// When it failed lately, at most [`ERRORS_MAX`] times.
    Closed(VecDeque<UnixMillis>),
    Open {
        since: UnixMillis,
    },
    HalfOpen {
        started: u32,
        succeeded: u32,
    },
}

/// The permission to publish once.
#[derive(Debug)]
struct Ticket {
    generation: u64,
}

type Change = (BreakerState, BreakerState);

impl Default for State {
    fn default() -> Self {
        Self { phase: Phase::Closed(VecDeque::new()), generation: 0 }
    }
}

impl State {
    fn name(&self) -> BreakerState {
        match self.phase {
            Phase::Closed(_) => BreakerState::Closed,
            Phase::Open { .. } => BreakerState::Open,
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation += 1;
    }
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket, or how long to wait for one.
    fn admit(&self, now: UnixMillis) -> (Result<Ticket, Duration>, Change) {
        let mut state = self.state();
        let before = state.name();
        if let Phase::Open { since } = state.phase {
            let waited = elapsed(since, now);
            if waited < OPEN_FOR {
                return (Err(OPEN_FOR - waited), (before, before));
            }
            state.enter(Phase::HalfOpen { started: 0, succeeded: 0 });
        }
        let admitted = match &mut state.phase {
            Phase::HalfOpen { started, .. } if *started >= TRIALS => Err(Duration::from_secs(1)),
            Phase::HalfOpen { started, .. } => {
                *started += 1;
                Ok(())
            }
            Phase::Closed(_) | Phase::Open { .. } => Ok(()),
        };
        let ticket = Ticket { generation: state.generation };
        (admitted.map(|()| ticket), (before, state.name()))
    }

    /// How publishing went.
    fn settle(&self, ticket: Ticket, succeeded: bool, now: UnixMillis) -> Change {
        let mut state = self.state();
        let before = state.name();
        if ticket.generation == state.generation {
            let next = match (&mut state.phase, succeeded) {
                (Phase::Closed(errors), false) => count_error(errors, now),
                (Phase::HalfOpen { .. }, false) => Some(Phase::Open { since: now }),
                (Phase::HalfOpen { succeeded, .. }, true) => {
                    *succeeded += 1;
                    (*succeeded >= TRIALS).then(|| Phase::Closed(VecDeque::new()))
                }
                (Phase::Closed(_), true) | (Phase::Open { .. }, _) => None,
            };
            if let Some(next) = next {
                state.enter(next);
            }
        }
        (before, state.name())
    }

    /// Nobody knows how publishing went: another may try.
    fn forget(&self, ticket: Ticket) {
        let mut state = self.state();
        if ticket.generation == state.generation
            && let Phase::HalfOpen { started, .. } = &mut state.phase
        {
            *started = started.saturating_sub(1);
        }
    }
}

/// The phase that follows, when this was one error too many.
fn count_error(errors: &mut VecDeque<UnixMillis>, now: UnixMillis) -> Option<Phase> {
    errors.push_back(now);
    errors.retain(|at| elapsed(*at, now) < ERRORS_WITHIN);
    (errors.len() >= ERRORS_MAX).then_some(Phase::Open { since: now })
}

/// A clock that was set back counts as far ahead: a breaker must not stay open for the length of the correction.
fn elapsed(since: UnixMillis, now: UnixMillis) -> Duration {
    u64::try_from(now - since).map_or(Duration::MAX, Duration::from_millis)
}

#[cfg(test)]
mod tests;
