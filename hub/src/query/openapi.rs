//! The OpenAPI document of `/api/v1`, generated from the handlers.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Schema};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{PathItem, Ref, RefOr};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(title = "Sendry", description = "What an HTTP API is doing: requests, errors and latency, by endpoint and minute."),
    servers((url = "/api/v1")),
    security(("token" = []), ("session" = [])),
    modifiers(&Schemes),
    tags(
        (name = "session", description = "Logging in and out"),
        (name = "account", description = "One's own password and sessions"),
        (name = "access", description = "Users, invitations, tokens and the audit log"),
        (name = "apps", description = "Apps, their keys and settings"),
        (name = "views", description = "Pages that people keep"),
        (name = "traffic", description = "What happened"),
        (name = "errors", description = "What failed, in groups"),
        (name = "consumers", description = "Who called"),
        (name = "request logs", description = "Single requests"),
        (name = "health", description = "Who reports, and what was lost")
    )
)]
pub(super) struct Document;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let token =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token")).build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let said = "The dashboard's session. Over https its name begins with `__Host-`, below a sub-path with `__Secure-`";
        let cookie = ApiKeyValue::with_description("sendry_session", said);
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// What is added to the name of a schema that is both answered and asked for, where the two differ.
const ASKED: &str = "Input";

/// Says in the document which fields are always there.
///
/// The derivation marks those that a reader may leave out (`Option`, `#[serde(default)]`): that is right for what is sent to the
/// hub. Of what the hub answers all are there: what may be missing is sent as null.
pub(super) fn describe<S: Send + Sync + Clone + 'static>(mut router: OpenApiRouter<S>) -> OpenApiRouter<S> {
    let openapi = router.get_openapi_mut();
    let Some(schemas) = openapi.components.as_mut().map(|components| &mut components.schemas) else {
        return router;
    };
    let mut operations: Vec<&mut Operation> = openapi.paths.paths.values_mut().flat_map(operations).collect();
    let answers = operations.iter_mut().flat_map(|operation| answers(operation));
    let answered = reachable(answers, schemas);
    let asked = reachable(operations.iter_mut().flat_map(|operation| bodies(operation)), schemas);
    let derived: BTreeMap<_, _> =
        asked.iter().filter_map(|name| Some((name.clone(), schemas.get(name)?.clone()))).collect();

    schemas.values_mut().for_each(require_all);
    let mut renamed = differing(&derived, schemas);
    renamed.retain(|name| answered.contains(name));
    let rename = &mut |reference: &mut Ref| {
        if let Some(name) = name_of(reference).filter(|name| renamed.contains(*name)) {
            reference.ref_location = format!("{PLACE}{name}{ASKED}");
        }
    };
    operations
        .iter_mut()
        .flat_map(|operation| bodies(operation))
        .for_each(|body| each_reference(body, rename));
    for (mut name, mut schema) in derived {
        each_reference(&mut schema, rename);
        if renamed.contains(&name) {
            name.push_str(ASKED);
        }
        schemas.insert(name, schema);
    }
    router
}

/// Where references point to.
const PLACE: &str = "#/components/schemas/";

type Schemas = BTreeMap<String, RefOr<Schema>>;
type Names = BTreeSet<String>;

fn name_of(reference: &Ref) -> Option<&str> {
    reference.ref_location.strip_prefix(PLACE)
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn bodies(operation: &mut Operation) -> impl Iterator<Item = &mut RefOr<Schema>> {
    let body = operation.request_body.iter_mut().filter_map(of_itself);
    body.flat_map(|body| body.content.values_mut())
        .filter_map(of_itself)
        .filter_map(|content| content.schema.as_mut())
}

fn answers(operation: &mut Operation) -> impl Iterator<Item = &mut RefOr<Schema>> {
    let answers = operation.responses.responses.values_mut().filter_map(of_itself);
    answers
        .flat_map(|answer| answer.content.values_mut())
        .filter_map(of_itself)
        .filter_map(|content| content.schema.as_mut())
}

/// What is not said elsewhere.
fn of_itself<T>(said: &mut RefOr<T>) -> Option<&mut T> {
    match said {
        RefOr::T(said) => Some(said),
        RefOr::Ref(_) => None,
    }
}

/// The names of the schemas that `from` refers to, directly and through others.
fn reachable<'a>(from: impl Iterator<Item = &'a mut RefOr<Schema>>, schemas: &Schemas) -> Names {
    let (mut names, mut open) = (Names::new(), Vec::new());
    from.for_each(|schema| {
        each_reference(schema, &mut |found| open.extend(name_of(found).map(str::to_owned)))
    });
    while let Some(name) = open.pop() {
        let Some(mut schema) = schemas.get(&name).cloned().filter(|_| names.insert(name)) else { continue };
        each_reference(&mut schema, &mut |found| open.extend(name_of(found).map(str::to_owned)));
    }
    names
}

/// The names of those of `derived` that are otherwise in `schemas`, or refer to one that is.
fn differing(derived: &Schemas, schemas: &Schemas) -> Names {
    let differs = |(name, schema): &(&String, &RefOr<Schema>)| schemas.get(*name) != Some(*schema);
    let mut names: Names = derived.iter().filter(differs).map(|(name, _)| name.clone()).collect();
    loop {
        let refers = |(_, schema): &(&String, &RefOr<Schema>)| {
            let mut found = false;
            let see = &mut |to: &mut Ref| found |= name_of(to).is_some_and(|name| names.contains(name));
            each_reference(&mut (*schema).clone(), see);
            found
        };
        let more: Names = derived.iter().filter(refers).map(|(name, _)| name.clone()).collect();
        let count = names.len();
        names.extend(more);
        if names.len() == count {
            return names;
        }
    }
}

/// Hands every reference within the schema to `see`.
fn each_reference(schema: &mut RefOr<Schema>, see: &mut dyn FnMut(&mut Ref)) {
    match schema {
        RefOr::Ref(reference) => see(reference),
        RefOr::T(Schema::Object(object)) => {
            object.properties.values_mut().for_each(|property| each_reference(property, see));
            if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
                each_reference(values, see);
            }
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                each_reference(items, see);
            }
        }
        RefOr::T(Schema::OneOf(one)) => one.items.iter_mut().for_each(|item| each_reference(item, see)),
        RefOr::T(Schema::AllOf(all)) => all.items.iter_mut().for_each(|item| each_reference(item, see)),
        RefOr::T(Schema::AnyOf(any)) => any.items.iter_mut().for_each(|item| each_reference(item, see)),
        RefOr::T(_) => {}
    }
}

fn require_all(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.required = object.properties.keys().cloned().collect();
            object.properties.values_mut().for_each(require_all);
        }
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                require_all(items);
            }
        }
        _ => {}
    }
}
