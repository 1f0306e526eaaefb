//! When each consumer called first and last.

use std::collections::HashMap;

use super::super::link::date_time;
use super::super::rows::ConsumerRow;
use super::super::{ClickHouseTraffic, period};
use super::Place;
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::traffic::ConsumerHash;

/// The first and the last minute.
pub(super) type Span = (UnixSecs, UnixSecs);

/// The consumers of a batch.
pub(super) type SeenConsumers<'a> = HashMap<(Place<'a>, ConsumerHash), Span>;

/// The consumers that are stored.
#[derive(Debug, Default)]
pub(super) struct KnownConsumers(HashMap<(AppId, String, ConsumerHash), Span>);

impl KnownConsumers {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those of which something is not stored.
    pub(super) fn missing<'a>(&self, seen: &SeenConsumers<'a>) -> Vec<ConsumerRow<'a>> {
        let news = seen.iter().filter(|(((app_id, env), hash), span)| {
            let known = self.0.get(&(*app_id, (*env).to_owned(), *hash));
            !known.is_some_and(|known| known.0 <= span.0 && span.1 <= known.1)
        });
        let rows = news.map(|(&((app_id, env), consumer), &(first, last))| ConsumerRow {
            app_id,
            env,
            consumer,
            period: period(last),
            first_seen: date_time(first),
            last_seen: date_time(last),
        });
        rows.collect()
    }

    pub(super) fn learn(&mut self, seen: &SeenConsumers<'_>) {
        for (((app_id, env), hash), span) in seen {
            let known = self.0.entry((*app_id, (*env).to_owned(), *hash)).or_insert(*span);
            *known = (known.0.min(span.0), known.1.max(span.1));
        }
    }
}

impl ClickHouseTraffic {
    pub(super) async fn store_consumers(&self, rows: &[ConsumerRow<'_>]) -> Result<(), StoreError> {
        self.link.insert::<ConsumerRow<'static>>("consumers", rows).await
    }
}

/// Widens `span` to hold `minute`.
pub(super) fn widen(span: &mut Option<Span>, minute: UnixSecs) {
    let (first, last) = span.unwrap_or((minute, minute));
    *span = Some((first.min(minute), last.max(minute)));
}
