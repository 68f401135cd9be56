//! What is read in place is what the generated code reads.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::model::Log;
use crate::otlp::proto::common::v1::any_value::Value;
use crate::otlp::proto::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use crate::otlp::proto::logs::v1::{LogRecord, ScopeLogs};
use crate::otlp::proto::resource::v1::Resource;
use crate::rows::Chunk as _;

const RULES: Rules = Rules { now_ns: 1_000, oldest_ns: 10 };

/// The records and the counts that come of an export.
fn poured(export: &Export) -> (Vec<Log>, String) {
    let mut rows = Rows::default();
    let tallies = export.pour(&mut rows, RULES);
    let chunks = rows.hours().flat_map(|(_, hour)| hour.chunks());
    let logs = chunks.flat_map(|chunk| (0..chunk.len()).map(|row| chunk.get(row, &rows.tables)));
    (logs.collect(), format!("{tallies:?}"))
}

/// Reads a body in both ways; the generated code is right.
fn check(body: &[u8]) -> Result<(), TestCaseError> {
    let body = Bytes::copy_from_slice(body);
    let built = ExportLogsServiceRequest::decode(body.clone());
    let export = Export::decode(&body);
    prop_assert_eq!(export.is_ok(), built.is_ok(), "accepted");
    if let (Ok(export), Ok(built)) = (export, built) {
        let built = Export::Built(built);
        prop_assert_eq!(poured(&export), poured(&built));
        prop_assert_eq!(export.sources(), built.sources());
    }
    Ok(())
}

fn values() -> impl Strategy<Value = AnyValue> {
    let one = prop_oneof![
        8 => "[a-z가-힣 ]{0,12}".prop_map(Value::StringValue),
        1 => any::<bool>().prop_map(Value::BoolValue),
        1 => any::<i64>().prop_map(Value::IntValue),
        1 => (-1e9..1e9).prop_map(Value::DoubleValue),
        1 => vec(any::<u8>(), 0..4).prop_map(Value::BytesValue),
    ];
    let one = one.prop_recursive(2, 8, 3, |inner| {
        let any = || option::of(inner.clone()).prop_map(|value| AnyValue { value });
        let pair = ("[a-c]{1,2}", option::of(any())).prop_map(|(key, value)| KeyValue {
            key,
            value,
            ..KeyValue::default()
        });
        prop_oneof![
            vec(any(), 0..3).prop_map(|values| Value::ArrayValue(ArrayValue { values })),
            vec(pair, 0..3).prop_map(|values| Value::KvlistValue(KeyValueList { values })),
        ]
    });
    option::of(one).prop_map(|value| AnyValue { value })
}

fn pairs() -> impl Strategy<Value = Vec<KeyValue>> {
    let name = prop_oneof![Just("service.name".to_owned()), "[a-c가]{0,3}"];
    let pair =
        (name, option::of(values())).prop_map(|(key, value)| KeyValue { key, value, ..Default::default() });
    vec(pair, 0..4)
}

fn records() -> impl Strategy<Value = LogRecord> {
    let ids = (vec(any::<u8>(), 0..20), vec(any::<u8>(), 8..9));
    (0..40_u64, 0..2_u64, -2..30_i32, option::of(values()), pairs(), ids, "[a-b]{0,2}").prop_map(
        |(time, observed, severity, body, attributes, (trace_id, span_id), event_name)| LogRecord {
            time_unix_nano: time / 2,
            observed_time_unix_nano: observed,
            severity_number: severity,
            severity_text: event_name.clone(),
            body,
            attributes,
            dropped_attributes_count: observed as u32,
            flags: observed as u32,
            trace_id,
            span_id,
            event_name,
        },
    )
}

fn exports() -> impl Strategy<Value = ExportLogsServiceRequest> {
    let scope = "[a-b]{0,2}".prop_map(|name| InstrumentationScope { name, ..Default::default() });
    let of_scope = (option::of(scope), vec(records(), 0..4)).prop_map(|(scope, log_records)| ScopeLogs {
        schema_url: scope.as_ref().map_or(String::new(), |scope| scope.name.clone()),
        scope,
        log_records,
    });
    let resource = pairs().prop_map(|attributes| Resource { attributes, ..Default::default() });
    let of_resource = (option::of(resource), vec(of_scope, 0..3))
        .prop_map(|(resource, scope_logs)| ResourceLogs { resource, scope_logs, schema_url: String::new() });
    vec(of_resource, 0..3).prop_map(|resource_logs| ExportLogsServiceRequest { resource_logs })
}

proptest! {
    #[test]
    fn an_export_is_read_alike(export in exports()) {
        check(&export.encode_to_vec())?;
    }

    /// Bytes put in, taken out and changed: fields that come twice, of another kind, cut off, unknown.
    #[test]
    fn a_broken_export_is_read_alike(
        export in exports(),
        changes in vec((any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 1..4),
    ) {
        let mut body = export.encode_to_vec();
        for (place, change, byte) in changes {
            if body.is_empty() {
                break;
            }
            let at = place.index(body.len());
            match change {
                0 => body[at] = byte,
                1 => drop(body.remove(at)),
                _ => body.insert(at, byte),
            }
        }
        check(&body)?;
    }
}

#[test]
fn the_usual_is_read_in_place_and_the_rare_is_not_lost() {
    let text = |text: &str| Some(AnyValue { value: Some(Value::StringValue(text.to_owned())) });
    let record = LogRecord { time_unix_nano: 20, body: text("hello"), ..LogRecord::default() };
    let of_scope = ScopeLogs { log_records: vec![record], ..ScopeLogs::default() };
    let export = ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs { scope_logs: vec![of_scope], ..ResourceLogs::default() }],
    };
    let body = Bytes::from(export.encode_to_vec());
    let plain = Export::decode(&body).unwrap();
    assert!(matches!(plain, Export::Plain(_)), "{plain:?}");
    assert_eq!(poured(&plain).0[0].body, "hello");
    // A group, which nobody sends any more: field 100 begins and ends.
    let rare = Bytes::from([&body[..], &[0xA3, 0x06, 0xA4, 0x06]].concat());
    let built = Export::decode(&rare).unwrap();
    assert!(matches!(built, Export::Built(_)), "{built:?}");
    assert_eq!(poured(&built), poured(&plain));
    for length in 1..body.len() {
        assert!(Export::decode(&body.slice(..length)).is_err(), "{length} bytes of it are no export");
    }
}
