//! The smallest actix-web application that Sendry watches.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p actix-minimal`, then ask <http://127.0.0.1:3001/hello/you>.

use actix_web::{App, HttpServer, web};
use sendry_sdk_actix::{Sendry, SendryMiddleware};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sendry = Sendry::builder().build()?;
    let hello = async |name: web::Path<String>| format!("Hello, {name}!");
    let app =
        move || App::new().route("/hello/{name}", web::get().to(hello)).wrap(SendryMiddleware::new(&sendry));
    HttpServer::new(app).bind("127.0.0.1:3001")?.run().await?;
    sendry.shutdown().await?;
    Ok(())
}
