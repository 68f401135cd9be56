//! What really happened at the services, whatever anybody was told.

use std::collections::BTreeMap;

use ondol_core::Half;

/// Identifies a half of a step of a saga: the idempotency key.
pub(crate) type Key = (String, String, Half);

/// What a service has in its barrier for one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// It took effect.
    Done,
    /// It was refused, for good.
    Refused,
    /// Its compensation came first.
    Blocked,
}

/// Every service's data.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    rows: BTreeMap<Key, Row>,
    /// Per (saga, step): how often the action is in effect now (0 or 1, if all is well).
    effects: BTreeMap<(String, String), i32>,
    /// Calls of each saga's steps that ever arrived, by half.
    arrived: BTreeMap<Key, u32>,
}

impl Truth {
    /// A request arrives. `refuse`: the business says no. Answers what the service does.
    pub(crate) fn serve(&mut self, key: &Key, refuse: bool, barrier: bool) -> Row {
        *self.arrived.entry(key.clone()).or_default() += 1;
        let (saga, step, half) = key;
        if barrier && let Some(row) = self.rows.get(key) {
            return *row;
        }
        let effect = self.effects.entry((saga.clone(), step.clone())).or_default();
        let row = match half {
            Half::Action if refuse => Row::Refused,
            Half::Action => {
                *effect += 1;
                Row::Done
            }
            Half::Compensation => {
                *effect = 0;
                if barrier {
                    let action = (saga.clone(), step.clone(), Half::Action);
                    self.rows.entry(action).or_insert(Row::Blocked);
                }
                Row::Done
            }
        };
        self.rows.insert(key.clone(), row);
        row
    }

    /// How often the step's action is in effect.
    pub(crate) fn effect(&self, saga: &str, step: &str) -> i32 {
        self.effects.get(&(saga.to_owned(), step.to_owned())).copied().unwrap_or(0)
    }

    /// How many requests of a half arrived.
    pub(crate) fn arrived(&self, saga: &str, step: &str, half: Half) -> u32 {
        self.arrived.get(&(saga.to_owned(), step.to_owned(), half)).copied().unwrap_or(0)
    }
}
