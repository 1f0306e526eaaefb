//! Scopes, a default service, errors with their causes, and an end that reports the last seconds, in actix-web.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p actix-examples --bin actix_scopes`, then ask <http://127.0.0.1:3001/tenants/acme/orders/7>
//! and <http://127.0.0.1:3001/reports/failing>; Ctrl-C ends it.

use actix_web::{App, HttpResponse, HttpServer, Scope, web};
use sendry_sdk_actix::{Sendry, SendryMiddleware, capture_panics, report_error};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    capture_panics(); // shows where a handler panicked
    let sendry = Sendry::builder().app_version(env!("CARGO_PKG_VERSION")).build()?;
    let app = move || {
        App::new()
            .service(orders()) // counted as /tenants/{tenant}/orders/{id}
            .configure(|app| _ = app.route("/reports/failing", web::get().to(failing)))
            .wrap(SendryMiddleware::new(&sendry))
    };
    // It returns after Ctrl-C and SIGTERM, when the requests under way have ended.
    HttpServer::new(app).bind("127.0.0.1:3001")?.run().await?;
    if let Err(error) = sendry.shutdown().await {
        tracing::warn!(%error, "the last seconds wait for the next start");
    }
    Ok(())
}

fn orders() -> Scope {
    let order = async |path: web::Path<(String, u64)>| format!("order {} of {}\n", path.1, path.0);
    web::scope("/tenants/{tenant}/orders")
        .route("/{id}", web::get().to(order))
        .default_service(web::to(async || HttpResponse::Gone().body("no such page\n")))
}

async fn failing() -> HttpResponse {
    match std::fs::read_to_string("/does/not/exist") {
        Ok(report) => HttpResponse::Ok().body(report),
        Err(error) => {
            report_error(&error); // the type and the message are shown with the 500
            HttpResponse::InternalServerError().finish()
        }
    }
}
