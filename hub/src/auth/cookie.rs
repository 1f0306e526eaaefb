//! The hub's cookies: scripts never see them, and where people come over https neither does anybody else.
//!
//! Over https their names begin with `__Host-`, or with `__Secure-` below a sub-path: a browser takes such a cookie from nobody who
//! is not this very host over https, so a neighbour under the same domain cannot plant a session of its own.

use http::{HeaderMap, HeaderValue, header};

use super::Auth;

/// A cookie to be set.
pub(super) struct Cookie<'a> {
    /// Without its prefix.
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    pub(super) path: &'a str,
    pub(super) max_age_secs: i64,
    /// `Strict` or `Lax`.
    pub(super) same_site: &'a str,
}

impl Auth {
    /// A cookie as a header.
    pub(super) fn set_cookie(&self, cookie: &Cookie<'_>) -> HeaderValue {
        let Cookie { name, value, path, max_age_secs, same_site } = cookie;
        let prefix = prefix(self.is_https(), path);
        let secure = if self.is_https() { "; Secure" } else { "" };
        let text = format!(
            "{prefix}{name}={value}; Path={path}; Max-Age={max_age_secs}; HttpOnly; SameSite={same_site}{secure}"
        );
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The value of the cookie of this name and path, where the browser sent one.
    pub(super) fn find_cookie<'a>(&self, headers: &'a HeaderMap, name: &str, path: &str) -> Option<&'a str> {
        cookie_of(headers, &format!("{}{name}", prefix(self.is_https(), path)))
    }

    fn is_https(&self) -> bool {
        self.config.public_url.as_ref().is_some_and(|url| url.is_https())
    }
}

fn prefix(is_https: bool, path: &str) -> &'static str {
    match (is_https, path) {
        (false, _) => "",
        (true, "/") => "__Host-",
        (true, _) => "__Secure-",
    }
}

/// The value of the first cookie of this name that has one.
fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, value)| *own == name && !value.is_empty()).map(|(_, value)| value)
}
