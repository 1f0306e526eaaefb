//! What happened beside the counts, in groups: failed validations, server errors, losses.

use std::collections::BTreeMap;

use sendry_sdk::protocol::{Loss, ServerError, ValidationError};
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use super::super::{EventClass, tier_id};
use super::cells::EVERYBODY;
use crate::clock::UnixSecs;
use crate::store::StoreError;
use crate::store::traffic::{ERROR_VERSIONS_MAX, Tier};

/// What makes a group a group, and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    scope: i64,
    class: EventClass,
    route: Option<i64>,
    status: u16,
    code: String,
    message: String,
    location: Option<String>,
    field: Option<String>,
}

/// What a batch knows of a group.
#[derive(Debug, Default)]
struct Occurrences {
    backtrace: Option<String>,
    /// By minute and consumer.
    counts: BTreeMap<(UnixSecs, i64), u64>,
    /// The first and the last minute with each version of the app.
    versions: BTreeMap<String, (UnixSecs, UnixSecs)>,
}

/// Where an error comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) scope: i64,
    pub(super) route: i64,
    pub(super) consumer: i64,
    /// Of the app.
    pub(super) version: Option<&'a str>,
}

/// The events of a batch.
#[derive(Debug, Default)]
pub(super) struct Events(BTreeMap<Group, Occurrences>);

impl Events {
    pub(super) fn add_validation(&mut self, origin: Origin<'_>, error: &ValidationError) {
        let group = Group {
            scope: origin.scope,
            class: EventClass::Validation,
            route: Some(origin.route),
            status: error.status,
            code: error.code.clone(),
            message: error.message.clone(),
            location: Some(error.location.clone()),
            field: Some(error.field.clone()),
        };
        self.0.entry(group).or_default().add_from(origin, error.minute * 60, error.count);
    }

    pub(super) fn add_server(&mut self, origin: Origin<'_>, error: &ServerError) {
        let group = Group {
            scope: origin.scope,
            class: EventClass::Server,
            route: Some(origin.route),
            status: error.status,
            code: error.kind.clone(),
            message: error.message.clone(),
            location: error.location.clone(),
            field: None,
        };
        let occurrences = self.0.entry(group).or_default();
        occurrences.add_from(origin, error.minute * 60, error.count);
        if occurrences.backtrace.is_none() {
            occurrences.backtrace.clone_from(&error.backtrace);
        }
    }

    pub(super) fn add_loss(&mut self, scope: i64, bucket: UnixSecs, loss: &Loss) {
        let reason = serde_json::to_value(loss.reason).ok();
        let group = Group {
            scope,
            class: EventClass::Loss,
            route: None,
            status: 0,
            code: reason.as_ref().and_then(|reason| reason.as_str()).unwrap_or("unknown").to_owned(),
            message: loss.detail.clone().unwrap_or_default(),
            location: None,
            field: None,
        };
        self.0.entry(group).or_default().add((bucket, EVERYBODY), loss.count);
    }

    pub(super) async fn store(&self, tx: &mut SqliteConnection) -> Result<(), StoreError> {
        for (group, occurrences) in &self.0 {
            let id = group.store(tx, occurrences).await?;
            for tier in Tier::ALL {
                occurrences.store(tx, id, tier).await?;
            }
            occurrences.store_versions(tx, id).await?;
        }
        Ok(())
    }
}

impl Group {
    /// Everything but the scope and class, which stand beside it in the key.
    fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.route.unwrap_or(0).to_le_bytes());
        hash.update(self.status.to_le_bytes());
        let (location, field) = (self.location.as_deref(), self.field.as_deref());
        for text in [Some(self.code.as_str()), Some(&self.message), location, field].into_iter().flatten() {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.finalize()[..16].to_vec()
    }

    async fn store(&self, tx: &mut SqliteConnection, occurrences: &Occurrences) -> Result<i64, StoreError> {
        let sql = "INSERT INTO event_groups (scope_id, class, fingerprint, route_id, status, code, message, location, field, \
                   backtrace, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET \
                   first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen), \
                   backtrace = coalesce(backtrace, excluded.backtrace) RETURNING id";
        let first = occurrences.counts.keys().next().map_or(0, |key| key.0);
        let last = occurrences.counts.keys().next_back().map_or(0, |key| key.0);
        let query = sqlx::query_as(sql).bind(self.scope).bind(self.class as i64).bind(self.fingerprint());
        let query = query.bind(self.route).bind(self.status).bind(&self.code).bind(&self.message);
        let query = query.bind(self.location.as_deref()).bind(self.field.as_deref());
        let query = query.bind(occurrences.backtrace.as_deref()).bind(first).bind(last);
        let (id,): (i64,) = query.fetch_one(tx).await?;
        Ok(id)
    }
}

impl Occurrences {
    fn add_from(&mut self, origin: Origin<'_>, minute: UnixSecs, count: u64) {
        self.add((minute, origin.consumer), count);
        if let Some(version) = origin.version {
            let span = self.versions.entry(version.to_owned()).or_insert((minute, minute));
            *span = (span.0.min(minute), span.1.max(minute));
        }
    }

    /// Notes the versions; when there are too many, those that were seen last stay.
    async fn store_versions(&self, tx: &mut SqliteConnection, group: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO event_versions (group_id, version, first_seen, last_seen) VALUES (?, ?, ?, ?) \
                   ON CONFLICT DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), \
                   last_seen = max(last_seen, excluded.last_seen)";
        for (version, (first, last)) in &self.versions {
            let query = sqlx::query(sql).bind(group).bind(version).bind(first).bind(last);
            query.execute(&mut *tx).await?;
        }
        if !self.versions.is_empty() {
            let sql = "DELETE FROM event_versions WHERE group_id = ?1 AND version NOT IN (SELECT version FROM event_versions \
                       WHERE group_id = ?1 ORDER BY last_seen DESC, version DESC LIMIT ?2)";
            sqlx::query(sql).bind(group).bind(ERROR_VERSIONS_MAX as i64).execute(tx).await?;
        }
        Ok(())
    }

    fn add(&mut self, key: (UnixSecs, i64), count: u64) {
        let sum = self.counts.entry(key).or_default();
        *sum = sum.saturating_add(count);
    }

    async fn store(&self, tx: &mut SqliteConnection, group: i64, tier: Tier) -> Result<(), StoreError> {
        let mut counts: BTreeMap<(UnixSecs, i64), u64> = BTreeMap::new();
        for ((minute, consumer), count) in &self.counts {
            let sum = counts.entry((tier.floor(*minute), *consumer)).or_default();
            *sum = sum.saturating_add(*count);
        }
        let sql = "INSERT INTO event_counts (tier, group_id, bucket, consumer_id, count) VALUES (?, ?, ?, ?, ?) \
                   ON CONFLICT DO UPDATE SET count = count + excluded.count";
        for ((bucket, consumer), count) in counts {
            let query = sqlx::query(sql).bind(tier_id(tier)).bind(group).bind(bucket).bind(consumer);
            query.bind(i64::try_from(count).unwrap_or(i64::MAX)).execute(&mut *tx).await?;
        }
        Ok(())
    }
}
