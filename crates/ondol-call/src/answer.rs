//! What physically happened to a request. No judgement: [`crate::outcome`] has that.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::target::Endpoint;

/// All that happened to one request.
#[derive(Debug)]
pub struct Sent {
    /// The tries that certainly never left this machine and were followed by another, oldest first.
    pub unsent: Vec<NotSent>,
    /// The last try, the only one of which a byte may have left.
    pub result: Try,
}

/// One try on one endpoint.
#[derive(Debug)]
pub enum Try {
    /// No endpoint was sent anything it may have acted upon. The last of the refusals.
    NotSent(NotSent),
    /// A whole answer came back.
    Answered(Answer),
    /// Something may have left and no whole answer came back.
    Unclear(Unclear),
}

/// A try that the peer certainly did not act upon.
#[derive(Debug)]
pub struct NotSent {
    /// Which endpoint; none if the target has none or the caller is shutting down.
    pub endpoint: Option<Endpoint>,
    /// Why.
    pub why: NotSentReason,
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSentReason {
    /// The target has no endpoint.
    #[error("the service has no address; give it a url")]
    NoEndpoint,
    /// [`Caller::shutdown`](crate::Caller::shutdown) was called.
    #[error("the caller is shutting down")]
    ShuttingDown,
    /// The caller's deadline passed before the request could leave.
    #[error("the deadline passed before it could be sent")]
    Deadline,
    /// Every place is taken and as many calls as may wait are waiting.
    #[error(
        "all {places} places are taken and {waiting} calls wait already; raise the pool's limits or send less"
    )]
    QueueFull {
        /// `connections_max`, or the HTTP/2 streams.
        places: usize,
        /// `waiters_max`.
        waiting: usize,
    },
    /// No place became free in time.
    #[error("no connection became free within {waited_ms} ms")]
    NoPlace {
        /// `wait_max` in milliseconds.
        waited_ms: u64,
    },
    /// A limit of this caller: the throttle, or a rate.
    #[error("{0}")]
    Limited(String),
    /// It was sent before, and the retry budget cannot pay for sending it again now.
    #[error("the retry budget is empty (budget.share, budget.per_second)")]
    BudgetEmpty,
    /// The name could not be resolved.
    #[error("resolving its name: {0}")]
    Dns(std::io::Error),
    /// The connection was not established in time.
    #[error("not connected within {waited_ms} ms")]
    ConnectTimeout {
        /// The connect timeout in milliseconds.
        waited_ms: u64,
    },
    /// Another call was opening the one connection that both would have had.
    #[error("connecting, for all who waited: {0}")]
    DialFailed(String),
    /// The connection was refused or is impossible.
    #[error("connecting: {0}")]
    Connect(std::io::Error),
    /// The TLS handshake failed, or the peer does not speak the wanted HTTP.
    #[error("agreeing on TLS: {0}")]
    Tls(std::io::Error),
    /// The HTTP handshake failed.
    #[error("starting HTTP: {0}")]
    Handshake(std::io::Error),
    /// A kept connection turned out to be closed before the request was written.
    #[error("the kept connection was already closed")]
    Stale,
    /// The peer said that it did not process the request (HTTP/2 REFUSED_STREAM, or GOAWAY below it).
    #[error("the peer turned it away unprocessed: {0}")]
    Unprocessed(hyper::Error),
    /// A fault of the system file's `faults` turned it away.
    #[error("an injected fault turned it away unprocessed")]
    Injected,
    /// The body was read in part by a try that was not sent, and is too long to be sent again.
    #[error("its body is over {} KiB and partly read, so that it cannot be sent again", crate::body::REPLAY_MAX / 1024)]
    BodyGone,
}

impl NotSentReason {
    /// It was our own bound that was reached, which says nothing about the target.
    pub fn is_ours(&self) -> bool {
        match self {
            Self::ShuttingDown
            | Self::Deadline
            | Self::QueueFull { .. }
            | Self::NoPlace { .. }
            | Self::Limited(_)
            | Self::BudgetEmpty
            | Self::BodyGone => true,
            Self::NoEndpoint
            | Self::Dns(_)
            | Self::ConnectTimeout { .. }
            | Self::DialFailed(_)
            | Self::Connect(_)
            | Self::Tls(_)
            | Self::Handshake(_)
            | Self::Stale
            | Self::Unprocessed(_)
            | Self::Injected => false,
        }
    }

    /// It is this call that may not go now: another one may.
    pub fn is_deferral(&self) -> bool {
        matches!(self, Self::BudgetEmpty)
    }

    /// The endpoint may well take it when asked once more.
    pub(crate) fn is_uncounted(&self) -> bool {
        matches!(self, Self::Stale | Self::Unprocessed(_) | Self::Injected)
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status, never 1xx but 101.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, or the beginning of one that is over the limit.
    pub body: Bytes,
    /// The body is longer than [`Answer::BODY_MAX`]; the rest was not read.
    pub over_limit: bool,
    /// Who answered.
    pub endpoint: Endpoint,
}

impl Answer {
    /// Bodies are journaled and held in memory for every running saga; 1 MiB is the journal's own limit.
    pub const BODY_MAX: usize = 1024 * 1024;
}

/// A try whose effect is unknown.
#[derive(Debug)]
pub struct Unclear {
    /// Which endpoint it was sent to.
    pub endpoint: Endpoint,
    /// Why nothing is known.
    pub why: UnclearReason,
}

/// Why an effect is unknown.
#[derive(Debug, thiserror::Error)]
pub enum UnclearReason {
    /// The response's head did not come in time.
    #[error("no answer within {waited_ms} ms")]
    ResponseTimeout {
        /// What was waited, in milliseconds.
        waited_ms: u64,
    },
    /// Whoever made the request went away within its body.
    #[error("the client went away before its request was whole")]
    ClientGone,
    /// Whoever made the request stopped within its body.
    #[error("the client sent nothing more of its request for {waited_ms} ms")]
    ClientSilent {
        /// What was waited, in milliseconds.
        waited_ms: u64,
    },
    /// The body stopped coming.
    #[error("answered {status}, then its body stopped for {waited_ms} ms")]
    BodyTimeout {
        /// The status that had come.
        status: StatusCode,
        /// What was waited, in milliseconds.
        waited_ms: u64,
    },
    /// The body was still coming when the deadline passed.
    #[error("answered {status}, then the deadline passed within its body")]
    BodyDeadline {
        /// The status that had come.
        status: StatusCode,
    },
    /// The connection failed before a whole head had come.
    #[error("the connection failed before an answer: {0}")]
    Reset(hyper::Error),
    /// The connection failed within the body.
    #[error("answered {status}, then the connection failed: {error}")]
    BodyCut {
        /// The status that had come.
        status: StatusCode,
        /// What failed.
        error: hyper::Error,
    },
    /// A fault of the system file's `faults` lost the answer.
    #[error("an injected fault lost its answer")]
    Injected,
}
