//! Sends batches over gRPC, so many at a time, again where the receiver pushes back or is not there.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::uri::PathAndQuery;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use serde::{Deserialize, Serialize};
use tonic::Request;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};

use super::push_back::{self, Answer};
use super::raw::Raw;
use super::{Batch, Signal};

/// Exports under way at a time.
pub const IN_FLIGHT: usize = 8;

/// Longest wait for the answer to one export; a receiver that is slower has hung.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Pause before an export is sent again where the receiver did not say how long it wants.
const PAUSE: Duration = Duration::from_millis(100);

/// How often one export is sent: with [`PAUSE`] and the receiver's own waits, minutes.
const TRIES_MAX: u32 = 1_200;

/// An export was not taken, and will not be.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The address is none.
    #[error("cannot connect to {address}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: tonic::transport::Error,
    },
    /// The receiver will not have it.
    #[error("batch {number} of {records} records was refused after {tries} tries: {status}")]
    Refused {
        /// The batch.
        number: u64,
        /// Its size.
        records: u64,
        /// How often it was sent.
        tries: u32,
        /// The last answer.
        status: Box<tonic::Status>,
    },
    /// The answer is no OTLP.
    #[error("the answer to batch {number} is no export response")]
    Answer {
        /// The batch.
        number: u64,
        /// Why.
        source: prost::DecodeError,
    },
}

/// What became of what was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Batches that were acknowledged.
    pub batches: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes of protobuf, each batch once.
    pub bytes: u64,
    /// Of the records, those that the receiver said it did not take.
    pub rejected: u64,
    /// Why, in the receiver's words; the first.
    pub message: String,
    /// Answers that asked for a pause.
    pub pushed_back: u64,
    /// Records in batches that were sent more than once without an answer that said they were not taken: they may have
    /// been kept before.
    pub repeated_records: u64,
    /// Exports without an answer.
    pub unanswered: u64,
}

impl Sent {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.batches += other.batches;
        self.records += other.records;
        self.bytes += other.bytes;
        self.rejected += other.rejected;
        self.pushed_back += other.pushed_back;
        self.repeated_records += other.repeated_records;
        self.unanswered += other.unanswered;
        if self.message.is_empty() {
            self.message.clone_from(&other.message);
        }
    }
}

/// A connection to one receiver; made anew by itself when it breaks.
#[derive(Clone, Debug)]
pub struct Sender {
    channel: Channel,
}

impl Sender {
    /// Connects when something is sent.
    ///
    /// # Errors
    /// [`SenderError::Address`].
    pub fn new(to: SocketAddr) -> Result<Self, SenderError> {
        let endpoint = Endpoint::from_shared(format!("http://{to}"))
            .map_err(|source| SenderError::Address { address: to, source })?;
        let channel = endpoint.timeout(ANSWER_MAX).tcp_nodelay(true).connect_lazy();
        Ok(Self { channel })
    }

    /// Sends all, [`IN_FLIGHT`] at a time, and tells of each that was acknowledged.
    ///
    /// # Errors
    /// [`SenderError`] of the first that was refused.
    pub async fn send(
        &self,
        batches: impl Iterator<Item = Batch>,
        mut acknowledged: impl FnMut(&Batch, &Sent),
    ) -> Result<Sent, SenderError> {
        let each = futures_util::stream::iter(batches).map(|batch| async move {
            let sent = self.deliver(&batch).await?;
            Ok::<_, SenderError>((batch, sent))
        });
        let mut under_way = each.buffer_unordered(IN_FLIGHT);
        let mut all = Sent::default();
        while let Some(done) = under_way.next().await {
            let (batch, sent) = done?;
            acknowledged(&batch, &sent);
            all.add(&sent);
        }
        Ok(all)
    }

    async fn deliver(&self, batch: &Batch) -> Result<Sent, SenderError> {
        let mut sent =
            Sent { batches: 1, records: batch.records, bytes: batch.bytes.len() as u64, ..Sent::default() };
        for tries in 1.. {
            let status = match self.once(batch.signal, batch.bytes.clone()).await {
                Ok(answer) => {
                    // Responses of all signals have the same fields.
                    let answer = ExportTraceServiceResponse::decode(answer)
                        .map_err(|source| SenderError::Answer { number: batch.number, source })?;
                    let partial = answer.partial_success.unwrap_or_default();
                    sent.rejected = partial.rejected_spans.unsigned_abs();
                    sent.message = partial.error_message;
                    return Ok(sent);
                }
                Err(status) => status,
            };
            let answer = push_back::read(&status);
            if answer == Answer::Never || tries == TRIES_MAX {
                let (number, records) = (batch.number, batch.records);
                return Err(SenderError::Refused { number, records, tries, status: Box::new(status) });
            }
            if let Answer::After(pause) = answer {
                sent.pushed_back += 1;
                tokio::time::sleep(pause).await;
            } else {
                sent.unanswered += 1;
                sent.repeated_records = batch.records;
                tokio::time::sleep(PAUSE).await;
            }
        }
        unreachable!("it is sent until it returns")
    }

    async fn once(&self, signal: Signal, bytes: Bytes) -> Result<Bytes, tonic::Status> {
        let path = match signal {
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        };
        let mut client = Grpc::new(self.channel.clone());
        let ready = client.ready().await;
        ready.map_err(|error| tonic::Status::unavailable(format!("no connection: {error}")))?;
        let answer = client.unary(Request::new(bytes), PathAndQuery::from_static(path), Raw).await?;
        Ok(answer.into_inner())
    }
}
