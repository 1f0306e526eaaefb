//! What happened beside the counts, in groups: failed validations, server errors, losses. A group goes by the hash of what makes
//! it one; its texts are stored when a writer meets it first, and again with each new period.

use std::borrow::Cow;
use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::super::link::date_time;
use super::super::rows::EventGroupRow;
use super::super::{ClickHouseTraffic, EventClass, period};
use super::Place;
use super::consumers::Span;
use crate::clock::UnixSecs;
use crate::queue::AppId;
use crate::store::StoreError;

/// What a row without a backtrace says: it is above every row that has one.
pub(super) const NO_BACKTRACE: &str = "~";

/// What makes a group a group.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub(super) class: EventClass,
    pub(super) route: u64,
    pub(super) status: u16,
    pub(super) code: Cow<'a, str>,
    pub(super) message: &'a str,
    pub(super) location: &'a str,
    pub(super) field: &'a str,
}

impl Group<'_> {
    pub(super) fn fingerprint(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(self.route.to_le_bytes());
        hash.update(self.status.to_le_bytes());
        for text in [self.code.as_ref(), self.message, self.location, self.field] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash.finalize()[..16]);
        fingerprint
    }
}

/// A group in a batch.
#[derive(Debug)]
pub(super) struct SeenGroup<'a> {
    group: Group<'a>,
    span: Span,
    /// The earliest: its minute and the text.
    backtrace: Option<(UnixSecs, &'a str)>,
}

/// The groups of a batch.
#[derive(Debug, Default)]
pub(super) struct Groups<'a>(HashMap<(Place<'a>, EventClass, [u8; 16]), SeenGroup<'a>>);

impl<'a> Groups<'a> {
    /// Adds an occurrence of the group with this fingerprint.
    pub(super) fn add(
        &mut self,
        (place, fingerprint): (Place<'a>, [u8; 16]),
        group: Group<'a>,
        minute: UnixSecs,
        backtrace: Option<&'a str>,
    ) {
        let key = (place, group.class, fingerprint);
        let seen = self.0.entry(key).or_insert(SeenGroup { group, span: (minute, minute), backtrace: None });
        seen.span = (seen.span.0.min(minute), seen.span.1.max(minute));
        let backtrace = backtrace.map(|text| (minute, text));
        seen.backtrace = [seen.backtrace, backtrace].into_iter().flatten().min();
    }
}

/// What is stored of groups.
#[derive(Debug, Default)]
pub(super) struct KnownGroups(HashMap<(AppId, String, EventClass, [u8; 16]), KnownGroup>);

#[derive(Debug, Clone, Copy)]
struct KnownGroup {
    span: Span,
    has_backtrace: bool,
}

impl KnownGroups {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The rows that tell what is not stored yet: with its texts where the group is new, else the times alone.
    pub(super) fn missing<'a>(&self, groups: &Groups<'a>) -> Vec<EventGroupRow<'a>> {
        let rows = groups.0.iter().filter_map(|(&((app_id, env), class, fingerprint), seen)| {
            let known = self.0.get(&(app_id, env.to_owned(), class, fingerprint));
            let is_old = known.is_some_and(|known| {
                period(known.span.1) == period(seen.span.1)
                    && (known.has_backtrace || seen.backtrace.is_none())
            });
            let is_inside =
                known.is_some_and(|known| known.span.0 <= seen.span.0 && seen.span.1 <= known.span.1);
            let row = EventGroupRow { app_id, env, fingerprint, ..row(seen) };
            match (is_old, is_inside) {
                (true, true) => None,
                (true, false) => Some(without_texts(row)),
                (false, _) => Some(row),
            }
        });
        rows.collect()
    }

    pub(super) fn learn(&mut self, groups: &Groups<'_>) {
        for (((app_id, env), class, fingerprint), seen) in &groups.0 {
            let new = KnownGroup { span: seen.span, has_backtrace: false };
            let known = self.0.entry((*app_id, (*env).to_owned(), *class, *fingerprint)).or_insert(new);
            known.span = (known.span.0.min(seen.span.0), known.span.1.max(seen.span.1));
            known.has_backtrace |= seen.backtrace.is_some();
        }
    }
}

fn row<'a>(seen: &SeenGroup<'a>) -> EventGroupRow<'a> {
    let Group { class, route, status, code, message, location, field } = seen.group.clone();
    EventGroupRow {
        app_id: AppId::nil(),
        env: "",
        class: class as u8,
        fingerprint: [0; 16],
        period: period(seen.span.1),
        route,
        status,
        code,
        message,
        location,
        field,
        backtrace: seen
            .backtrace
            .map_or(NO_BACKTRACE.to_owned(), |(minute, text)| format!("{minute:010}{text}")),
        first_seen: date_time(seen.span.0),
        last_seen: date_time(seen.span.1),
    }
}

fn without_texts(row: EventGroupRow<'_>) -> EventGroupRow<'_> {
    let backtrace = NO_BACKTRACE.to_owned();
    EventGroupRow {
        route: 0,
        status: 0,
        code: Cow::Borrowed(""),
        message: "",
        location: "",
        field: "",
        backtrace,
        ..row
    }
}

impl ClickHouseTraffic {
    pub(super) async fn store_groups(&self, rows: &[EventGroupRow<'_>]) -> Result<(), StoreError> {
        self.link.insert::<EventGroupRow<'static>>("event_groups", rows).await
    }
}
