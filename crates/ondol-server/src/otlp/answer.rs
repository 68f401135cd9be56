//! What a sender is told, in the words of OTLP.

use ondol_telemetry::{Exported, Signal};
use prost::Message as _;

use super::Form;
use super::refused::Refused;

/// `ExportTraceServiceResponse`, and those of the other signals, which have the same form.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Taken {
    #[prost(message, optional, tag = "1")]
    partial: Option<Partial>,
}

/// `ExportTracePartialSuccess`, and those of the other signals.
#[derive(Clone, PartialEq, prost::Message)]
struct Partial {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    message: String,
}

impl Taken {
    /// Says nothing where everything was taken: the specification wants it so.
    pub(super) fn new(exported: Exported) -> Self {
        let Exported { rejected, message, .. } = exported;
        let rejected = i64::try_from(rejected).unwrap_or(i64::MAX);
        let partial = (rejected > 0 || !message.is_empty()).then_some(Partial { rejected, message });
        Self { partial }
    }

    /// As a body.
    pub(super) fn body(&self, signal: Signal, form: Form) -> Vec<u8> {
        match (form, &self.partial) {
            (Form::Protobuf, _) => self.encode_to_vec(),
            (Form::Json, None) => b"{}".to_vec(),
            (Form::Json, Some(Partial { rejected, message })) => {
                let name = match signal {
                    Signal::Traces => "rejectedSpans",
                    Signal::Logs => "rejectedLogRecords",
                    Signal::Metrics => "rejectedDataPoints",
                };
                // 64-bit numbers are texts in protobuf's JSON.
                let partial = serde_json::json!({ name: rejected.to_string(), "errorMessage": message });
                serde_json::json!({ "partialSuccess": partial }).to_string().into_bytes()
            }
        }
    }
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Status {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<Any>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Any {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, prost::Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl Status {
    /// With a `RetryInfo` where sending again makes sense.
    pub(super) fn new(refused: &Refused) -> Self {
        let retry = refused.retry_after().map(|wait| {
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
            let delay = Delay { seconds, nanos: wait.subsec_nanos().cast_signed() };
            Any {
                type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
                value: RetryInfo { retry_delay: Some(delay) }.encode_to_vec(),
            }
        });
        Self {
            code: refused.fate().grpc(),
            message: refused.message().to_owned(),
            details: retry.into_iter().collect(),
        }
    }

    /// As a body of HTTP.
    pub(super) fn body(&self, form: Form) -> Vec<u8> {
        match form {
            Form::Protobuf => self.encode_to_vec(),
            Form::Json => {
                serde_json::json!({ "code": self.code, "message": self.message }).to_string().into_bytes()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ondol_telemetry::ExportError;

    use super::*;
    use crate::otlp::refused::Fate;

    #[test]
    fn a_sender_that_shall_come_again_is_told_when() {
        let busy =
            ExportError::Busy { reason: "memory".to_owned(), retry_after: Duration::from_millis(2_500) };
        let disk = ExportError::Disk {
            source: std::io::ErrorKind::StorageFull.into(),
            retry_after: Duration::from_secs(10),
        };
        let malformed = ExportError::Malformed { signal: "logs", reason: "cut off".to_owned() };
        #[rustfmt::skip]
        let table = [
            (Refused::from(busy),                     429, 8,  Some((2, 500_000_000))),
            (Refused::from(disk),                     503, 14, Some((10, 0))),
            (Refused::new(Fate::Busy, "full"),        429, 8,  Some((1, 0))),
            (Refused::new(Fate::TooLarge, "large"),   413, 8,  None),
            (Refused::from(malformed),                400, 3,  None),
        ];
        for (refused, http, grpc, again) in table {
            let status = Status::decode(&*Status::new(&refused).body(Form::Protobuf)).expect("protobuf");
            assert_eq!((refused.fate().http().as_u16(), status.code), (http, grpc), "{refused:?}");
            let told = status.details.first().map(|any| {
                assert_eq!(any.type_url, "type.googleapis.com/google.rpc.RetryInfo");
                let delay =
                    RetryInfo::decode(&*any.value).expect("a RetryInfo").retry_delay.expect("a delay");
                (delay.seconds, delay.nanos)
            });
            assert_eq!(told, again, "{refused:?}");
        }
    }
}
