//! What customers say about a product.

use axum::extract::{Path, State};
use axum::routing::{delete, get};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;

use crate::auth::LoggedIn;
use crate::error::{ApiError, ApiResult, Rules};
use crate::latency;
use crate::state::{Review, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/products/{product_id}/reviews", get(list).post(create))
        .route("/products/{product_id}/reviews/{review_id}", delete(remove))
}

async fn list(State(shop): State<Shared>, Path(product_id): Path<u64>) -> ApiResult<Json<Vec<Review>>> {
    latency::around(7.0, 0.5).await;
    shop.products.get(product_id).ok_or(ApiError::NotFound("product"))?;
    Ok(Json(shop.reviews.newest(20, |review| review.product_id == product_id)))
}

#[derive(Deserialize)]
struct NewReview {
    stars: u8,
    text: String,
}

async fn create(
    State(shop): State<Shared>,
    Path(product_id): Path<u64>,
    LoggedIn(customer): LoggedIn,
    Json(new): Json<NewReview>,
) -> ApiResult<(StatusCode, Json<Review>)> {
    Rules::default()
        .require((1..=5).contains(&new.stars), "stars", "range", "must be 1 to 5")
        .require(new.text.len() <= 2_000, "text", "length", "must be at most 2000 bytes")
        .check()?;
    latency::around(14.0, 0.4).await;
    shop.products.get(product_id).ok_or(ApiError::NotFound("product"))?;
    let review = |id| Review { id, product_id, customer_id: customer.id, stars: new.stars, text: new.text };
    Ok((StatusCode::CREATED, Json(shop.reviews.insert(review))))
}

async fn remove(
    State(shop): State<Shared>,
    Path((product_id, review_id)): Path<(u64, u64)>,
    LoggedIn(customer): LoggedIn,
) -> ApiResult<StatusCode> {
    let review = shop.reviews.get(review_id).filter(|review| review.product_id == product_id);
    let review = review.ok_or(ApiError::NotFound("review"))?;
    if review.customer_id != customer.id {
        return Err(ApiError::Forbidden);
    }
    latency::around(6.0, 0.4).await;
    shop.reviews.remove(review_id);
    Ok(StatusCode::NO_CONTENT)
}
