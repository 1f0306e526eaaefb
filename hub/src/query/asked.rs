//! The opening and the answer that reads over a range share: which app and environment, which time, which part.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;

use super::answer::{AppPath, EnvParams, FilterParams, List, One, Range, RangeParams};
use super::range::TimeRange;
use super::state::{ApiState, Query};
use super::steps::ChosenSteps;
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

    /// Answers with a page of a list without steps.
    pub(super) async fn page<T>(&self, (data, next): (Vec<T>, Option<String>)) -> Answer<List<T>> {
        Ok(Json(List { range: self.range.describe(), as_of: self.as_of().await?, data, next }))
    }

    /// Answers with a whole list without steps.
    pub(super) async fn list<T>(&self, data: Vec<T>) -> Answer<List<T>> {
        self.page((data, None)).await
    }

    /// Answers with what each step has.
    pub(super) async fn steps<T>(&self, steps: &ChosenSteps, data: Vec<T>) -> Answer<List<T>> {
        let range = self.range.describe_steps(steps);
        Ok(Json(List { range, as_of: self.as_of().await?, data, next: None }))
    }

    /// Answers with one thing.
    pub(super) async fn one<T>(&self, range: Range, data: T) -> Answer<One<T>> {
        Ok(Json(One { range, as_of: self.as_of().await?, data }))
    }
}

/// An answer, or why there is none.
pub(super) type Answer<T> = Result<Json<T>, Problem>;
