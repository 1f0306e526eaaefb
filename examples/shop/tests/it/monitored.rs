use std::collections::BTreeSet;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use sendry_sdk::testing::TestTransport;
use sendry_sdk_axum::Sendry;
use shop::state::{Faults, Shop};
use tower::ServiceExt;

/// Every `.route("…", …)` of the sources, so that a route that Sendry misses is noticed here.
fn written_paths() -> usize {
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api")).unwrap();
    files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap().matches(".route(\"").count())
        .sum()
}

#[tokio::test]
async fn every_route_is_announced_before_it_is_called() {
    let hub = TestTransport::new();
    let sendry = Sendry::builder().transport(hub.clone()).build().unwrap();
    let _app = sendry_sdk_axum::instrument(shop::api::router(Shop::open(Faults::NONE)), &sendry);
    sendry.flush().await.unwrap();
    let startup = hub.startups().pop().unwrap();
    let paths: BTreeSet<_> = startup.routes.iter().map(|route| route.path.as_str()).collect();
    assert!(startup.routes_complete);
    assert_eq!(paths.len(), written_paths(), "{paths:#?}");
    assert!(paths.contains("/api/v1/products/{product_id}/reviews/{review_id}"), "{paths:#?}");
}

#[tokio::test]
async fn requests_are_counted_under_their_templates() {
    let hub = TestTransport::new();
    let sendry = Sendry::builder().transport(hub.clone()).build().unwrap();
    let app = sendry_sdk_axum::instrument(shop::api::router(Shop::open(Faults::NONE)), &sendry);
    for path in ["/api/v1/products/7", "/api/v1/products/8", "/api/v1/products/none", "/wp-login.php"] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap().into_body().collect().await.unwrap();
    }
    sendry.flush().await.unwrap();
    let mut counted: Vec<_> =
        hub.counted().into_iter().map(|c| (c.path, c.series.status, c.series.count)).collect();
    counted.sort();
    let product = "/api/v1/products/{product_id}".to_owned();
    assert_eq!(counted, [("(unmatched)".to_owned(), 404, 1), (product.clone(), 200, 2), (product, 400, 1)]);
}
