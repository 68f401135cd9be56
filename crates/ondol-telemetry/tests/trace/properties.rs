//! Whatever the spans: nothing panics, each span is there once, and the critical path is as long as the root.

use std::collections::BTreeSet;

use ondol_telemetry::model::{Attributes, Kind, Source, Span, Status, TraceId};
use ondol_telemetry::trace::{Analysis, Segment, Tree, compare, critical_path};
use ondol_telemetry::why::{Case, Language, render, tell};
use proptest::prelude::*;

use crate::picture::{EPOCH_NS, id};

const KINDS: [Kind; 6] =
    [Kind::Unspecified, Kind::Internal, Kind::Server, Kind::Client, Kind::Producer, Kind::Consumer];

fn span(number: u64, parent: Option<u64>, kind: Kind, service: usize, times: (u64, u64)) -> Span {
    Span {
        trace_id: TraceId([7; 16]),
        span_id: id(number),
        parent: parent.map(id),
        name: format!("work {}", number % 3),
        kind,
        source: Source { service: ["a", "b", "c"][service].to_owned(), ..Source::default() },
        scope: String::new(),
        start_ns: times.0,
        duration_ns: times.1,
        status: Status::Unset,
        status_message: String::new(),
        attributes: Attributes::default(),
        events: Vec::new(),
        links: Vec::new(),
    }
}

fn times() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![
        8 => (EPOCH_NS..EPOCH_NS + 1_000, 0..1_000_u64),
        1 => (any::<u64>(), any::<u64>()),
        1 => (Just(u64::MAX), 0..10_u64),
    ]
}

fn any_span() -> impl Strategy<Value = Span> {
    // Few ids, so that there are twice the same, rings, and parents that are not there.
    let ids = (1..24_u64, proptest::option::of(1..28_u64));
    (ids, 0..6_usize, 0..3_usize, times(), 0..3_usize).prop_map(
        |((own, parent), kind, service, times, how)| {
            let mut span = span(own, parent, KINDS[kind], service, times);
            span.status = [Status::Unset, Status::Ok, Status::Error][how];
            if how == 2 && own % 5 == 0 {
                "no answer within 1 s".clone_into(&mut span.status_message);
            }
            span
        },
    )
}

fn key(span: &Span) -> (u64, Kind, String) {
    (u64::from_be_bytes(span.span_id.0), span.kind, span.source.service.clone())
}

proptest! {
    #[test]
    fn any_spans_are_a_tree(spans in proptest::collection::vec(any_span(), 0..60)) {
        let tree = Tree::of(&spans);
        let expected: BTreeSet<_> = spans.iter().map(key).collect();
        let walked: Vec<_> = tree.walk().map(|(_, node)| key(&node.span)).collect();
        prop_assert_eq!(walked.len(), expected.len());
        prop_assert_eq!(walked.iter().cloned().collect::<BTreeSet<_>>(), expected);
        prop_assert_eq!(tree.len() as u64 + tree.duplicates(), spans.len() as u64);
        for (id, node) in tree.walk() {
            prop_assert_eq!(node.parent.is_none(), tree.roots().contains(&id));
            for pair in node.children.windows(2) {
                prop_assert!(tree.node(pair[0]).start_ns <= tree.node(pair[1]).start_ns);
            }
        }

        let path = critical_path(&tree);
        let sum: u64 = path.iter().map(Segment::length_ns).sum();
        prop_assert_eq!(sum, tree.root().map_or(0, |(_, root)| root.duration_ns()));
        for pair in path.windows(2) {
            prop_assert_eq!(pair[0].to_ns, pair[1].from_ns);
        }

        let analysis = Analysis::of(&tree);
        let failed = tree.root().is_some_and(|(_, root)| root.failed());
        if failed {
            prop_assert!(analysis.failure.as_ref().is_some_and(|failure| failure.root_failed));
        }
        if let Some(failure) = &analysis.failure {
            prop_assert!(!failure.reason.is_empty());
        }
        for language in [Language::En, Language::Ko] {
            let case = Case { id: "x".to_owned(), trace: Some(tree.clone()), ..Case::default() };
            prop_assert!(!render(&tell(&case, language)).is_empty());
        }
        let again = compare(&tree, std::slice::from_ref(&tree));
        prop_assert_eq!(again, vec![]);
    }

    #[test]
    fn their_order_does_not_matter(spans in proptest::collection::vec(any_span(), 0..40)) {
        let mut reversed = spans.clone();
        reversed.reverse();
        let walked = |tree: &Tree| tree.walk().map(|(_, node)| (node.span.clone(), node.start_ns)).collect::<Vec<_>>();
        prop_assert_eq!(walked(&Tree::of(&spans)), walked(&Tree::of(&reversed)));
    }
}

/// Of the n-th span its parent, and its beginning and length.
type Shape = dyn Fn(u64) -> (Option<u64>, (u64, u64));

/// 50,000 spans, each the cause of the next; as many of one parent; as many with one id.
#[test]
fn a_trace_may_be_deep_or_wide() {
    const MANY: u64 = 50_000;
    let chain = |at: u64| (at.checked_sub(1), (EPOCH_NS + at, 2 * (MANY - at)));
    let fan = |at: u64| ((at > 0).then_some(0), (EPOCH_NS + 10 * at, if at == 0 { 20 * MANY } else { 5 }));
    let shapes: [&Shape; 2] = [&chain, &fan];
    for shape in shapes {
        let spans: Vec<Span> = (0..MANY)
            .map(|at| {
                let (parent, times) = shape(at);
                let mut span =
                    span(at + 1, parent.map(|at| at + 1), KINDS[at as usize % 6], at as usize % 3, times);
                span.status = if at % 2 == 0 { Status::Error } else { Status::Unset };
                span
            })
            .collect();
        let tree = Tree::of(&spans);
        let path = critical_path(&tree);
        let sum: u64 = path.iter().map(Segment::length_ns).sum();
        assert_eq!(Some(sum), tree.root().map(|(_, root)| root.duration_ns()));
        assert!(Analysis::of(&tree).failure.is_some());
        assert_eq!(compare(&tree, std::slice::from_ref(&tree)), []);
    }
    let same: Vec<Span> =
        (0..MANY).map(|at| span(1, Some(1), KINDS[at as usize % 6], 0, (EPOCH_NS + at, 1))).collect();
    assert_eq!(Tree::of(&same).len(), 6);
}
