//! Just enough HTTP to ask a server on this machine. It speaks HTTP/1.0, so that every answer ends with its connection.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer: its status and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Asks with a bearer token, or with none when it is empty.
pub(crate) fn get(server: SocketAddr, path: &str, token: &str) -> Result<Answer> {
    send(server, "GET", path, &[("authorization", &format!("Bearer {token}"))], &[])
}

/// Sends JSON with a bearer token.
pub(crate) fn post(server: SocketAddr, path: &str, token: &str, json: &[u8]) -> Result<Answer> {
    let headers = [("authorization", &*format!("Bearer {token}")), ("content-type", "application/json")];
    send(server, "POST", path, &headers, json)
}

/// Sends anything.
pub(crate) fn send(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<Answer> {
    let mut head =
        format!("{method} {path} HTTP/1.0\r\nHost: {server}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    exchange(server, &(head + "\r\n"), body)
}

fn exchange(server: SocketAddr, head: &str, body: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer).with_context(|| format!("{server} answered no HTTP"))
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let status = std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()?;
    let body = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    Some(Answer { status, body: answer[body..].to_vec() })
}

/// Waits until `path` answers 200; `alive` ends the waiting early with an error.
pub(crate) fn wait_until_ready(
    server: SocketAddr,
    path: &str,
    limit: Duration,
    mut alive: impl FnMut() -> Result<()>,
) -> Result<()> {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        alive()?;
        if get(server, path, "").is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("http://{server}{path} did not answer 200 within {} s", limit.as_secs())
}

/// The loopback address with `port`, or with a free one when that is taken.
pub(crate) fn listen_address(port: u16) -> Result<SocketAddr> {
    let wanted = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = wanted.or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    Ok(listener.context("no port is free on 127.0.0.1")?.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = parse(b"HTTP/1.0 202 Accepted\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (202, b"{}".as_slice()));
        assert!(parse(b"nonsense").is_none());
    }

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().map(|a| a.port());
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, taken.unwrap())).unwrap();
        let port = holder.local_addr().unwrap().port();
        assert_ne!(listen_address(port).unwrap().port(), port);
    }
}
