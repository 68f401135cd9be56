//! OTLP in: gRPC and HTTP, protobuf and JSON, gzip and zstd. What arrives goes to [`ondol_telemetry`] as the protobuf bytes
//! that a sender wrote; nothing is decoded here but JSON.
//!
//! ```text
//! connection ─► grpc | http ─► who may ─► body, bounded ─► expanded, bounded ─► json ─► export ─► answer
//! ```
//!
//! A call of gRPC with one message is five bytes before a body of HTTP/2. They are read here and not by `tonic`: what a
//! request holds is counted against a common bound as it arrives, and both protocols share one way. Tests call with `tonic`.
//!
//! It does not know what is in a message, and it keeps nothing.

mod answer;
mod body;
mod budget;
mod encoding;
mod grpc;
mod http;
mod json;
mod listen;
mod refused;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use ondol_telemetry::{ExportError, Exported, Signal};

use crate::telemetry::Store;
use budget::{Budget, Held};
use encoding::Encoding;
pub(crate) use listen::{Listening, bind, listen};
use refused::{Counts, Fate, Refused};

/// Bytes of a message, after decompression: what the Collector's exporters send at most is 8 MiB, and gRPC libraries take
/// 4 MiB where nobody said otherwise.
const MESSAGE_BYTES_MAX: usize = 16 << 20;

/// What both listeners share.
pub(crate) struct Otlp {
    store: Store,
    budget: Budget,
    counts: Counts,
}

impl Otlp {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, budget: Budget::new(), counts: Counts::default() }
    }

    /// Requests that were refused since the start, by why.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.all()
    }

    /// A place for one more request.
    fn admit(self: &Arc<Self>) -> Result<Held, Refused> {
        self.budget.admit()
    }

    /// Expands a body and hands it to the store. Done when what is in it is durable.
    async fn take(
        &self,
        signal: Signal,
        body: Bytes,
        (encoding, form): (Encoding, Form),
        held: &mut Held,
    ) -> Result<Exported, Refused> {
        let mut body = encoding::expand(encoding, body, MESSAGE_BYTES_MAX)?;
        if form == Form::Json {
            let made = json::to_protobuf(signal, &body, MESSAGE_BYTES_MAX);
            body = Bytes::from(made.map_err(|bad| match bad {
                json::Bad::Malformed(why) => Refused::new(
                    Fate::Malformed,
                    format!("the body is no OTLP {} in JSON: {why}", signal.name()),
                ),
                json::Bad::TooLarge => encoding::too_large("as protobuf it"),
            })?);
        }
        held.set(body.len())?;
        let telemetry = self.store.open().map_err(|why| Refused::new(Fate::Away, why))?;
        let exported = AssertUnwindSafe(telemetry.export(signal, body)).catch_unwind().await;
        match exported {
            Ok(exported) => exported.map_err(Refused::from),
            Err(_panic) => {
                Err(Refused::new(Fate::Internal, "taking the message failed; Ondol's log says where"))
            }
        }
    }
}

/// How a message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Protobuf,
    Json,
}

impl From<ExportError> for Refused {
    fn from(error: ExportError) -> Self {
        let said = crate::problem::chain(&error);
        match error {
            ExportError::Malformed { .. } => Self::new(Fate::Malformed, said),
            ExportError::Busy { retry_after, .. } => Self::new(Fate::Busy, said).again_after(retry_after),
            ExportError::Disk { retry_after, .. } => Self::new(Fate::Away, said).again_after(retry_after),
            _ => Self::new(Fate::Internal, said),
        }
    }
}
