//! Payments, through a gateway that is slow and sometimes down.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use rand::Rng;
use serde::Deserialize;
use tracing::Instrument;

use crate::auth::{LoggedIn, Operator};
use crate::error::{ApiError, ApiResult, Rules};
use crate::latency;
use crate::state::{Faults, OrderStatus, Payment, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/", post(pay))
        .route("/{payment_id}", get(show))
        .route("/{payment_id}/refund", post(refund))
}

#[derive(Deserialize)]
struct NewPayment {
    order_id: u64,
    card: String,
}

async fn pay(
    State(shop): State<Shared>,
    LoggedIn(customer): LoggedIn,
    Json(new): Json<NewPayment>,
) -> ApiResult<(StatusCode, Json<Payment>)> {
    let digits = new.card.len() == 16 && new.card.bytes().all(|b| b.is_ascii_digit());
    Rules::default().require(digits, "card", "format", "must be 16 digits").check()?;
    let order = shop.orders.get(new.order_id).filter(|order| order.customer_id == customer.id);
    let order = order.ok_or(ApiError::NotFound("order"))?;
    if order.status != OrderStatus::Open {
        return Err(ApiError::Conflict("the order is not open"));
    }
    tracing::info!(order.id, amount_cents = order.total_cents, card = new.card, "charging");
    call_gateway(&shop).await?;
    shop.orders.update(order.id, |order| order.status = OrderStatus::Paid);
    let payment = |id| Payment { id, order_id: order.id, amount_cents: order.total_cents, refunded: false };
    Ok((StatusCode::CREATED, Json(shop.payments.insert(payment))))
}

/// A third of its failures are outages, which are told at once; the others take their time.
async fn call_gateway(shop: &Shared) -> ApiResult<()> {
    let call = ask_gateway(shop).instrument(tracing::info_span!("charge", peer.service = "gateway"));
    call.await.inspect_err(|error| tracing::warn!(?error, "the payment is not made"))
}

async fn ask_gateway(shop: &Shared) -> ApiResult<()> {
    let fails = Faults::strikes(shop.faults.gateway);
    if fails && rand::rng().random_bool(0.33) {
        return Err(ApiError::Unavailable);
    }
    latency::around(170.0, 0.55).await;
    if fails {
        latency::around(900.0, 0.3).await;
        tracing::error!(attempts = 3, "the gateway answered nonsense");
        return Err(ApiError::BadGateway);
    }
    Ok(())
}

async fn show(
    State(shop): State<Shared>,
    Path(payment_id): Path<u64>,
    _: LoggedIn,
) -> ApiResult<Json<Payment>> {
    latency::around(5.0, 0.4).await;
    shop.payments.get(payment_id).map(Json).ok_or(ApiError::NotFound("payment"))
}

async fn refund(
    State(shop): State<Shared>,
    Path(payment_id): Path<u64>,
    _: Operator,
) -> ApiResult<StatusCode> {
    shop.payments.get(payment_id).ok_or(ApiError::NotFound("payment"))?;
    call_gateway(&shop).await?;
    let again = shop.payments.update(payment_id, |payment| std::mem::replace(&mut payment.refunded, true));
    if again == Some(true) { Err(ApiError::Conflict("refunded already")) } else { Ok(StatusCode::ACCEPTED) }
}
