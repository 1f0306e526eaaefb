//! What the provider said of itself: believed for an hour, asked for by one at a time, and never waited for where an older answer
//! will do. A provider that does not answer is left alone for a while, so that a log-in fails at once and not after ten seconds.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Failure;

/// How long an answer is believed without asking again.
const FRESH: Duration = Duration::from_secs(3_600);
/// How soon it is asked for again where it does not fit: keys may have been rotated.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// How long a failure is remembered.
const FAILED_FOR: Duration = Duration::from_secs(10);
/// How long an answer serves while there is no newer one.
const STALE_MAX: Duration = Duration::from_secs(24 * 3_600);

/// How new an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Of the last hour, or older while the provider does not answer.
    Any,
    /// Of the last seconds: an older one did not fit.
    New,
}

/// An answer and a failure, the last of each.
pub(super) struct Remembered<T> {
    state: Mutex<State<T>>,
    /// Held by who asks.
    asking: tokio::sync::Mutex<()>,
}

struct State<T> {
    answer: Option<(T, Instant)>,
    failure: Option<(Failure, Instant)>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        let state = Mutex::new(State { answer: None, failure: None });
        Self { state, asking: tokio::sync::Mutex::default() }
    }
}

impl<T: Clone> State<T> {
    fn younger_than(&self, age: Duration) -> Option<T> {
        let young = self.answer.as_ref().filter(|(_, asked_at)| asked_at.elapsed() < age);
        young.map(|(answer, _)| answer.clone())
    }

    /// What is known well enough: an answer, or that there is none now.
    fn settled(&self, want: Want) -> Option<Result<T, Failure>> {
        let age = if want == Want::New { ASK_AGAIN_AFTER } else { FRESH };
        if let Some(answer) = self.younger_than(age) {
            return Some(Ok(answer));
        }
        let (failure, _) = self.failure.filter(|(_, at)| at.elapsed() < FAILED_FOR)?;
        let stale = if want == Want::Any { self.younger_than(STALE_MAX) } else { None };
        Some(stale.ok_or(failure))
    }
}

impl<T: Clone> Remembered<T> {
    /// What is known, or what `ask` answers. Of many who come at once one asks; the others take an older answer where there is one,
    /// or wait for that one's.
    pub(super) async fn get(
        &self,
        want: Want,
        ask: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if let Some(settled) = self.state().settled(want) {
            return settled;
        }
        let _asking = match self.asking.try_lock() {
            Ok(asking) => asking,
            Err(_) => {
                let stale = self.state().younger_than(STALE_MAX).filter(|_| want == Want::Any);
                if let Some(stale) = stale {
                    return Ok(stale);
                }
                self.asking.lock().await
            }
        };
        // Whoever asked before may have found it.
        if let Some(settled) = self.state().settled(want) {
            return settled;
        }
        let answer = ask.await;
        let mut state = self.state();
        match &answer {
            Ok(answer) => {
                *state = State { answer: Some((answer.clone(), Instant::now())), failure: None };
            }
            Err(failure) => state.failure = Some((*failure, Instant::now())),
        }
        let stale = if want == Want::Any { state.younger_than(STALE_MAX) } else { None };
        answer.or_else(|failure| stale.ok_or(failure))
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    async fn says(answer: u8) -> Result<u8, Failure> {
        Ok(answer)
    }

    async fn fails() -> Result<u8, Failure> {
        Err(Failure::Unreachable)
    }

    async fn must_not_be_asked() -> Result<u8, Failure> {
        panic!("it is known")
    }

    /// Makes what is known older.
    fn age(remembered: &Remembered<u8>, by: Duration) {
        let mut state = remembered.state();
        state.answer.iter_mut().for_each(|(_, at)| *at = at.checked_sub(by).unwrap());
        state.failure.iter_mut().for_each(|(_, at)| *at = at.checked_sub(by).unwrap());
    }

    #[tokio::test]
    async fn an_answer_is_believed_for_an_hour_and_replaced_after_it() {
        let known = Remembered::default();
        assert_eq!(known.get(Want::Any, says(1)).await, Ok(1));
        assert_eq!(known.get(Want::Any, must_not_be_asked()).await, Ok(1));
        age(&known, ASK_AGAIN_AFTER);
        assert_eq!(known.get(Want::Any, must_not_be_asked()).await, Ok(1));
        assert_eq!(known.get(Want::New, says(2)).await, Ok(2));
        assert_eq!(known.get(Want::New, must_not_be_asked()).await, Ok(2));
        age(&known, FRESH);
        assert_eq!(known.get(Want::Any, says(3)).await, Ok(3));
    }

    #[tokio::test]
    async fn a_failure_is_remembered_for_seconds_and_an_older_answer_serves_meanwhile() {
        let known = Remembered::default();
        assert_eq!(known.get(Want::Any, fails()).await, Err(Failure::Unreachable));
        assert_eq!(known.get(Want::Any, must_not_be_asked()).await, Err(Failure::Unreachable));
        age(&known, FAILED_FOR);
        assert_eq!(known.get(Want::Any, says(1)).await, Ok(1));
        age(&known, FRESH);
        assert_eq!(known.get(Want::Any, fails()).await, Ok(1));
        assert_eq!(known.get(Want::Any, must_not_be_asked()).await, Ok(1));
        assert_eq!(known.get(Want::New, must_not_be_asked()).await, Err(Failure::Unreachable));
        age(&known, STALE_MAX);
        assert_eq!(known.get(Want::Any, fails()).await, Err(Failure::Unreachable));
    }

    #[tokio::test]
    async fn nobody_waits_for_who_asks_where_an_older_answer_will_do() {
        let known = Remembered::default();
        known.get(Want::Any, says(1)).await.unwrap();
        age(&known, FRESH);
        let slow = known.get(Want::Any, std::future::pending());
        tokio::pin!(slow);
        assert!((&mut slow).now_or_never().is_none());
        assert_eq!(known.get(Want::Any, must_not_be_asked()).await, Ok(1));
        let new = known.get(Want::New, must_not_be_asked());
        tokio::pin!(new);
        assert!((&mut new).now_or_never().is_none());
    }

    #[tokio::test]
    async fn of_many_who_come_first_one_asks() {
        let known = Remembered::default();
        let (tell, told) = tokio::sync::oneshot::channel();
        let first = known.get(Want::Any, async { told.await.map_err(|_| Failure::Unreachable)? });
        let second = known.get(Want::Any, must_not_be_asked());
        tokio::pin!(first, second);
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
        tell.send(Err(Failure::Misconfigured)).unwrap();
        assert_eq!(first.await, Err(Failure::Misconfigured));
        assert_eq!(second.await, Err(Failure::Misconfigured));
    }
}
