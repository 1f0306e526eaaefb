//! Erasing an environment: everything that is stored of it.
//!
//! Rows are masked at once and leave the disk with the next merges. Marks go first, so that no half hour of what is left is
//! computed any more; the instances, by which an environment is listed, go last, so that who was interrupted finds it again.

use super::{ClickHouseTraffic, of_scope};
use crate::store::StoreError;
use crate::store::traffic::Scope;

const TABLES: [&str; 14] = [
    "marks",
    "traffic_minutes",
    "events_minutes",
    "resources_minutes",
    "traffic_coarse",
    "events_coarse",
    "resources_coarse",
    "rollups",
    "request_logs",
    "event_versions",
    "event_groups",
    "consumers",
    "routes",
    "instance_reports",
];

impl ClickHouseTraffic {
    pub(super) async fn erase_scope(&self, scope: &Scope) -> Result<(), StoreError> {
        for table in TABLES.into_iter().chain(["instances"]) {
            let sql = format!("DELETE FROM {table} WHERE {} SETTINGS mutations_sync = 2", of_scope(scope));
            self.link.run(&sql).await?;
        }
        Ok(())
    }
}
