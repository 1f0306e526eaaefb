//! Who calls: a customer with a session, or an operator with the admin key. Used as extractors.

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::error::ApiError;
use crate::state::{Customer, Shared};

/// The key of the shop's operators. An example's secret, not one to keep.
pub const ADMIN_KEY: &str = "admin-key-of-the-example";

/// The customer that the session belongs to; 401 without one.
pub struct LoggedIn(pub Customer);

/// An operator; 401 without a token, 403 with a customer's.
pub struct Operator;

impl FromRequestParts<Shared> for LoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shop: &Shared) -> Result<Self, ApiError> {
        let token = bearer(parts).ok_or(ApiError::Unauthorized)?;
        let session = shop.sessions.find(|session| session.token == token).ok_or(ApiError::Unauthorized)?;
        let customer = shop.customers.get(session.customer_id).ok_or(ApiError::Unauthorized)?;
        sendry_sdk_axum::set_consumer(
            &format!("customer-{}", customer.id),
            Some(&customer.name),
            Some("customers"),
        );
        Ok(Self(customer))
    }
}

impl FromRequestParts<Shared> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        match bearer(parts) {
            None => Err(ApiError::Unauthorized),
            Some(ADMIN_KEY) => {
                sendry_sdk_axum::set_consumer("operators", Some("Operators"), Some("staff"));
                Ok(Self)
            }
            Some(_) => Err(ApiError::Forbidden),
        }
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    parts.headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
