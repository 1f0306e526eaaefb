//! A client of HTTP/1.1 that reads and leaves as told: one request a connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::{Client, Request, Seen};
use crate::clock::Clock;
use crate::testing::ManualClock;

/// Sends a request to the server at `address` and reads the response or leaves, as it says. `clock` is the one that the
/// handlers move: it tells that one has begun.
///
/// # Errors
///
/// When there is no server.
pub async fn exchange(address: SocketAddr, request: &Request, clock: &ManualClock) -> io::Result<Seen> {
    let before = clock.monotonic_nanos();
    let stream = TcpStream::connect(address).await?;
    write(&stream, head_of(request).as_bytes()).await?;
    if request.client == Client::LeavesBeforeTheHead {
        while clock.monotonic_nanos() == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stream.set_zero_linger()?;
        return Ok(Seen::default());
    }
    let mut received = Vec::with_capacity(64 * 1024);
    while !is_enough(&received, request.client) {
        // A server that resets the connection ends the response too.
        if read(&stream, &mut received).await.unwrap_or(0) == 0 {
            return Ok(parse(&received));
        }
    }
    stream.set_zero_linger()?;
    Ok(parse(&received))
}

/// Whether the client leaves now: it has what it wants, or HTTP ends here.
fn is_enough(received: &[u8], client: Client) -> bool {
    match client {
        Client::LeavesInTheBody => !parse(received).body.is_empty(),
        _ => received.starts_with(b"HTTP/1.1 101") && received.ends_with(b"\r\n\r\n"),
    }
}

fn head_of(request: &Request) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", request.method, request.target);
    for (name, value) in request.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !request.headers.iter().any(|(name, _)| *name == "connection") {
        text.push_str("connection: close\r\n");
    }
    if !request.body.is_empty() {
        text.push_str(&format!("content-length: {}\r\n", request.body.len()));
    }
    text + "\r\n" + request.body
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn read(stream: &TcpStream, received: &mut Vec<u8>) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read_buf(received) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            result => return result,
        }
    }
}

/// What was seen so far.
fn parse(received: &[u8]) -> Seen {
    let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Seen::default();
    };
    let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = &received[end + 4..];
    let is_chunked =
        head.lines().any(|line| line.starts_with("transfer-encoding:") && line.contains("chunked"));
    Seen { status, body: if is_chunked { join_chunks(body) } else { body.to_vec() } }
}

/// The chunks of a body, as far as they are complete.
fn join_chunks(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|bytes| bytes == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let Some(chunk) = size.filter(|size| *size > 0).and_then(|size| rest.get(end + 2..end + 2 + size))
        else {
            break;
        };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + chunk.len()..).unwrap_or_default();
    }
    body
}
