use ondol_telemetry::otlp::proto::collector::{
    logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
    trace::v1::ExportTraceServiceRequest,
};
use prost::Message;

use super::*;

const BYTES_MAX: usize = 1 << 20;

/// What `opentelemetry-proto` makes of the same JSON.
fn same<M>(signal: Signal, json: &str) -> M
where
    M: Message + Default + PartialEq + std::fmt::Debug + serde::de::DeserializeOwned,
{
    let made = to_protobuf(signal, json.as_bytes(), BYTES_MAX).expect("it is read");
    let ours = M::decode(&*made).expect("it is protobuf");
    assert_eq!(ours, serde_json::from_str::<M>(json).expect("it is theirs, too"), "{json}");
    ours
}

/// The specification's own examples (opentelemetry-proto, `examples/`), and what the JavaScript SDK sends.
#[test]
fn it_reads_what_the_reference_reads() {
    let spans: ExportTraceServiceRequest = same(Signal::Traces, include_str!("fixtures/trace.json"));
    assert_eq!(spans.resource_spans[0].scope_spans[0].spans[0].name, "I'm a server span");
    let logs: ExportLogsServiceRequest = same(Signal::Logs, include_str!("fixtures/logs.json"));
    assert_eq!(logs.resource_logs[0].scope_logs[0].log_records[0].severity_text, "Information");
    let _: ExportMetricsServiceRequest = same(Signal::Metrics, include_str!("fixtures/metrics.json"));
    let spans: ExportTraceServiceRequest = same(Signal::Traces, include_str!("fixtures/javascript.json"));
    let span = &spans.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!((span.start_time_unix_nano, span.trace_id.len()), (1_790_164_800_123_456_789, 16));
}

fn span(members: &str) -> String {
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{members}}}]}}]}}]}}"#)
}

fn attribute(value: &str) -> String {
    span(&format!(r#""attributes":[{{"key":"k","value":{value}}}]"#))
}

#[test]
fn the_mapping_is_the_specifications() {
    use ondol_telemetry::otlp::proto::common::v1::any_value::Value as Any;
    let read = |json: &str| {
        let made = to_protobuf(Signal::Traces, json.as_bytes(), BYTES_MAX).expect("it is read");
        let request = ExportTraceServiceRequest::decode(&*made).expect("it is protobuf");
        request.resource_spans[0].scope_spans[0].spans[0].clone()
    };
    let start = |members: &str| read(&span(members)).start_time_unix_nano;
    assert_eq!(start(r#""startTimeUnixNano":"18446744073709551615""#), u64::MAX);
    assert_eq!(start(r#""startTimeUnixNano":18446744073709551615"#), u64::MAX);
    assert_eq!(start(r#""startTimeUnixNano":1.5e9"#), 1_500_000_000);
    assert_eq!(start(r#""startTimeUnixNano":null,"unknown":{"a":[1,{}]}"#), 0);
    assert_eq!(read(&span(r#""traceId":"5B8EFFF798038103d269b633813fc60c""#)).trace_id[..2], [0x5b, 0x8e]);
    assert_eq!(read(&span(r#""n\u0061me":"a\"b""#)).name, "a\"b");
    #[rustfmt::skip]
    let values = [
        (r#"{"intValue":"-9223372036854775808"}"#,   Some(Any::IntValue(i64::MIN))),
        (r#"{"intValue":7}"#,                        Some(Any::IntValue(7))),
        (r#"{"doubleValue":"-Infinity"}"#,           Some(Any::DoubleValue(f64::NEG_INFINITY))),
        (r#"{"doubleValue":3}"#,                     Some(Any::DoubleValue(3.0))),
        (r#"{"boolValue":false}"#,                   Some(Any::BoolValue(false))),
        (r#"{"bytesValue":"_-8"}"#,                  Some(Any::BytesValue(vec![0xff, 0xef]))),
        (r#"{"bytesValue":"/+8="}"#,                 Some(Any::BytesValue(vec![0xff, 0xef]))),
        (r#"{"stringValue":""}"#,                    Some(Any::StringValue(String::new()))),
        (r#"{"futureValue":{"a":1},"intValue":1}"#,  Some(Any::IntValue(1))),
        ("{}",                                       None),
    ];
    for (json, expected) in values {
        let value = read(&attribute(json)).attributes[0].value.clone();
        assert_eq!(value.expect("a value").value, expected, "{json}");
    }
}

#[test]
fn what_is_none_is_said_with_its_place() {
    let table = [
        "",
        "[]",
        "{",
        r#"{"resourceSpans":{}}"#,
        r#"{"resourceSpans":[7]}"#,
        r#"{"resourceSpans":[]} x"#,
        &span(r#""traceId":"xyz""#),
        &span(r#""kind":"SPAN_KIND_SERVER""#),
        &span(r#""kind":1.5"#),
        &span(r#""startTimeUnixNano":-1"#),
        &span(r#""startTimeUnixNano":"soon""#),
        &span(r#""name":7"#),
        &span(r#""attributes":{}"#),
        &attribute(r#"{"intValue":9223372036854775808}"#),
        &attribute(r#"{"bytesValue":"*"}"#),
        &format!("{}{}", r#"{"a":"#.repeat(300), "}".repeat(300)),
    ];
    let said = table.map(|json| match to_protobuf(Signal::Traces, json.as_bytes(), BYTES_MAX) {
        Err(Bad::Malformed(why)) => format!("{}\n  {why}", json.chars().take(100).collect::<String>()),
        other => panic!("{json}: {other:?}"),
    });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_grows_is_bounded() {
    let numbers = vec!["1"; 300_000].join(",");
    let point = format!(r#"{{"explicitBounds":[{numbers}]}}"#);
    let json = format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"histogram":{{"dataPoints":[{point}]}}}}]}}]}}]}}"#
    );
    let made = |bytes_max| to_protobuf(Signal::Metrics, json.as_bytes(), bytes_max).map(|made| made.len());
    assert!(matches!(made(BYTES_MAX), Err(Bad::TooLarge)), "600 kB would be 2.7 MB");
    assert_eq!(made(4 << 20).expect("it fits"), 2_700_000 + 5 * 5);
}
