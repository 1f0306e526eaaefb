//! Stock, as the warehouse sees it.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::Operator;
use crate::error::{ApiError, ApiResult};
use crate::latency;
use crate::state::Shared;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/{product_id}", get(show).put(set)).route("/reservations", post(reserve))
}

async fn show(State(shop): State<Shared>, Path(product_id): Path<u64>) -> ApiResult<Json<Value>> {
    latency::around(4.0, 0.5).await;
    let product = shop.products.get(product_id).ok_or(ApiError::NotFound("product"))?;
    Ok(Json(json!({ "product_id": product_id, "stock": product.stock })))
}

#[derive(Deserialize)]
struct Stock {
    stock: u32,
}

async fn set(
    State(shop): State<Shared>,
    Path(product_id): Path<u64>,
    _: Operator,
    Json(Stock { stock }): Json<Stock>,
) -> ApiResult<StatusCode> {
    latency::around(11.0, 0.5).await;
    let set = shop.products.update(product_id, |product| product.stock = stock);
    set.map(|()| StatusCode::NO_CONTENT).ok_or(ApiError::NotFound("product"))
}

#[derive(Deserialize)]
struct Reservation {
    product_id: u64,
    quantity: u32,
}

async fn reserve(State(shop): State<Shared>, Json(wanted): Json<Reservation>) -> ApiResult<StatusCode> {
    latency::around(15.0, 0.6).await;
    let taken = shop.products.update(wanted.product_id, |product| {
        let left = product.stock.checked_sub(wanted.quantity);
        product.stock = left.unwrap_or(product.stock);
        left.is_some()
    });
    match taken.ok_or(ApiError::NotFound("product"))? {
        true => Ok(StatusCode::CREATED),
        false => Err(ApiError::Conflict("not enough of it in stock")),
    }
}
