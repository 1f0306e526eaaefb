//! Erasing an environment or an app: everything that is stored of it.
//!
//! Rows are masked at once and leave the disk with the next merges. Marks go first, so that no half hour of what is left is
//! computed any more; the instances, by which an environment is listed, go last, so that who was interrupted finds it again.

use super::ClickHouseTraffic;
use crate::store::StoreError;

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
    /// Erases the rows that a condition on an app and its environment chooses.
    pub(super) async fn erase(&self, condition: &str) -> Result<(), StoreError> {
        for table in TABLES.into_iter().chain(["instances"]) {
            let sql = format!("DELETE FROM {table} WHERE {condition} SETTINGS mutations_sync = 2");
            self.link.run(&sql).await?;
        }
        Ok(())
    }
}
