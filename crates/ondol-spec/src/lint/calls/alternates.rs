//! Alternates of all services together: each exists, and none leads back to where it began.

use std::collections::BTreeMap;

use crate::calls::Fallback;
use crate::finding::{Code, Fault, quoted, suggest};
use crate::node::Segment;
use crate::place::Faults;
use crate::system::Service;

/// Where a service goes when it fails, and which operation says so (none: the service itself).
struct Edge<'a> {
    to: &'a str,
    operation: Option<usize>,
}

type Edges<'a> = BTreeMap<&'a str, Vec<Edge<'a>>>;

/// Looks at every alternate; `faults` stands at the services.
pub(crate) fn check(services: &BTreeMap<String, Service>, faults: &mut Faults) {
    let edges: Edges<'_> = services.iter().map(|(name, service)| (name.as_str(), edges(service))).collect();
    let names: Vec<&str> = services.keys().map(String::as_str).collect();
    for (from, edge) in edges.iter().flat_map(|(from, edges)| edges.iter().map(move |edge| (*from, edge))) {
        if !edges.contains_key(edge.to) {
            let others: Vec<&str> = names.iter().copied().filter(|name| *name != from).collect();
            let message = format!("there is no service {}", quoted(edge.to));
            let fault = Fault::new(Code::UnknownService, message, suggest(edge.to, &others, "other service"));
            add(from, edge, fault, faults);
        }
    }
    let mut walk = Walk { edges: &edges, seen: BTreeMap::new(), way: Vec::new() };
    for name in names {
        walk.from(name, faults);
    }
}

fn edges(service: &Service) -> Vec<Edge<'_>> {
    let own = std::iter::once((None, &service.calls));
    let operations = service.operations.iter().enumerate();
    let all = own.chain(operations.map(|(at, operation)| (Some(at), &operation.settings)));
    all.filter_map(|(operation, settings)| match settings.fallback.on() {
        Some(Fallback::Alternate { service, .. }) => Some(Edge { to: service, operation }),
        Some(Fallback::Static { .. } | Fallback::Cached { .. }) | None => None,
    })
    .collect()
}

/// How far the walk is with a service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    OnTheWay,
    Done,
}

/// A walk along all alternates, each once; as deep as there are services.
struct Walk<'a> {
    edges: &'a Edges<'a>,
    seen: BTreeMap<&'a str, Seen>,
    way: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn from(&mut self, name: &'a str, faults: &mut Faults) {
        if self.seen.contains_key(name) {
            return;
        }
        self.seen.insert(name, Seen::OnTheWay);
        self.way.push(name);
        let edges = self.edges;
        for edge in edges.get(name).into_iter().flatten() {
            if self.seen.get(edge.to) == Some(&Seen::OnTheWay) {
                add(name, edge, ring(&self.way, edge.to), faults);
            } else if edges.contains_key(edge.to) {
                self.from(edge.to, faults);
            }
        }
        self.way.pop();
        self.seen.insert(name, Seen::Done);
    }
}

fn ring(way: &[&str], to: &str) -> Fault {
    let begin = way.iter().position(|name| *name == to).unwrap_or_default();
    let mut names: Vec<&str> = way[begin..].to_vec();
    names.push(to);
    let message = match names.as_slice() {
        [_, _] => format!("{} is its own alternate", quoted(to)),
        _ => format!("the alternates lead back: {}", names.join(" → ")),
    };
    Fault::new(Code::AlternateRing, message, "name a service that does not lead back here")
}

fn add(from: &str, edge: &Edge<'_>, fault: Fault, faults: &mut Faults) {
    let operation = edge.operation.map(|at| [Segment::Key("operations".to_owned()), Segment::Index(at)]);
    let key = |name: &str| Segment::Key(name.to_owned());
    let way = std::iter::once(key(from)).chain(operation.into_iter().flatten());
    faults.add_below(way.chain([key("fallback"), key("alternate")]), fault);
}
