//! Which routes a router has.
//!
//! axum keeps no public list, so the `Debug` form of the router is read: it names every path and method, through nest, merge
//! and layers. It is no promise of axum's, so it is only advisory: no count depends on it. When it is not understood, the hub
//! learns routes as they are called, and one warning says so. `tests/it/routes.rs` pins what this version of axum writes.

mod debug_form;
mod opaque;

pub(crate) use opaque::Opaque;

use axum::Router;
use debug_form::Form;
use sendry_sdk::protocol::Route;

/// How axum names the tail of a path that it hands to a nested service.
const NEST_TAIL: &str = "{*__private__axum_nest_tail_param}";

/// A method's field in the `Debug` form, and its name. GET answers HEAD too, which is not a route of its own.
const METHODS: [(&str, &str); 9] = [
    ("get", "GET"),
    ("head", "HEAD"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("patch", "PATCH"),
    ("post", "POST"),
    ("put", "PUT"),
    ("trace", "TRACE"),
    ("connect", "CONNECT"),
];

/// What a router's `Debug` form tells.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) routes: Vec<Route>,
    /// Services that were nested as they are: what they answer is not known, only where they stand.
    pub(crate) opaque: Vec<Opaque>,
    /// Whether nothing else can be called: no opaque service, no route for any method.
    pub(crate) complete: bool,
}

/// Reads the routes of `router`.
pub(crate) fn introspect(router: &Router) -> Found {
    let form = format!("{router:?}");
    read(&form).unwrap_or_else(|| {
        tracing::warn!("this version of axum writes its routes in a form that Sendry does not know; routes are learned as they are called");
        Found::default()
    })
}

pub(crate) fn read(form: &str) -> Option<Found> {
    let router = Form::parse(form)?;
    let path_router = router.field("path_router")?;
    let endpoints = path_router.field("routes")?;
    let paths = path_router.field("node")?.field("paths")?;
    let mut found = Found { complete: true, ..Found::default() };
    for (id, path) in paths.entries()? {
        let (_, endpoint) = endpoints.entries()?.iter().find(|(known, _)| known == id)?;
        found.add(path.text()?, endpoint);
    }
    found.routes.sort();
    found.opaque.sort_by_key(|opaque| std::cmp::Reverse(opaque.template().len()));
    Some(found)
}

impl Found {
    fn add(&mut self, path: &str, endpoint: &Form) {
        if let Some(prefix) = path.strip_suffix(NEST_TAIL) {
            self.opaque.push(Opaque::new(prefix));
            self.complete = false;
            return;
        }
        let has = |field: &str| {
            endpoint.inner().and_then(|router| router.field(field)).is_some_and(|form| !form.is("None"))
        };
        let methods: Vec<&str> =
            METHODS.iter().filter(|(field, _)| has(field)).map(|(_, method)| *method).collect();
        // A route for any method is learned with the methods it is called with.
        self.complete &= !methods.is_empty();
        self.routes.extend(
            methods.iter().map(|method| Route { method: (*method).to_owned(), path: path.to_owned() }),
        );
    }
}
