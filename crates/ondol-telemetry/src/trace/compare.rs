//! How a trace differs from traces of the same operation that went well.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::tree::{NodeId, Tree};
use crate::model::{Kind, SpanId};

/// So many differences are told, the weightiest; a page.
pub const DIFFERENCES_MAX: usize = 100;
/// What is slower by less than this is not told: 1 ms is within what a scheduler takes.
const SLOWER_MIN_NS: u64 = 1_000_000;
/// What at least this share of the healthy traces has, belongs to it; its absence is told.
const USUAL_SHARE: f64 = 0.5;
/// So many steps of a path are shown, those nearest to the span.
const PATH_SHOWN_MAX: usize = 8;
/// An error that healthy traces do not have explains more than any time.
const WEIGHT_FAILS: f64 = 2.0;
/// Work that is new or missing is told before what is only a little slower.
const WEIGHT_SHAPE: f64 = 0.25;

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Whose work.
    pub service: String,
    /// Which.
    pub name: String,
    /// Which side of a call.
    pub kind: Kind,
    /// What it lies in, `service name`, outermost first, itself last; at most 8.
    pub path: Vec<String>,
    /// A span of it to look at; none where it is missing.
    pub span_id: Option<SpanId>,
    /// What is different.
    #[serde(flatten)]
    pub change: Change,
    /// How much it matters; larger is more. Only to be compared.
    pub weight: f64,
}

/// What is different.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// No healthy trace has it.
    New {
        /// How often it is here.
        calls: u64,
    },
    /// It is not here, and at least half of the healthy traces have it.
    Missing {
        /// In how many of them it is.
        of_healthy: u64,
    },
    /// It took longer than 95 of 100 healthy ones.
    Slower {
        /// The longest here, in nanoseconds.
        took_ns: u64,
        /// 95 of 100 healthy ones took at most this.
        p95_ns: u64,
    },
    /// It was done more often than in 95 of 100 healthy traces.
    MoreCalls {
        /// How often here.
        calls: u64,
        /// At most this often in 95 of 100.
        usual: u64,
    },
    /// It failed, and failed in no healthy trace.
    FailsNewly {
        /// How many of them failed here.
        failed: u64,
    },
}

/// Where work lies: a number for each (service, name, kind) below another.
#[derive(Default)]
struct Paths<'a> {
    numbers: FxHashMap<(Option<usize>, &'a str, &'a str, Kind), usize>,
    list: Vec<(Option<usize>, &'a str, &'a str, Kind)>,
}

/// What one trace did at one path.
#[derive(Clone, Default)]
struct Done {
    calls: u64,
    failed: u64,
    longest_ns: u64,
    span: Option<SpanId>,
    failed_span: Option<SpanId>,
}

/// What healthy traces did at one path.
#[derive(Default)]
struct Usual {
    traces: u64,
    failed: u64,
    durations: Vec<u64>,
    calls: Vec<u64>,
}

/// How `tree` differs from `healthy` ones, the weightiest first. Nothing can be said without healthy ones.
pub fn compare(tree: &Tree, healthy: &[Tree]) -> Vec<Difference> {
    let mut paths = Paths::default();
    let mut usual: Vec<Usual> = Vec::new();
    for tree in healthy {
        for (path, done) in done(tree, &mut paths, |path, ns| {
            if usual.len() <= path {
                usual.resize_with(path + 1, Usual::default);
            }
            usual[path].durations.push(ns);
        }) {
            usual[path].traces += 1;
            usual[path].failed += done.failed;
            usual[path].calls.push(done.calls);
        }
    }
    if healthy.is_empty() || tree.is_empty() {
        return Vec::new();
    }
    for usual in &mut usual {
        usual.durations.sort_unstable();
        usual.calls.sort_unstable();
    }
    let here: FxHashMap<usize, Done> = done(tree, &mut paths, |_, _| ());
    usual.resize_with(paths.list.len(), Usual::default);
    let whole_ns = tree.root().map_or(1, |(_, root)| root.duration_ns().max(1));
    let (children, depths) = paths.shape();
    let judge = Judge {
        paths: &paths,
        usual: &usual,
        here: &here,
        whole_ns,
        healthy: healthy.len(),
        children: &children,
        depths: &depths,
    };
    let mut found: Vec<Difference> = (0..paths.list.len()).flat_map(|path| judge.at(path)).collect();
    found
        .sort_by(|left, right| right.weight.total_cmp(&left.weight).then_with(|| left.path.cmp(&right.path)));
    found.truncate(DIFFERENCES_MAX);
    found
}

fn done<'a>(
    tree: &'a Tree,
    paths: &mut Paths<'a>,
    mut each: impl FnMut(usize, u64),
) -> FxHashMap<usize, Done> {
    let mut at: Vec<usize> = vec![0; tree.len()];
    let mut all: FxHashMap<usize, Done> = FxHashMap::default();
    for (id, node) in tree.walk() {
        let above = node.parent.map(|NodeId(parent)| at[parent]);
        let path = paths.number((above, node.service(), &node.span.name, node.span.kind));
        at[id.0] = path;
        let done = all.entry(path).or_default();
        done.calls += 1;
        if node.failed() {
            done.failed += 1;
            done.failed_span.get_or_insert(node.span.span_id);
        }
        if done.span.is_none() || node.duration_ns() > done.longest_ns {
            done.span = Some(node.span.span_id);
            done.longest_ns = node.duration_ns();
        }
        each(path, node.duration_ns());
    }
    all
}

