//! The query role: answers under `/api/v1`, for programs with a token and for the dashboard.
//!
//! A read goes: who asks ([`crate::auth`]), which window ([`range`]) in which steps ([`steps`]), sums and histograms from the
//! traffic store, figures from them ([`statistics`]), an answer that says what it covers ([`answer`]). The OpenAPI document
//! is generated from the handlers ([`document`]); the committed copy is `docs/openapi.json`.
//!
//! Apps and their keys are made here too ([`keys`]); what else people change is [`crate::admin`]'s.
//! Before any handler runs, [`crate::auth::access`] decides whether the caller may: a new route needs an entry there.

pub mod answer;
pub mod apps;
mod asked;
pub mod consumers;
pub mod endpoints;
pub mod error_group;
pub mod error_statuses;
pub mod errors;
mod filter;
pub mod forget;
pub mod groups;
pub mod heatmap;
pub mod instances;
mod judge;
pub mod keys;
pub mod latency;
pub mod logs;
mod openapi;
pub mod overview;
mod page;
mod range;
pub mod releases;
pub mod resources;
pub mod sizes;
mod state;
pub mod statistics;
mod steps;
pub mod system;
pub mod traffic;

pub use state::{ApiState, Query};

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::admin;
use crate::auth::{self, access::gate};
use crate::http::problem::Problem;

/// The routes under `/api/v1`.
pub fn router(state: ApiState) -> Router {
    let (router, document) = routes().split_for_parts();
    let router = router.route("/openapi.json", get(move || std::future::ready(Json(document.clone()))));
    let router = router.route_layer(from_fn_with_state(state.auth.clone(), gate));
    let unknown =
        || async { Problem::not_found("There is no such resource; /api/v1/openapi.json describes all.") };
    Router::new().nest("/api/v1", router.fallback(unknown).with_state(state))
}

/// The OpenAPI document as it is served.
pub fn document() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<ApiState> {
    let document = openapi::Document::openapi();
    let router = OpenApiRouter::with_openapi(document)
        .merge(auth::routes::router())
        .merge(admin::router())
        .routes(routes!(apps::apps, keys::create_app))
        .routes(routes!(overview::overview))
        .routes(routes!(apps::summary))
        .routes(routes!(keys::keys, keys::create_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(endpoints::endpoints))
        .routes(routes!(traffic::traffic))
        .routes(routes!(latency::latency))
        .routes(routes!(instances::instances))
        .routes(routes!(instances::losses))
        .routes(routes!(errors::validation_errors))
        .routes(routes!(errors::server_errors))
        .routes(routes!(error_statuses::error_statuses))
        .routes(routes!(consumers::consumers))
        .routes(routes!(forget::forget_consumer))
        .routes(routes!(groups::activity))
        .routes(routes!(groups::consumer_groups))
        .routes(routes!(error_group::error_group))
        .routes(routes!(releases::releases))
        .routes(routes!(sizes::sizes))
        .routes(routes!(heatmap::heatmap))
        .routes(routes!(resources::resources))
        .routes(routes!(logs::list::request_logs))
        .routes(routes!(logs::counts::timeline))
        .routes(routes!(logs::counts::facets))
        .routes(routes!(logs::export::export))
        .routes(routes!(logs::one::request_log))
        .routes(routes!(system::system));
    openapi::describe(router)
}
