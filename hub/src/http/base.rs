//! The sub-path of `http.public_url`: a hub at `https://example.com/sendry` answers below `/sendry` too.
//!
//! Some proxies take the sub-path off and some hand it on; both ways lead to the same routes, and nobody configures which.

use axum::Router;
use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;
use tower::util::MapRequest;

/// Serves the router below the sub-path as well; `/` is none.
pub fn mount(router: Router, base: &str) -> Router {
    if base == "/" {
        return router;
    }
    let base = base.to_owned();
    let strip = move |mut request: Request| {
        if let Some(uri) = without(request.uri(), &base) {
            *request.uri_mut() = uri;
        }
        request
    };
    Router::new().fallback_service(MapRequest::new(router, strip))
}

/// The address without the sub-path; none when it does not begin with it.
fn without(uri: &Uri, base: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(base)?;
    let rest = match rest.as_bytes().first() {
        None => "/".to_owned(),
        Some(b'/') => rest.to_owned(),
        Some(b'?') => format!("/{rest}"),
        // Another path that only begins alike.
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sub_path_is_taken_off_where_it_is_one() {
        let without = |uri: &str| without(&uri.parse().unwrap(), "/sendry").map(|uri| uri.to_string());
        assert_eq!(without("/sendry/api/v1/apps?env=a").as_deref(), Some("/api/v1/apps?env=a"));
        assert_eq!(without("/sendry").as_deref(), Some("/"));
        assert_eq!(without("/sendry?x").as_deref(), Some("/?x"));
        assert_eq!(without("/sendry//evil").as_deref(), Some("//evil"));
        for other in ["/", "/api/v1/apps", "/sendryx/apps", "/a/sendry"] {
            assert_eq!(without(other), None, "{other}");
        }
    }
}
