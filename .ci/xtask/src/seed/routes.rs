//! The routes of the seeded API, and what each is like.

use sendry_sdk::protocol::{Route, UNMATCHED_PATH};

/// A route and its traffic in an ordinary minute of one instance.
pub(super) struct Profile {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) per_minute: f64,
    pub(super) median_ms: f64,
    pub(super) spread: f64,
    /// The status that most requests get, the one that few get, and how few of 100.
    pub(super) statuses: (u16, u16, f64),
    pub(super) response_bytes: f64,
}

const fn profile(
    (method, path): (&'static str, &'static str),
    (per_minute, median_ms, spread): (f64, f64, f64),
    statuses: (u16, u16, f64),
    response_bytes: f64,
) -> Profile {
    Profile { method, path, per_minute, median_ms, spread, statuses, response_bytes }
}

/// The routes that are called.
pub(super) const CALLED: [Profile; 20] = [
    profile(("GET", "/v1/products"), (110.0, 12.0, 0.5), (200, 304, 12.0), 9_000.0),
    profile(("GET", "/v1/products/{product_id}"), (190.0, 5.0, 0.9), (200, 404, 3.0), 1_400.0),
    profile(("GET", "/v1/products/{product_id}/reviews"), (60.0, 9.0, 0.5), (200, 404, 1.0), 3_200.0),
    profile(("POST", "/v1/products/{product_id}/reviews"), (3.0, 18.0, 0.4), (201, 422, 9.0), 300.0),
    profile(("GET", "/v1/search"), (75.0, 48.0, 0.8), (200, 400, 2.0), 12_000.0),
    profile(("POST", "/v1/sessions"), (20.0, 70.0, 0.15), (201, 401, 8.0), 220.0),
    profile(("DELETE", "/v1/sessions/current"), (6.0, 4.0, 0.3), (204, 401, 2.0), 0.0),
    profile(("POST", "/v1/carts"), (24.0, 4.0, 0.4), (201, 400, 1.0), 90.0),
    profile(("GET", "/v1/carts/{cart_id}"), (66.0, 5.0, 0.4), (200, 404, 2.0), 700.0),
    profile(("POST", "/v1/carts/{cart_id}/items"), (38.0, 8.0, 0.4), (201, 409, 4.0), 800.0),
    profile(("DELETE", "/v1/carts/{cart_id}/items/{item_id}"), (5.0, 6.0, 0.4), (204, 404, 3.0), 0.0),
    profile(("POST", "/v1/checkout"), (8.0, 130.0, 0.4), (201, 409, 3.0), 900.0),
    profile(("POST", "/v1/payments"), (8.0, 210.0, 0.6), (201, 502, 2.0), 400.0),
    profile(("GET", "/v1/orders"), (18.0, 20.0, 0.5), (200, 401, 5.0), 5_000.0),
    profile(("GET", "/v1/orders/{order_id}"), (25.0, 8.0, 0.4), (200, 403, 1.0), 1_100.0),
    profile(("GET", "/v1/orders/{order_id}/invoice"), (4.0, 420.0, 0.5), (200, 500, 3.0), 48_000.0),
    profile(("GET", "/v1/customers/me"), (40.0, 4.0, 0.35), (200, 401, 4.0), 500.0),
    profile(("PATCH", "/v1/customers/me"), (2.0, 11.0, 0.4), (204, 422, 12.0), 0.0),
    profile(("POST", "/webhooks/payments"), (9.0, 6.0, 0.4), (204, 401, 1.0), 0.0),
    profile(("GET", UNMATCHED_PATH), (4.0, 0.3, 0.4), (404, 404, 0.0), 0.0),
];

/// Routes that exist and are never called.
const NEVER_CALLED: [(&str, &str); 4] = [
    ("GET", "/v1/admin/reports/{report_id}"),
    ("POST", "/v1/admin/reindex"),
    ("PUT", "/v1/customers/me/avatar"),
    ("POST", "/webhooks/shipping"),
];

fn route(method: &str, path: &str) -> Route {
    Route { method: method.to_owned(), path: path.to_owned() }
}

/// The routes that reports speak of, in the order of [`CALLED`].
pub(super) fn called() -> Vec<Route> {
    CALLED.iter().map(|profile| route(profile.method, profile.path)).collect()
}

/// The routes that the startup message names.
pub(super) fn all() -> Vec<Route> {
    let matched = called().into_iter().filter(|route| route.path != UNMATCHED_PATH);
    matched.chain(NEVER_CALLED.map(|(method, path)| route(method, path))).collect()
}
