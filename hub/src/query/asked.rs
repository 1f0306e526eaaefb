//! The opening that reads over a range share: which app and environment, which time, which part.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use super::answer::{AppPath, EnvParams, FilterParams, RangeParams};
use super::range::TimeRange;
use super::state::{ApiState, Query};
use crate::clock::UnixSecs;
use crate::http::extract::{Params, PathParams};
use crate::http::problem::Problem;
use crate::store::StoreError;
use crate::store::traffic::{Filter, Scope};

/// What a read asks for: taken from the path and the parameters of the request, and checked.
pub struct Asked {
    pub(super) query: Arc<Query>,
    pub(super) scope: Scope,
    pub(super) range: TimeRange,
    pub(super) filter: Filter,
}

impl FromRequestParts<ApiState> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let query = Arc::<Query>::from_ref(state);
        let PathParams(AppPath { app_id }) = PathParams::from_request_parts(parts, state).await?;
        let Params(env) = Params::<EnvParams>::from_request_parts(parts, state).await?;
        let Params(range) = Params::<RangeParams>::from_request_parts(parts, state).await?;
        let Params(filter) = Params::<FilterParams>::from_request_parts(parts, state).await?;
        let (scope, range) = query.question(app_id, &env, &range).await?;
        let filter = query.filter(app_id, &filter)?;
        Ok(Self { query, scope, range, filter })
    }
}

impl Asked {
    /// When the newest stored report of the environment was accepted.
    pub(super) async fn as_of(&self) -> Result<Option<UnixSecs>, StoreError> {
        self.query.as_of(&self.scope).await
    }
}
