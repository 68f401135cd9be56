//! A request's body, read whole within bounds of size, time and what is in hand.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt as _;

use super::budget::Held;
use super::encoding::too_large;
use super::refused::{Fate, Refused};

/// Time for the whole body.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Bytes read of a body that is over its bound, so that a sender that only listens once it has sent everything sees why.
const DISCARDED_BYTES_MAX: usize = 64 << 20;

/// The most that is made ready for a body before it is here: a sender may say of each that it will be long, and as little of
/// this as is not yet written to takes no memory.
const READY_BYTES_MAX: usize = 4 << 20;

/// Reads the whole body, at most `bytes_max` of it. `expected` says of its first piece how long all of it will be, where
/// the protocol has that; to make a buffer larger again and again takes as long as to read what comes.
pub(super) async fn read<B>(
    body: B,
    bytes_max: usize,
    held: &mut Held,
    expected: impl Fn(&[u8]) -> Option<usize>,
) -> Result<Bytes, Refused>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let late = || Refused::new(Fate::Late, format!("the body took more than {} s", BODY_WITHIN.as_secs()));
    tokio::time::timeout(BODY_WITHIN, collect(body, bytes_max, held, expected))
        .await
        .unwrap_or_else(|_| Err(late()))
}

async fn collect<B>(
    mut body: B,
    bytes_max: usize,
    held: &mut Held,
    expected: impl Fn(&[u8]) -> Option<usize>,
) -> Result<Bytes, Refused>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let hinted = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    let (mut length, mut refused) = (0_usize, None);
    while let Some(frame) = body.frame().await {
        let broken = |error| Refused::new(Fate::Malformed, format!("the body broke off: {error}"));
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        length += data.len();
        if length > DISCARDED_BYTES_MAX {
            break;
        }
        if refused.is_none() && length > bytes_max {
            refused = Some(too_large("the body"));
        } else if refused.is_none() {
            refused = held.set(length).err();
        }
        if refused.is_some() {
            // Read on, to be heard; nothing of it is kept.
            (first, joined) = (Bytes::new(), BytesMut::new());
            held.set(0)?;
        } else if first.is_empty() && joined.is_empty() {
            // One piece, as small exports are, is not copied.
            first = data;
        } else {
            if joined.is_empty() {
                let expected = expected(&first).unwrap_or(hinted).min(bytes_max);
                joined.reserve(expected.min(READY_BYTES_MAX).max(2 * length));
            }
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&data);
        }
    }
    match refused {
        Some(refused) => Err(refused),
        None => Ok(if joined.is_empty() { first } else { joined.freeze() }),
    }
}
