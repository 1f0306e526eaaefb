//! ClickHouse: whether it answers, its clock and its schema.

use super::super::backends::TrafficBackend;
use super::{Examination, refused, schema, skew};
use crate::clock::SharedClock;
use crate::store::traffic::clickhouse;

const NAME: &str = "traffic";

/// An embedded store is looked at as a file.
pub(super) async fn examine(backend: &TrafficBackend, clock: &SharedClock) -> Vec<Examination> {
    let TrafficBackend::ClickHouse(target, _) = backend else { return Vec::new() };
    match clickhouse::inspect(target).await {
        Ok(server) => {
            let (year, month) = server.server_version;
            vec![
                Examination::ok("traffic server", format!("ClickHouse {year}.{month}")),
                skew("clock and traffic", server.now_ms, clock.now_ms()),
                schema(NAME, server.schema, server.schema_known),
            ]
        }
        Err(error) => vec![refused(NAME, &error.to_string())],
    }
}
