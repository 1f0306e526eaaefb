//! Erasing an environment, alone or with all others of its app: everything that is stored of it, in transactions of a few
//! hundred rows.

use super::write::{Doomed, all_routes};
use super::{SqliteTraffic, tier_id};
use crate::store::StoreError;
use crate::store::traffic::Tier;

/// What goes by the number of a route, of a group or of an instance. The rows that have the numbers go last, so that who was
/// interrupted finds them again.
const OF_ROUTE: &str = "DELETE FROM traffic WHERE (tier, route_id, consumer_id, bucket) IN (SELECT tier, route_id, consumer_id, \
     bucket FROM traffic WHERE tier = ?1 AND route_id = ?2 LIMIT ?3)";
const OF_GROUP: &str = "DELETE FROM event_counts WHERE (tier, group_id, bucket, consumer_id) IN (SELECT tier, group_id, bucket, \
     consumer_id FROM event_counts WHERE tier = ?1 AND group_id = ?2 LIMIT ?3)";
const OF_INSTANCE: &str = "DELETE FROM resources WHERE (tier, instance, bucket) IN (SELECT tier, instance, bucket FROM resources \
     WHERE tier = ?1 AND instance = ?2 LIMIT ?3)";

/// What goes by the number of the scope.
const OF_SCOPE: [&str; 6] = [
    "DELETE FROM event_versions WHERE (group_id, version) IN (SELECT v.group_id, v.version FROM event_groups g \
     JOIN event_versions v ON v.group_id = g.id WHERE g.scope_id = ?1 LIMIT ?2)",
    "DELETE FROM event_groups WHERE id IN (SELECT id FROM event_groups WHERE scope_id = ?1 LIMIT ?2)",
    "DELETE FROM instances WHERE id IN (SELECT id FROM instances WHERE scope_id = ?1 LIMIT ?2)",
    "DELETE FROM consumers WHERE id IN (SELECT id FROM consumers WHERE scope_id = ?1 LIMIT ?2)",
    "DELETE FROM routes WHERE id IN (SELECT id FROM routes WHERE scope_id = ?1 LIMIT ?2)",
    "DELETE FROM scopes WHERE id IN (SELECT id FROM scopes WHERE id = ?1 LIMIT ?2)",
];

impl SqliteTraffic {
    pub(super) async fn erase_scope(&self, scope: i64) -> Result<(), StoreError> {
        self.delete_logs(Doomed::Before { scope, time_us: i64::MAX }).await?;
        let mut routes = self.numbers("SELECT id FROM routes WHERE scope_id = ?", scope).await?;
        routes.push(all_routes(scope));
        let groups = self.numbers("SELECT id FROM event_groups WHERE scope_id = ?", scope).await?;
        let instances = self.numbers("SELECT id FROM instances WHERE scope_id = ?", scope).await?;
        for (sql, numbers) in [(OF_ROUTE, routes), (OF_GROUP, groups), (OF_INSTANCE, instances)] {
            for number in numbers {
                for tier in Tier::ALL {
                    self.delete(|| sqlx::query(sql).bind(tier_id(tier)).bind(number)).await?;
                }
            }
        }
        for sql in OF_SCOPE {
            self.delete(|| sqlx::query(sql).bind(scope)).await?;
        }
        Ok(())
    }

    async fn numbers(&self, sql: &'static str, scope: i64) -> Result<Vec<i64>, StoreError> {
        Ok(sqlx::query_scalar(sql).bind(scope).fetch_all(&self.database.readers).await?)
    }
}
