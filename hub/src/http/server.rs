//! The listener: accepts connections, serves HTTP/1.1 on each, and ends in order.
//!
//! Limits: a request's head must be complete within [`HEAD_TIMEOUT`] and fit [`HEAD_BYTES_MAX`]; who takes nothing of an answer for
//! [`STALL_TIMEOUT`] is cut off; a connection beyond [`CONNECTIONS_MAX`] waits in the kernel's queue. Time limits of requests are a layer's business ([`super::router`]).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::stall::CutWhenStalled;

/// From the end of an answer, or the beginning of a connection, to the end of the next request's head. SDKs report once a
/// minute on one connection, so it is a little longer than that.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// How long a client may take nothing of its answer.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Open connections: an instance holds one.
const CONNECTIONS_MAX: usize = 10_000;
/// How long to wait when the system has no descriptor or memory for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is done; then accepts nothing more and waits up to `drain` for the requests in flight.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    drain: Duration,
) {
    let connections = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = &mut shutdown => break,
        };
        let Some((stream, peer, permit)) = accepted else { continue };
        let connection = connections.watch(connection(stream, peer, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, peer = %peer, "A connection ended with an error.");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(drain, connections.shutdown()).await.is_err() {
        tracing::warn!("Requests were cut off: they took longer than http.shutdown_timeout_secs.");
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // An answer is one write; waiting for more to send would only delay it.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, permit))
        }
        Err(error) => {
            tracing::warn!(%error, "A connection could not be accepted.");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(CutWhenStalled::new(stream, STALL_TIMEOUT)), service)
}
