//! Breadth first through every state a world can reach.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::BuildHasherDefault;
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ondol_core::Phase;

use super::act::Act;
use super::key::AsIs;
use super::notation::written;
use super::property::{Broken, Tally};
use super::root::Root;
use super::world::World;

/// States of one search. Above it the budget is too large for its plan, and the machine would run out of memory first.
const STATES_MAX: usize = 20_000_000;

/// States in which a saga had come to rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Completed.
    pub completed: u64,
    /// Compensated.
    pub compensated: u64,
    /// Parked, in either direction.
    pub parked: u64,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Distinct states.
    pub states: u64,
    /// Ways from one to another.
    pub transitions: u64,
    /// States at rest.
    pub ends: Ends,
    /// How often each property was checked.
    pub tally: Tally,
    /// A property that did not hold. The search ended there.
    pub broken: Option<Counterexample>,
}

/// How a property was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// Which property, and what was seen.
    pub broken: Broken,
    /// The plan, as [`super::parse`] reads it.
    pub plan: String,
    /// A shortest history that leads there, one act a line, with the facts it decided.
    pub history: Vec<String>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}
  plan {}",
            self.broken, self.plan
        )?;
        self.history.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

impl Found {
    /// Adds another search; the first broken property stays.
    pub fn add(&mut self, other: Self) {
        self.states += other.states;
        self.transitions += other.transitions;
        self.ends.completed += other.ends.completed;
        self.ends.compensated += other.ends.compensated;
        self.ends.parked += other.ends.parked;
        self.tally.add(&other.tally);
        if self.broken.is_none() {
            self.broken = other.broken;
        }
    }
}

/// Visits every state that can be reached, until a property does not hold.
///
/// # Panics
///
/// Above twenty million states: give it a smaller budget.
#[must_use]
pub fn search(root: &Root) -> Found {
    let root = Rc::new(root.clone());
    let mut found = Found { tally: Tally::new(root.watch), ..Found::default() };
    let first = match World::begin(&root, &mut found.tally) {
        Ok(world) => world,
        Err(broken) => {
            found.broken = Some(counterexample(&root, broken, &[]));
            return found;
        }
    };
    let mut seen: HashSet<u128, BuildHasherDefault<AsIs>> = HashSet::default();
    let mut from: Vec<Option<(u32, Act)>> = vec![None];
    seen.insert(first.key());
    let mut queue = VecDeque::from([(0, first)]);
    while let Some((at, world)) = queue.pop_front() {
        let acts = match look(&world, &mut found) {
            Ok(acts) => acts,
            Err(broken) => {
                found.broken = Some(counterexample(&root, broken, &path(&from, at)));
                break;
            }
        };
        for act in acts {
            found.transitions += 1;
            let next = match world.act(act, &mut found.tally) {
                Ok(next) => next,
                Err(broken) => {
                    let mut path = path(&from, at);
                    path.push(act);
                    found.broken = Some(counterexample(&root, broken, &path));
                    queue.clear();
                    break;
                }
            };
            if seen.insert(next.key()) {
                assert!(from.len() < STATES_MAX, "a search stays below {STATES_MAX} states");
                queue.push_back((from.len() as u32, next));
                from.push(Some((at, act)));
            }
        }
    }
    found.states = seen.len() as u64;
    found
}

/// Searches from many roots on every core; the sum does not depend on their order. Of broken properties the first by
/// order of the roots counts.
#[must_use]
pub fn search_all(roots: &[Root]) -> Found {
    let next = AtomicUsize::new(0);
    let all: Mutex<Vec<(usize, Found)>> = Mutex::new(Vec::new());
    let work = || {
        while let Some((at, root)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            roots.get(at).map(|root| (at, root))
        } {
            let found = search(root);
            all.lock().expect("no search panics while it holds the results").push((at, found));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    let mut all = all.into_inner().expect("no search panics while it holds the results");
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().fold(Found::default(), |mut sum, (_, found)| {
        sum.add(found);
        sum
    })
}

fn look(world: &World, found: &mut Found) -> Result<Vec<Act>, Broken> {
    match world.saga.phase() {
        Phase::Completed => found.ends.completed += 1,
        Phase::Compensated => found.ends.compensated += 1,
        Phase::Parked(_) => found.ends.parked += 1,
        Phase::New | Phase::Running | Phase::Compensating => {}
    }
    let wanted = world.saga.wanted();
    world.truth(&wanted, &mut found.tally)?;
    world.acts(&wanted, &mut found.tally)
}

fn path(from: &[Option<(u32, Act)>], mut at: u32) -> Vec<Act> {
    let mut path = Vec::new();
    while let Some((up, act)) = from[at as usize] {
        path.push(act);
        at = up;
    }
    path.reverse();
    path
}

fn counterexample(root: &Rc<Root>, broken: Broken, path: &[Act]) -> Counterexample {
    Counterexample { broken, plan: written(&root.plan), history: history(root, path) }
}

/// Runs the acts again and says what happened. A last act that broke a property has no facts.
fn history(root: &Rc<Root>, path: &[Act]) -> Vec<String> {
    let mut tally = Tally::new(root.watch);
    let mut lines = Vec::new();
    let Ok(mut world) = World::begin(root, &mut tally) else { return lines };
    for (at, act) in path.iter().enumerate() {
        let line = format!("{:>2}. {}", at + 1, world.act_words(*act));
        let known = world.journal.events().len();
        let Ok(next) = world.act(*act, &mut tally) else {
            lines.push(line);
            break;
        };
        let facts = next.facts(next.journal.events().into_iter().skip(known));
        lines.push(if facts.is_empty() { line } else { format!("{line}  [{facts}]") });
        world = next;
    }
    lines
}
