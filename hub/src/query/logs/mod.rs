//! Request logs: found ([`list`]), shown whole ([`one`]), counted over time and by what they have ([`counts`]), as a file ([`export`]).
//!
//! A question looks at a bounded number of logs, the newest first, and says how far back it came: see
//! [`RequestLogReader`](crate::store::traffic::RequestLogReader).

pub mod counts;
mod csv;
pub mod export;
pub mod list;
pub mod one;
mod search;

pub use search::LogParams;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::Query;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::ConsumerRecord;
use crate::store::traffic::ConsumerHash;

/// Who called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogConsumer {
    /// Names the consumer where its identifier was forgotten.
    pub consumer_id: String,
    /// The application's own name for the caller; null when it was forgotten.
    pub identifier: Option<String>,
    pub name: Option<String>,
    pub group: Option<String>,
}

/// Who stands behind hashes.
pub(super) struct Known(HashMap<ConsumerHash, ConsumerRecord>);

impl Known {
    pub(super) async fn of(
        query: &Query,
        app_id: AppId,
        hashes: impl Iterator<Item = ConsumerHash>,
    ) -> Result<Self, StoreError> {
        let mut hashes: Vec<_> = hashes.collect();
        hashes.sort_unstable();
        hashes.dedup();
        let known = query.metadata.consumers(app_id, &hashes).await?;
        Ok(Self(known.into_iter().map(|record| (record.hash, record)).collect()))
    }

    pub(super) fn consumer(&self, hash: ConsumerHash) -> LogConsumer {
        let record = self.0.get(&hash);
        LogConsumer {
            consumer_id: hex::encode(hash),
            identifier: record.map(|record| record.identifier.clone()),
            name: record.and_then(|record| record.name.clone()),
            group: record.and_then(|record| record.group.clone()),
        }
    }
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}
