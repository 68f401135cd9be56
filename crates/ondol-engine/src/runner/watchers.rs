//! Clients that wait until a saga has ended or needs a person. They keep nothing in memory but themselves: the saga may
//! sleep meanwhile.

use std::collections::HashMap;

use tokio::sync::oneshot;

use super::live::ERRANDS_MAX;
use crate::handle::Reached;
use crate::id::SagaId;

type Watcher = oneshot::Sender<Option<Reached>>;

/// Who went away is looked for when there are twice as many as were left the last time, and not below this many.
const SWEPT_FROM: usize = 1_024;

/// Who waits for which saga.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    of: HashMap<SagaId, Vec<Watcher>>,
    /// How many there are, those who went away included.
    count: usize,
    /// How many were left when those who went away were last looked for.
    left: usize,
}

impl Watchers {
    /// Somebody waits for a saga. More than [`ERRANDS_MAX`] for one are turned away, and read how it stands by themselves.
    pub(crate) fn add(&mut self, id: &SagaId, watcher: Watcher) {
        let of_saga = self.of.entry(id.clone()).or_default();
        let before = of_saga.len();
        of_saga.retain(|watcher| !watcher.is_closed());
        if of_saga.len() < ERRANDS_MAX {
            of_saga.push(watcher);
        }
        self.count = self.count + of_saga.len() - before;
        if self.count >= (2 * self.left).max(SWEPT_FROM) {
            self.sweep();
        }
    }

    /// Everybody who waits for a saga.
    pub(crate) fn take(&mut self, id: &SagaId) -> Vec<Watcher> {
        let watchers = self.of.remove(id).unwrap_or_default();
        self.count -= watchers.len();
        watchers
    }

    fn sweep(&mut self) {
        self.of.retain(|_, watchers| {
            watchers.retain(|watcher| !watcher.is_closed());
            !watchers.is_empty()
        });
        self.count = self.of.values().map(Vec::len).sum();
        self.left = self.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_went_away_is_forgotten() {
        let mut watchers = Watchers::default();
        let mut waiting = Vec::new();
        for number in 0..10 * SWEPT_FROM {
            let id = SagaId::new(&format!("saga-{number}")).expect("an id");
            let (watcher, answer) = oneshot::channel();
            watchers.add(&id, watcher);
            if number % 100 == 0 {
                waiting.push((id, answer));
            }
        }
        assert!(watchers.of.len() <= SWEPT_FROM, "{} are kept", watchers.of.len());
        for (id, _answer) in &waiting {
            assert_eq!(watchers.take(id).len(), 1, "{id} is waited for");
        }
    }

    #[test]
    fn one_saga_has_so_many_watchers_and_no_more() {
        let mut watchers = Watchers::default();
        let id = SagaId::new("saga").expect("an id");
        let answers: Vec<_> = (0..2 * ERRANDS_MAX)
            .map(|_| {
                let (watcher, answer) = oneshot::channel();
                watchers.add(&id, watcher);
                answer
            })
            .collect();
        assert_eq!((watchers.take(&id).len(), watchers.count), (ERRANDS_MAX, 0));
        drop(answers);
    }
}
