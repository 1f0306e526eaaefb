//! A copy out of another store, whose reports are not known any more.
//!
//! What an environment counted in a minute goes in as the rows of one made-up report, whose id is a function of the environment
//! and the minute: copied again, it replaces itself. A half hour of which there are no minutes any more goes in as a minute at its
//! start; it is rolled up like any other, and nobody is answered from it because minutes before `minutes_from` count as deleted.

mod counts;
mod names;
mod rest;

use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::clickhouse::link::quote;
use crate::store::traffic::clickhouse::rows::RememberedRow;
use crate::store::traffic::clickhouse::{ClickHouseTraffic, DAY};
use crate::store::traffic::{Scope, Tier};

/// Days that are rolled up by one question.
const DAYS_AT_ONCE: i64 = 30 * DAY;

impl ClickHouseTraffic {
    /// The first half hour of `scope` that is copied in minutes, the same for every run: what was begun in minutes stays so. The
    /// source has minutes from `there_from` on.
    pub(crate) async fn import_minutes_from(
        &self,
        scope: &Scope,
        there_from: UnixSecs,
    ) -> Result<UnixSecs, StoreError> {
        let name = format!("copied_minutes_from {} {}", scope.app_id, scope.env);
        if let Some(begun) = self.noted(&name).await? {
            if there_from > begun {
                return Err(StoreError::Refused(format!(
                    "the source has deleted minutes since the copy of {} began; drop the ClickHouse database and copy anew",
                    scope.env
                )));
            }
            return Ok(begun);
        }
        let kept = Self::minutes_there_from(self.clock.now(), &self.retention);
        let from = Tier::HalfHour.ceil(there_from.max(kept));
        self.remember_minutes(from).await?;
        self.note(&name, from).await?;
        Ok(from)
    }

    /// How far the state `fingerprint` of a source was copied of `scope`.
    pub(crate) async fn imported_until(
        &self,
        scope: &Scope,
        fingerprint: &str,
    ) -> Result<Option<UnixSecs>, StoreError> {
        self.noted(&progress(scope, fingerprint)).await
    }

    pub(crate) async fn note_imported(
        &self,
        scope: &Scope,
        fingerprint: &str,
        until: UnixSecs,
    ) -> Result<(), StoreError> {
        self.note(&progress(scope, fingerprint), until).await
    }

    /// Computes the coarser tiers of everything since `from`, and drops what is too old to be kept in minutes.
    pub(crate) async fn finish_import(&self, from: UnixSecs) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.roll_up_half_hours(0, now).await?;
        let mut day = Tier::Day.floor(from);
        while day < now {
            let end = (day + DAYS_AT_ONCE).min(Tier::Day.floor(now));
            self.roll_up_days(day, end).await?;
            day += DAYS_AT_ONCE;
        }
        self.expire(now, &self.retention).await
    }

    async fn noted(&self, name: &str) -> Result<Option<UnixSecs>, StoreError> {
        let sql =
            format!("SELECT max(value) FROM remembered WHERE name = {} HAVING count() > 0", quote(name));
        Ok(self.link.ask::<i64>(&sql).await?.first().copied())
    }

    async fn note(&self, name: &str, value: i64) -> Result<(), StoreError> {
        self.link.insert::<RememberedRow<'static>>("remembered", &[RememberedRow { name, value }]).await
    }
}

fn progress(scope: &Scope, fingerprint: &str) -> String {
    format!("copied_until {} {} {fingerprint}", scope.app_id, scope.env)
}
