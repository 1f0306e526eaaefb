//! The address that the hub listens on.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::Examination;

const NAME: &str = "listener";
const ELSEWHERE: &str =
    "set http.listen (SENDRY_LISTEN) to an address of this machine and a port that is free";

/// How long who has the address may take to answer.
const ANSWER_WAIT: Duration = Duration::from_secs(2);

/// Bytes of an answer that are read: its head and the beginning of its body.
const ANSWER_BYTES: u64 = 8 * 1024;

pub(super) fn examine(address: SocketAddr) -> Examination {
    match TcpListener::bind(address) {
        Ok(_) => Examination::ok(NAME, format!("{address} is free")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_a_hub(address) => {
            Examination::ok(NAME, format!("a hub listens on {address}"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let advice = format!("end the other program, or {ELSEWHERE}");
            Examination::fail(NAME, format!("another program has {address}"), advice)
        }
        Err(error) => Examination::fail(NAME, format!("{address} cannot be listened on: {error}"), ELSEWHERE),
    }
}

/// Whether a hub answers there, ready or not.
fn is_a_hub(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, ANSWER_WAIT)?;
        stream.set_read_timeout(Some(ANSWER_WAIT))?;
        write!(stream, "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES).read_to_end(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| String::from_utf8_lossy(&answer).contains("\"roles\":"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::doctor::Level;

    #[test]
    fn an_address_is_free_taken_or_not_ours() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = taken.accept().unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nnginx").unwrap();
        });
        let found = examine(address);
        assert_eq!((found.level, found.detail), (Level::Fail, format!("another program has {address}")));
        answering.join().unwrap();
        let elsewhere = examine("192.0.2.1:80".parse().unwrap());
        assert!(elsewhere.level == Level::Fail && elsewhere.advice.unwrap().contains("SENDRY_LISTEN"));
        assert_eq!(examine("127.0.0.1:0".parse().unwrap()).level, Level::Ok);
    }
}
