use http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::json;
use shop::auth::ADMIN_KEY;
use shop::state::Faults;

use crate::shop::TestShop;

#[tokio::test(start_paused = true)]
async fn a_cart_becomes_an_order_that_is_paid_once() {
    let shop = TestShop::open();
    let token = shop.log_in().await;
    let order = shop.order(&token).await;
    let payment = json!({ "order_id": order, "card": "4111111111111111" });
    assert_eq!(shop.post("/api/v1/payments", &token, payment.clone()).await.0, StatusCode::CREATED);
    assert_eq!(shop.post("/api/v1/payments", &token, payment).await.0, StatusCode::CONFLICT);
    let (_, order) = shop.get(&format!("/api/v1/orders/{order}"), &token).await;
    assert_eq!(order["status"], "paid");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_fails_leaves_the_order_open() {
    let shop = TestShop::with(Faults { gateway: 1.0, ..Faults::NONE });
    let token = shop.log_in().await;
    let order = shop.order(&token).await;
    let payment = json!({ "order_id": order, "card": "4111111111111111" });
    let (status, _) = shop.post("/api/v1/payments", &token, payment).await;
    assert!([StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE].contains(&status), "{status}");
    assert_eq!(shop.get(&format!("/api/v1/orders/{order}"), &token).await.1["status"], "open");
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "has no address to bill to")]
async fn an_invoice_without_an_address_panics() {
    let shop = TestShop::with(Faults { invoice: 1.0, ..Faults::NONE });
    let token = shop.log_in().await;
    let order = shop.order(&token).await;
    shop.get(&format!("/api/v1/orders/{order}/invoice"), &token).await;
}

#[tokio::test(start_paused = true)]
async fn the_export_lists_every_order() {
    let shop = TestShop::open();
    let token = shop.log_in().await;
    for _ in 0..90 {
        shop.order(&token).await;
    }
    let response = shop.raw(Method::GET, "/api/v1/orders/export.csv", ADMIN_KEY, String::new()).await;
    let csv = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(csv.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), 91);
}

#[tokio::test(start_paused = true)]
async fn an_order_can_be_followed_as_events() {
    let shop = TestShop::open();
    let token = shop.log_in().await;
    let order = shop.order(&token).await;
    let path = format!("/api/v1/orders/{order}/events");
    let response = shop.raw(Method::GET, &path, &token, String::new()).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let events = response.into_body().collect().await.unwrap().to_bytes();
    assert!(events.ends_with(b"event: step\ndata: on its way\n\n"));
}
