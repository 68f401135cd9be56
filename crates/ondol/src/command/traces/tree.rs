//! The spans of a trace in the order in which they are shown: a parent before its children, these by their beginning.

use std::collections::HashMap;

use serde::Deserialize;

/// A span, as far as it is shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Span {
    #[serde(rename = "span_id")]
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) service: String,
    pub(super) start_ns: String,
    pub(super) duration_ns: u64,
    pub(super) status: String,
    pub(super) status_message: String,
}

impl Span {
    pub(super) fn start(&self) -> u64 {
        self.start_ns.parse().unwrap_or(0)
    }

    pub(super) fn end(&self) -> u64 {
        self.start().saturating_add(self.duration_ns)
    }
}

/// A line: a span, and how it hangs below its parent.
pub(super) struct Line<'a> {
    pub(super) span: &'a Span,
    /// For each level above it, whether more follows there; the last is its own.
    pub(super) rails: Vec<bool>,
}

/// Every span once. What hangs on nothing that is there is a root, and so is where a ring of parents is cut.
pub(super) fn lines(spans: &[Span]) -> Vec<Line<'_>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, span) in spans.iter().enumerate() {
        places.entry(&span.id).or_insert(at);
    }
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut roots = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        match span.parent.as_deref().and_then(|parent| places.get(parent)) {
            Some(parent) if *parent != at => children[*parent].push(at),
            _ => roots.push(at),
        }
    }
    let by_start = |list: &mut Vec<usize>| list.sort_by_key(|at| (spans[*at].start(), *at));
    by_start(&mut roots);
    children.iter_mut().for_each(by_start);
    let mut lines = Vec::with_capacity(spans.len());
    let mut shown = vec![false; spans.len()];
    walk(spans, &children, &roots, &mut shown, &mut lines);
    // What is left lies in rings.
    for at in 0..spans.len() {
        if !shown[at] {
            walk(spans, &children, &[at], &mut shown, &mut lines);
        }
    }
    lines
}

fn walk<'a>(
    spans: &'a [Span],
    children: &[Vec<usize>],
    roots: &[usize],
    shown: &mut [bool],
    lines: &mut Vec<Line<'a>>,
) {
    /// Deeper levels are shown as this one: the rails of each line would grow with the depth.
    const LEVELS_MAX: usize = 32;
    let mut waiting: Vec<(usize, Vec<bool>)> = roots.iter().rev().map(|at| (*at, Vec::new())).collect();
    while let Some((at, rails)) = waiting.pop() {
        if std::mem::replace(&mut shown[at], true) {
            continue;
        }
        for (left, child) in children[at].iter().rev().enumerate() {
            let mut rails = rails.clone();
            if rails.len() == LEVELS_MAX {
                rails.pop();
            }
            rails.push(left > 0);
            waiting.push((*child, rails));
        }
        lines.push(Line { span: &spans[at], rails });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str, start: u64) -> Span {
        Span {
            id: id.to_owned(),
            parent: (!parent.is_empty()).then(|| parent.to_owned()),
            start_ns: start.to_string(),
            ..Span::default()
        }
    }

    #[test]
    fn every_span_is_shown_once_whatever_its_parents() {
        #[rustfmt::skip]
        let table: [(&str, Vec<Span>, &str); 5] = [
            ("children by start", vec![span("c", "a", 3), span("b", "a", 2), span("a", "", 1)], "a b c"),
            ("an orphan",         vec![span("a", "", 1), span("x", "gone", 0)],                 "x a"),
            ("its own parent",    vec![span("a", "a", 1)],                                      "a"),
            ("a ring",            vec![span("a", "b", 1), span("b", "a", 2)],                   "a b"),
            ("twice the same id", vec![span("a", "", 1), span("a", "", 2), span("b", "a", 3)],  "a b a"),
        ];
        for (name, spans, expected) in table {
            let order: Vec<&str> = lines(&spans).iter().map(|line| line.span.id.as_str()).collect();
            assert_eq!(order.join(" "), expected, "{name}");
        }
        let chain: Vec<Span> = (0..50_000_u64)
            .map(|at| {
                span(&at.to_string(), &at.checked_sub(1).map_or_else(String::new, |at| at.to_string()), at)
            })
            .collect();
        assert_eq!(lines(&chain).len(), 50_000);
    }
}
