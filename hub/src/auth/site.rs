//! Whether a change was made by the dashboard itself.

use http::{HeaderMap, Method};

use super::Auth;
use crate::http::origin::{REQUEST_HEADER, is_cross_site};
use crate::http::problem::Problem;

impl Auth {
    /// Refuses a change that a page of another site may have sent with the session's cookie.
    pub(super) fn check_change(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        if method.is_safe() {
            return Ok(());
        }
        self.check_site(headers)?;
        if headers.contains_key(REQUEST_HEADER) {
            return Ok(());
        }
        Err(Problem::forbidden(
            "cross_site",
            format!("Changes made with a session need the header `{REQUEST_HEADER}: 1`."),
        ))
    }

    /// Refuses what a browser says comes from another site.
    pub(super) fn check_site(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if !is_cross_site(headers, self.config.public_url.as_ref()) {
            return Ok(());
        }
        let detail = "The request comes from a page of another origin. Behind a proxy, set http.public_url.";
        Err(Problem::forbidden("cross_site", detail))
    }
}
