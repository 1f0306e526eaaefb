//! The table.

use super::{
    Answer, Client, Ending, Expected, GZIP, Request, Row, SIZED_CHUNK, SIZED_CHUNKS, Scenario, Timed,
};
use crate::protocol::UNMATCHED_PATH;

/// All scenarios.
pub fn scenarios() -> Vec<Scenario> {
    [routing(), methods(), answers(), failures(), streams(), departures()].concat()
}

fn routing() -> Vec<Scenario> {
    let nested = |name, target, path, body| same(name, get(target), text(200, body), row("GET", path, 200));
    vec![
        same("a route", get("/plain"), text(200, "plain"), row("GET", "/plain", 200)),
        same("a query", get("/plain?id=1"), text(200, "plain"), row("GET", "/plain", 200)),
        same("a parameter", get("/items/17"), text(200, "17"), row("GET", "/items/{id}", 200)),
        same("an encoded parameter", get("/items/%31"), text(200, "1"), row("GET", "/items/{id}", 200)),
        same("no route", get("/nowhere"), text(404, ""), row("GET", UNMATCHED_PATH, 404)),
        same("a slash too many", get("/plain/"), text(404, ""), row("GET", UNMATCHED_PATH, 404)),
        nested("a nested root", "/nested/acme", "/nested/{tenant}", "acme"),
        nested("a nested route", "/nested/acme/items/7", "/nested/{tenant}/items/{id}", "acme 7"),
        nested(
            "a nested wildcard",
            "/nested/acme/files/a/b.css",
            "/nested/{tenant}/files/{*rest}",
            "a/b.css",
        ),
        nested("a merged route", "/merged", "/merged", "merged"),
        same("a nested fallback", get("/nested/acme/x"), text(410, "gone"), row("GET", UNMATCHED_PATH, 410)),
        differ(
            "an opaque service",
            "actix-web names the prefix at which it stands, axum what is below",
            get("/opaque/css/main.css"),
            (text(200, "opaque"), row("GET", "/opaque/{*rest}", 200)),
            (text(200, "opaque"), row("GET", "/opaque", 200)),
        ),
    ]
}

fn methods() -> Vec<Scenario> {
    let with = |method, target| Request { method, ..get(target) };
    vec![
        differ(
            "a wrong method",
            "in actix-web a route's method is a guard: who does not pass finds nothing",
            with("DELETE", "/plain"),
            (text(405, ""), row("DELETE", "/plain", 405)),
            (text(404, ""), row("DELETE", "/plain", 404)),
        ),
        same(
            "a resource's wrong method",
            with("DELETE", "/both"),
            text(405, ""),
            row("DELETE", "/both", 405),
        ),
        same("another method", with("POST", "/both"), text(200, "both"), row("POST", "/both", 200)),
        same("an unknown method", with("BREW", "/any"), text(200, "any"), row("_OTHER", "/any", 200)),
        Scenario {
            axum: Expected { answer: text(200, "any"), counted: None },
            actix: Expected { answer: text(200, "any"), counted: None },
            ..same("OPTIONS is not counted", with("OPTIONS", "/any"), text(200, "any"), row("", "", 0))
        },
        same("HEAD", with("HEAD", "/plain"), text(200, ""), row("HEAD", "/plain", 200)),
    ]
}

fn answers() -> Vec<Scenario> {
    let echo = Request { method: "POST", body: "12345", ..get("/echo") };
    let upgrade =
        Request { headers: &[("connection", "upgrade"), ("upgrade", "conformance")], ..get("/upgrade") };
    vec![
        same("no content", get("/none"), text(204, ""), row("GET", "/none", 204)),
        same("not modified", get("/cached"), text(304, ""), row("GET", "/cached", 304)),
        same("an empty body", get("/empty"), text(200, ""), row("GET", "/empty", 200)),
        same("a huge body", get("/huge"), Answer::Huge, row("GET", "/huge", 200)),
        same("a compressed body", get("/gzip"), Answer::Text(200, GZIP), row("GET", "/gzip", 200)),
        same(
            "a body that is sent",
            echo,
            text(200, "12345"),
            Row { request_bytes: Some(5), ..row("POST", "/echo", 200) },
        ),
        same(
            "an upgrade",
            upgrade,
            text(101, ""),
            Row { duration_ms: None, response_bytes: None, ..row("GET", "/upgrade", 101) },
        ),
    ]
}

