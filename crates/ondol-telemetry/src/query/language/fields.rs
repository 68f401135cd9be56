//! The names of fields, and the other names that people know them by.

use crate::query::Field;

/// Every field with its name, then its aliases. [`Field::Attribute`] is any other name.
const NAMES: [(Field, &[&str]); 11] = [
    (Field::Text, &["text", "body", "message", "msg"]),
    (Field::Service, &["service", "service.name", "service_name"]),
    (Field::Instance, &["instance", "service.instance.id"]),
    (Field::Level, &["level", "severity", "severity_text", "lvl"]),
    (Field::Status, &["status", "span.status"]),
    (Field::Kind, &["kind", "span.kind", "span_kind"]),
    (Field::Name, &["name", "operation", "span.name", "span_name"]),
    (Field::Duration, &["duration", "latency"]),
    (Field::Trace, &["trace", "trace_id", "traceid", "traceId", "trace.id"]),
    (Field::Span, &["span", "span_id", "spanid", "spanId", "span.id"]),
    (Field::Scope, &["scope", "logger", "otel.scope.name"]),
];

/// The field that a name without quotes stands for.
pub(super) fn named(name: &str) -> Field {
    match NAMES.iter().find(|(_, names)| names.contains(&name)) {
        Some((field, _)) => field.clone(),
        None => Field::Attribute(name.to_owned()),
    }
}

/// A field's own name; nothing for an attribute.
pub(super) fn name(field: &Field) -> Option<&'static str> {
    let (_, names) = NAMES.iter().find(|(known, _)| known == field)?;
    Some(names[0])
}

/// The names that are offered when one is mistyped.
pub(super) fn offered() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(_, names)| names[0])
}

/// May a name hold this character without quotes?
pub(super) fn is_name_part(part: char) -> bool {
    is_name_start(part) || part.is_ascii_digit() || matches!(part, '.' | '-' | '/')
}

/// May a name begin with this character without quotes? Not with a digit: `12:30` is a time of day.
pub(super) fn is_name_start(part: char) -> bool {
    part.is_alphabetic() || matches!(part, '_' | '@')
}
