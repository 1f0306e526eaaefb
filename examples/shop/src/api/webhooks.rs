//! What other companies' systems call.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::error::{ApiError, ApiResult};
use crate::latency;
use crate::state::{OrderStatus, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/payments", post(payment)).route("/shipping", post(shipped))
}

#[derive(Deserialize)]
struct Event {
    order_id: u64,
}

/// The gateway tells that money arrived. It signs what it sends.
async fn payment(headers: HeaderMap, Json(event): Json<Event>) -> ApiResult<StatusCode> {
    if !headers.contains_key("x-signature") {
        return Err(ApiError::Unauthorized);
    }
    latency::around(5.0 + (event.order_id % 3) as f64, 0.4).await;
    Ok(StatusCode::NO_CONTENT)
}

async fn shipped(State(shop): State<Shared>, Json(event): Json<Event>) -> ApiResult<StatusCode> {
    latency::around(8.0, 0.4).await;
    let shipped = shop.orders.update(event.order_id, |order| order.status = OrderStatus::Shipped);
    shipped.map(|()| StatusCode::NO_CONTENT).ok_or(ApiError::NotFound("order"))
}
