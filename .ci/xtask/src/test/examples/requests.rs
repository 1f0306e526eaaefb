//! What the examples are asked for.

use std::net::SocketAddr;

use anyhow::{Result, ensure};

use crate::http;

pub(super) const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";

const JSON: (&str, &str) = ("content-type", "application/json");

/// Sends every request, and checks that the examples answer as they should.
pub(super) fn send_all(app: SocketAddr) -> Result<()> {
    for _ in 0..3 {
        expect(app, "GET", "/tenants/acme/orders/7", &[("x-tenant", "acme")], "", &[200])?;
    }
    // A name that is too long is cut, which is a loss.
    expect(app, "GET", "/tenants/acme/orders/8", &[("x-tenant", &"x".repeat(200))], "", &[200])?;
    expect(app, "POST", "/garde", &[JSON], r#"{"email":"a@example.com","seats":2}"#, &[201])?;
    for _ in 0..2 {
        expect(app, "POST", "/garde", &[JSON], r#"{"email":"my-secret","seats":0}"#, &[422])?;
    }
    expect(app, "POST", "/garde", &[JSON], r#"{"email":7,"seats":2}"#, &[400, 422])?;
    expect(app, "POST", "/validator", &[JSON], r#"{"email":"my-secret","seats":0}"#, &[400])?;
    let traceparent = format!("00-{TRACE_ID}-b7ad6b7169203331-01");
    let headers = [JSON, ("authorization", "Bearer my-secret"), ("traceparent", traceparent.as_str())];
    expect(
        app,
        "POST",
        "/payments/7?token=my-secret",
        &headers,
        r#"{"amount":5,"pin":"my-secret"}"#,
        &[200],
    )?;
    for _ in 0..2 {
        expect(app, "GET", "/failing", &[], "", &[500])?;
    }
    // The connection ends without an answer.
    drop(http::send(app, "GET", "/panic", &[], &[]));
    expect(app, "GET", "/stream", &[], "", &[200])?;
    for path in ["/wp-login.php", "/.env"] {
        expect(app, "GET", path, &[], "", &[404])?;
    }
    Ok(())
}

fn expect(
    app: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
    statuses: &[u16],
) -> Result<()> {
    let answer = http::send(app, method, path, headers, body.as_bytes())?;
    ensure!(statuses.contains(&answer.status), "{method} {path} answers {}", answer.status);
    Ok(())
}
