//! Customers, their sessions and addresses.

use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::LoggedIn;
use crate::error::{ApiError, ApiResult, Rules};
use crate::latency;
use crate::state::{Address, Customer, Session, Shared};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/sessions", post(log_in))
        .route("/customers", post(register))
        .route("/customers/me", get(me).patch(rename))
        .route("/customers/me/addresses", get(addresses).post(add_address))
        .route("/customers/me/addresses/{address_id}", delete(remove_address))
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
}

/// Slow on purpose, as checking a password is.
async fn log_in(
    State(shop): State<Shared>,
    Json(given): Json<Credentials>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    latency::around(62.0, 0.12).await;
    let known =
        shop.customers.find(|customer| customer.email == given.email && customer.password == given.password);
    let customer_id = known.ok_or(ApiError::Unauthorized)?.id;
    let nonce: u64 = rand::random();
    let session = shop.sessions.insert(|id| Session { id, token: format!("{id}-{nonce:016x}"), customer_id });
    Ok((StatusCode::CREATED, Json(json!({ "token": session.token }))))
}

#[derive(Deserialize)]
struct Registration {
    email: String,
    name: String,
    password: String,
}

async fn register(
    State(shop): State<Shared>,
    Json(new): Json<Registration>,
) -> ApiResult<(StatusCode, Json<Customer>)> {
    Rules::default()
        .require(new.email.contains('@'), "email", "email", "must be an address")
        .require(!new.name.is_empty(), "name", "required", "must not be empty")
        .require(new.password.len() >= 6, "password", "length", "must have at least 6 characters")
        .check()?;
    latency::around(75.0, 0.15).await;
    if shop.customers.find(|customer| customer.email == new.email).is_some() {
        return Err(ApiError::Conflict("there is an account with this address"));
    }
    let Registration { email, name, password } = new;
    let customer = shop.customers.insert(|id| Customer { id, email, name, password, addresses: Vec::new() });
    Ok((StatusCode::CREATED, Json(customer)))
}

async fn me(LoggedIn(customer): LoggedIn) -> Json<Customer> {
    latency::around(3.0, 0.35).await;
    Json(customer)
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

async fn rename(
    State(shop): State<Shared>,
    LoggedIn(customer): LoggedIn,
    Json(Name { name }): Json<Name>,
) -> ApiResult<StatusCode> {
    Rules::default().require(!name.is_empty(), "name", "required", "must not be empty").check()?;
    latency::around(9.0, 0.4).await;
    shop.customers.update(customer.id, |customer| customer.name = name);
    Ok(StatusCode::NO_CONTENT)
}

async fn addresses(LoggedIn(customer): LoggedIn) -> Json<Vec<Address>> {
    latency::around(4.0, 0.35).await;
    Json(customer.addresses)
}

#[derive(Deserialize)]
struct NewAddress {
    city: String,
    street: String,
}

/// Addresses that a customer can keep.
const ADDRESSES_MAX: usize = 5;

async fn add_address(
    State(shop): State<Shared>,
    LoggedIn(customer): LoggedIn,
    Json(NewAddress { city, street }): Json<NewAddress>,
) -> ApiResult<StatusCode> {
    latency::around(9.0, 0.4).await;
    let added = shop.customers.update(customer.id, |customer| {
        let room = customer.addresses.len() < ADDRESSES_MAX;
        let id = customer.addresses.iter().map(|address| address.id).max().unwrap_or(0) + 1;
        customer.addresses.extend(room.then_some(Address { id, city, street }));
        room
    });
    if added == Some(true) {
        Ok(StatusCode::CREATED)
    } else {
        Err(ApiError::Conflict("five addresses are enough"))
    }
}

async fn remove_address(
    State(shop): State<Shared>,
    LoggedIn(customer): LoggedIn,
    Path(address_id): Path<u64>,
) -> ApiResult<StatusCode> {
    latency::around(7.0, 0.4).await;
    customer
        .addresses
        .iter()
        .find(|address| address.id == address_id)
        .ok_or(ApiError::NotFound("address"))?;
    shop.customers
        .update(customer.id, |customer| customer.addresses.retain(|address| address.id != address_id));
    Ok(StatusCode::NO_CONTENT)
}
