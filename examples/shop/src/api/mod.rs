//! The router, one file per area. Each area is a router of its own, nested or merged here.

mod admin;
mod carts;
mod catalog;
mod customers;
mod health;
mod inventory;
mod orders;
mod payments;
mod reviews;
mod search;
mod webhooks;

use axum::Router;

use crate::state::Shared;

/// The whole API.
pub fn router(shop: Shared) -> Router {
    let v1 = Router::new()
        .merge(catalog::router())
        .merge(reviews::router())
        .nest("/search", search::router())
        .nest("/carts", carts::router())
        .nest("/orders", orders::router())
        .nest("/payments", payments::router())
        .merge(customers::router())
        .nest("/inventory", inventory::router())
        .nest("/admin", admin::router());
    Router::new()
        .merge(health::router())
        .nest("/api/v1", v1)
        .nest("/webhooks", webhooks::router())
        .with_state(shop)
}
