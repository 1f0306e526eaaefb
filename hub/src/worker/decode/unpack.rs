//! Decompression with a limit: a small body may claim to be endless.

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use sendry_sdk::protocol::limits::REPORT_DECOMPRESSED_BYTES_MAX;

use super::Refusal;
use crate::queue::{Encoding, Envelope};

/// The body of `envelope`, unpacked.
pub fn unpack(envelope: &Envelope) -> Result<Bytes, Refusal> {
    let body = match envelope.encoding {
        Encoding::Identity => envelope.body.clone(),
        Encoding::Gzip => gunzip(&envelope.body)?,
    };
    match body.len() <= REPORT_DECOMPRESSED_BYTES_MAX {
        true => Ok(body),
        false => {
            Err(Refusal::malformed(format!("it unpacks to more than {REPORT_DECOMPRESSED_BYTES_MAX} bytes")))
        }
    }
}

/// Unpacks one byte more than is allowed at the most.
fn gunzip(packed: &[u8]) -> Result<Bytes, Refusal> {
    let mut unpacked = Vec::with_capacity((packed.len() * 6).min(REPORT_DECOMPRESSED_BYTES_MAX + 1));
    let mut limited = MultiGzDecoder::new(packed).take(REPORT_DECOMPRESSED_BYTES_MAX as u64 + 1);
    limited.read_to_end(&mut unpacked).map_err(|error| Refusal::malformed(format!("gzip: {error}")))?;
    Ok(unpacked.into())
}
