//! A shop to send requests to.

use axum::Router;
use axum::body::Body;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use shop::state::{Faults, Shop};
use tower::ServiceExt;

pub(crate) struct TestShop(Router);

impl TestShop {
    pub(crate) fn open() -> Self {
        Self::with(Faults::NONE)
    }

    pub(crate) fn with(faults: Faults) -> Self {
        Self(shop::api::router(Shop::open(faults)))
    }

    pub(crate) async fn raw(&self, method: Method, path: &str, token: &str, body: String) -> Response<Body> {
        let request =
            Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.0.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        read(self.raw(Method::GET, path, token, String::new()).await).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        read(self.raw(Method::POST, path, token, body.to_string()).await).await
    }

    /// Logs the first customer in.
    pub(crate) async fn log_in(&self) -> String {
        let body = json!({ "email": "customer1@example.com", "password": "secret" });
        let (status, answer) = self.post("/api/v1/sessions", "", body).await;
        assert_eq!(status, StatusCode::CREATED);
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Orders one lamp and returns the order's id.
    pub(crate) async fn order(&self, token: &str) -> u64 {
        let (_, cart) = self.post("/api/v1/carts", token, json!({})).await;
        let cart = format!("/api/v1/carts/{}", cart["id"]);
        let item = json!({ "product_id": 8, "quantity": 2 });
        assert_eq!(self.post(&format!("{cart}/items"), token, item).await.0, StatusCode::CREATED);
        let (status, order) = self.post(&format!("{cart}/checkout"), token, json!({})).await;
        assert_eq!(status, StatusCode::CREATED);
        order["id"].as_u64().unwrap()
    }
}

pub(crate) async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}
