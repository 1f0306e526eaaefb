//! Orders: reading, cancelling, following and exporting them.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::{Stream, StreamExt, stream};
use http::header;

use crate::auth::{LoggedIn, Operator};
use crate::error::{ApiError, ApiResult};
use crate::latency;
use crate::state::{Customer, Faults, Order, OrderStatus, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(list))
        .route("/export.csv", get(export))
        .route("/{order_id}", get(show))
        .route("/{order_id}/cancel", post(cancel))
        .route("/{order_id}/invoice", get(invoice))
        .route("/{order_id}/events", get(follow))
}

async fn list(State(shop): State<Shared>, LoggedIn(customer): LoggedIn) -> Json<Vec<Order>> {
    latency::around(16.0, 0.5).await;
    Json(shop.orders.newest(50, |order| order.customer_id == customer.id))
}

fn own_order(shop: &Shared, customer: &Customer, order_id: u64) -> ApiResult<Order> {
    let order = shop.orders.get(order_id).ok_or(ApiError::NotFound("order"))?;
    if order.customer_id == customer.id { Ok(order) } else { Err(ApiError::Forbidden) }
}

async fn show(
    State(shop): State<Shared>,
    Path(order_id): Path<u64>,
    LoggedIn(customer): LoggedIn,
) -> ApiResult<Json<Order>> {
    latency::around(6.0, 0.4).await;
    own_order(&shop, &customer, order_id).map(Json)
}

async fn cancel(
    State(shop): State<Shared>,
    Path(order_id): Path<u64>,
    LoggedIn(customer): LoggedIn,
) -> ApiResult<Json<Order>> {
    own_order(&shop, &customer, order_id)?;
    latency::around(25.0, 0.4).await;
    let cancelled = shop.orders.update(order_id, |order| {
        let open = order.status == OrderStatus::Open;
        order.status = if open { OrderStatus::Cancelled } else { order.status };
        open.then(|| order.clone())
    });
    cancelled.flatten().map(Json).ok_or(ApiError::Conflict("only an open order can be cancelled"))
}

/// Renders a page for print. Slow, and it panics on the orders that came from the old shop without an address.
async fn invoice(
    State(shop): State<Shared>,
    Path(order_id): Path<u64>,
    LoggedIn(customer): LoggedIn,
) -> ApiResult<String> {
    let order = own_order(&shop, &customer, order_id)?;
    latency::around(340.0, 0.5).await;
    let address = customer.addresses.first().filter(|_| !Faults::strikes(shop.faults.invoice));
    assert!(address.is_some(), "order {order_id} has no address to bill to");
    Ok(format!("Invoice for order {order_id}\n\nTotal: {} cents\n", order.total_cents))
}

/// The life of an order as server-sent events, until it is settled.
async fn follow(
    State(shop): State<Shared>,
    Path(order_id): Path<u64>,
    LoggedIn(customer): LoggedIn,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    own_order(&shop, &customer, order_id)?;
    let steps = stream::iter(["received", "packed", "handed over", "on its way"]).then(async |step| {
        tokio::time::sleep(Duration::from_millis(400)).await;
        Ok(Event::default().event("step").data(step))
    });
    Ok(Sse::new(steps))
}

/// All orders as CSV, written while it is read.
async fn export(State(shop): State<Shared>, _: Operator) -> Response {
    let orders = shop.orders.newest(400, |_| true);
    let head = stream::iter(["id,customer,total_cents\n".to_owned()]);
    let pages = orders.chunks(40).map(page).collect::<Vec<_>>();
    let pages = stream::iter(pages).then(async |page| {
        latency::around(12.0, 0.5).await;
        page
    });
    let body = Body::from_stream(head.chain(pages).map(Ok::<_, Infallible>));
    ([(header::CONTENT_TYPE, "text/csv")], body).into_response()
}

fn page(orders: &[Order]) -> String {
    orders.iter().map(|o| format!("{},{},{}\n", o.id, o.customer_id, o.total_cents)).collect()
}