impl<'a> Paths<'a> {
    fn number(&mut self, key: (Option<usize>, &'a str, &'a str, Kind)) -> usize {
        *self.numbers.entry(key).or_insert_with(|| {
            self.list.push(key);
            self.list.len() - 1
        })
    }

    /// Children and depth of each. A path has a larger number than what it lies in.
    fn shape(&self) -> (Vec<Vec<usize>>, Vec<u32>) {
        let mut children = vec![Vec::new(); self.list.len()];
        let mut depths = vec![0; self.list.len()];
        for (path, (above, ..)) in self.list.iter().enumerate() {
            if let Some(above) = *above {
                children[above].push(path);
                depths[path] = depths[above] + 1;
            }
        }
        (children, depths)
    }

    fn shown(&self, path: usize) -> Vec<String> {
        let above = std::iter::successors(Some(path), |&path| self.list[path].0);
        let mut shown: Vec<String> = above
            .take(PATH_SHOWN_MAX)
            .map(|path| format!("{} {}", self.list[path].1, self.list[path].2))
            .collect();
        shown.reverse();
        shown
    }
}

struct Judge<'a> {
    paths: &'a Paths<'a>,
    usual: &'a [Usual],
    here: &'a FxHashMap<usize, Done>,
    whole_ns: u64,
    healthy: usize,
    children: &'a [Vec<usize>],
    depths: &'a [u32],
}

impl Judge<'_> {
    fn at(&self, path: usize) -> Vec<Difference> {
        let usual = &self.usual[path];
        let above = self.paths.list[path].0;
        let Some(here) = self.here.get(&path) else {
            // Below what is missing everything is.
            let told = above.is_none_or(|above| self.here.contains_key(&above));
            let belongs = usual.traces as f64 >= USUAL_SHARE * self.healthy as f64;
            let weight = WEIGHT_SHAPE + self.share(quantile(&usual.durations, 50));
            let change = Change::Missing { of_healthy: usual.traces };
            return if told && belongs { vec![self.tell(path, None, change, weight)] } else { Vec::new() };
        };
        let mut found = Vec::new();
        if here.failed > 0 && usual.failed == 0 {
            // The deepest is where it came from.
            let weight = WEIGHT_FAILS + self.depth(path) / (1.0 + self.depth(path));
            found.push(self.tell(path, here.failed_span, Change::FailsNewly { failed: here.failed }, weight));
        }
        if usual.traces == 0 {
            let told = above.is_none_or(|above| self.usual[above].traces > 0);
            let weight = WEIGHT_SHAPE + self.share(here.longest_ns);
            let change = Change::New { calls: here.calls };
            found.extend(told.then(|| self.tell(path, here.span, change, weight)));
            return found;
        }
        if let Some((took_ns, p95_ns)) = self.slower(path) {
            // What is slow below it is told there.
            let below: u64 = self.slower_below(path);
            let weight = self.share((took_ns - p95_ns).saturating_sub(below));
            found.push(self.tell(path, here.span, Change::Slower { took_ns, p95_ns }, weight));
        }
        let often = quantile(&usual.calls, 95);
        if here.calls > often {
            let more = (here.calls - often) as f64 / here.calls as f64;
            let change = Change::MoreCalls { calls: here.calls, usual: often };
            found.push(self.tell(path, here.span, change, WEIGHT_SHAPE * more));
        }
        found
    }

    fn slower(&self, path: usize) -> Option<(u64, u64)> {
        let took_ns = self.here.get(&path)?.longest_ns;
        let durations = &self.usual[path].durations;
        let p95_ns = quantile(durations, 95);
        (!durations.is_empty() && took_ns > p95_ns.saturating_add(SLOWER_MIN_NS)).then_some((took_ns, p95_ns))
    }

    fn slower_below(&self, path: usize) -> u64 {
        self.children[path].iter().filter_map(|&child| self.slower(child)).map(|(took, p95)| took - p95).sum()
    }

    fn share(&self, ns: u64) -> f64 {
        ns as f64 / self.whole_ns as f64
    }

    fn depth(&self, path: usize) -> f64 {
        f64::from(self.depths[path])
    }

    fn tell(&self, path: usize, span_id: Option<SpanId>, change: Change, weight: f64) -> Difference {
        let (_, service, name, kind) = self.paths.list[path];
        let (service, name) = (service.to_owned(), name.to_owned());
        Difference { service, name, kind, path: self.paths.shown(path), span_id, change, weight }
    }
}

/// The smallest of the sorted values that at least `percent` of 100 do not exceed.
fn quantile(sorted: &[u64], percent: usize) -> u64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}