fn failures() -> Vec<Scenario> {
    let json = Request {
        method: "POST",
        headers: &[("content-type", "application/json")],
        body: "[1,",
        ..get("/json")
    };
    let panicked = Row {
        ending: Ending::Panic,
        headers: Timed::Never,
        response_bytes: None,
        ..row("GET", "/panic", 500)
    };
    vec![
        same("a panic", get("/panic"), Answer::Nothing, panicked),
        same("a handler's error", get("/error"), text(500, "broken"), row("GET", "/error", 500)),
        differ(
            "a middleware's error",
            "actix-web makes an error a response further out, where its size is not seen",
            get("/refused"),
            (text(403, "refused"), row("GET", "/refused", 403)),
            (text(403, "refused"), Row { response_bytes: None, ..row("GET", "/refused", 403) }),
        ),
        differ(
            "a parameter of the wrong type",
            "each framework has a status of its own for it",
            get("/items/abc"),
            (Answer::Status(400), row("GET", "/items/{id}", 400)),
            (Answer::Status(404), row("GET", "/items/{id}", 404)),
        ),
        same(
            "a body that cannot be read",
            json,
            Answer::Status(400),
            Row { request_bytes: Some(3), ..row("POST", "/json", 400) },
        ),
    ]
}

fn streams() -> Vec<Scenario> {
    static SIZED: [u8; SIZED_CHUNK.len() * SIZED_CHUNKS] = [SIZED_CHUNK[0]; SIZED_CHUNK.len() * SIZED_CHUNKS];
    let broken = |ending, path| Row { ending, response_bytes: Some(5), ..streamed(path, 25) };
    vec![
        same("a stream", get("/stream"), text(200, "chunkchunkchunk"), streamed("/stream", 45)),
        same("a long body", get("/sized"), Answer::Text(200, &SIZED), streamed("/sized", 45)),
        same(
            "a stream that fails",
            get("/stream-error"),
            Answer::Cut,
            broken(Ending::BodyError, "/stream-error"),
        ),
        same(
            "a stream that panics",
            get("/stream-panic"),
            Answer::Cut,
            broken(Ending::Panic, "/stream-panic"),
        ),
    ]
}

fn departures() -> Vec<Scenario> {
    let leaves = |target| Request { client: Client::LeavesInTheBody, ..get(target) };
    vec![
        same(
            "a client that leaves before the head",
            Request { client: Client::LeavesBeforeTheHead, ..get("/slow") },
            Answer::Nothing,
            Row {
                ending: Ending::Aborted,
                headers: Timed::Never,
                duration_ms: Some(5),
                response_bytes: None,
                ..row("GET", "/slow", 499)
            },
        ),
        same(
            "a client that leaves in the body",
            leaves("/stream-stuck"),
            text(200, "chunk"),
            Row { ending: Ending::Aborted, ..streamed("/stream-stuck", 15) },
        ),
        same(
            "an event stream",
            leaves("/events"),
            text(200, "chunk"),
            Row { duration_ms: None, response_bytes: None, ..streamed("/events", 0) },
        ),
    ]
}

const fn get(target: &'static str) -> Request {
    Request { method: "GET", target, headers: &[], body: "", client: Client::Reads }
}

const fn text(status: u16, body: &'static str) -> Answer {
    Answer::Text(status, body.as_bytes())
}

/// A request that took no time and was answered with what the client saw.
fn row(method: &str, path: &str, status: u16) -> Row {
    Row {
        method: method.to_owned(),
        path: path.to_owned(),
        status,
        ending: Ending::Complete,
        request_bytes: Some(0),
        response_bytes: Some(Row::AS_SEEN),
        headers: Timed::AtOnce,
        duration_ms: Some(0),
    }
}

/// A stream, whose head takes its time.
fn streamed(path: &str, duration_ms: u64) -> Row {
    Row { headers: Timed::after_ms(5), duration_ms: Some(duration_ms), ..row("GET", path, 200) }
}

fn same(name: &'static str, request: Request, answer: Answer, counted: Row) -> Scenario {
    let expected = Expected { answer, counted: Some(counted) };
    Scenario { name, request, axum: expected.clone(), actix: expected, why: None }
}

fn differ(
    name: &'static str,
    why: &'static str,
    request: Request,
    axum: (Answer, Row),
    actix: (Answer, Row),
) -> Scenario {
    let expected = |(answer, row)| Expected { answer, counted: Some(row) };
    Scenario { name, request, axum: expected(axum), actix: expected(actix), why: Some(why) }
}
