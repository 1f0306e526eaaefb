//! `GET /overview`: how all apps do that one may see, in one answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use futures_util::{StreamExt, TryStreamExt, stream};
use sendry_sdk::protocol::limits::is_env_name;
use serde::{Deserialize, Serialize};
use tokio::try_join;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::answer::{List, PageParams, RangeParams, ReadErrors};
use super::apps::{EnvironmentRow, Summary, environment, sparkline_steps};
use super::asked::Answer;
use super::judge::Judge;
use super::page::Page;
use super::state::Query;
use crate::auth::{Caller, Role};
use crate::http::extract::Params;
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::store::metadata::App;
use crate::store::traffic::{ErrorClass, ErrorCounts, Filter, Scope, Steps};

/// Apps that are asked about at the same time: more would only wait for each other.
const AT_ONCE: usize = 4;

/// Names that production goes by.
const PRODUCTION: [&str; 3] = ["prod", "production", "live"];

/// Which environment of each app.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewParams {
    /// The environment, of apps that have it. Of others, and when absent: `prod`, `production` or `live`, else the one that
    /// reported last.
    pub env: Option<String>,
}

/// How an app does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AppOverview {
    pub app_id: Uuid,
    pub name: String,
    pub created_at: i64,
    /// Those that ever reported.
    pub environments: Vec<EnvironmentRow>,
    /// The one of them that is looked at; null when none ever reported.
    pub env: Option<String>,
    /// What it did within the range; null when none ever reported.
    pub figures: Option<AppFigures>,
}

/// How an environment of an app does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AppFigures {
    pub summary: Summary,
    /// Consumers that called within the range.
    pub consumers: u64,
    /// Those of them whose first request ever lies in it.
    pub new_consumers: u64,
    /// Instances that reported within the five minutes before the last report.
    pub instances: u64,
    pub last_report_at: i64,
    pub problems: Problems,
}

/// What waits for somebody who looks at it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problems {
    /// Groups of server errors and panics within the range; without those whose status is expected of their endpoint.
    pub server_errors: u64,
    /// Groups of failed validations within the range; without those whose status is expected of their endpoint.
    pub validation_errors: u64,
    /// Reports that instances within the range sent, by their running numbers, and that were not stored.
    pub missing_reports: u64,
    /// How much was lost within the range, for whatever reason.
    pub losses: u64,
}

/// How the apps do that one may see, by name.
#[utoipa::path(
    get, path = "/overview", tag = "apps", params(OverviewParams, RangeParams, PageParams),
    responses((status = 200, description = "The answer", body = List<AppOverview>), ReadErrors)
)]
pub async fn overview(
    caller: Caller,
    State(query): State<Arc<Query>>,
    Params(wanted): Params<OverviewParams>,
    Params(range): Params<RangeParams>,
    page: Page,
) -> Answer<List<AppOverview>> {
    let env = wanted.env.filter(|env| !env.is_empty());
    if env.as_deref().is_some_and(|env| !is_env_name(env)) {
        return Err(Problem::bad_request("bad_env", "`env` cannot name an environment."));
    }
    let range = query.time_range(&range).await?;
    let steps = sparkline_steps(&range);
    let mut apps = query.metadata.apps().await?;
    apps.retain(|app| caller.may(Role::Viewer, Some(app.app_id)));
    let (apps, next) = page.of(apps, |app| format!("{}\0{}", app.name, app.app_id));
    let rows = apps.into_iter().map(|app| query.app_overview(app, env.as_deref(), &steps.steps));
    let data: Vec<AppOverview> = stream::iter(rows).buffered(AT_ONCE).try_collect().await?;
    let reported = data.iter().flat_map(|app| &app.environments).map(|env| env.last_report_at);
    Ok(Json(List { range: range.describe_steps(&steps), as_of: reported.max(), data, next }))
}

impl Query {
    async fn app_overview(
        &self,
        app: App,
        wanted: Option<&str>,
        steps: &Steps,
    ) -> Result<AppOverview, StoreError> {
        let environments = self.traffic.freshness(app.app_id).await?;
        let environments: Vec<_> = environments.into_iter().map(environment).collect();
        let chosen = choose(&environments, wanted);
        let figures = match chosen {
            Some(environment) => Some(self.figures(app.app_id, environment, steps).await?),
            None => None,
        };
        Ok(AppOverview {
            app_id: app.app_id,
            name: app.name,
            created_at: app.created_at,
            env: chosen.map(|environment| environment.env.clone()),
            environments,
            figures,
        })
    }

    async fn figures(
        &self,
        app_id: Uuid,
        environment: &EnvironmentRow,
        steps: &Steps,
    ) -> Result<AppFigures, StoreError> {
        let scope = Scope { app_id, env: environment.env.clone() };
        let judge = self.judge(app_id).await?;
        let window = steps.window();
        let whole = Steps { bounds: vec![window.from, window.to] };
        let filter = Filter::default();
        let (summary, consumers, errors, losses, instances) = try_join!(
            self.summary(&scope, steps, &judge),
            self.traffic.consumer_steps(&scope, &whole, &filter),
            self.traffic.error_counts(&scope, window),
            self.traffic.losses(&scope, window),
            self.traffic.instances(&scope, window),
        )?;
        let groups = |class| unexpected(&errors, class, &judge);
        Ok(AppFigures {
            summary,
            consumers: consumers.iter().map(|step| step.active).sum(),
            new_consumers: consumers.iter().map(|step| step.new).sum(),
            instances: environment.instances,
            last_report_at: environment.last_report_at,
            problems: Problems {
                server_errors: groups(ErrorClass::Server),
                validation_errors: groups(ErrorClass::Validation),
                missing_reports: instances.iter().map(|instance| instance.missing_reports()).sum(),
                losses: losses.iter().map(|loss| loss.count).sum(),
            },
        })
    }
}

/// The environment that is wanted, else production, else the one that reported last.
fn choose<'a>(environments: &'a [EnvironmentRow], wanted: Option<&str>) -> Option<&'a EnvironmentRow> {
    let is_production = |env: &str| PRODUCTION.iter().any(|name| env.eq_ignore_ascii_case(name));
    let rank = |environment: &&EnvironmentRow| {
        let env = environment.env.as_str();
        (wanted == Some(env), is_production(env), environment.last_report_at)
    };
    environments.iter().max_by_key(rank)
}

/// Groups of a class whose status nobody expects of their endpoint.
fn unexpected(errors: &[ErrorCounts], class: ErrorClass, judge: &Judge) -> u64 {
    let of_class = errors.iter().filter(|one| one.class == class);
    let open = of_class.filter(|one| !judge.expects(&one.route.method, &one.route.path, one.status));
    open.map(|one| one.groups).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_looked_at_first_unless_another_environment_is_wanted() {
        let environment = |env: &str, last_report_at| EnvironmentRow {
            env: env.to_owned(),
            first_report_at: 0,
            last_report_at,
            instances: 1,
        };
        let all = [environment("dev", 9), environment("Prod", 5), environment("qa", 7)];
        let chosen = |wanted| choose(&all, wanted).map(|one| one.env.as_str());
        assert_eq!(chosen(None), Some("Prod"));
        assert_eq!(chosen(Some("qa")), Some("qa"));
        assert_eq!(chosen(Some("nowhere")), Some("Prod"));
        assert_eq!(choose(&all[..1], None).map(|one| one.env.as_str()), Some("dev"));
        assert_eq!(choose(&[all[0].clone(), all[2].clone()], None).map(|one| one.env.as_str()), Some("dev"));
        assert_eq!(choose(&[], Some("dev")), None);
    }
}
