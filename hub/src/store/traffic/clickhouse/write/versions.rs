//! With which versions of the app groups of errors were seen. What is inserted again changes nothing: the first and the last count.

use std::collections::HashMap;

use super::super::link::date_time;
use super::super::rows::EventVersionRow;
use super::super::{ClickHouseTraffic, EventClass, period};
use super::Place;
use super::consumers::Span;
use super::make::Origin;
use crate::clock::UnixSecs;
use crate::store::StoreError;

/// The versions of a batch, with their first and last minute.
#[derive(Debug, Default)]
pub(super) struct Versions<'a>(HashMap<(Place<'a>, EventClass, [u8; 16], &'a str), Span>);

impl<'a> Versions<'a> {
    pub(super) fn add(
        &mut self,
        (origin, class, fingerprint): (Origin<'a>, EventClass, [u8; 16]),
        minute: UnixSecs,
    ) {
        if let Some(version) = origin.version {
            let span = self.0.entry((origin.place, class, fingerprint, version)).or_insert((minute, minute));
            *span = (span.0.min(minute), span.1.max(minute));
        }
    }
}

impl ClickHouseTraffic {
    pub(super) async fn store_versions(&self, versions: &Versions<'_>) -> Result<(), StoreError> {
        let mut rows: Vec<EventVersionRow<'_>> = Vec::with_capacity(versions.0.len());
        for (((app_id, env), class, fingerprint, version), span) in &versions.0 {
            rows.push(EventVersionRow {
                app_id: *app_id,
                env,
                class: *class as u8,
                fingerprint: *fingerprint,
                version,
                period: period(span.1),
                first_seen: date_time(span.0),
                last_seen: date_time(span.1),
            });
        }
        self.link.insert::<EventVersionRow<'static>>("event_versions", &rows).await
    }
}
