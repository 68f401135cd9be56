//! A generation: what arrived in one stretch of time and is not yet in files.

use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError, RwLock};

use super::catalog::State;
use super::figures::Figures;
use super::kind::Kind;
use super::relations::Relations;
use super::rows::Rows;

/// What arrived between two sealings.
pub(crate) struct Generation<K: Kind> {
    /// Its number: each signal counts its own, from 0.
    pub(crate) number: u64,
    pub(crate) rows: RwLock<Rows<K::Chunk>>,
    /// Who called whom; known when it has ended.
    pub(crate) figures: Mutex<Figures>,
    /// What is counted of the memory budget for it, in bytes.
    pub(crate) held: AtomicUsize,
}

impl<K: Kind> Generation<K> {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            rows: RwLock::new(Rows::default()),
            figures: Mutex::new(Figures::default()),
            held: AtomicUsize::new(0),
        }
    }
    /// Ends it: the figures that were found while it grew are its own from now on. The relations stay locked until it has
    /// them: whoever sums figures up finds them in one place, never in none.
    pub(crate) fn take_figures(&self, relations: &Mutex<Relations>) {
        let mut relations = relations.lock().unwrap_or_else(PoisonError::into_inner);
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner) = relations.turn();
    }
}

/// Sums up the figures of what is in memory; `snapshot` says what that is, and what is in files at the same moment.
pub(crate) fn figures<K: Kind>(
    relations: &Mutex<Relations>,
    snapshot: impl FnOnce() -> State<K>,
) -> (State<K>, Figures) {
    let relations = relations.lock().unwrap_or_else(PoisonError::into_inner);
    let state = snapshot();
    let mut sum = relations.figures();
    for generation in &state.generations {
        sum.merge(&generation.figures.lock().unwrap_or_else(PoisonError::into_inner));
    }
    (state, sum)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Figures, Generation, Mutex, Relations, State, figures};
    use crate::model::{Kind, SpanId, TraceId};
    use crate::query::Window;
    use crate::store::{Seen, Spans};

    #[test]
    fn figures_are_in_one_place_at_any_moment() {
        let generation = Arc::new(Generation::<Spans>::new(0));
        let snapshot = || State { files: Vec::new(), generations: vec![Arc::clone(&generation)] };
        let mut growing = Relations::default();
        let service = growing.service("pay");
        assert!(growing.see(&Seen {
            trace: TraceId([1; 16]),
            id: SpanId([2; 8]),
            parent: None,
            service,
            kind: Kind::Server,
            start_ns: 0,
            duration_ns: 1,
            failed: false,
        }));
        let relations = Mutex::new(growing);
        let spans =
            |figures: &Figures| figures.map(Window::EVER).services.iter().map(|of| of.spans).sum::<u64>();
        assert_eq!(spans(&figures(&relations, snapshot).1), 1, "while it grows");
        std::thread::scope(|scope| {
            // The generation cannot have them yet: who ends it must wait, and so must who asks.
            let held = generation.figures.lock().unwrap();
            scope.spawn(|| generation.take_figures(&relations));
            let mut waits = 0;
            while waits < 1_000 {
                match relations.try_lock() {
                    Ok(relations) => assert_eq!(spans(&relations.figures()), 1, "they are nowhere"),
                    Err(_) => waits += 1,
                }
                std::thread::yield_now();
            }
            drop(held);
        });
        assert_eq!(spans(&figures(&relations, snapshot).1), 1, "when it has ended");
    }
}
