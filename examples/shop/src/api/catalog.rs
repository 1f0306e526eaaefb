//! Categories and products: read most, cached well.

use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use crate::error::{ApiError, ApiResult, Rules};
use crate::latency;
use crate::state::{Product, Shared, Shop};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/categories", get(categories))
        .route("/categories/{category}", get(category))
        .route("/products", get(list))
        .route("/products/{product_id}", get(show))
        .route("/products/{product_id}/related", get(related))
}

async fn categories() -> Json<&'static [&'static str]> {
    latency::cached(0.95, 0.6, 18.0).await;
    Json(Shop::categories())
}

async fn category(State(shop): State<Shared>, Path(category): Path<String>) -> ApiResult<Json<Vec<Product>>> {
    latency::cached(0.9, 2.0, 30.0).await;
    if !Shop::categories().contains(&category.as_str()) {
        return Err(ApiError::NotFound("category"));
    }
    Ok(Json(shop.products.newest(50, |product| product.category == category)))
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    page: usize,
    #[serde(default = "per_page")]
    per_page: usize,
}

fn per_page() -> usize {
    20
}

async fn list(State(shop): State<Shared>, Query(page): Query<Page>) -> ApiResult<Json<Vec<Product>>> {
    Rules::default().require(page.per_page <= 100, "per_page", "range", "must be at most 100").check()?;
    latency::around(9.0, 0.45).await;
    let until = page.page.saturating_add(1).saturating_mul(page.per_page);
    let start = page.page.saturating_mul(page.per_page);
    Ok(Json(shop.products.newest(until, |_| true).into_iter().skip(start).collect()))
}

async fn show(State(shop): State<Shared>, Path(product_id): Path<u64>) -> ApiResult<Json<Product>> {
    latency::cached(0.8, 1.2, 24.0).await;
    shop.products.get(product_id).map(Json).ok_or(ApiError::NotFound("product"))
}

async fn related(State(shop): State<Shared>, Path(product_id): Path<u64>) -> ApiResult<Json<Vec<Product>>> {
    latency::around(32.0, 0.6).await;
    let product = shop.products.get(product_id).ok_or(ApiError::NotFound("product"))?;
    Ok(Json(shop.products.newest(8, |other| other.category == product.category && other.id != product_id)))
}
