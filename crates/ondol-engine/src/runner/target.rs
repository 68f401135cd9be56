//! Holding back: how many calls one target gets at once, and what happens while it is away.
//!
//! A target that nobody could reach is *down*: its calls wait in line, and one of them at a time is the probe. When one
//! is answered, whatever the answer, the others return on a ramp: one more may be on its way for each answer. So
//! 100,000 sagas that wait for one target are one probe, and no stampede when it is back.
//!
//! What cannot reach its target comes back soon. A call that is out for longer is being worked on, and may be for an hour:
//! the others do not wait for its answer, neither with the next probe nor with the next step of the ramp.
//!
//! A call that was let go before the target went down may come back an hour later. It says nothing of how the target is
//! now, and takes no place from those that were let go since.

use super::line::{Lane, Line, Place};

/// Calls one target gets at once when all is well. Above what one service of a small team answers at a time, and
/// below the places the connection pool has.
pub(crate) const WINDOW_MAX: u32 = 512;

/// Calls one target gets at once even where there was no place for more.
const WINDOW_MIN: u32 = 8;

/// Calls one target gets at once when it is back: enough to notice if it goes away again, too few to hurt.
const WINDOW_BACK: u32 = 2;

/// Of these, one in this many is kept for compensations, so that undoing never waits behind new work.
const RESERVED_ONE_IN: u32 = 10;

/// First pause between two probes of a target that is down, in milliseconds.
const PROBE_FIRST_MS: u64 = 100;
/// Longest pause between two probes, in milliseconds: a target that is back is noticed within it.
const PROBE_MAX_MS: u64 = 2_000;

/// A call that is out for this long, in milliseconds, has most likely reached its target: connecting takes a second for
/// each address, if nobody says otherwise.
const REACHED_AFTER_MS: u64 = 10_000;

/// One service, or one receiver of notices, as far as holding back goes. `C` names a call.
#[derive(Debug)]
pub(crate) struct Target<C> {
    state: State,
    window_max: u32,
    /// How often it went down.
    era: u32,
    /// Calls on their way that were let go since it last went down. While it is down these are the probes.
    recent: u32,
    /// Calls on their way that were let go before.
    earlier: u32,
    line: Line<C>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// This many may be on their way; twice as many at this (monotonic) time, where that is fewer than it may get.
    Up { window: u32, wider_at_ms: u64 },
    /// Away. The next probe may start at this (monotonic) time.
    Down { pause_ms: u64, probe_at_ms: u64, away: Away },
}

/// For how long nobody could reach a target, in monotonic milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Away {
    /// When it was first so.
    pub(crate) since_ms: u64,
    /// When it was last found to be so.
    pub(crate) seen_ms: u64,
}

