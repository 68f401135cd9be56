//! A set of steps: four machine words, no allocation.

use crate::bounds::STEPS_MAX;

/// Index of a step in its plan, below [`STEPS_MAX`].
pub type StepId = u16;

const WORDS: usize = STEPS_MAX / 64;

/// A set of steps of one plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct StepSet([u64; WORDS]);

impl StepSet {
    /// Adds a step. Steps at or above [`STEPS_MAX`] do not exist and are ignored.
    pub fn insert(&mut self, step: StepId) {
        if let Some(word) = self.0.get_mut(usize::from(step) / 64) {
            *word |= 1 << (step % 64);
        }
    }

    /// Is the step in the set?
    #[must_use]
    pub fn contains(&self, step: StepId) -> bool {
        self.0.get(usize::from(step) / 64).is_some_and(|word| word & (1 << (step % 64)) != 0)
    }

    /// Adds every step of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    /// The steps in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = StepId> + '_ {
        (0..STEPS_MAX as StepId).filter(|&step| self.contains(step))
    }

    /// Number of steps in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Is no step in the set?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}
