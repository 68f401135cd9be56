//! What a failed export means to a sender (OTLP, "Failures" and "OTLP/gRPC throttling").

use std::time::Duration;

use prost::Message;
use tonic::{Code, Status};

/// What to do with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Send it again after this long, as the receiver asks.
    After(Duration),
    /// Send it again when you like: the receiver said nothing, or is not there.
    Again,
    /// It is of no use to send it again.
    Never,
}

/// `google.rpc.Status`, which gRPC carries in `grpc-status-details-bin`.
#[derive(Clone, PartialEq, Message)]
struct Details {
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    delay: Option<Delay>,
}

/// `google.protobuf.Duration`
#[derive(Clone, Copy, PartialEq, Eq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// Reads a status as the specification says.
pub(super) fn read(status: &Status) -> Answer {
    let delay = retry_info(status.details());
    match (status.code(), delay) {
        (Code::ResourceExhausted | Code::Unavailable, Some(delay)) => Answer::After(delay),
        (
            Code::Unavailable
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::DataLoss,
            _,
        ) => Answer::Again,
        // What a connection that breaks amid an answer looks like to tonic.
        (Code::Unknown | Code::Internal, _) if std::error::Error::source(status).is_some() => Answer::Again,
        // ResourceExhausted without RetryInfo, too: the receiver does not recover.
        _ => Answer::Never,
    }
}

fn retry_info(details: &[u8]) -> Option<Duration> {
    let details = Details::decode(details).ok()?;
    let info = details.details.iter().find(|any| any.type_url.ends_with("/google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(info.value.as_slice()).ok()?.delay.unwrap_or_default();
    Some(Duration::new(u64::try_from(delay.seconds).ok()?, u32::try_from(delay.nanos).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_send_again() {
        let info = RetryInfo { delay: Some(Delay { seconds: 2, nanos: 500_000_000 }) };
        let any = Any {
            type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
            value: info.encode_to_vec(),
        };
        let details = Details { details: vec![any] }.encode_to_vec();
        let table = [
            (Code::ResourceExhausted, true, Answer::After(Duration::from_millis(2_500))),
            (Code::ResourceExhausted, false, Answer::Never),
            (Code::Unavailable, true, Answer::After(Duration::from_millis(2_500))),
            (Code::Unavailable, false, Answer::Again),
            (Code::InvalidArgument, true, Answer::Never),
            (Code::Internal, false, Answer::Never),
        ];
        for (code, informed, expected) in table {
            let details = if informed { details.clone() } else { Vec::new() };
            assert_eq!(
                read(&Status::with_details(code, "", details.into())),
                expected,
                "{code:?} {informed}"
            );
        }
    }
}
