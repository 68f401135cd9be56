//! Compressed bodies. Decompression stops at the bound: nothing is allocated beyond it, whatever the body claims.

use std::io::{ErrorKind, Read};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;

use super::MESSAGE_BYTES_MAX;
use super::refused::{Fate, Refused};

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

/// What is accepted, as headers say it.
pub(super) const ACCEPTED: &str = "identity, gzip, zstd";

/// The largest window of zstd, as a power of two: RFC 9659 lets senders use 8 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// What a body is guessed to become, at first: telemetry shrinks to a tenth.
const RATIO: usize = 8;

impl Encoding {
    /// By its name in a header; nothing said is identity.
    pub(super) fn named(name: Option<&[u8]>) -> Result<Self, Refused> {
        match name.unwrap_or(b"identity").to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Ok(Self::Identity),
            b"gzip" | b"x-gzip" => Ok(Self::Gzip),
            b"zstd" => Ok(Self::Zstd),
            other => {
                let other = String::from_utf8_lossy(other).into_owned();
                Err(Refused::new(
                    Fate::Encoding,
                    format!("the encoding {other:?} is not read; send {ACCEPTED}"),
                ))
            }
        }
    }
}

/// The body as it was before it was compressed, at most `bytes_max` long.
pub(super) fn expand(encoding: Encoding, body: Bytes, bytes_max: usize) -> Result<Bytes, Refused> {
    let bad = |name: &str, error: std::io::Error| {
        Refused::new(Fate::Malformed, format!("the body is no {name}: {error}"))
    };
    match encoding {
        Encoding::Identity => Ok(body),
        Encoding::Gzip => {
            bounded(MultiGzDecoder::new(&*body), body.len(), bytes_max).map_err(|error| bad("gzip", error))?
        }
        Encoding::Zstd => {
            let reader = zstd::stream::read::Decoder::with_buffer(&*body).and_then(|mut decoder| {
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                bounded(decoder, body.len(), bytes_max)
            });
            reader.map_err(|error| bad("zstd", error))?
        }
    }
}

/// Reads until the end or the bound.
fn bounded(
    mut from: impl Read,
    compressed: usize,
    bytes_max: usize,
) -> std::io::Result<Result<Bytes, Refused>> {
    // One byte more than the bound tells what is too long from what fits.
    let limit = bytes_max + 1;
    let mut out = vec![0; compressed.saturating_mul(RATIO).clamp(1 << 10, limit)];
    let mut length = 0;
    loop {
        if length == out.len() {
            if length == limit {
                return Ok(Err(too_large("decompressed it")));
            }
            out.resize((2 * length).min(limit), 0);
        }
        match from.read(&mut out[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    out.truncate(length);
    if length > bytes_max {
        return Ok(Err(too_large("decompressed it")));
    }
    Ok(Ok(Bytes::from(out)))
}

/// The refusal of what is over the bound.
pub(super) fn too_large(what: &str) -> Refused {
    let mib = MESSAGE_BYTES_MAX >> 20;
    Refused::new(Fate::TooLarge, format!("{what} has more than {mib} MiB; send smaller batches"))
}

#[cfg(test)]
mod tests;
