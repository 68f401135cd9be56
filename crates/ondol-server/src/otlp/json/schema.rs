//! OTLP's messages as a table: names in JSON, numbers and types in protobuf (opentelemetry-proto 1.9, stable parts).

/// A message.
pub(super) struct Message {
    /// Its name, for errors.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// A field of a message.
pub(super) struct Field {
    /// In JSON.
    pub(super) name: &'static str,
    /// In protobuf.
    pub(super) number: u32,
    pub(super) kind: Kind,
    pub(super) repeated: bool,
}

/// What a field holds, and so how it is written in both.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// `string`.
    Text,
    /// `bytes` that OTLP writes as hexadecimal digits: ids.
    Hex,
    /// `bytes` in base64.
    Base64,
    /// `bool`.
    Bool,
    /// An enumeration, which OTLP writes as its number.
    Enum,
    /// `uint32`.
    Uint32,
    /// `uint64`.
    Uint64,
    /// `int64`.
    Int64,
    /// `sint32`.
    Sint32,
    /// `fixed32`.
    Fixed32,
    /// `fixed64`.
    Fixed64,
    /// `sfixed64`.
    Sfixed64,
    /// `double`.
    Double,
    /// Another message.
    Message(&'static Message),
}

use Kind::{
    Base64, Bool, Double, Enum, Fixed32, Fixed64, Hex, Int64, Message as M, Sfixed64, Sint32, Text, Uint32,
    Uint64,
};

const fn one(name: &'static str, number: u32, kind: Kind) -> Field {
    Field { name, number, kind, repeated: false }
}

const fn many(name: &'static str, number: u32, kind: Kind) -> Field {
    Field { name, number, kind, repeated: true }
}

macro_rules! messages {
    ($($vis:vis $constant:ident $name:literal { $($field:expr),+ $(,)? })+) => {
        $($vis static $constant: Message = Message { name: $name, fields: &[$($field),+] };)+
    };
}

#[rustfmt::skip]
messages! {
    pub(super) TRACES "ExportTraceServiceRequest" { many("resourceSpans", 1, M(&RESOURCE_SPANS)) }
    pub(super) LOGS "ExportLogsServiceRequest" { many("resourceLogs", 1, M(&RESOURCE_LOGS)) }
    pub(super) METRICS "ExportMetricsServiceRequest" { many("resourceMetrics", 1, M(&RESOURCE_METRICS)) }

    ANY_VALUE "AnyValue" {
        one("stringValue", 1, Text), one("boolValue", 2, Bool), one("intValue", 3, Int64), one("doubleValue", 4, Double),
        one("arrayValue", 5, M(&ARRAY_VALUE)), one("kvlistValue", 6, M(&KEY_VALUE_LIST)), one("bytesValue", 7, Base64),
    }
    ARRAY_VALUE "ArrayValue" { many("values", 1, M(&ANY_VALUE)) }
    KEY_VALUE_LIST "KeyValueList" { many("values", 1, M(&KEY_VALUE)) }
    KEY_VALUE "KeyValue" { one("key", 1, Text), one("value", 2, M(&ANY_VALUE)) }
    SCOPE "InstrumentationScope" {
        one("name", 1, Text), one("version", 2, Text), many("attributes", 3, M(&KEY_VALUE)), one("droppedAttributesCount", 4, Uint32),
    }
    RESOURCE "Resource" {
        many("attributes", 1, M(&KEY_VALUE)), one("droppedAttributesCount", 2, Uint32), many("entityRefs", 3, M(&ENTITY_REF)),
    }
    ENTITY_REF "EntityRef" {
        one("schemaUrl", 1, Text), one("type", 2, Text), many("idKeys", 3, Text), many("descriptionKeys", 4, Text),
    }

    RESOURCE_SPANS "ResourceSpans" {
        one("resource", 1, M(&RESOURCE)), many("scopeSpans", 2, M(&SCOPE_SPANS)), one("schemaUrl", 3, Text),
    }
    SCOPE_SPANS "ScopeSpans" { one("scope", 1, M(&SCOPE)), many("spans", 2, M(&SPAN)), one("schemaUrl", 3, Text) }
    SPAN "Span" {
        one("traceId", 1, Hex), one("spanId", 2, Hex), one("traceState", 3, Text), one("parentSpanId", 4, Hex),
        one("name", 5, Text), one("kind", 6, Enum), one("startTimeUnixNano", 7, Fixed64), one("endTimeUnixNano", 8, Fixed64),
        many("attributes", 9, M(&KEY_VALUE)), one("droppedAttributesCount", 10, Uint32),
        many("events", 11, M(&EVENT)), one("droppedEventsCount", 12, Uint32),
        many("links", 13, M(&LINK)), one("droppedLinksCount", 14, Uint32),
        one("status", 15, M(&STATUS)), one("flags", 16, Fixed32),
    }
    EVENT "Event" {
        one("timeUnixNano", 1, Fixed64), one("name", 2, Text), many("attributes", 3, M(&KEY_VALUE)),
        one("droppedAttributesCount", 4, Uint32),
    }
    LINK "Link" {
        one("traceId", 1, Hex), one("spanId", 2, Hex), one("traceState", 3, Text), many("attributes", 4, M(&KEY_VALUE)),
        one("droppedAttributesCount", 5, Uint32), one("flags", 6, Fixed32),
    }
    STATUS "Status" { one("message", 2, Text), one("code", 3, Enum) }

    RESOURCE_LOGS "ResourceLogs" {
        one("resource", 1, M(&RESOURCE)), many("scopeLogs", 2, M(&SCOPE_LOGS)), one("schemaUrl", 3, Text),
    }
    SCOPE_LOGS "ScopeLogs" { one("scope", 1, M(&SCOPE)), many("logRecords", 2, M(&LOG_RECORD)), one("schemaUrl", 3, Text) }
    LOG_RECORD "LogRecord" {
        one("timeUnixNano", 1, Fixed64), one("severityNumber", 2, Enum), one("severityText", 3, Text), one("body", 5, M(&ANY_VALUE)),
        many("attributes", 6, M(&KEY_VALUE)), one("droppedAttributesCount", 7, Uint32), one("flags", 8, Fixed32),
        one("traceId", 9, Hex), one("spanId", 10, Hex), one("observedTimeUnixNano", 11, Fixed64), one("eventName", 12, Text),
    }

    RESOURCE_METRICS "ResourceMetrics" {
        one("resource", 1, M(&RESOURCE)), many("scopeMetrics", 2, M(&SCOPE_METRICS)), one("schemaUrl", 3, Text),
    }
    SCOPE_METRICS "ScopeMetrics" { one("scope", 1, M(&SCOPE)), many("metrics", 2, M(&METRIC)), one("schemaUrl", 3, Text) }
    METRIC "Metric" {
        one("name", 1, Text), one("description", 2, Text), one("unit", 3, Text), one("gauge", 5, M(&GAUGE)), one("sum", 7, M(&SUM)),
        one("histogram", 9, M(&HISTOGRAM)), one("exponentialHistogram", 10, M(&EXPONENTIAL_HISTOGRAM)),
        one("summary", 11, M(&SUMMARY)), many("metadata", 12, M(&KEY_VALUE)),
    }
    GAUGE "Gauge" { many("dataPoints", 1, M(&NUMBER_POINT)) }
    SUM "Sum" { many("dataPoints", 1, M(&NUMBER_POINT)), one("aggregationTemporality", 2, Enum), one("isMonotonic", 3, Bool) }
    HISTOGRAM "Histogram" { many("dataPoints", 1, M(&HISTOGRAM_POINT)), one("aggregationTemporality", 2, Enum) }
    EXPONENTIAL_HISTOGRAM "ExponentialHistogram" {
        many("dataPoints", 1, M(&EXPONENTIAL_POINT)), one("aggregationTemporality", 2, Enum),
    }
    SUMMARY "Summary" { many("dataPoints", 1, M(&SUMMARY_POINT)) }
    NUMBER_POINT "NumberDataPoint" {
        one("startTimeUnixNano", 2, Fixed64), one("timeUnixNano", 3, Fixed64), one("asDouble", 4, Double),
        many("exemplars", 5, M(&EXEMPLAR)), one("asInt", 6, Sfixed64), many("attributes", 7, M(&KEY_VALUE)), one("flags", 8, Uint32),
    }
    HISTOGRAM_POINT "HistogramDataPoint" {
        one("startTimeUnixNano", 2, Fixed64), one("timeUnixNano", 3, Fixed64), one("count", 4, Fixed64), one("sum", 5, Double),
        many("bucketCounts", 6, Fixed64), many("explicitBounds", 7, Double), many("exemplars", 8, M(&EXEMPLAR)),
        many("attributes", 9, M(&KEY_VALUE)), one("flags", 10, Uint32), one("min", 11, Double), one("max", 12, Double),
    }
    EXPONENTIAL_POINT "ExponentialHistogramDataPoint" {
        many("attributes", 1, M(&KEY_VALUE)), one("startTimeUnixNano", 2, Fixed64), one("timeUnixNano", 3, Fixed64),
        one("count", 4, Fixed64), one("sum", 5, Double), one("scale", 6, Sint32), one("zeroCount", 7, Fixed64),
        one("positive", 8, M(&BUCKETS)), one("negative", 9, M(&BUCKETS)), one("flags", 10, Uint32),
        many("exemplars", 11, M(&EXEMPLAR)), one("min", 12, Double), one("max", 13, Double), one("zeroThreshold", 14, Double),
    }
    BUCKETS "Buckets" { one("offset", 1, Sint32), many("bucketCounts", 2, Uint64) }
    SUMMARY_POINT "SummaryDataPoint" {
        one("startTimeUnixNano", 2, Fixed64), one("timeUnixNano", 3, Fixed64), one("count", 4, Fixed64), one("sum", 5, Double),
        many("quantileValues", 6, M(&VALUE_AT_QUANTILE)), many("attributes", 7, M(&KEY_VALUE)), one("flags", 8, Uint32),
    }
    VALUE_AT_QUANTILE "ValueAtQuantile" { one("quantile", 1, Double), one("value", 2, Double) }
    EXEMPLAR "Exemplar" {
        one("timeUnixNano", 2, Fixed64), one("asDouble", 3, Double), one("spanId", 4, Hex), one("traceId", 5, Hex),
        one("asInt", 6, Sfixed64), many("filteredAttributes", 7, M(&KEY_VALUE)),
    }
}
