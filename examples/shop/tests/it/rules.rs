use http::{Method, StatusCode};
use serde_json::json;
use shop::auth::ADMIN_KEY;

use crate::shop::{TestShop, read};

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_404() {
    let shop = TestShop::open();
    for path in ["/api/v1/products/99999", "/api/v1/categories/cars", "/api/v1/carts/7", "/wp-login.php"] {
        assert_eq!(shop.get(path, "").await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn broken_input_is_400_or_422() {
    let shop = TestShop::open();
    let broken = shop.raw(Method::POST, "/api/v1/sessions", "", "{".to_owned()).await;
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    assert_eq!(shop.get("/api/v1/products/blue", "").await.0, StatusCode::BAD_REQUEST);
    let incomplete = shop.post("/api/v1/sessions", "", json!({ "email": "a@example.com" })).await;
    assert_eq!(incomplete.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(start_paused = true)]
async fn a_broken_rule_names_its_field() {
    let shop = TestShop::open();
    let new = json!({ "email": "nobody", "name": "N", "password": "long enough" });
    let (status, problem) = shop.post("/api/v1/customers", "", new).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        problem["errors"],
        json!([{ "field": "email", "code": "email", "message": "must be an address" }])
    );
}

#[tokio::test(start_paused = true)]
async fn strangers_are_401_and_customers_are_not_operators() {
    let shop = TestShop::open();
    assert_eq!(shop.get("/api/v1/orders", "nonsense").await.0, StatusCode::UNAUTHORIZED);
    let wrong = json!({ "email": "customer1@example.com", "password": "wrong" });
    assert_eq!(shop.post("/api/v1/sessions", "", wrong).await.0, StatusCode::UNAUTHORIZED);
    let token = shop.log_in().await;
    assert_eq!(shop.get("/api/v1/admin/stats", &token).await.0, StatusCode::FORBIDDEN);
    assert_eq!(shop.get("/api/v1/admin/stats", ADMIN_KEY).await.0, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn an_address_can_register_once() {
    let shop = TestShop::open();
    let new = json!({ "email": "new@example.com", "name": "N", "password": "long enough" });
    assert_eq!(shop.post("/api/v1/customers", "", new.clone()).await.0, StatusCode::CREATED);
    assert_eq!(shop.post("/api/v1/customers", "", new).await.0, StatusCode::CONFLICT);
}

#[tokio::test(start_paused = true)]
async fn a_cart_takes_one_coupon() {
    let shop = TestShop::open();
    let (_, cart) = shop.post("/api/v1/carts", "", json!({})).await;
    let path = format!("/api/v1/carts/{}/coupon", cart["id"]);
    assert_eq!(shop.post(&path, "", json!({ "code": "SAVE10" })).await.0, StatusCode::NO_CONTENT);
    assert_eq!(shop.post(&path, "", json!({ "code": "SAVE20" })).await.0, StatusCode::CONFLICT);
    assert_eq!(shop.post(&path, "", json!({ "code": "FREE" })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(start_paused = true)]
async fn pages_of_products_do_not_overlap() {
    let shop = TestShop::open();
    let (_, first) = shop.get("/api/v1/products?per_page=3", "").await;
    let (_, second) = shop.get("/api/v1/products?per_page=3&page=1", "").await;
    let ids = |page: &serde_json::Value| {
        page.as_array().unwrap().iter().map(|p| p["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&first), [240, 239, 238]);
    assert_eq!(ids(&second), [237, 236, 235]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_method_is_405() {
    let shop = TestShop::open();
    let answer = read(shop.raw(Method::DELETE, "/api/v1/categories", "", String::new()).await).await;
    assert_eq!(answer.0, StatusCode::METHOD_NOT_ALLOWED);
}
