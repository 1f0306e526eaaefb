//! Freezing: what was counted becomes a report, and the report the bytes that are sent.

use std::collections::BTreeMap;
use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Serialize;

use crate::aggregate::{self, MethodId, PathId, Series, SeriesKey, Taken};
use crate::client::Client;
use crate::protocol::{LossReason, Minute, Report, Route};

/// Two thirds of the size of level 1 for a tenth more CPU; the levels above give little for much.
const GZIP_LEVEL: u32 = 3;

/// Takes everything that was counted and writes it into `report`. Returns the number of requests.
pub(super) fn take_traffic(client: &Client, report: &mut Report) -> u64 {
    let mut taken = client.aggregate.take();
    for minute in taken.values_mut() {
        client.losses.record(LossReason::RoutesFolded, aggregate::fold_excess(minute));
    }
    write_traffic(client, &taken, report);
    taken.values().flat_map(BTreeMap::values).map(|series| series.count).sum()
}

fn write_traffic(client: &Client, taken: &Taken, report: &mut Report) {
    let mut indexes: BTreeMap<(PathId, MethodId), u32> = BTreeMap::new();
    for key in taken.values().flat_map(BTreeMap::keys) {
        let next = indexes.len() as u32;
        indexes.entry((key.path, key.method)).or_insert_with(|| {
            report
                .routes
                .push(Route { method: key.method.as_str().to_owned(), path: client.paths.path_of(key.path) });
            next
        });
    }
    let to_wire = |(key, series): (&SeriesKey, &Series)| {
        let route = indexes.get(&(key.path, key.method)).copied()?;
        Some(series.to_wire(route, key.status))
    };
    report.minutes.extend(taken.iter().map(|(minute, series)| Minute {
        minute: *minute,
        routes: series.iter().filter_map(to_wire).collect(),
        consumers: Vec::new(),
    }));
}

/// JSON, gzipped.
pub(super) fn encode(message: &impl Serialize) -> std::io::Result<Bytes> {
    let json = serde_json::to_vec(message)?;
    let mut gzip = GzEncoder::new(Vec::with_capacity(json.len() / 4), Compression::new(GZIP_LEVEL));
    gzip.write_all(&json)?;
    Ok(gzip.finish()?.into())
}
