//! Where a request came from: whether the browser of another site sent it, and whether it came from this machine.

use std::net::SocketAddr;

use http::{HeaderMap, header};

use crate::config::PublicUrl;

/// The header that no form and no link of another site can set. The dashboard sends it with every change.
pub const REQUEST_HEADER: &str = "x-sendry-request";

/// Headers that reverse proxies add. Behind one, every peer looks local.
const FORWARDING: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// Tells whether a browser says that the request came from a page of another origin.
///
/// Requests of programs carry neither header and pass: they have no cookie that could be misused.
pub fn is_cross_site(headers: &HeaderMap, public_url: Option<&PublicUrl>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return true;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let Ok(origin) = origin.to_str() else { return true };
    let is_public = public_url.is_some_and(|url| url.origin() == origin);
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let is_host = origin.split_once("://").is_some_and(|(_, authority)| authority == host);
    !is_public && !is_host
}

/// Tells whether an address is a path of this very dashboard: `//host` and `/\host` lead elsewhere.
pub fn is_own_path(url: &str) -> bool {
    let rest = url.strip_prefix('/');
    rest.is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && !url.chars().any(|c| c.is_control() || c == '\\')
}

/// Tells whether the request was made on this machine, to a name that means this machine.
///
/// The name is checked because a page of another site can make its own name resolve to 127.0.0.1.
pub fn is_local(headers: &HeaderMap, peer: SocketAddr) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_forwarded = FORWARDING.iter().any(|name| headers.contains_key(*name));
    peer.ip().to_canonical().is_loopback() && is_loopback_host(host) && !is_forwarded
}

fn is_loopback_host(host: &str) -> bool {
    let Ok(authority) = host.parse::<http::uri::Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_request_from_another_origin_is_cross_site() {
        let cross = |pairs: &[_]| is_cross_site(&headers(pairs), None);
        assert!(!cross(&[("host", "hub:1")]));
        assert!(!cross(&[("host", "hub:1"), ("origin", "http://hub:1"), ("sec-fetch-site", "same-origin")]));
        assert!(cross(&[("host", "hub:1"), ("origin", "http://evil")]));
        assert!(cross(&[("host", "hub:1"), ("origin", "null")]));
        assert!(cross(&[("host", "hub:1"), ("origin", "http://hub:2")]));
        assert!(cross(&[("host", "hub:1"), ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn only_a_path_of_our_own_is_one() {
        for own in ["/", "/apps/x?env=a%20b#c", "/a//b"] {
            assert!(is_own_path(own), "{own}");
        }
        for other in [
            "",
            "apps",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\\b",
            "/a\nb",
            "/\t/x",
            "javascript:x",
        ] {
            assert!(!is_own_path(other), "{other:?}");
        }
    }

    #[test]
    fn only_a_loopback_peer_that_names_a_loopback_host_is_local() {
        let local = |host, peer: &str| is_local(&headers(&[("host", host)]), peer.parse().unwrap());
        assert!(local("localhost:8600", "127.0.0.1:4"));
        assert!(local("127.0.0.1", "127.0.0.1:4"));
        assert!(local("[::1]:8600", "[::1]:4"));
        assert!(!local("evil.example:8600", "127.0.0.1:4"));
        assert!(!local("localhost.evil.example", "127.0.0.1:4"));
        assert!(!local("localhost", "10.0.0.1:4"));
        let proxied = headers(&[("host", "localhost"), ("x-forwarded-for", "1.2.3.4")]);
        assert!(!is_local(&proxied, "127.0.0.1:4".parse().unwrap()));
    }
}
