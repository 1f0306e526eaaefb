//! Reads the head of a message and checks that the rest is well-formed JSON, without building it.
//!
//! Small messages are inspected where they are read. One that is large, or turns out to be when it is unpacked, is
//! inspected on the blocking pool, so that the runtime is never held up for more than a millisecond; two at a time, so that
//! bombs take 64 MiB at the most.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use sendry_sdk::protocol::{self, ReportHead, RequestLogBatchHead, StartupHead, limits};
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::sync::Semaphore;

use super::refusal::Refusal;
use crate::queue::{Encoding, Kind};

/// Unpacked bytes up to which a message is inspected on the runtime: under a millisecond of work.
const INLINE_BYTES_MAX: usize = 256 * 1024;

/// Unpacked bytes of any message.
const BYTES_MAX: usize = limits::REPORT_DECOMPRESSED_BYTES_MAX;

/// Inspections of large messages at a time.
const LARGE_AT_ONCE: usize = 2;

/// Inspects messages.
pub(super) struct Inspector {
    large: Semaphore,
}

impl Default for Inspector {
    fn default() -> Self {
        Self { large: Semaphore::new(LARGE_AT_ONCE) }
    }
}

impl Inspector {
    /// Returns the message's environment, or what is wrong with the message.
    pub(super) async fn inspect(
        &self,
        kind: Kind,
        encoding: Encoding,
        body: Bytes,
    ) -> Result<String, Refusal> {
        match inspect(kind, encoding, &body, INLINE_BYTES_MAX) {
            Err(Refusal::TooLargeUnpacked { .. }) => {}
            answer => return answer,
        }
        let _permit = self.large.acquire().await.map_err(|_| Refusal::Interrupted)?;
        let inspected = tokio::task::spawn_blocking(move || inspect(kind, encoding, &body, BYTES_MAX)).await;
        inspected.unwrap_or(Err(Refusal::Interrupted))
    }
}

/// Inspects a message of at most `limit` unpacked bytes.
fn inspect(kind: Kind, encoding: Encoding, body: &[u8], limit: usize) -> Result<String, Refusal> {
    match encoding {
        Encoding::Identity if body.len() > limit => Err(Refusal::TooLargeUnpacked { limit }),
        Encoding::Identity => inspect_unpacked(kind, body),
        Encoding::Gzip => inspect_unpacked(kind, &unpack(body, limit)?),
    }
}

fn unpack(body: &[u8], limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut unpacked = Vec::with_capacity(body.len().saturating_mul(8).min(limit) + 1);
    let mut reader = MultiGzDecoder::new(body).take(limit as u64 + 1);
    reader.read_to_end(&mut unpacked).map_err(|error| Refusal::Gzip { problem: error.to_string() })?;
    if unpacked.len() > limit { Err(Refusal::TooLargeUnpacked { limit }) } else { Ok(unpacked) }
}

/// The text of a body, for people who look into a dead letter; none when it is no text.
pub fn unpack_text(encoding: Encoding, body: &[u8]) -> Option<String> {
    let unpacked = match encoding {
        Encoding::Identity => body.to_vec(),
        Encoding::Gzip => unpack(body, BYTES_MAX).ok()?,
    };
    String::from_utf8(unpacked).ok()
}

fn inspect_unpacked(kind: Kind, json: &[u8]) -> Result<String, Refusal> {
    let json = std::str::from_utf8(json).map_err(|error| Refusal::NotJson { problem: error.to_string() })?;
    match kind {
        Kind::Startup => read_head::<StartupHead>(json),
        Kind::Report => read_head::<ReportHead>(json),
        Kind::RequestLogs => read_lines(json),
    }
}

/// What every head tells.
trait Head: for<'de> Deserialize<'de> {
    const NAME: &'static str;
    fn take(self) -> (u16, String);
}

impl Head for StartupHead {
    const NAME: &'static str = "startup message";
    fn take(self) -> (u16, String) {
        (self.version, self.env)
    }
}

impl Head for ReportHead {
    const NAME: &'static str = "report";
    fn take(self) -> (u16, String) {
        (self.version, self.env)
    }
}

impl Head for RequestLogBatchHead {
    const NAME: &'static str = "head of a batch of request logs";
    fn take(self) -> (u16, String) {
        (self.version, self.env)
    }
}

fn read_head<H: Head>(json: &str) -> Result<String, Refusal> {
    match serde_json::from_str::<H>(json).map(H::take) {
        Ok((version, env)) => check_version(version).map(|()| env),
        Err(error) => Err(why_not::<H>(json, &error)),
    }
}

fn read_lines(json: &str) -> Result<String, Refusal> {
    let mut lines = json.lines();
    let env = read_head::<RequestLogBatchHead>(lines.next().unwrap_or_default())?;
    for (at, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        serde_json::from_str::<IgnoredAny>(line)
            .map_err(|error| Refusal::NotJson { problem: format!("line {}: {error}", at + 2) })?;
    }
    Ok(env)
}

fn check_version(version: u16) -> Result<(), Refusal> {
    if (1..=protocol::VERSION).contains(&version) {
        Ok(())
    } else {
        Err(Refusal::Version { version: version.into() })
    }
}

/// Tells apart: not JSON, of a version whose head may look different, and not a message at all.
fn why_not<H: Head>(json: &str, error: &serde_json::Error) -> Refusal {
    #[derive(Deserialize)]
    struct Versioned {
        v: u64,
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(json) {
        return Refusal::NotJson { problem: error.to_string() };
    }
    match serde_json::from_str::<Versioned>(json) {
        Ok(Versioned { v }) if v > u64::from(protocol::VERSION) => Refusal::Version { version: v },
        _ => Refusal::NotAMessage { wanted: H::NAME, problem: error.to_string() },
    }
}

#[cfg(test)]
mod tests;
