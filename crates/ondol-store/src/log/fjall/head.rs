//! Where a stream stands, and where its records are.

use crate::log::Mark;

/// Positions that leave a head together once it has twice as many: a saga has fewer records and is never split, and the
/// head of a stream with many stays short.
pub(super) const RUN_LENGTH: usize = 32;

/// Where a stream stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// How many records the stream holds.
    pub(super) seq: u64,
    /// `None`: the stream does not exist.
    pub(super) mark: Option<Mark>,
    /// Positions of its last records, oldest first; those of the ones before are in runs.
    pub(super) last: Vec<u64>,
}

impl Head {
    /// Takes in one more record.
    pub(super) fn push(&mut self, position: u64, mark: Mark) {
        self.seq += 1;
        self.mark = Some(mark);
        self.last.push(position);
    }

    /// The seq of the first record whose position is here.
    pub(super) fn first_seq(&self) -> u64 {
        self.seq - self.last.len() as u64
    }

    /// Takes the oldest run out, if there are enough positions left: the seq of its first record, and its positions.
    /// Every run has the same length, so the run of a record is known from its seq.
    pub(super) fn split_run(&mut self) -> Option<(u64, Vec<u64>)> {
        if self.last.len() < 2 * RUN_LENGTH {
            return None;
        }
        let first_seq = self.first_seq();
        Some((first_seq, self.last.drain(..RUN_LENGTH).collect()))
    }

    /// The hint with which it is listed as open.
    pub(super) fn open_hint(&self) -> Option<u64> {
        match self.mark {
            Some(Mark::Open { hint }) => Some(hint),
            Some(Mark::Closed) | None => None,
        }
    }
}
