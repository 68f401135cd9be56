//! What the generated code will take in memory for an export. An empty span is two bytes on the wire and some hundred in
//! memory, so that the bytes of a body, compressed or not, say nothing of it.

use std::mem::size_of;

use super::proto::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use super::proto::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use super::proto::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, SummaryDataPoint, summary_data_point::ValueAtQuantile,
};
use super::proto::resource::v1::Resource;
use super::proto::trace::v1::span::{Event, Link};
use super::proto::trace::v1::{ResourceSpans, ScopeSpans, Span};
use super::wire::{Fields, Value};

/// The most that one export may take: eight times the longest body, where usual ones take two or three times theirs.
pub(crate) const WEIGHT_MAX: usize = 128 << 20;

/// Nesting that is followed; the generated code refuses more than a hundred.
const DEPTH_MAX: usize = 128;

/// A message: what it takes, and which of its fields hold messages.
pub(crate) struct Shape {
    bytes: usize,
    inner: &'static [(u32, &'static Shape)],
}

const fn shape<T>(inner: &'static [(u32, &'static Shape)]) -> Shape {
    Shape { bytes: size_of::<T>(), inner }
}

static VALUE: Shape = shape::<AnyValue>(&[(5, &VALUES), (6, &PAIRS)]);
static VALUES: Shape = shape::<()>(&[(1, &VALUE)]);
static PAIRS: Shape = shape::<()>(&[(1, &PAIR)]);
static PAIR: Shape = shape::<KeyValue>(&[(2, &VALUE)]);
static RESOURCE: Shape = shape::<Resource>(&[(1, &PAIR)]);
static SCOPE: Shape = shape::<InstrumentationScope>(&[(3, &PAIR)]);

/// An export of spans.
pub(crate) static TRACES: Shape = shape::<()>(&[(1, &RESOURCE_SPANS)]);
static RESOURCE_SPANS: Shape = shape::<ResourceSpans>(&[(1, &RESOURCE), (2, &SCOPE_SPANS)]);
static SCOPE_SPANS: Shape = shape::<ScopeSpans>(&[(1, &SCOPE), (2, &SPAN)]);
static SPAN: Shape = shape::<Span>(&[(9, &PAIR), (11, &EVENT), (13, &LINK)]);
static EVENT: Shape = shape::<Event>(&[(3, &PAIR)]);
static LINK: Shape = shape::<Link>(&[(4, &PAIR)]);

/// An export of log records.
pub(crate) static LOGS: Shape = shape::<()>(&[(1, &RESOURCE_LOGS)]);
static RESOURCE_LOGS: Shape = shape::<ResourceLogs>(&[(1, &RESOURCE), (2, &SCOPE_LOGS)]);
static SCOPE_LOGS: Shape = shape::<ScopeLogs>(&[(1, &SCOPE), (2, &RECORD)]);
static RECORD: Shape = shape::<LogRecord>(&[(5, &VALUE), (6, &PAIR)]);

/// An export of metrics.
pub(crate) static METRICS: Shape = shape::<()>(&[(1, &RESOURCE_METRICS)]);
static RESOURCE_METRICS: Shape = shape::<ResourceMetrics>(&[(1, &RESOURCE), (2, &SCOPE_METRICS)]);
static SCOPE_METRICS: Shape = shape::<ScopeMetrics>(&[(1, &SCOPE), (2, &METRIC)]);
static METRIC: Shape = shape::<Metric>(&[
    (5, &NUMBERS),
    (7, &NUMBERS),
    (9, &HISTOGRAMS),
    (10, &EXPONENTIALS),
    (11, &SUMMARIES),
    (12, &PAIR),
]);
static NUMBERS: Shape = shape::<()>(&[(1, &NUMBER)]);
static NUMBER: Shape = shape::<NumberDataPoint>(&[(5, &EXEMPLAR), (7, &PAIR)]);
static HISTOGRAMS: Shape = shape::<()>(&[(1, &HISTOGRAM)]);
static HISTOGRAM: Shape = shape::<HistogramDataPoint>(&[(8, &EXEMPLAR), (9, &PAIR)]);
static EXPONENTIALS: Shape = shape::<()>(&[(1, &EXPONENTIAL)]);
static EXPONENTIAL: Shape = shape::<ExponentialHistogramDataPoint>(&[(1, &PAIR), (11, &EXEMPLAR)]);
static SUMMARIES: Shape = shape::<()>(&[(1, &SUMMARY)]);
static SUMMARY: Shape = shape::<SummaryDataPoint>(&[(6, &QUANTILE), (7, &PAIR)]);
static QUANTILE: Shape = shape::<ValueAtQuantile>(&[]);
static EXEMPLAR: Shape = shape::<Exemplar>(&[(7, &PAIR)]);

/// What an export takes once it is decoded, in bytes: its own, as texts, and those of its messages. What cannot be read
/// ends the count, since it ends the decoding, too.
pub(crate) fn weight(export: &[u8], shape: &Shape) -> usize {
    export.len() + messages(export, shape, 0)
}

fn messages(message: &[u8], shape: &Shape, depth: usize) -> usize {
    if shape.inner.is_empty() || depth > DEPTH_MAX {
        return 0;
    }
    let inner = |tag: u32| shape.inner.iter().find(|(of, _)| *of == tag).map(|(_, shape)| *shape);
    let fields = Fields(message).map_while(Result::ok).filter_map(|(tag, value)| match value {
        Value::Bytes(bytes) => Some((inner(tag)?, bytes)),
        Value::Varint(_) | Value::Fixed64(_) | Value::Fixed32 => None,
    });
    fields.map(|(shape, bytes)| shape.bytes + messages(bytes, shape, depth + 1)).sum()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::super::proto::collector::trace::v1::ExportTraceServiceRequest;
    use super::*;

    #[test]
    fn empty_messages_weigh_what_they_take() {
        let spans = |spans: Vec<Span>| {
            let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
            let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
            ExportTraceServiceRequest { resource_spans }.encode_to_vec()
        };
        let empty = spans(vec![Span::default(); 100_000]);
        let least = 100_000 * size_of::<Span>();
        assert!((least..least + 1_000_000).contains(&weight(&empty, &TRACES)), "{}", weight(&empty, &TRACES));
        let pair = KeyValue { value: Some(AnyValue::default()), ..KeyValue::default() };
        let bomb = spans(vec![Span { attributes: vec![pair; 1_000], ..Span::default() }]);
        assert!(weight(&bomb, &TRACES) >= 1_000 * (size_of::<KeyValue>() + size_of::<AnyValue>()));
        assert_eq!(weight(&[0xFF; 9], &TRACES), 9, "no export at all");
    }
}
