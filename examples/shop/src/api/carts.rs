//! Carts, from the first item to the order.

use axum::extract::{Path, State};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;

use crate::auth::LoggedIn;
use crate::error::{ApiError, ApiResult, Rules};
use crate::latency;
use crate::state::{Cart, Line, Order, OrderStatus, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/", post(create))
        .route("/{cart_id}", get(show).delete(remove))
        .route("/{cart_id}/items", post(add))
        .route("/{cart_id}/items/{product_id}", patch(change).delete(take_out))
        .route("/{cart_id}/coupon", post(redeem))
        .route("/{cart_id}/checkout", post(checkout))
}

async fn create(State(shop): State<Shared>) -> (StatusCode, Json<Cart>) {
    latency::around(3.0, 0.35).await;
    (StatusCode::CREATED, Json(shop.carts.insert(|id| Cart { id, lines: Vec::new(), coupon: None })))
}

async fn show(State(shop): State<Shared>, Path(cart_id): Path<u64>) -> ApiResult<Json<Cart>> {
    latency::around(4.0, 0.35).await;
    shop.carts.get(cart_id).map(Json).ok_or(ApiError::NotFound("cart"))
}

async fn remove(State(shop): State<Shared>, Path(cart_id): Path<u64>) -> ApiResult<StatusCode> {
    latency::around(3.0, 0.35).await;
    shop.carts.remove(cart_id).map(|_| StatusCode::NO_CONTENT).ok_or(ApiError::NotFound("cart"))
}

#[derive(Deserialize)]
struct NewItem {
    product_id: u64,
    quantity: u32,
}

async fn add(
    State(shop): State<Shared>,
    Path(cart_id): Path<u64>,
    Json(item): Json<NewItem>,
) -> ApiResult<(StatusCode, Json<Cart>)> {
    check_quantity(item.quantity)?;
    latency::around(6.0, 0.4).await;
    let product = shop.products.get(item.product_id).ok_or(ApiError::NotFound("product"))?;
    if product.stock < item.quantity {
        return Err(ApiError::Conflict("not enough of it in stock"));
    }
    let line = Line { product_id: product.id, quantity: item.quantity, price_cents: product.price_cents };
    let cart = shop.carts.update(cart_id, |cart| {
        cart.lines.push(line);
        cart.clone()
    });
    cart.map(|cart| (StatusCode::CREATED, Json(cart))).ok_or(ApiError::NotFound("cart"))
}

#[derive(Deserialize)]
struct Quantity {
    quantity: u32,
}

async fn change(
    State(shop): State<Shared>,
    Path((cart_id, product_id)): Path<(u64, u64)>,
    Json(Quantity { quantity }): Json<Quantity>,
) -> ApiResult<StatusCode> {
    check_quantity(quantity)?;
    latency::around(5.0, 0.4).await;
    let changed = shop.carts.update(cart_id, |cart| {
        let line = cart.lines.iter_mut().find(|line| line.product_id == product_id)?;
        line.quantity = quantity;
        Some(StatusCode::NO_CONTENT)
    });
    changed.flatten().ok_or(ApiError::NotFound("item"))
}

fn check_quantity(quantity: u32) -> ApiResult<()> {
    Rules::default().require((1..=99).contains(&quantity), "quantity", "range", "must be 1 to 99").check()
}

async fn take_out(
    State(shop): State<Shared>,
    Path((cart_id, product_id)): Path<(u64, u64)>,
) -> ApiResult<StatusCode> {
    latency::around(4.0, 0.4).await;
    let gone = shop.carts.update(cart_id, |cart| cart.lines.retain(|line| line.product_id != product_id));
    gone.map(|()| StatusCode::NO_CONTENT).ok_or(ApiError::NotFound("cart"))
}

#[derive(Deserialize)]
struct Coupon {
    code: String,
}

async fn redeem(
    State(shop): State<Shared>,
    Path(cart_id): Path<u64>,
    Json(Coupon { code }): Json<Coupon>,
) -> ApiResult<StatusCode> {
    Rules::default()
        .require(code.starts_with("SAVE"), "code", "unknown", "is not a coupon of ours")
        .check()?;
    latency::around(8.0, 0.4).await;
    let free = shop.carts.update(cart_id, |cart| cart.coupon.replace(code).is_none());
    match free.ok_or(ApiError::NotFound("cart"))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::Conflict("one coupon a cart")),
    }
}

/// Turns the cart into an order. Slow, because the stock of each product is reserved elsewhere.
async fn checkout(
    State(shop): State<Shared>,
    Path(cart_id): Path<u64>,
    LoggedIn(customer): LoggedIn,
) -> ApiResult<(StatusCode, Json<Order>)> {
    let cart = shop.carts.get(cart_id).ok_or(ApiError::NotFound("cart"))?;
    if cart.lines.is_empty() {
        return Err(ApiError::Conflict("the cart is empty"));
    }
    latency::around(110.0, 0.4).await;
    shop.carts.remove(cart_id).ok_or(ApiError::Conflict("the cart was checked out already"))?;
    let (total_cents, lines, status) = (cart.total_cents(), cart.lines, OrderStatus::Open);
    let order = shop.orders.insert(|id| Order { id, customer_id: customer.id, lines, total_cents, status });
    Ok((StatusCode::CREATED, Json(order)))
}
