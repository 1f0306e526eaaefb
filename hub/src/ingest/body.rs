//! Reads a body within its bound.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use super::refusal::Refusal;

/// How much of a refused body is read and thrown away, and for how long. Closing a connection on data that was not read
/// destroys the answer on its way: the sender would see a broken pipe instead of the reason.
const DRAIN_BYTES_MAX: u64 = 128 * 1024 * 1024;
const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);

/// Returns the whole body; refuses one that is longer than `limit` without keeping more than that.
pub(super) async fn read(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let Some(first) = data(&mut body).await? else { return Ok(Bytes::new()) };
    let Some(second) = data(&mut body).await? else { return bounded(first, limit, body) };
    let mut whole = BytesMut::with_capacity((first.len() + second.len()) * 2);
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while whole.len() <= limit {
        let Some(next) = data(&mut body).await? else { return Ok(whole.freeze()) };
        whole.extend_from_slice(&next);
    }
    bounded(whole.freeze(), limit, body)
}

fn bounded(whole: Bytes, limit: usize, rest: Body) -> Result<Bytes, Refusal> {
    if whole.len() <= limit {
        return Ok(whole);
    }
    drain(rest);
    Err(Refusal::TooLarge { limit })
}

async fn data(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Interrupted)?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// Reads the rest of a refused body in the background while the answer is sent.
pub(super) fn drain(mut body: Body) {
    if http_body::Body::is_end_stream(&body) {
        return;
    }
    let read = async move {
        let mut seen = 0;
        while let Ok(Some(data)) = data(&mut body).await {
            seen += data.len() as u64;
            if seen > DRAIN_BYTES_MAX {
                return;
            }
        }
    };
    tokio::spawn(tokio::time::timeout(DRAIN_TIME_MAX, read));
}
