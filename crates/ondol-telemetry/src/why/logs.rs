//! The lines of logs that matter.

use rustc_hash::FxHashMap;

use super::story::Line;
use crate::model::{Level, Log, SpanId, TraceId};
use crate::templates::{TemplateId, Templates};
use crate::trace::one_line;

/// So many lines are shown: what a person reads before looking at the code.
pub const LINES_MAX: usize = 5;
/// So many lines are looked at, the ones given first; a story must not take longer than the question is worth.
const LOOKED_AT_MAX: usize = 10_000;
/// A line that has less than this to do with the failure is not shown, even where there is room. A warning elsewhere in
/// the same trace has more.
const SCORE_MIN: f64 = 30.0;
/// A line this far from the failure loses half of what nearness in time is worth: about one request.
const HALF_LIFE_NS: f64 = 1e9;

/// What the lines are weighed by.
#[derive(Default)]
pub(super) struct Focus {
    /// The trace.
    pub(super) trace_id: Option<TraceId>,
    /// The spans that saw the failure.
    pub(super) spans: Vec<SpanId>,
    /// The services it is about.
    pub(super) services: Vec<String>,
    /// When it failed, from and to: nanoseconds since 1970.
    pub(super) window_ns: Option<(u64, u64)>,
}

/// Lines of one pattern.
struct Pattern<'a> {
    best: &'a Log,
    score: f64,
    count: u64,
}

/// The lines that matter, oldest first; of a pattern the one nearest to the failure.
pub(super) fn pick(logs: &[Log], focus: &Focus) -> Vec<Line> {
    let logs = &logs[..logs.len().min(LOOKED_AT_MAX)];
    let mut templates = Templates::default();
    let mut patterns: FxHashMap<(&str, TemplateId), Pattern<'_>> = FxHashMap::default();
    for log in logs {
        let template = templates.learn(&log.source.service, &log.body, log.time_ns).template;
        let score = score(log, focus);
        let fresh = Pattern { best: log, score, count: 0 };
        let pattern = patterns.entry((&log.source.service, template)).or_insert(fresh);
        pattern.count += 1;
        let key = |log: &Log, score: f64| (score, std::cmp::Reverse(log.time_ns));
        if key(log, score) > key(pattern.best, pattern.score) {
            (pattern.best, pattern.score) = (log, score);
        }
    }
    let total = (logs.len() as f64).ln_1p().max(1.0);
    let rarity = |count: u64| 15.0 * (1.0 - (count as f64).ln() / total);
    let mut ranked: Vec<(f64, Pattern<'_>)> = patterns
        .into_values()
        .map(|pattern| (pattern.score + rarity(pattern.count), pattern))
        .filter(|(score, _)| *score >= SCORE_MIN)
        .collect();
    ranked.sort_by(|(left_score, left), (right_score, right)| {
        let tie = |pattern: &Pattern<'_>| (pattern.best.time_ns, pattern.best.body.clone());
        right_score.total_cmp(left_score).then_with(|| tie(left).cmp(&tie(right)))
    });
    ranked.truncate(LINES_MAX);
    let mut lines: Vec<Line> = ranked.iter().map(|(_, pattern)| line(pattern)).collect();
    lines.sort_by(|left, right| (left.time_ns, &left.text).cmp(&(right.time_ns, &right.text)));
    lines
}

/// Who wrote the first error within a trace.
pub(super) fn writer(logs: &[Log], trace_id: Option<TraceId>) -> Option<&str> {
    let within = |log: &&Log| trace_id.is_some() && log.trace_id == trace_id && log.level() >= Level::Error;
    let first = logs.iter().take(LOOKED_AT_MAX).filter(within).min_by_key(|log| log.time_ns)?;
    Some(&first.source.service)
}

fn score(log: &Log, focus: &Focus) -> f64 {
    let level = match log.level() {
        Level::Fatal => 50.0,
        Level::Error => 40.0,
        Level::Warn => 25.0,
        Level::Info => 5.0,
        Level::Unset => 4.0,
        Level::Debug => 2.0,
        Level::Trace => 1.0,
    };
    let same_trace = focus.trace_id.is_some() && log.trace_id == focus.trace_id;
    let same_span = log.span_id.is_some_and(|span| focus.spans.contains(&span));
    let same_service = focus.services.contains(&log.source.service);
    let near = match (same_span && same_trace, same_trace, same_service) {
        (true, ..) => 30.0,
        (_, true, true) => 20.0,
        (_, true, false) => 10.0,
        (_, false, true) => 5.0,
        (_, false, false) => 0.0,
    };
    let time = focus.window_ns.map_or(0.0, |(from_ns, to_ns)| {
        let away_ns = from_ns.saturating_sub(log.time_ns).max(log.time_ns.saturating_sub(to_ns));
        10.0 / (1.0 + away_ns as f64 / HALF_LIFE_NS)
    });
    level + near + time
}

fn line(pattern: &Pattern<'_>) -> Line {
    let Pattern { best, count, .. } = pattern;
    let first = best.body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Line {
        time_ns: best.time_ns,
        level: best.level(),
        service: one_line(&best.source.service),
        text: one_line(first),
        times: *count,
        trace_id: best.trace_id,
        span_id: best.span_id,
    }
}
