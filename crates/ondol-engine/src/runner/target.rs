//! Holding back: how many calls one target gets at once, and what happens while it is away.
//!
//! A target that nobody could reach is *down*: its calls wait in line, and one of them at a time is the probe. When one
//! is answered, whatever the answer, the others return on a ramp: one more may be on its way for each answer. So
//! 100,000 sagas that wait for one target are one probe, and no stampede when it is back.

use std::collections::VecDeque;

/// Calls one target gets at once when all is well. Above what one service of a small team answers at a time, and
/// below the places the connection pool has.
pub(crate) const WINDOW_MAX: u32 = 512;

/// Calls one target gets at once even where there was no place for more.
const WINDOW_MIN: u32 = 8;

/// Of these, one in this many is kept for compensations, so that undoing never waits behind new work.
const RESERVED_ONE_IN: u32 = 10;

/// First pause between two probes of a target that is down, in milliseconds.
const PROBE_FIRST_MS: u64 = 100;
/// Longest pause between two probes, in milliseconds: a target that is back is noticed within it.
const PROBE_MAX_MS: u64 = 2_000;

/// Is the call part of undoing?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Forward,
    Undoing,
}

/// One service, or one receiver of notices, as far as holding back goes. `C` names a call.
#[derive(Debug)]
pub(crate) struct Target<C> {
    state: State,
    window_max: u32,
    in_flight: u32,
    forward: VecDeque<C>,
    undoing: VecDeque<C>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// This many may be on their way.
    Up { window: u32 },
    /// Away. One probe is under way, or may start at this (monotonic) time.
    Down { pause_ms: u64, probe_at_ms: u64, probing: bool, since_ms: u64 },
}

/// What a person or a metric wants to know of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetStatus {
    /// Since when nobody could reach it (monotonic milliseconds); `None` while it is up.
    pub down_since_ms: Option<u64>,
    /// Calls on their way.
    pub in_flight: u32,
    /// Calls that wait in line.
    pub waiting: usize,
}

impl<C> Target<C> {
    /// A target that is up. `window`: calls it gets at once, where that is bounded.
    pub(crate) fn new(window: Option<u32>) -> Self {
        let window_max = window.map_or(WINDOW_MAX, |window| window.clamp(1, WINDOW_MAX));
        Self {
            state: State::Up { window: window_max },
            window_max,
            in_flight: 0,
            forward: VecDeque::new(),
            undoing: VecDeque::new(),
        }
    }

    /// Bounds what it gets at once from now on.
    pub(crate) fn bound(&mut self, window: Option<u32>) {
        let before = self.window_max;
        self.window_max = window.map_or(WINDOW_MAX, |window| window.clamp(1, WINDOW_MAX));
        if let State::Up { window } = &mut self.state
            && (*window == before || *window > self.window_max)
        {
            *window = self.window_max;
        }
    }

    /// Puts a call in line. [`Self::grant`] tells when it may go.
    pub(crate) fn line_up(&mut self, lane: Lane, call: C) {
        match lane {
            Lane::Forward => self.forward.push_back(call),
            Lane::Undoing => self.undoing.push_back(call),
        }
    }

    /// Puts a call back at the head of the line: it was granted and could not be sent.
    pub(crate) fn line_up_first(&mut self, lane: Lane, call: C) {
        match lane {
            Lane::Forward => self.forward.push_front(call),
            Lane::Undoing => self.undoing.push_front(call),
        }
    }

    /// The next call that may go now. It counts as on its way until [`Self::released`], [`Self::answered`] or
    /// [`Self::unreachable`].
    pub(crate) fn grant(&mut self, mono_ms: u64) -> Option<C> {
        let window = match self.state {
            State::Up { window } => window,
            State::Down { probing: false, probe_at_ms, .. } if probe_at_ms <= mono_ms => 1,
            State::Down { .. } => return None,
        };
        let reserved = if window >= RESERVED_ONE_IN { window / RESERVED_ONE_IN } else { 0 };
        let call = if self.in_flight >= window && self.is_up() {
            None
        } else if self.in_flight < window.saturating_sub(reserved) || !self.is_up() {
            self.undoing.pop_front().or_else(|| self.forward.pop_front())
        } else {
            self.undoing.pop_front()
        }?;
        self.in_flight += 1;
        if let State::Down { probing, .. } = &mut self.state {
            *probing = true;
        }
        Some(call)
    }

    /// A granted call was not needed any more; nothing was learnt.
    pub(crate) fn released(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let State::Down { probing, .. } = &mut self.state {
            *probing = false;
        }
    }

