//! Moves a hub's traffic from the embedded store into ClickHouse, day by day.
//!
//! Every step may be repeated: rows replace themselves, names are merged. So a run that was interrupted is simply run again; a note
//! of the last finished day only saves work, and holds only as long as the source stays as it was. What the source has in minutes
//! goes in minutes, what is older in half hours; days are computed by ClickHouse.

mod verify;

pub use verify::verify;

use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::clickhouse::ClickHouseTraffic;
use crate::store::traffic::copied::{Counts, Names};
use crate::store::traffic::plan::delete_before;
use crate::store::traffic::sqlite::SqliteTraffic;
use crate::store::traffic::{Retention, Scope, Tier, Window};

/// Rows that are collected before they are inserted.
const ROWS_AT_ONCE: usize = 20_000;

/// What to copy where.
pub struct Copying<'a> {
    pub source: &'a SqliteTraffic,
    pub target: &'a ClickHouseTraffic,
    pub now: UnixSecs,
    pub retention: Retention,
    /// Whether to copy days again that an earlier run finished.
    pub afresh: bool,
}

/// An environment on its way.
struct Place {
    number: i64,
    scope: Scope,
    names: Names,
    half_hours: Vec<(i64, i64)>,
    minutes: Vec<(i64, i64)>,
    /// Older half hours go as such.
    minutes_from: UnixSecs,
    /// What is before it was copied earlier.
    done_until: UnixSecs,
}

/// Copies everything. `tell` is given a line for each day that held something, and says whether to go on; false when it did not.
pub async fn copy(copying: &Copying<'_>, mut tell: impl FnMut(String) -> bool) -> Result<bool, StoreError> {
    let fingerprint = copying.source.fingerprint().await?;
    copying.copy_ids().await?;
    let mut places = Vec::new();
    for (number, scope) in copying.source.scopes().await? {
        places.push(copying.begin(number, scope, &fingerprint).await?);
    }
    let Window { from, to } = copying.span();
    for day in (from..to).step_by(Tier::Day.secs() as usize) {
        let day = Window { from: day, to: day + Tier::Day.secs() };
        let mut moved = Moved::default();
        for place in places.iter().filter(|place| place.done_until < day.to) {
            let here = copying.copy_day(place, day).await?;
            moved = Moved { rows: moved.rows + here.rows, logs: moved.logs + here.logs };
            if here.rows + here.logs > 0 {
                copying.target.note_imported(&place.scope, &fingerprint, day.to).await?;
            }
        }
        if moved.rows + moved.logs > 0 && !tell(moved.line(day.from)) {
            return Ok(false);
        }
    }
    copying.target.finish_import(from).await?;
    Ok(true)
}

/// What a day held.
#[derive(Default)]
struct Moved {
    rows: usize,
    logs: usize,
}

impl Moved {
    fn line(&self, day: UnixSecs) -> String {
        let date = jiff::Timestamp::from_second(day).map_or_else(|_| day.to_string(), |day| day.to_string());
        format!("{}: {} rows, {} request logs", date.get(..10).unwrap_or(&date), self.rows, self.logs)
    }
}

impl Copying<'_> {
    /// The days that are kept, and tomorrow: clocks of apps may be ahead.
    fn span(&self) -> Window {
        Window {
            from: delete_before(Tier::Day, self.now, &self.retention),
            to: Tier::Day.floor(self.now) + 2 * Tier::Day.secs(),
        }
    }

    /// The ids go first: from then on a late copy of a report is known as one.
    async fn copy_ids(&self) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let ids = self.source.stored_ids(after).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            self.target.import_ids(&ids).await?;
        }
        self.target.import_ingests(&self.source.ingests().await?).await
    }

    async fn begin(&self, number: i64, scope: Scope, fingerprint: &str) -> Result<Place, StoreError> {
        let there_from = self.source.minutes_from().await?;
        let minutes_from = self.target.import_minutes_from(&scope, there_from).await?;
        let names = self.source.names(number).await?;
        self.target.import_names(&scope, &names).await?;
        let done = match self.afresh {
            true => None,
            false => self.target.imported_until(&scope, fingerprint).await?,
        };
        let half_hours = self.source.series(&names, Tier::HalfHour).await?;
        let minutes = self.source.series(&names, Tier::Minute).await?;
        let done_until = done.unwrap_or(UnixSecs::MIN);
        Ok(Place { number, scope, names, half_hours, minutes, minutes_from, done_until })
    }

    async fn copy_day(&self, place: &Place, day: Window) -> Result<Moved, StoreError> {
        let mut moved = Moved::default();
        let mut counts = Counts::default();
        let mut start = day.from;
        while start < day.to {
            let (tier, series, end) = match start < place.minutes_from {
                true => (Tier::HalfHour, &place.half_hours, day.to.min(place.minutes_from)),
                false => (Tier::Minute, &place.minutes, start + Tier::HalfHour.secs()),
            };
            let window = Window { from: start, to: end };
            start = end;
            counts.append(self.source.counts(place.number, (tier, series), window).await?);
            if counts.len() > ROWS_AT_ONCE {
                moved.rows += self.flush(place, &mut counts).await?;
            }
        }
        moved.rows += self.flush(place, &mut counts).await?;
        moved.logs = self.copy_logs(place, day).await?;
        Ok(moved)
    }

    async fn flush(&self, place: &Place, counts: &mut Counts) -> Result<usize, StoreError> {
        let counts = std::mem::take(counts);
        if counts.len() > 0 {
            self.target.import_counts(&place.scope, &place.names, &counts).await?;
        }
        Ok(counts.len())
    }

    async fn copy_logs(&self, place: &Place, day: Window) -> Result<usize, StoreError> {
        let (mut copied, mut last) = (0, None);
        loop {
            let mut logs = self.source.logs(place.number, day, last.as_ref()).await?;
            if logs.is_empty() {
                return Ok(copied);
            }
            self.target.import_logs(&place.scope, &place.names, &logs).await?;
            copied += logs.len();
            last = logs.pop();
        }
    }
}
