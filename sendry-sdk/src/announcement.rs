//! What the hub is told about the application at its start.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::protocol::{Framework, Route, Sdk, Startup};

/// What the hub is told about the application, for [`Sendry::announce`](crate::Sendry::announce).
///
/// Announcements add up: an integration tells the routes that it finds, the application those that it knows besides, and each of
/// several applications in one process its own.
///
/// ```
/// use sendry_sdk::{Announcement, Sendry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sendry = Sendry::builder().build()?;
/// sendry.announce(Announcement::new().with_route("GET", "/orders/{id}"));
/// # let openapi = r#"{"openapi": "3.1.0", "paths": {}}"#;
/// sendry.announce(Announcement::from_openapi(openapi)?);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Announcement {
    sdk: Option<Sdk>,
    framework: Option<Framework>,
    routes: BTreeSet<Route>,
    complete: Option<bool>,
}

/// A document that is no OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenApiError {
    /// It is not JSON; YAML is not read.
    #[error("the OpenAPI document is not JSON: {0}")]
    NotJson(String),
    /// It has no object `paths`.
    #[error("the OpenAPI document has no object `paths`")]
    NoPaths,
}

/// The members of a path of an OpenAPI document that are methods. `options` is left out, as its requests are by default.
const METHODS: [&str; 7] = ["delete", "get", "head", "patch", "post", "put", "trace"];

impl Announcement {
    /// Says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The routes of an OpenAPI document, version 2 or 3, as JSON. Their paths must stand in it as the router knows them.
    ///
    /// # Errors
    ///
    /// Says why the document cannot be read.
    pub fn from_openapi(json: &str) -> Result<Self, OpenApiError> {
        let document: Value = serde_json::from_str(json).map_err(|e| OpenApiError::NotJson(e.to_string()))?;
        let paths = document.get("paths").and_then(Value::as_object).ok_or(OpenApiError::NoPaths)?;
        let of_path = |(path, operations): (&String, &Value)| {
            let path = path.clone();
            let is_there = |method: &&str| operations.get(method).is_some_and(Value::is_object);
            let methods: Vec<&str> = METHODS.into_iter().filter(is_there).collect();
            methods.into_iter().map(move |method| (method.to_ascii_uppercase(), path.clone()))
        };
        Ok(paths
            .iter()
            .flat_map(of_path)
            .fold(Self::new(), |all, (method, path)| all.with_route(method, path)))
    }

    /// Adds a route: a method in upper case, and a template as the framework writes it.
    pub fn with_route(mut self, method: impl Into<String>, path: impl Into<String>) -> Self {
        self.routes.insert(Route { method: method.into(), path: path.into() });
        self
    }

    /// Adds routes; for integrations.
    pub fn with_routes(mut self, routes: impl IntoIterator<Item = Route>) -> Self {
        self.routes.extend(routes);
        self
    }

    /// Says whether the routes are all that the application has; for integrations.
    pub fn routes_complete(mut self, complete: bool) -> Self {
        self.complete = Some(complete);
        self
    }

    /// Names the integration that speaks: its crate and that one's version.
    pub fn sdk(mut self, name: &str, version: &str) -> Self {
        self.sdk = Some(Sdk { name: name.to_owned(), version: version.to_owned() });
        self
    }

    /// Names the web framework, and its version where that is known.
    pub fn framework(mut self, name: &str, version: Option<&str>) -> Self {
        self.framework = Some(Framework { name: name.to_owned(), version: version.map(str::to_owned) });
        self
    }

    /// Adds another; its word holds where both name something.
    pub(crate) fn add(&mut self, other: Self) {
        self.sdk = other.sdk.or(self.sdk.take());
        self.framework = other.framework.or(self.framework.take());
        self.routes.extend(other.routes);
        // Each that speaks of it speaks of another application, or of the same one again.
        self.complete = match (self.complete, other.complete) {
            (Some(one), Some(another)) => Some(one && another),
            (one, another) => one.or(another),
        };
    }

    /// Writes all of it into the message.
    pub(crate) fn write(&self, startup: &mut Startup) {
        if let Some(sdk) = &self.sdk {
            startup.sdk = sdk.clone();
        }
        startup.framework.clone_from(&self.framework);
        startup.routes = self.routes.iter().cloned().collect();
        startup.routes_complete = self.complete.unwrap_or(false);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(announcement: &Announcement) -> Vec<String> {
        announcement.routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect()
    }

    #[test]
    fn an_openapi_document_names_its_operations_and_nothing_else() {
        let document = r#"{"openapi": "3.1.0", "paths": {
            "/orders": {"get": {}, "post": {}, "parameters": [], "summary": "get", "options": {}},
            "/orders/{id}": {"delete": {}, "x-get": {}, "put": null},
            "/empty": {}, "/odd": 7
        }}"#;
        let routes = names(&Announcement::from_openapi(document).unwrap());
        assert_eq!(routes, ["DELETE /orders/{id}", "GET /orders", "POST /orders"]);
    }

    #[test]
    fn what_is_no_openapi_document_is_said() {
        let error = |text| Announcement::from_openapi(text).unwrap_err().to_string();
        assert!(error("openapi: 3.1.0").contains("not JSON"));
        assert!(error(r#"{"openapi": "3.1.0"}"#).contains("`paths`"));
        assert!(error(r#"{"paths": []}"#).contains("`paths`"));
    }

    #[test]
    fn announcements_add_up() {
        let mut all = Announcement::new().with_route("GET", "/a").with_route("GET", "/b");
        all.add(Announcement::new().sdk("sendry-sdk-axum", "0.1").routes_complete(true));
        all.add(Announcement::new().with_route("GET", "/b").with_route("POST", "/a"));
        let mut startup = Startup::default();
        all.write(&mut startup);
        assert_eq!((startup.routes.len(), startup.routes_complete), (3, true));
        all.add(Announcement::new().routes_complete(false));
        all.add(Announcement::new().routes_complete(true));
        all.write(&mut startup);
        assert_eq!((startup.sdk.name.as_str(), startup.routes_complete), ("sendry-sdk-axum", false));
    }

    proptest! {
        #[test]
        fn any_document_is_read_or_refused(text in r#"[\[\]{}":,a-z/ ]{0,60}"#) {
            _ = Announcement::from_openapi(&text);
            _ = Announcement::from_openapi(&format!(r#"{{"paths": {text}}}"#));
        }
    }
}
