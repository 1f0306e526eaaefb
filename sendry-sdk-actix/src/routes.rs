//! Which routes an application has, and what the hub is told of them.
//!
//! With the feature `introspection`, actix-web's own list is read at the first request. It is experimental, so it is only
//! advisory: no count depends on it. Without it, the hub learns routes as they are called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use actix_web::dev::ServiceRequest;
use sendry_sdk::protocol::{Framework, Route, Sdk};
use sendry_sdk::{Announcement, Sendry};

/// Routes of one application.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) routes: BTreeSet<Route>,
    /// Whether nothing else can be called.
    pub(crate) complete: bool,
}

/// What each client of this process was told, by its instance id. Every worker builds the application anew and finds the same
/// routes; an application on another port adds its own.
static ANNOUNCED: Mutex<BTreeMap<u128, Option<Found>>> = Mutex::new(BTreeMap::new());

/// Tells the hub who speaks, before there is a request.
pub(crate) fn introduce(sendry: &Sendry) {
    if !sendry.is_enabled() {
        return;
    }
    let mut announced = ANNOUNCED.lock().unwrap_or_else(PoisonError::into_inner);
    announced.entry(sendry.instance_id().as_u128()).or_insert_with(|| {
        sendry.announce(announcement(&Found::default()));
        None
    });
}

/// Tells the hub which routes the application of `request` has, where that is not known yet.
#[cold]
pub(crate) fn announce(sendry: &Sendry, request: &ServiceRequest) {
    let Some(found) = find(request) else { return };
    let mut announced = ANNOUNCED.lock().unwrap_or_else(PoisonError::into_inner);
    let known = announced.entry(sendry.instance_id().as_u128()).or_default();
    let merged = match known {
        None => found,
        Some(known) => Found {
            complete: known.complete && found.complete,
            routes: known.routes.union(&found.routes).cloned().collect(),
        },
    };
    if known.as_ref() != Some(&merged) {
        sendry.announce(announcement(&merged));
        *known = Some(merged);
    }
}

fn announcement(found: &Found) -> Announcement {
    Announcement {
        sdk: Some(Sdk {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
        framework: Some(Framework { name: "actix-web".to_owned(), version: Some("4".to_owned()) }),
        routes: found.routes.iter().cloned().collect(),
        routes_complete: found.complete,
    }
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
