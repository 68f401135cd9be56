//! What to do with a request, given the rows of its step: a function of its arguments, shared by every database.

use super::answer::{Reply, Verdict};
use crate::key::{Digest, Half};

/// What became of a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It took effect (or, for a compensation, there was nothing to undo).
    Done,
    /// An action that was refused: it had no effect.
    Refused,
    /// An action whose compensation came first: it will have no effect.
    Blocked,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Blocked => "blocked",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "done" => Some(Self::Done),
            "refused" => Some(Self::Refused),
            "blocked" => Some(Self::Blocked),
            _ => None,
        }
    }
}

/// One stored half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) state: State,
    /// SHA-256 of the request; empty for a blocked action, whose request never came.
    pub(super) digest: Vec<u8>,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// The two halves of a step as stored.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) action: Option<Row>,
    pub(super) compensation: Option<Row>,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// Run the business and store its answer.
    Run,
    /// Answer this; change nothing.
    Answer(Reply),
    /// A compensation with nothing to undo: store it as done, and its action as blocked if that has no row.
    Settle,
}

pub(super) fn judge(half: Half, rows: Rows, digest: &Digest) -> Judgement {
    match (half, rows.action, rows.compensation) {
        (Half::Action, None, None) => Judgement::Run,
        (Half::Action, None, Some(_)) => Judgement::Answer(Reply::compensated()),
        (Half::Action, Some(row), _) | (Half::Compensation, _, Some(row)) => {
            Judgement::Answer(repeat(row, digest))
        }
        (Half::Compensation, None, None) => Judgement::Settle,
        (Half::Compensation, Some(action), None) => match action.state {
            State::Done => Judgement::Run,
            State::Refused | State::Blocked => Judgement::Settle,
        },
    }
}

fn repeat(row: Row, digest: &Digest) -> Reply {
    let verdict = match row.state {
        State::Blocked => return Reply::compensated(),
        State::Done | State::Refused if row.digest != digest.as_bytes() => return Reply::key_reused(),
        State::Done => Verdict::Done,
        State::Refused => Verdict::Refused,
    };
    Reply { status: row.status, body: row.body, verdict, replayed: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: State, digest: &[u8]) -> Row {
        Row { state, digest: digest.to_vec(), status: 200, body: b"{}".to_vec() }
    }

    #[test]
    fn every_pair_of_rows_has_one_answer() {
        let digest = Digest::of("POST", "/x", b"");
        let own = digest.as_bytes();
        let done = || Some(row(State::Done, own));
        let other = || Some(row(State::Done, b"other"));
        let refused = || Some(row(State::Refused, own));
        let blocked = || Some(row(State::Blocked, b""));
        let cases = [
            (Half::Action, None, None, "run"),
            (Half::Action, done(), None, "Done"),
            (Half::Action, done(), done(), "Done"),
            (Half::Action, other(), None, "KeyReused"),
            (Half::Action, refused(), None, "Refused"),
            (Half::Action, refused(), done(), "Refused"),
            (Half::Action, blocked(), done(), "Compensated"),
            (Half::Action, None, done(), "Compensated"),
            (Half::Compensation, None, None, "settle"),
            (Half::Compensation, done(), None, "run"),
            (Half::Compensation, other(), None, "run"),
            (Half::Compensation, refused(), None, "settle"),
            (Half::Compensation, blocked(), None, "settle"),
            (Half::Compensation, blocked(), done(), "Done"),
            (Half::Compensation, done(), done(), "Done"),
            (Half::Compensation, done(), other(), "KeyReused"),
        ];
        for (half, action, compensation, expected) in cases {
            let rows = Rows { action, compensation };
            let name = match judge(half, rows.clone(), &digest) {
                Judgement::Run => "run".to_owned(),
                Judgement::Settle => "settle".to_owned(),
                Judgement::Answer(reply) => format!("{:?}", reply.verdict),
            };
            assert_eq!(name, expected, "{half:?} {rows:?}");
        }
    }
}
