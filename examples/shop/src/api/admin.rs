//! What only operators do. Half of it is hardly ever called.

use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::Operator;
use crate::error::{ApiError, ApiResult, Rules};
use crate::latency;
use crate::state::{Order, Product, Shared, Shop};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/stats", get(stats))
        .route("/orders", get(orders))
        .route("/products", post(create))
        .route("/products/{product_id}", delete(remove))
        .route("/reindex", post(reindex))
        .route("/customers/{customer_id}/export", get(export_customer))
}

async fn stats(State(shop): State<Shared>, _: Operator) -> Json<Value> {
    latency::cached(0.5, 8.0, 260.0).await;
    Json(json!({ "orders": shop.orders.len(), "carts": shop.carts.len(), "sessions": shop.sessions.len() }))
}

async fn orders(State(shop): State<Shared>, _: Operator) -> Json<Vec<Order>> {
    latency::around(45.0, 0.5).await;
    Json(shop.orders.newest(100, |_| true))
}

#[derive(Deserialize)]
struct NewProduct {
    name: String,
    category: String,
    price_cents: u64,
}

async fn create(
    State(shop): State<Shared>,
    _: Operator,
    Json(new): Json<NewProduct>,
) -> ApiResult<(StatusCode, Json<Product>)> {
    let category = Shop::categories().iter().find(|category| **category == new.category);
    Rules::default()
        .require(!new.name.is_empty(), "name", "required", "must not be empty")
        .require(category.is_some(), "category", "unknown", "is not a category of ours")
        .check()?;
    latency::around(20.0, 0.4).await;
    let category = category.copied().unwrap_or_default();
    let product = |id| Product { id, name: new.name, category, price_cents: new.price_cents, stock: 0 };
    Ok((StatusCode::CREATED, Json(shop.products.insert(product))))
}

async fn remove(
    State(shop): State<Shared>,
    Path(product_id): Path<u64>,
    _: Operator,
) -> ApiResult<StatusCode> {
    latency::around(12.0, 0.4).await;
    shop.products.remove(product_id).map(|_| StatusCode::NO_CONTENT).ok_or(ApiError::NotFound("product"))
}

async fn reindex(_: Operator) -> StatusCode {
    latency::around(1_500.0, 0.3).await;
    StatusCode::ACCEPTED
}

async fn export_customer(
    State(shop): State<Shared>,
    Path(customer_id): Path<u64>,
    _: Operator,
) -> ApiResult<Json<Value>> {
    latency::around(90.0, 0.4).await;
    let customer = shop.customers.get(customer_id).ok_or(ApiError::NotFound("customer"))?;
    Ok(Json(
        json!({ "customer": customer, "orders": shop.orders.newest(100, |o| o.customer_id == customer_id) }),
    ))
}
