//! What a filter means: which records it holds for. The executor over columns and indexes is checked against this.
//!
//! * Texts are compared without regard to the case of ASCII letters, and of no others.
//! * A field that the record does not have (a log record's duration, an attribute that nobody gave) holds for no test,
//!   [`Test::Exists`] neither; a negation of it holds. So do an empty name and a level, status or kind that nobody said,
//!   except that `unset` and `unspecified` can be asked for by name.
//! * An attribute is the record's, and only where the record has none of that name the resource's.

use super::search::{self, Border};
use super::{Field, Filter, Term, Test};
use crate::model::{Kind, Level, Log, Source, Span, SpanId, Status, TraceId};

impl Filter {
    /// Does it hold for this log record?
    pub fn holds_log(&self, log: &Log) -> bool {
        self.holds(&|term| term.holds_log(log))
    }

    /// Does it hold for this span?
    pub fn holds_span(&self, span: &Span) -> bool {
        self.holds(&|term| term.holds_span(span))
    }

    /// All its terms.
    pub fn terms(&self) -> Vec<&Term> {
        match self {
            Self::All => Vec::new(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::terms).collect(),
            Self::Not(part) => part.terms(),
            Self::Term(term) => vec![term],
        }
    }

    /// Does it hold where `term` says of each term whether it does?
    pub fn holds(&self, term: &impl Fn(&Term) -> bool) -> bool {
        match self {
            Self::All => true,
            Self::And(parts) => parts.iter().all(|part| part.holds(term)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(term)),
            Self::Not(part) => !part.holds(term),
            Self::Term(tested) => term(tested),
        }
    }
}

impl Term {
    /// Does it hold for this log record?
    pub fn holds_log(&self, log: &Log) -> bool {
        match &self.field {
            Field::Text => self.test.holds_text(&log.body),
            Field::Level => self.test.holds_level(log.severity),
            Field::Trace => log.trace_id.is_some_and(|id| self.test.holds_trace(id)),
            Field::Span => log.span_id.is_some_and(|id| self.test.holds_span_id(id)),
            Field::Scope => self.test.holds_name(&log.scope),
            Field::Service | Field::Instance => self.holds_source(&log.source),
            Field::Attribute(name) => log
                .attributes
                .get(name)
                .map_or_else(|| self.holds_source(&log.source), |value| self.test.holds_value(value)),
            Field::Status | Field::Kind | Field::Name | Field::Duration => false,
        }
    }

    /// Does it hold for this span?
    pub fn holds_span(&self, span: &Span) -> bool {
        match &self.field {
            Field::Text => self.test.holds_text(&span.name) || self.test.holds_text(&span.status_message),
            Field::Status => self.test.holds_status(span.status),
            Field::Kind => self.test.holds_kind(span.kind),
            Field::Name => self.test.holds_name(&span.name),
            Field::Duration => self.test.holds_number(span.duration_ns as f64),
            Field::Trace => self.test.holds_trace(span.trace_id),
            Field::Span => self.test.holds_span_id(span.span_id),
            Field::Scope => self.test.holds_name(&span.scope),
            Field::Service | Field::Instance => self.holds_source(&span.source),
            Field::Attribute(name) => span
                .attributes
                .get(name)
                .map_or_else(|| self.holds_source(&span.source), |value| self.test.holds_value(value)),
            Field::Level => false,
        }
    }

    fn holds_source(&self, source: &Source) -> bool {
        match &self.field {
            Field::Service => self.test.holds_name(&source.service),
            Field::Instance => self.test.holds_name(&source.instance),
            Field::Attribute(name) => {
                source.resource.get(name).is_some_and(|value| self.test.holds_value(value))
            }
            _ => false,
        }
    }
}

impl Test {
    /// Of a message. `Is` is found where the text stands in it just so, spaces and all, with no word cut: a word of the
    /// message ends where the first and the last word of the text end. `Like` is found in the same way, piece after
    /// piece, where a `*` at an end lets that end be anywhere: `conn*` begins with a word, `*conn*` may be inside one.
    pub fn holds_text(&self, text: &str) -> bool {
        match self {
            Self::Is(words) => search::contains(text, words),
            Self::Like(pattern) => search::like(text, pattern, Border::Words),
            Self::Between { .. } => false,
            Self::Exists => !text.is_empty(),
        }
    }

    /// Of the value of an attribute, all of it. Ranges are for values that are numbers.
    pub fn holds_value(&self, value: &str) -> bool {
        match self {
            Self::Is(whole) => value.eq_ignore_ascii_case(whole),
            Self::Like(pattern) => search::like(value, pattern, Border::Ends),
            Self::Between { min, max } => {
                value.parse().is_ok_and(|number: f64| number.is_finite() && *min <= number && number <= *max)
            }
            Self::Exists => true,
        }
    }

    /// Of a name: a value that is not there when it is empty.
    pub fn holds_name(&self, name: &str) -> bool {
        match self {
            Self::Exists => !name.is_empty(),
            Self::Between { .. } => false,
            Self::Is(_) | Self::Like(_) => self.holds_value(name),
        }
    }

    /// Of a number, such as a duration in nanoseconds.
    pub fn holds_number(&self, number: f64) -> bool {
        match self {
            Self::Between { min, max } => *min <= number && number <= *max,
            Self::Exists => true,
            Self::Is(_) | Self::Like(_) => false,
        }
    }

    /// Of a severity. One that says nothing is in no range.
    pub fn holds_level(&self, severity: u8) -> bool {
        let level = Level::of(severity);
        match self {
            Self::Is(_) | Self::Like(_) => self.holds_value(level.name()),
            Self::Between { .. } => level != Level::Unset && self.holds_number(f64::from(severity)),
            Self::Exists => level != Level::Unset,
        }
    }

    /// Of a span's status.
    pub fn holds_status(&self, status: Status) -> bool {
        let name = match status {
            Status::Unset => "unset",
            Status::Ok => "ok",
            Status::Error => "error",
        };
        self.holds_choice(name, status == Status::Unset)
    }

    /// Of a span's kind.
    pub fn holds_kind(&self, kind: Kind) -> bool {
        let name = match kind {
            Kind::Unspecified => "unspecified",
            Kind::Internal => "internal",
            Kind::Server => "server",
            Kind::Client => "client",
            Kind::Producer => "producer",
            Kind::Consumer => "consumer",
        };
        self.holds_choice(name, kind == Kind::Unspecified)
    }

    fn holds_choice(&self, name: &str, unsaid: bool) -> bool {
        match self {
            Self::Exists => !unsaid,
            Self::Is(_) | Self::Like(_) | Self::Between { .. } => self.holds_name(name),
        }
    }

    /// Of the id of a trace.
    pub fn holds_trace(&self, id: TraceId) -> bool {
        match self {
            Self::Is(digits) => digits.parse() == Ok(id),
            Self::Like(_) | Self::Between { .. } | Self::Exists => self.holds_name(&id.to_string()),
        }
    }

    /// Of the id of a span.
    pub fn holds_span_id(&self, id: SpanId) -> bool {
        match self {
            Self::Is(digits) => digits.parse() == Ok(id),
            Self::Like(_) | Self::Between { .. } | Self::Exists => self.holds_name(&id.to_string()),
        }
    }
}

#[cfg(test)]
#[path = "matches_tests.rs"]
mod tests;