/// Leave for one call to go. Given back once, with what came of it.
#[derive(Debug)]
#[must_use = "a leave that is not given back is a place that is never free again"]
pub(crate) struct Leave {
    era: u32,
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
            state: State::Up { window: window_max, wider_at_ms: 0 },
            window_max,
            era: 0,
            recent: 0,
            earlier: 0,
            line: Line::new(),
        }
    }

    /// Bounds what it gets at once from now on.
    pub(crate) fn bound(&mut self, window: Option<u32>) {
        let before = self.window_max;
        self.window_max = window.map_or(WINDOW_MAX, |window| window.clamp(1, WINDOW_MAX));
        if let State::Up { window, .. } = &mut self.state
            && (*window == before || *window > self.window_max)
        {
            *window = self.window_max;
        }
    }

    /// Puts a call in line. [`Self::grant`] tells when it may go.
    pub(crate) fn line_up(&mut self, lane: Lane, call: C) -> Place {
        self.line.push(lane, call)
    }

    /// Puts a call back at the head of the line: it was granted and could not be sent.
    pub(crate) fn line_up_first(&mut self, lane: Lane, call: C) -> Place {
        self.line.push_first(lane, call)
    }

    /// A call is not wanted any more.
    pub(crate) fn leave_line(&mut self, place: Place) {
        self.line.leave(place);
    }

    /// The next call that may go now. It counts as on its way until its leave is given back to [`Self::released`],
    /// [`Self::answered`], [`Self::unreachable`] or [`Self::crowded`].
    pub(crate) fn grant(&mut self, mono_ms: u64) -> Option<(C, Leave)> {
        let call = match &mut self.state {
            State::Up { window, wider_at_ms } => {
                if self.recent >= unreserved(*window) && *window < self.window_max && *wider_at_ms <= mono_ms
                {
                    *window = window.saturating_mul(2).min(self.window_max);
                    *wider_at_ms = mono_ms + REACHED_AFTER_MS;
                }
                // What is still on its way from before counts towards the bound, but never takes all of it.
                let room = (*window).min(self.window_max.saturating_sub(self.earlier)).max(1);
                if self.recent >= room {
                    return None;
                }
                self.line.pop(self.recent < unreserved(room))?
            }
            State::Down { probe_at_ms, .. } if *probe_at_ms <= mono_ms => {
                let call = self.line.pop(true)?;
                *probe_at_ms = mono_ms + REACHED_AFTER_MS;
                call
            }
            State::Down { .. } => return None,
        };
        self.recent += 1;
        Some((call, Leave { era: self.era }))
    }

    /// A granted call was not needed any more; nothing was learnt.
    pub(crate) fn released(&mut self, leave: Leave, mono_ms: u64) {
        let recent = self.back(leave);
        if let State::Down { probe_at_ms, .. } = &mut self.state
            && recent
        {
            *probe_at_ms = mono_ms;
        }
    }

    /// A call was answered, or at least reached the target: it is up.
    pub(crate) fn answered(&mut self, leave: Leave, mono_ms: u64) {
        let recent = self.back(leave);
        self.state = match self.state {
            State::Up { window, wider_at_ms } if recent => {
                State::Up { window: (window + 1).min(self.window_max), wider_at_ms }
            }
            up @ State::Up { .. } => up,
            State::Down { .. } if recent => State::Up {
                window: self.window_max.min(WINDOW_BACK),
                wider_at_ms: mono_ms + REACHED_AFTER_MS,
            },
            // Somebody was there when it was let go. Whether a new call gets through is seen at once, by one probe.
            State::Down { pause_ms, probe_at_ms, away } if self.recent == 0 => {
                State::Down { pause_ms, probe_at_ms: probe_at_ms.min(mono_ms), away }
            }
            down @ State::Down { .. } => down,
        };
    }

    /// A call certainly never reached the target.
    pub(crate) fn unreachable(&mut self, leave: Leave, mono_ms: u64) {
        if !self.back(leave) {
            return;
        }
        let (pause_ms, since_ms) = match self.state {
            State::Up { .. } => {
                self.era = self.era.wrapping_add(1);
                self.earlier += std::mem::take(&mut self.recent);
                (PROBE_FIRST_MS, mono_ms)
            }
            State::Down { pause_ms, away, .. } => ((pause_ms * 2).min(PROBE_MAX_MS), away.since_ms),
        };
        let away = Away { since_ms, seen_ms: mono_ms };
        self.state = State::Down { pause_ms, probe_at_ms: mono_ms + pause_ms, away };
    }

    /// A call found no place on this side: as many as are on their way now are enough.
    pub(crate) fn crowded(&mut self, leave: Leave, mono_ms: u64) {
        let recent = self.back(leave);
        match &mut self.state {
            State::Up { window, wider_at_ms } => {
                let on_their_way = self.recent + self.earlier;
                *window = on_their_way.max(WINDOW_MIN).min(self.window_max).min(*window);
                *wider_at_ms = mono_ms + REACHED_AFTER_MS;
            }
            State::Down { pause_ms, probe_at_ms, .. } if recent => *probe_at_ms = mono_ms + *pause_ms,
            State::Down { .. } => {}
        }
    }

    /// Takes a leave back; tells whether it was given since the target last went down.
    #[expect(clippy::needless_pass_by_value, reason = "whoever gives a leave back has it no more")]
    fn back(&mut self, leave: Leave) -> bool {
        let recent = leave.era == self.era;
        let count = if recent { &mut self.recent } else { &mut self.earlier };
        *count = count.checked_sub(1).expect("a leave is given back once");
        recent
    }

    /// When the next call may go (monotonic milliseconds), if time is what the line waits for.
    pub(crate) fn next_at_ms(&self) -> Option<u64> {
        if self.waiting() == 0 {
            return None;
        }
        match self.state {
            State::Down { probe_at_ms, .. } => Some(probe_at_ms),
            State::Up { window, wider_at_ms } => {
                let full = self.recent >= unreserved(window) && window < self.window_max;
                full.then_some(wider_at_ms)
            }
        }
    }

    pub(crate) const fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    /// For how long nobody could reach it; `None` while it is up.
    pub(crate) const fn away(&self) -> Option<Away> {
        match self.state {
            State::Up { .. } => None,
            State::Down { away, .. } => Some(away),
        }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.line.len()
    }

    pub(crate) fn status(&self) -> TargetStatus {
        TargetStatus {
            down_since_ms: self.away().map(|away| away.since_ms),
            in_flight: self.recent + self.earlier,
            waiting: self.waiting(),
        }
    }
}

