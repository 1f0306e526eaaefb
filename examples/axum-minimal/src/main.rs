//! The smallest axum application that Sendry watches.
//!
//! `SENDRY_WRITE_KEY=… cargo run -p axum-minimal`, then ask <http://127.0.0.1:3000/hello/you>.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use sendry_sdk_axum::Sendry;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sendry = Sendry::builder().build()?;
    let hello = async |Path(name): Path<String>| format!("Hello, {name}!");
    let app = sendry_sdk_axum::instrument(Router::new().route("/hello/{name}", get(hello)), &sendry);
    axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
