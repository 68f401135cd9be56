//! The name of a state in the table of visited ones: two seeded 64-bit hashes, 128 bits in all.
//!
//! The seeds are fixed, so a run is repeatable. For `n` states two different ones share a key with a probability of about
//! n² / 2^129: for ten million states 1.5 · 10^-25.
//!
//! Left out is what no later step of a history depends on: how many facts there were, what they say in words, and when they
//! were recorded. Of a time only its place relative to now counts, since the clock of these worlds only jumps to what is
//! due, to the deadline, or by a day.

use std::hash::Hasher;

use ondol_core::bounds::PATIENCE_MS;
use ondol_core::{Cause, Direction, Mode, Phase, Progress, Status, Trouble};

use super::callee::Reply;
use super::world::{Line, World};

const SEEDS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03];

/// Passes a key on as its own hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            self.0 ^= word(chunk);
        }
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }
}

fn word(chunk: &[u8]) -> u64 {
    chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn hash(bytes: &[u8], seed: u64) -> u64 {
    // SplitMix64's finalizer over each word in turn.
    let mix = |z: u64| {
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    bytes.chunks(8).fold(mix(seed ^ bytes.len() as u64), |hash, chunk| {
        mix(hash.wrapping_mul(seed | 1).wrapping_add(word(chunk)).wrapping_add(seed))
    })
}

impl World {
    pub(super) fn key(&self) -> u128 {
        let mut bytes = Vec::with_capacity(96);
        self.write_saga(&mut bytes);
        for step in self.root.plan.ids() {
            let site = self.site(step);
            let flags = u8::from(site.unclear)
                | u8::from(site.vouched_action) << 1
                | u8::from(site.vouched_undoing) << 2
                | u8::from(site.answered) << 3;
            bytes.extend([line(&site.action), line(&site.compensation), site.callee.code() | flags << 4]);
        }
        let budget = &self.budget;
        bytes.extend([
            budget.timeouts | budget.late << 4,
            budget.doubles | budget.faults << 4,
            budget.crashes | budget.verbs << 4,
            budget.jumps | u8::from(self.failed) << 4,
        ]);
        u128::from(hash(&bytes, SEEDS[0])) << 64 | u128::from(hash(&bytes, SEEDS[1]))
    }

    fn write_saga(&self, bytes: &mut Vec<u8>) {
        let phase = match self.saga.phase() {
            Phase::New => 0,
            Phase::Running => 1,
            Phase::Compensating => 2,
            Phase::Completed => 3,
            Phase::Compensated => 4,
            Phase::Parked(Direction::Forward) => 5,
            Phase::Parked(Direction::Backward) => 6,
        };
        let pending = match self.saga.pending() {
            None => 0,
            Some(Cause::Cancelled) => 1,
            Some(Cause::Timeout) => 2,
            Some(Cause::Step(_)) => 3,
        };
        let paused = u8::from(self.saga.paused_at_ms().is_some());
        // While time stands still the deadline moves; what counts is where it would be if the saga went on now.
        let stood_ms = self.saga.standing_since_ms().map_or(0, |since_ms| self.now_ms - since_ms);
        let late = u8::from(self.saga.deadline_ms() + stood_ms <= self.now_ms);
        bytes.push(phase | pending << 3 | paused << 5 | late << 6);
        for state in self.saga.steps() {
            let tag = match state.status {
                Status::Idle => 0,
                Status::Chosen => 1,
                Status::Skipped => 2,
                Status::Acting(_) => 3,
                Status::Done => 4,
                Status::Unusable => 5,
                Status::Unclear => 6,
                Status::NoEffect => 7,
                Status::Undoing(_) => 8,
                Status::Undone => 9,
            };
            bytes.push(tag);
            if let Status::Acting(progress) | Status::Undoing(progress) = &state.status {
                self.write_progress(progress, bytes);
            }
        }
    }

    fn write_progress(&self, progress: &Progress, bytes: &mut Vec<u8>) {
        let mode = match progress.mode {
            Mode::Unasked => 0,
            Mode::InFlight => 1,
            Mode::Waiting { due_ms } if due_ms <= self.now_ms => 2,
            Mode::Waiting { .. } => 3,
            Mode::Stuck(trouble) => 4 + trouble_code(trouble),
        };
        let troubled = match progress.troubled_since_ms {
            None => 0,
            Some(since_ms) if self.now_ms - since_ms < PATIENCE_MS => 1,
            Some(_) => 2,
        };
        let flags = troubled | u8::from(progress.tainted) << 2 | u8::from(progress.digest.is_some()) << 3;
        bytes.extend([
            progress.attempt as u8,
            progress.failures as u8,
            progress.refusals as u8 | flags << 4,
            mode | progress.input << 4,
        ]);
    }
}

const fn trouble_code(trouble: Trouble) -> u8 {
    match trouble {
        Trouble::Refused => 0,
        Trouble::RefusedRepeatedly => 1,
        Trouble::Exhausted => 2,
        Trouble::TooLong => 3,
        Trouble::Unusable => 4,
        Trouble::ExpressionError => 5,
        Trouble::RenderChanged => 6,
    }
}

fn line(line: &Line) -> u8 {
    let reply = match line.reply {
        None => 0,
        Some(Reply::Done) => 1,
        Some(Reply::Unusable) => 2,
        Some(Reply::Refused) => 3,
        Some(Reply::Sealed) => 4,
        Some(Reply::Unclear) => 5,
    };
    u8::from(line.sent) | u8::from(line.request) << 1 | u8::from(line.late) << 2 | reply << 3
}
