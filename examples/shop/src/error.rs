//! What the API answers when it cannot do what was asked, as `application/problem+json`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::json;

/// An error of any endpoint.
#[derive(Debug)]
pub enum ApiError {
    /// Nothing has this id.
    NotFound(&'static str),
    /// The request contradicts the state of things.
    Conflict(&'static str),
    /// Nobody is logged in.
    Unauthorized,
    /// Somebody is, and may not do this.
    Forbidden,
    /// Fields break a rule.
    Invalid(Vec<FieldError>),
    /// The payment gateway answered nonsense.
    BadGateway,
    /// The payment gateway is down.
    Unavailable,
}

/// One broken rule.
#[derive(Debug, Serialize)]
pub struct FieldError {
    pub field: &'static str,
    pub code: &'static str,
    pub message: &'static str,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotFound(what) => format!("there is no such {what}"),
            Self::Conflict(why) => (*why).to_owned(),
            Self::Unauthorized => "log in first".to_owned(),
            Self::Forbidden => "this is not yours".to_owned(),
            Self::Invalid(_) => "some fields are not valid".to_owned(),
            Self::BadGateway => "the payment gateway answered nonsense".to_owned(),
            Self::Unavailable => "the payment gateway is down, try again".to_owned(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_server_error() {
            sendry_sdk_axum::report_error_as("shop::error::ApiError", &self.detail());
        }
        let mut problem =
            json!({ "title": status.canonical_reason(), "status": status.as_u16(), "detail": self.detail() });
        if let Self::Invalid(errors) = &self {
            problem["errors"] = json!(errors);
        }
        (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response()
    }
}

/// Collects broken rules and fails when there are any.
#[derive(Default)]
pub struct Rules(Vec<FieldError>);

impl Rules {
    /// Notes that `field` breaks a rule, unless it `holds`.
    pub fn require(
        mut self,
        holds: bool,
        field: &'static str,
        code: &'static str,
        message: &'static str,
    ) -> Self {
        if !holds {
            self.0.push(FieldError { field, code, message });
        }
        self
    }

    pub fn check(self) -> ApiResult<()> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.0)) }
    }
}
