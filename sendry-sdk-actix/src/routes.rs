//! Which routes an application has, and what the hub is told of them.
//!
//! With the feature `introspection`, actix-web's own list is read at the first request. It is experimental, so it is only
//! advisory: no count depends on it. Without it, the hub learns routes as they are called.

use std::collections::BTreeSet;

use actix_web::dev::ServiceRequest;
use sendry_sdk::protocol::Route;
use sendry_sdk::{Announcement, Sendry};

/// Routes of one application.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) routes: BTreeSet<Route>,
    /// Whether nothing else can be called.
    pub(crate) complete: bool,
}

/// Tells the hub who speaks, before there is a request. Every worker does, and the hub is told once.
pub(crate) fn introduce(sendry: &Sendry) {
    if sendry.is_enabled() {
        sendry.announce(introduction());
    }
}

/// Tells the hub which routes the application of `request` has, where that is known.
#[cold]
pub(crate) fn announce(sendry: &Sendry, request: &ServiceRequest) {
    if let Some(found) = find(request) {
        sendry.announce(introduction().with_routes(found.routes).routes_complete(found.complete));
    }
}

fn introduction() -> Announcement {
    Announcement::new()
        .sdk(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .framework("actix-web", Some("4"))
}

#[cfg(not(feature = "introspection"))]
fn find(_request: &ServiceRequest) -> Option<Found> {
    None
}

#[cfg(feature = "introspection")]
fn find(request: &ServiceRequest) -> Option<Found> {
    use actix_web::introspection::IntrospectionTree;

    let tree = request.app_data::<actix_web::web::Data<IntrospectionTree>>()?;
    let mut found = Found { complete: true, ..Found::default() };
    tree::collect(&tree.root, &mut found);
    Some(found)
}

#[cfg(feature = "introspection")]
mod tree {
    use actix_web::introspection::{IntrospectionNode, ResourceType};
    use sendry_sdk::protocol::Route;

    use super::Found;

    pub(super) fn collect(node: &IntrospectionNode, found: &mut Found) {
        if matches!(node.kind, ResourceType::Resource) && !is_further_pattern(node) {
            // A resource for any method is learned with the methods it is called with.
            found.complete &= !node.methods.is_empty();
            let route = |method: &actix_web::http::Method| Route {
                method: method.to_string(),
                path: node.full_path.clone(),
            };
            found.routes.extend(node.methods.iter().map(route));
        }
        node.children.iter().for_each(|child| collect(child, found));
    }

    /// A resource with several patterns is counted under the first, which is the one that actix-web tells.
    fn is_further_pattern(node: &IntrospectionNode) -> bool {
        node.patterns.len() > 1
            && node.patterns.first().is_some_and(|first| !node.full_path.ends_with(first.as_str()))
    }
}
