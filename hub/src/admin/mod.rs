//! The management side of `/api/v1`: people, tokens, apps and settings. Whoever may change something is decided before a
//! handler runs, by [`crate::auth::access`]; what was changed goes to the audit log.
//!
//! Handlers here work on the metadata store alone. They answer lists as `{data}`: what people configured fits one page, but
//! for the [`audit`] log, which has pages.

pub mod account;
pub mod apps;
pub mod audit;
pub mod environments;
pub mod invitations;
pub mod judging;
pub mod links;
pub mod settings;
pub mod tokens;
pub mod users;
pub mod views;

use std::sync::Arc;

use axum::extract::FromRef;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Auth;
use crate::query::Query;

/// A list that fits one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rows<T> {
    pub data: Vec<T>,
}

/// The routes.
pub fn router<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<Auth>: FromRef<S>,
    Arc<Query>: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(account::change_password))
        .routes(routes!(account::own_sessions, account::end_other_sessions))
        .routes(routes!(account::end_own_session))
        .routes(routes!(users::users))
        .routes(routes!(users::change_user, users::delete_user))
        .routes(routes!(users::reset_password))
        .routes(routes!(users::sessions_of_user, users::end_sessions))
        .routes(routes!(users::end_session))
        .routes(routes!(invitations::invitations, invitations::invite))
        .routes(routes!(invitations::revoke_invitation))
        .routes(routes!(links::look_at_invitation))
        .routes(routes!(links::accept_invitation))
        .routes(routes!(links::use_password_reset))
        .routes(routes!(tokens::tokens, tokens::create_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(audit::audit_log))
        .routes(routes!(apps::change_app, apps::delete_app))
        .routes(routes!(environments::environments))
        .routes(routes!(environments::delete_environment))
        .routes(routes!(judging::apdex, judging::set_apdex))
        .routes(routes!(judging::expected_errors, judging::expect_error))
        .routes(routes!(judging::unexpect_error))
        .routes(routes!(views::views, views::save_view))
        .routes(routes!(views::change_view, views::delete_view))
        .routes(routes!(settings::settings))
}
