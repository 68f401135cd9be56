//! What truly happened at one service, and how it may answer.

use ondol_core::Half;

use super::root::Barrier;

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Reply {
    /// 2xx.
    Done,
    /// 2xx with a body nobody can use.
    Unusable,
    /// 4xx.
    Refused,
    /// 4xx from the barrier: this key had no effect and never will.
    Sealed,
    /// 5xx with `Retry-After`.
    Unclear,
}

/// How one request is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Served {
    /// Does it change anything?
    pub(super) happens: bool,
    /// What is answered.
    pub(super) reply: Reply,
    /// Does it cost a fault of the budget?
    pub(super) fault: bool,
}

/// The row the action's key left, or would have left with a barrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Row {
    Done,
    Unusable,
    Refused,
}

/// The truth about one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Callee {
    row: Option<Row>,
    /// Is the step in effect?
    pub(super) in_effect: bool,
    /// Did a compensation take effect?
    pub(super) undone: bool,
}

const fn served(happens: bool, reply: Reply) -> Served {
    Served { happens, reply, fault: false }
}

const fn fault(happens: bool, reply: Reply) -> Served {
    Served { happens, reply, fault: true }
}

impl Callee {
    /// Every way in which a request may be processed now.
    pub(super) fn options(self, half: Half, barrier: Barrier) -> &'static [Served] {
        const FRESH: &[Served] = &[
            served(true, Reply::Done),
            served(false, Reply::Refused),
            fault(true, Reply::Unclear),
            fault(false, Reply::Unclear),
            fault(true, Reply::Unusable),
        ];
        const REPEAT: &[Served] =
            &[served(true, Reply::Done), served(false, Reply::Refused), fault(false, Reply::Unclear)];
        const DONE_AGAIN: &[Served] = &[served(false, Reply::Done), fault(false, Reply::Unclear)];
        const UNUSABLE_AGAIN: &[Served] = &[served(false, Reply::Unusable)];
        const SEALED: &[Served] = &[served(false, Reply::Sealed), fault(false, Reply::Unclear)];
        const UNDO: &[Served] = &[
            served(true, Reply::Done),
            fault(false, Reply::Refused),
            fault(true, Reply::Unclear),
            fault(false, Reply::Unclear),
        ];
        const UNDO_AGAIN: &[Served] = &[served(false, Reply::Done), fault(false, Reply::Refused)];
        match (half, barrier, self.row) {
            (Half::Action, Barrier::On, Some(Row::Done)) => DONE_AGAIN,
            (Half::Action, Barrier::On, Some(Row::Unusable)) => UNUSABLE_AGAIN,
            (Half::Action, Barrier::On, Some(Row::Refused)) => SEALED,
            (Half::Action, Barrier::On, None) if self.undone => SEALED,
            (Half::Action, Barrier::Off, Some(_)) => REPEAT,
            (Half::Action, _, None) => FRESH,
            (Half::Compensation, _, _) if self.undone && !self.in_effect => UNDO_AGAIN,
            (Half::Compensation, _, _) => UNDO,
        }
    }

    /// Processes one request.
    pub(super) fn serve(&mut self, half: Half, served: Served) {
        match half {
            Half::Action => {
                self.in_effect |= served.happens;
                self.row = match served.reply {
                    Reply::Done | Reply::Unclear if served.happens => Some(Row::Done),
                    Reply::Unusable if served.happens => Some(Row::Unusable),
                    Reply::Refused => self.row.or(Some(Row::Refused)),
                    Reply::Done | Reply::Unclear | Reply::Unusable | Reply::Sealed => self.row,
                };
            }
            Half::Compensation => {
                self.in_effect &= !served.happens;
                self.undone |= served.happens;
            }
        }
    }

    /// Could one more request for the action change anything?
    pub(super) fn open(self, barrier: Barrier) -> bool {
        self.options(Half::Action, barrier).iter().any(|served| served.happens)
    }

    /// Three bits and the row, for the key of a state.
    pub(super) const fn code(self) -> u8 {
        let row = match self.row {
            None => 0,
            Some(Row::Done) => 1,
            Some(Row::Unusable) => 2,
            Some(Row::Refused) => 3,
        };
        row | (self.in_effect as u8) << 2 | (self.undone as u8) << 3
    }
}
