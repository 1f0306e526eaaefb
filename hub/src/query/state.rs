//! What the handlers of the query API share, and the checks that come before every read.

use std::sync::Arc;

use axum::extract::FromRef;
use sendry_sdk::protocol::limits::is_env_name;
use tokio::sync::Semaphore;

use super::answer::{EnvParams, RangeParams};
use super::range::TimeRange;
use crate::auth::Auth;
use crate::clock::{SharedClock, UnixSecs};
use crate::http::problem::Problem;
use crate::queue::AppId;
use crate::store::StoreError;
use crate::store::metadata::Metadata;
use crate::store::traffic::{ConsumerKey, Retention, Scope, TrafficEraser, TrafficReader};
use crate::system::Watch;

/// Everything that answering needs.
pub struct Query {
    pub traffic: Arc<dyn TrafficReader>,
    pub eraser: Arc<dyn TrafficEraser>,
    pub metadata: Metadata,
    pub consumer_key: ConsumerKey,
    pub clock: SharedClock,
    pub retention: Retention,
    pub watch: Arc<Watch>,
    /// As many as may be under way.
    pub exports: Arc<Semaphore>,
}

/// The state of the routes under `/api/v1`.
#[derive(Clone)]
pub struct ApiState {
    pub query: Arc<Query>,
    pub auth: Arc<Auth>,
}

impl FromRef<ApiState> for Arc<Query> {
    fn from_ref(state: &ApiState) -> Self {
        state.query.clone()
    }
}

impl FromRef<ApiState> for Arc<Auth> {
    fn from_ref(state: &ApiState) -> Self {
        state.auth.clone()
    }
}

impl Query {
    /// Whose traffic over which time: refuses an environment that cannot be one, and an app that there is not.
    pub(super) async fn question(
        &self,
        app_id: AppId,
        env: &EnvParams,
        range: &RangeParams,
    ) -> Result<(Scope, TimeRange), Problem> {
        let env = env
            .env
            .clone()
            .ok_or_else(|| Problem::bad_request("no_env", "The parameter `env` is missing."))?;
        if !is_env_name(&env) {
            let detail =
                format!("{env:?} cannot name an environment: 1 to 32 characters of A-Z, a-z, 0-9, _ and -.");
            return Err(Problem::bad_request("bad_env", detail));
        }
        let range = self.time_range(range).await?;
        self.check_app(app_id).await?;
        Ok((Scope { app_id, env }, range))
    }

    pub(super) async fn time_range(&self, range: &RangeParams) -> Result<TimeRange, Problem> {
        let now = self.clock.now();
        let deleted_before = self.traffic.minutes_deleted_before().await?;
        TimeRange::parse(range, now, self.retention.reaching(now, deleted_before))
    }

    /// Refuses an app that there is not.
    pub(crate) async fn check_app(&self, app_id: AppId) -> Result<(), Problem> {
        match self.metadata.app(app_id).await? {
            Some(_) => Ok(()),
            None => Err(Problem::not_found(format!("There is no app {app_id}."))),
        }
    }

    /// When the newest stored report of the environment was accepted.
    pub(super) async fn as_of(&self, scope: &Scope) -> Result<Option<UnixSecs>, StoreError> {
        let environments = self.traffic.freshness(scope.app_id).await?;
        let own = environments.iter().find(|freshness| freshness.env == scope.env);
        Ok(own.map(|freshness| freshness.last_report_at.div_euclid(1_000)))
    }
}