    /// A call was answered, or at least reached the target: it is up.
    pub(crate) fn answered(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.state = match self.state {
            State::Up { window } => State::Up { window: (window + 1).min(self.window_max) },
            State::Down { .. } => State::Up { window: self.window_max.min(2) },
        };
    }

    /// A call certainly never reached the target.
    pub(crate) fn unreachable(&mut self, mono_ms: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.state = match self.state {
            State::Up { .. } => State::Down {
                pause_ms: PROBE_FIRST_MS,
                probe_at_ms: mono_ms + PROBE_FIRST_MS,
                probing: false,
                since_ms: mono_ms,
            },
            // Calls that were on their way when it went down come back one by one; only the probe lengthens the pause.
            State::Down { pause_ms, probing: true, since_ms, .. } if self.in_flight == 0 => {
                let pause_ms = (pause_ms * 2).min(PROBE_MAX_MS);
                State::Down { pause_ms, probe_at_ms: mono_ms + pause_ms, probing: false, since_ms }
            }
            down @ State::Down { .. } => down,
        };
    }

    /// A call found no place on this side: as many as are on their way now are enough.
    pub(crate) fn crowded(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
        match &mut self.state {
            State::Up { window } => *window = self.in_flight.max(WINDOW_MIN).min(self.window_max),
            State::Down { probing, .. } => *probing = false,
        }
    }

    /// When the next probe may start (monotonic milliseconds), if that is what the line waits for.
    pub(crate) fn probe_at_ms(&self) -> Option<u64> {
        match self.state {
            State::Down { probing: false, probe_at_ms, .. } if self.waiting() > 0 => Some(probe_at_ms),
            State::Down { .. } | State::Up { .. } => None,
        }
    }

    pub(crate) const fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    pub(crate) fn waiting(&self) -> usize {
        self.forward.len() + self.undoing.len()
    }

    pub(crate) fn status(&self) -> TargetStatus {
        let down_since_ms = match self.state {
            State::Up { .. } => None,
            State::Down { since_ms, .. } => Some(since_ms),
        };
        TargetStatus { down_since_ms, in_flight: self.in_flight, waiting: self.waiting() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(target: &mut Target<u32>, now: u64) -> Vec<u32> {
        std::iter::from_fn(|| target.grant(now)).collect()
    }

    #[test]
    fn a_dead_target_gets_one_probe_at_a_time_and_returns_on_a_ramp() {
        let mut target = Target::new(None);
        (0..100_000).for_each(|call| target.line_up(Lane::Forward, call));
        let first = drain(&mut target, 0);
        assert_eq!(first.len() as u32, WINDOW_MAX - WINDOW_MAX / RESERVED_ONE_IN);
        for call in first {
            target.unreachable(0);
            target.line_up_first(Lane::Forward, call);
        }
        assert_eq!(drain(&mut target, 0).len(), 0, "down: nothing goes before the first pause is over");
        let mut now = 0;
        let mut probes = 0;
        while now < 60_000 {
            now = target.probe_at_ms().expect("the line waits for a probe");
            let probe = drain(&mut target, now);
            assert_eq!(probe.len(), 1, "one probe at a time");
            probes += 1;
            target.unreachable(now);
            target.line_up_first(Lane::Forward, probe[0]);
        }
        assert!(probes < 40, "{probes} probes in a minute");
        now = target.probe_at_ms().expect("the line waits for a probe");
        assert_eq!(drain(&mut target, now).len(), 1);
        let mut sizes = Vec::new();
        let mut out = 1;
        while target.waiting() > 0 {
            (0..out).for_each(|_| target.answered());
            out = drain(&mut target, now).len();
            sizes.push(out);
        }
        assert_eq!(sizes[..6], [2, 4, 8, 15, 28, 54], "the ramp about doubles a round trip");
        assert!(sizes.iter().all(|&n| n as u32 <= WINDOW_MAX));
    }

    #[test]
    fn undoing_has_room_that_forward_steps_cannot_take() {
        let mut target = Target::new(None);
        (0..1_000).for_each(|call| target.line_up(Lane::Forward, call));
        let forward = drain(&mut target, 0).len() as u32;
        (1_000..2_000).for_each(|call| target.line_up(Lane::Undoing, call));
        let undoing = drain(&mut target, 0);
        assert_eq!(forward + undoing.len() as u32, WINDOW_MAX);
        assert!(undoing.iter().all(|&call| call >= 1_000));
    }
}
