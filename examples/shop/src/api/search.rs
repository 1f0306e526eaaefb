//! Search: the endpoint with the longest tail.

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use crate::error::{ApiResult, Rules};
use crate::latency;
use crate::state::{Product, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/", get(search)).route("/suggest", get(suggest))
}

#[derive(Deserialize)]
struct Question {
    q: String,
}

async fn search(
    State(shop): State<Shared>,
    Query(question): Query<Question>,
) -> ApiResult<Json<Vec<Product>>> {
    Rules::default().require(question.q.len() >= 2, "q", "length", "must have at least 2 letters").check()?;
    latency::around(42.0, 0.75).await;
    Ok(Json(shop.products.newest(30, |product| product.name.contains(&question.q))))
}

async fn suggest(State(shop): State<Shared>, Query(question): Query<Question>) -> Json<Vec<String>> {
    latency::cached(0.7, 1.5, 9.0).await;
    let found = shop.products.newest(6, |product| product.name.starts_with(&question.q));
    Json(found.into_iter().map(|product| product.name).collect())
}
