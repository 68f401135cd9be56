//! Spans out of OTLP.

use std::borrow::Cow;

use super::proto::collector::trace::v1::ExportTraceServiceRequest;
use super::proto::trace::v1 as wire;
use super::source::source;
use super::values::{NAME_MAX, VALUE_MAX, bounded, cut, pairs as pairs_of};
use super::{Rules, Tally};
use crate::model::{Attributes, Kind, Link, Moment, SpanId, Status, TraceId};
use crate::otlp::tally::Fate;
use crate::rows::{Extras, SpanChunk};
use crate::store::{Relations, Rows, Seen};

/// Events and links of one span: the limits that OpenTelemetry's SDKs have by default.
const EXTRAS_MAX: usize = 128;

/// Takes all spans of a request into memory.
pub(crate) fn pour(
    request: &ExportTraceServiceRequest,
    rows: &mut Rows<SpanChunk>,
    relations: &mut Relations,
    rules: Rules,
) -> Vec<Tally> {
    let mut tallies = Vec::new();
    for of_resource in &request.resource_spans {
        let source = source(of_resource.resource.as_ref());
        let mut tally = Tally::of(&source);
        let service = relations.service(&source.service);
        let source = rows.tables.source(source);
        for of_scope in &of_resource.scope_spans {
            let scope = of_scope.scope.as_ref().map_or("", |scope| scope.name.as_str());
            let scope = rows.tables.names.number(&cut(Cow::Borrowed(scope), NAME_MAX).0);
            for span in &of_scope.spans {
                tally.count(one(span, (source, scope, service), rows, relations, rules));
            }
        }
        tallies.push(tally);
    }
    tallies
}

fn one(
    span: &wire::Span,
    (source, scope, service): (u32, u32, u32),
    rows: &mut Rows<SpanChunk>,
    relations: &mut Relations,
    rules: Rules,
) -> Fate {
    let (Some(trace), Some(id)) = (TraceId::from_bytes(&span.trace_id), SpanId::from_bytes(&span.span_id))
    else {
        return Fate::NoId;
    };
    let start = if span.start_time_unix_nano == 0 { rules.now_ns } else { span.start_time_unix_nano };
    let fate = rules.judge(start);
    if fate != Fate::Stored {
        return fate;
    }
    let seen = Seen {
        trace,
        id,
        parent: SpanId::from_bytes(&span.parent_span_id),
        service,
        kind: kind(span.kind),
        start_ns: start,
        duration_ns: span.end_time_unix_nano.saturating_sub(start),
        failed: status(span.status.as_ref()) == Status::Error,
    };
    if !relations.see(&seen) {
        return Fate::Duplicate;
    }
    let (chunk, tables) = rows.chunk(start);
    let row = chunk.starts.len() as u32;
    chunk.starts.push(start);
    chunk.durations.push(seen.duration_ns);
    chunk.traces.push(trace.0);
    chunk.ids.push(id.0);
    chunk.parents.push(seen.parent.map_or([0; 8], |parent| parent.0));
    chunk.names.push(tables.names.number(&cut(Cow::Borrowed(&span.name), NAME_MAX).0));
    chunk.kinds.push(seen.kind);
    chunk.statuses.push(status(span.status.as_ref()));
    chunk.sources.push(source);
    chunk.scopes.push(scope);
    let message = span.status.as_ref().map_or("", |status| status.message.as_str());
    chunk.messages.push(&cut(Cow::Borrowed(message), VALUE_MAX).0);
    bounded(pairs_of(&span.attributes), |name, value| {
        chunk.attributes.push(tables.names.number(name), value);
    });
    chunk.attributes.end_row();
    if !span.events.is_empty() || !span.links.is_empty() {
        chunk.extras.push((row, extras(span)));
    }
    rows.added(start);
    Fate::Stored
}

const fn kind(number: i32) -> Kind {
    match number {
        1 => Kind::Internal,
        2 => Kind::Server,
        3 => Kind::Client,
        4 => Kind::Producer,
        5 => Kind::Consumer,
        _ => Kind::Unspecified,
    }
}

fn status(status: Option<&wire::Status>) -> Status {
    match status.map_or(0, |status| status.code) {
        1 => Status::Ok,
        2 => Status::Error,
        _ => Status::Unset,
    }
}

fn extras(span: &wire::Span) -> Extras {
    let event = |event: &wire::span::Event| Moment {
        time_ns: event.time_unix_nano,
        name: cut(Cow::Borrowed(&event.name), NAME_MAX).0.into_owned(),
        attributes: attributes(&event.attributes),
    };
    let link = |link: &wire::span::Link| {
        Some(Link {
            trace_id: TraceId::from_bytes(&link.trace_id)?,
            span_id: SpanId::from_bytes(&link.span_id)?,
            attributes: attributes(&link.attributes),
        })
    };
    Extras {
        events: span.events.iter().take(EXTRAS_MAX).map(event).collect(),
        links: span.links.iter().take(EXTRAS_MAX).filter_map(link).collect(),
    }
}

fn attributes(list: &[super::proto::common::v1::KeyValue]) -> Attributes {
    let mut pairs = Vec::with_capacity(list.len().min(8));
    bounded(pairs_of(list), |name, value| pairs.push((name.to_owned(), value.to_owned())));
    Attributes::from_pairs(pairs)
}
