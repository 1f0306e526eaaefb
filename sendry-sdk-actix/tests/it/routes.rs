//! What the hub is told of the routes at the first request.

use actix_web::web::ServiceConfig;
use sendry_sdk::protocol::Startup;

use crate::harness::TestHub;

async fn startup(configure: fn(&mut ServiceConfig)) -> Startup {
    let hub = TestHub::new();
    hub.ask(configure, ["/"]).await;
    hub.sendry.flush().await.unwrap();
    hub.hub.startups().pop().unwrap()
}

#[actix_web::test]
async fn the_hub_learns_who_speaks() {
    let startup = startup(|_| {}).await;
    let framework = startup.framework.unwrap();
    assert_eq!((startup.sdk.name.as_str(), framework.name.as_str()), ("sendry-sdk-actix", "actix-web"));
}

/// This pins what the supported versions of actix-web tell.
#[cfg(feature = "introspection")]
mod introspection {
    use actix_web::{HttpResponse, get, web};

    use super::*;

    #[get("/macro/{id}")]
    async fn by_macro() -> &'static str {
        "macro"
    }

    fn names(startup: &Startup) -> Vec<String> {
        startup.routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect()
    }

    fn everything(app: &mut ServiceConfig) {
        let ok = || web::get().to(HttpResponse::Ok);
        let nested = web::scope("/c")
            .route("", ok())
            .route("/{id}", ok())
            .route("/{id}", web::post().to(HttpResponse::Ok))
            .default_service(web::to(HttpResponse::Gone));
        app.route("/", ok())
            .service(by_macro)
            .service(web::resource("/both").route(ok()).route(web::put().to(HttpResponse::Ok)))
            .service(web::resource(["/one", "/two/{id}"]).route(ok()))
            .service(web::scope("/a/{b}").service(nested))
            .route("/files/{rest:.*}", ok());
    }

    #[actix_web::test]
    async fn every_path_and_method_is_named_through_scopes_and_guards() {
        let startup = startup(everything).await;
        assert_eq!(
            names(&startup),
            [
                "GET /",
                "GET /a/{b}/c",
                "GET /a/{b}/c/{id}",
                "GET /both",
                "GET /files/{rest:.*}",
                "GET /macro/{id}",
                "GET /one",
                "POST /a/{b}/c/{id}",
                "PUT /both",
            ]
        );
        assert!(startup.routes_complete);
    }

    #[actix_web::test]
    async fn routes_are_called_what_their_requests_are_counted_as() {
        let hub = TestHub::new();
        hub.ask(everything, ["/", "/a/1/c", "/a/1/c/2", "/files/a/b", "/two/2", "/macro/1", "/both"]).await;
        let counted: Vec<_> =
            hub.summary().await.into_iter().map(|row| format!("{} {}", row.0, row.1)).collect();
        let told = names(&hub.hub.startups().pop().unwrap());
        assert_eq!(counted.len(), 7);
        assert!(counted.iter().all(|route| told.contains(route)), "{counted:?} {told:?}");
    }

    #[actix_web::test]
    async fn what_cannot_be_known_is_left_out_and_said() {
        let any = startup(|app| _ = app.route("/any", web::to(HttpResponse::Ok))).await;
        assert_eq!((any.routes.len(), any.routes_complete), (0, false));
        let none = startup(|_| {}).await;
        assert_eq!((none.routes.len(), none.routes_complete), (0, true));
    }
}
