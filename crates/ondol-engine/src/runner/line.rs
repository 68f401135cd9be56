//! Calls that wait in line for one target. Whoever knows a place can give it up, so a line holds what is wanted and
//! nothing else, however many sagas ended while they waited.

use std::collections::BTreeMap;

/// Is the call part of undoing?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Forward,
    Undoing,
}

/// A place in line. Never given twice, so one that was left long ago names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    lane: Lane,
    number: i64,
}

/// One line with its two lanes. `C` names a call.
#[derive(Debug)]
pub(crate) struct Line<C> {
    forward: BTreeMap<i64, C>,
    undoing: BTreeMap<i64, C>,
    /// The number after the last one given at the end.
    behind: i64,
    /// The last number given at the head, which count downwards.
    ahead: i64,
}

impl<C> Line<C> {
    pub(crate) const fn new() -> Self {
        Self { forward: BTreeMap::new(), undoing: BTreeMap::new(), behind: 0, ahead: 0 }
    }

    /// Lines up behind everybody.
    pub(crate) fn push(&mut self, lane: Lane, call: C) -> Place {
        let number = self.behind;
        self.behind += 1;
        self.lane(lane).insert(number, call);
        Place { lane, number }
    }

    /// Lines up before everybody.
    pub(crate) fn push_first(&mut self, lane: Lane, call: C) -> Place {
        self.ahead -= 1;
        let number = self.ahead;
        self.lane(lane).insert(number, call);
        Place { lane, number }
    }

    /// The first in line: of those that undo where there are any, else of all if others may go, too.
    pub(crate) fn pop(&mut self, others_too: bool) -> Option<C> {
        let undoing = self.undoing.pop_first();
        let first = undoing.or_else(|| if others_too { self.forward.pop_first() } else { None });
        first.map(|(_, call)| call)
    }

    /// Gives a place up. Without effect where it was left already.
    pub(crate) fn leave(&mut self, place: Place) {
        self.lane(place.lane).remove(&place.number);
    }

    pub(crate) fn len(&self) -> usize {
        self.forward.len() + self.undoing.len()
    }

    fn lane(&mut self, lane: Lane) -> &mut BTreeMap<i64, C> {
        match lane {
            Lane::Forward => &mut self.forward,
            Lane::Undoing => &mut self.undoing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_order_and_forgets_who_left() {
        let mut line = Line::new();
        let places: Vec<Place> = (0..4).map(|call| line.push(Lane::Forward, call)).collect();
        line.push(Lane::Undoing, 9);
        line.leave(places[1]);
        line.leave(places[1]);
        assert_eq!((line.len(), line.pop(true), line.pop(true)), (4, Some(9), Some(0)));
        line.push_first(Lane::Forward, 0);
        line.leave(places[0]);
        assert_eq!(line.pop(false), None, "only what undoes was asked for");
        assert_eq!(std::iter::from_fn(|| line.pop(true)).collect::<Vec<_>>(), [0, 2, 3]);
    }
}
