//! Which routes the hub is told at the start. This pins what the supported versions of axum write as their `Debug` form.

use axum::Router;
use axum::routing::{MethodFilter, any, get, on};
use sendry_sdk::protocol::Route;

use crate::harness::TestApp;

async fn announced(router: Router) -> (Vec<String>, bool) {
    let app = TestApp::new(router);
    app.sendry.flush().await.unwrap();
    let startup = app.hub.startups().pop().unwrap();
    assert_eq!(
        (startup.sdk.name.as_str(), startup.framework.unwrap().name.as_str()),
        ("sendry-sdk-axum", "axum")
    );
    let name = |route: &Route| format!("{} {}", route.method, route.path);
    (startup.routes.iter().map(name).collect(), startup.routes_complete)
}

#[tokio::test]
async fn every_path_and_method_is_named_through_nest_merge_state_and_layers() {
    let nested = Router::new().route("/{id}", get(async || ()).post(async || ())).fallback(async || ());
    let router = Router::new()
        .route("/", get(async || ()))
        .route("/both", on(MethodFilter::GET.or(MethodFilter::PUT), async || ()))
        .route("/odd{{x}}\"q\"\\é", get(async || ()))
        .nest("/a/{b}", Router::new().nest("/c", nested))
        .merge(Router::new().route("/merged/{*rest}", get(async || ())))
        .route_layer(axum::middleware::map_response(async |response: axum::response::Response| response))
        .layer(axum::middleware::map_response(async |response: axum::response::Response| response))
        .with_state(())
        .fallback(async || ());
    let (routes, complete) = announced(router).await;
    assert_eq!(
        routes,
        [
            "GET /",
            "GET /a/{b}/c/{id}",
            "GET /both",
            "GET /merged/{*rest}",
            "GET /odd{{x}}\"q\"\\é",
            "POST /a/{b}/c/{id}",
            "PUT /both",
        ]
    );
    assert!(complete);
}

#[tokio::test]
async fn what_cannot_be_known_is_left_out_and_said() {
    let files = Router::new().route("/{*path}", get(async || ()));
    let (routes, complete) = announced(Router::new().nest_service("/assets", files)).await;
    assert_eq!((routes.len(), complete), (0, false));
    let (routes, complete) = announced(Router::new().route("/any", any(async || ()))).await;
    assert_eq!((routes.len(), complete), (0, false));
    let (routes, complete) = announced(Router::new()).await;
    assert_eq!((routes.len(), complete), (0, true));
}

#[tokio::test]
async fn a_thousand_routes_are_all_named() {
    let router =
        (0..1_000).fold(Router::new(), |router, n| router.route(&format!("/r{n}/{{id}}"), get(async || ())));
    assert_eq!(announced(router).await.0.len(), 1_000);
}