/// How much of a window forward steps may take.
const fn unreserved(window: u32) -> u32 {
    window - window / RESERVED_ONE_IN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(target: &mut Target<u32>, now: u64) -> Vec<(u32, Leave)> {
        std::iter::from_fn(|| target.grant(now)).collect()
    }

    /// A target with this many calls in line.
    fn with_line(window: Option<u32>, calls: u32) -> Target<u32> {
        let mut target = Target::new(window);
        for call in 0..calls {
            target.line_up(Lane::Forward, call);
        }
        target
    }

    #[test]
    fn a_dead_target_gets_one_probe_at_a_time_and_returns_on_a_ramp() {
        let mut target = with_line(None, 100_000);
        let first = drain(&mut target, 0);
        assert_eq!(first.len() as u32, WINDOW_MAX - WINDOW_MAX / RESERVED_ONE_IN);
        for (call, leave) in first {
            target.unreachable(leave, 0);
            target.line_up_first(Lane::Forward, call);
        }
        assert_eq!(drain(&mut target, 0).len(), 0, "down: nothing goes before the first pause is over");
        let mut now = 0;
        let mut probes = 0;
        while now < 60_000 {
            now = target.next_at_ms().expect("the line waits for a probe");
            let mut probe = drain(&mut target, now);
            assert_eq!(probe.len(), 1, "one probe at a time");
            probes += 1;
            let (call, leave) = probe.remove(0);
            target.unreachable(leave, now);
            target.line_up_first(Lane::Forward, call);
        }
        assert!(probes < 40, "{probes} probes in a minute");
        now = target.next_at_ms().expect("the line waits for a probe");
        let mut out = drain(&mut target, now);
        assert_eq!(out.len(), 1);
        let mut sizes = Vec::new();
        while target.waiting() > 0 {
            out.drain(..).for_each(|(_, leave)| target.answered(leave, now));
            out = drain(&mut target, now);
            sizes.push(out.len());
        }
        assert_eq!(sizes[..6], [2, 4, 8, 15, 28, 54], "the ramp about doubles a round trip");
        assert!(sizes.iter().all(|&n| n as u32 <= WINDOW_MAX));
    }

    #[test]
    fn undoing_has_room_that_forward_steps_cannot_take() {
        let mut target = with_line(None, 1_000);
        let forward = drain(&mut target, 0).len() as u32;
        for call in 1_000..2_000 {
            target.line_up(Lane::Undoing, call);
        }
        let undoing = drain(&mut target, 0);
        assert_eq!(forward + undoing.len() as u32, WINDOW_MAX);
        assert!(undoing.iter().all(|(call, _)| *call >= 1_000));
    }

    /// A target that went down while a long call was on its way, and its line.
    fn down_with_a_long_call(window: Option<u32>) -> (Target<u32>, Leave) {
        let mut target = with_line(window, 100);
        let (_, long) = target.grant(0).expect("it is up");
        let (_, short) = target.grant(0).expect("it is up");
        target.unreachable(short, 0);
        (target, long)
    }

    #[test]
    fn a_long_call_from_before_does_not_keep_probes_from_going() {
        let (mut target, _long) = down_with_a_long_call(None);
        for _ in 0..10 {
            let now = target.next_at_ms().expect("no probe is under way");
            let (_, probe) = target.grant(now).expect("the probe may go");
            assert!(target.grant(now + PROBE_MAX_MS).is_none(), "one is under way");
            target.unreachable(probe, now);
        }
    }

    #[test]
    fn what_is_left_from_before_is_no_second_probe() {
        let (mut target, long) = down_with_a_long_call(None);
        let (_, probe) = target.grant(PROBE_FIRST_MS).expect("the probe may go");
        target.released(long, PROBE_FIRST_MS);
        assert!(target.grant(PROBE_FIRST_MS).is_none(), "the probe is under way");
        target.unreachable(probe, PROBE_FIRST_MS);
        assert_eq!(target.next_at_ms(), Some(3 * PROBE_FIRST_MS), "the probe lengthens the pause");
    }

    #[test]
    fn an_answer_to_a_long_call_has_the_target_looked_at_and_not_stormed() {
        let (mut target, long) = down_with_a_long_call(None);
        target.answered(long, 10);
        assert!(!target.is_up(), "who answered was called before");
        assert_eq!(drain(&mut target, 10).len(), 1, "the probe goes at once");
        let mut target = with_line(None, 1_000);
        let mut calls = drain(&mut target, 0);
        target.unreachable(calls.remove(0).1, 0);
        let _probe = target.grant(PROBE_FIRST_MS).expect("the probe may go");
        target.answered(calls.remove(0).1, PROBE_FIRST_MS);
        assert!(target.grant(PROBE_FIRST_MS).is_none(), "one is under way already");
    }

    #[test]
    fn long_calls_from_before_take_no_place_from_the_ramp_and_count_towards_the_bound() {
        let mut target = with_line(Some(4), 100);
        let mut long = drain(&mut target, 0);
        let (_, unreachable) = long.remove(0);
        target.unreachable(unreachable, 0);
        let (_, probe) = target.grant(PROBE_FIRST_MS).expect("the probe may go");
        target.answered(probe, PROBE_FIRST_MS);
        assert_eq!(drain(&mut target, PROBE_FIRST_MS).len(), 1, "three of four are still out");
        target.answered(long.remove(0).1, 200);
        assert_eq!(drain(&mut target, 200).len(), 1, "one came back");
        assert_eq!(target.status().in_flight, 4);
    }

    #[test]
    fn a_probe_that_found_no_place_on_this_side_is_not_repeated_at_once() {
        let (mut target, _long) = down_with_a_long_call(None);
        let (_, probe) = target.grant(PROBE_FIRST_MS).expect("the probe may go");
        target.crowded(probe, PROBE_FIRST_MS);
        assert!(target.grant(PROBE_FIRST_MS).is_none());
        assert!(target.grant(2 * PROBE_FIRST_MS).is_some());
    }

    #[test]
    fn a_probe_that_is_being_worked_on_keeps_nobody_waiting() {
        let (mut target, _long) = down_with_a_long_call(None);
        let (_, slow) = target.grant(PROBE_FIRST_MS).expect("the probe may go");
        let now = PROBE_FIRST_MS + REACHED_AFTER_MS;
        assert_eq!(target.next_at_ms(), Some(now));
        let mut next = drain(&mut target, now);
        assert_eq!(next.len(), 1, "one more, not all");
        target.answered(next.remove(0).1, now);
        assert!(target.is_up());
        let _slow = (slow, drain(&mut target, now));
        let sizes: Vec<usize> = (1..5)
            .map(|step| {
                let out = drain(&mut target, now + step * REACHED_AFTER_MS);
                let size = out.len();
                out.into_iter().for_each(std::mem::forget);
                size
            })
            .collect();
        assert_eq!(sizes, [2, 4, 7, 14], "the ramp goes on without a single answer");
    }
}
