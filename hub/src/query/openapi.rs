//! The OpenAPI document of `/api/v1`, generated from the handlers.

use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayItems, Schema};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
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

/// Says in the document that every field is always there: what may be missing is sent as null.
pub(super) fn describe<S: Send + Sync + Clone + 'static>(mut router: OpenApiRouter<S>) -> OpenApiRouter<S> {
    let components = router.get_openapi_mut().components.iter_mut();
    components.flat_map(|components| components.schemas.values_mut()).for_each(require_all);
    router
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
