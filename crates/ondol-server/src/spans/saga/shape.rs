//! The spans themselves: names, kinds, ids and attributes.

use ondol_core::{Attempt, Half};
use ondol_telemetry::model::{Attributes, Kind, Source, Span, SpanId, Status};

use super::{Fold, NS_OF_MS, OpenAttempt, OpenHalf};
use crate::outbound::trace;
use crate::wire::words;

/// The instrumentation that these spans say they come from.
const SCOPE: &str = "ondol.saga";

impl Fold {
    pub(super) fn saga_span(&self, to_ms: u64) -> Span {
        let name = format!("saga {}", self.blueprint.name);
        let mut span = self.span(trace::saga_span(self.run), name, (self.begun_ms, to_ms), Vec::new());
        span.parent = self.parent;
        span.kind = if self.parent.is_some() { Kind::Server } else { Kind::Internal };
        span.events.clone_from(&self.moments);
        span
    }

    pub(super) fn half_span(&self, open: &OpenHalf, to_ms: u64) -> Span {
        let step = self.name(open.step);
        let name = match open.half {
            Half::Action => step.clone(),
            Half::Compensation => format!("undo {step}"),
        };
        let id = trace::half_span(self.run, open.step, open.half);
        let mut pairs = step_pairs(step, open.half);
        pairs.push(("ondol.attempts".to_owned(), open.attempts.to_string()));
        let mut span = self.span(id, name, (open.begun_ms, to_ms), pairs);
        span.events.clone_from(&open.moments);
        span
    }

    pub(super) fn attempt_span(&self, open: &OpenHalf, attempt: OpenAttempt, times: (u64, u64)) -> Span {
        let OpenHalf { step, half, .. } = *open;
        let mut pairs = step_pairs(self.name(step), half);
        let mut pair = |name: &str, value: String| pairs.push((name.to_owned(), value));
        pair("ondol.attempt", attempt.number.to_string());
        let service = self.blueprint.service(step, half).to_string();
        let mut name = service.clone();
        if let Some(call) = self.blueprint.definition.call(step, half) {
            let (method, template) = (call.method().as_str(), call.path_template());
            name = format!("{method} {template}");
            pair("http.request.method", method.to_owned());
            pair("url.template", template);
        }
        if attempt.number > 1 {
            pair("http.request.resend_count", (attempt.number - 1).to_string());
        }
        pair("service.peer.name", service.clone());
        pair("peer.service", service);
        let id = trace::span(self.run, Attempt { step, half, number: attempt.number });
        let mut span = self.span(id, name, times, pairs);
        span.parent = SpanId::from_bytes(&trace::half_span(self.run, step, half).to_be_bytes());
        span.kind = Kind::Client;
        span
    }

    fn span(
        &self,
        id: u64,
        name: String,
        (from_ms, to_ms): (u64, u64),
        mut pairs: Vec<(String, String)>,
    ) -> Span {
        pairs.push(("ondol.saga.id".to_owned(), self.id.to_string()));
        pairs.push(("ondol.definition".to_owned(), self.blueprint.name.to_string()));
        Span {
            trace_id: self.trace_id,
            span_id: SpanId(id.to_be_bytes()),
            parent: Some(SpanId(trace::saga_span(self.run).to_be_bytes())),
            name,
            kind: Kind::Internal,
            source: Source::clone(&self.source),
            scope: SCOPE.to_owned(),
            start_ns: from_ms.saturating_mul(NS_OF_MS),
            duration_ns: to_ms.saturating_sub(from_ms).saturating_mul(NS_OF_MS),
            status: Status::Unset,
            status_message: String::new(),
            attributes: Attributes(pairs),
            events: Vec::new(),
            links: Vec::new(),
        }
    }
}

fn step_pairs(step: String, half: Half) -> Vec<(String, String)> {
    vec![("ondol.step".to_owned(), step), ("ondol.half".to_owned(), words::half(half).to_owned())]
}
