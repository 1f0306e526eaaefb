//! Serves the built dashboard out of the binary.
//!
//! Files under `assets/` carry a hash of their content in their names and are kept for ever by browsers; everything else is
//! asked for again, which an `ETag` makes cheap. A path that is no file is a page of the dashboard and gets `index.html`, but
//! never one that belongs to an API: a wrong address there must not look like success.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use sendry_dashboard::File;
use sha2::{Digest, Sha256};

use crate::http::problem::Problem;

/// What the path of an API begins with, of ours and of other clients' protocols.
const API_PREFIXES: [&str; 5] = ["/api/", "/ingest/", "/v1/", "/v2/", "/assets/"];

/// The page that all pages are.
const INDEX: &str = "index.html";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sendry</title>\
    <h1>The dashboard is not built</h1><p>This hub was built without it. Ingest and the query API work. To build it, run</p>\
    <pre>cargo xtask dashboard</pre><p>in the source tree (it needs Node and npm), then build the hub again.</p></html>";

/// The fallback of all routes. `base` is the sub-path under which people reach the hub; `/` without one.
pub fn router(base: &str) -> Router {
    let base: Arc<str> = base.trim_end_matches('/').into();
    Router::new().fallback(serve).with_state(base)
}

async fn serve(State(base): State<Arc<str>>, request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = format!("There is nothing to {} at {path}.", request.method());
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into_response();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = sendry_dashboard::file(name).filter(|_| !name.is_empty() && name != INDEX) {
        return answer(&request, file, name.starts_with("assets/"));
    }
    if API_PREFIXES.iter().any(|prefix| path.starts_with(prefix)) {
        return Problem::not_found(format!("There is nothing at {path}.")).into_response();
    }
    match sendry_dashboard::file(INDEX) {
        Some(index) => answer(&request, below(index, &base), false),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    }
}

/// The page with its addresses below the sub-path: it is the one file that names others absolutely.
fn below(mut index: File, base: &str) -> File {
    if base.is_empty() {
        return index;
    }
    let text = String::from_utf8_lossy(&index.bytes);
    let text = text.replace("content=\"/\"", &format!("content=\"{base}/\""));
    let text =
        text.replace("src=\"/", &format!("src=\"{base}/")).replace("href=\"/", &format!("href=\"{base}/"));
    index.hash = Sha256::digest(text.as_bytes()).into();
    index.bytes = text.into_bytes().into();
    index
}

fn answer(request: &Request, file: File, is_hashed: bool) -> Response {
    // Weak, because the bytes may be compressed on their way.
    let tag = format!("W/\"{}\"", hex::encode(&file.hash[..16]));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(header::CONTENT_TYPE, content_type(&file))], file.bytes).into_response(),
    };
    let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn content_type(file: &File) -> String {
    if file.content_type.starts_with("text/") {
        return format!("{}; charset=utf-8", file.content_type);
    }
    file.content_type.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_a_sub_path_the_page_names_what_it_needs_there() {
        let page = r#"<meta name="sendry-base" content="/" /><script src="/assets/a.js"></script><link href="/f.svg">"#;
        let file = || File { bytes: page.as_bytes().into(), content_type: "text/html".into(), hash: [0; 32] };
        let text = String::from_utf8(below(file(), "/sendry").bytes.into_owned()).unwrap();
        let wanted = r#"<meta name="sendry-base" content="/sendry/" /><script src="/sendry/assets/a.js"></script><link href="/sendry/f.svg">"#;
        assert_eq!(text, wanted);
        assert_ne!(below(file(), "/sendry").hash, file().hash);
        assert_eq!(below(file(), "").hash, file().hash);
    }
}
