//! What the process says to the script that called it.
//!
//! One number a meaning, never changed once released. Which error has which number is decided in [`crate::error`].

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for is so.
    Done,
    /// What was asked for did not come out: the saga was undone, the service said no, the file has errors.
    Failed,
    /// The command line makes no sense. clap uses the same number.
    Usage,
    /// There is no such saga, definition, batch or service.
    NotFound,
    /// The server understood and refused: not allowed now, conflict, no token.
    Refused,
    /// The server or the service cannot be reached, or asks to be left alone for now.
    Unreachable,
    /// The saga is parked: a person is needed.
    Parked,
    /// The time given for waiting is over and the saga is not.
    Waiting,
    /// Nobody knows whether it happened; the same `ondol run` with the same id settles it.
    Unsettled,
    /// Something on this machine: a file, a port, the store.
    Local,
    /// That of the program which `ondol exec` ran: any number.
    Program(u8),
}

impl Exit {
    /// Every exit of our own, in the order of its numbers.
    pub(crate) const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NotFound,
        Self::Refused,
        Self::Unreachable,
        Self::Parked,
        Self::Waiting,
        Self::Unsettled,
        Self::Local,
    ];

    /// The number.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Refused => 4,
            Self::Unreachable => 5,
            Self::Parked => 6,
            Self::Waiting => 7,
            Self::Unsettled => 8,
            Self::Local => 9,
            Self::Program(number) => number,
        }
    }

    /// For the manual.
    const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "what was asked for is so",
            Self::Failed => {
                "it did not come out: the saga was undone, the service did not answer 2xx, or the file has errors"
            }
            Self::Usage => "the command line or its input makes no sense",
            Self::NotFound => "there is no such saga, definition, batch, service or trace",
            Self::Refused => "the server refused: not allowed now, a conflict, or no valid token",
            Self::Unreachable => {
                "the server or the service cannot be reached or is overloaded; try again later"
            }
            Self::Parked => "the saga is parked: a person is needed (`ondol why ID`)",
            Self::Waiting => "the saga was not over when the time given to --wait was",
            Self::Unsettled => {
                "nobody knows whether it happened; `ondol run` may be repeated with the same --id"
            }
            Self::Local => "something on this machine: a file, a port, the store",
            Self::Program(_) => "what the program means by it",
        }
    }

    /// The table that `ondol help exit-codes` shows.
    pub(crate) fn table() -> String {
        let rows = Self::ALL.map(|exit| format!("  {}  {}\n", exit.number(), exit.meaning()));
        format!("Exit codes:\n{}", rows.concat())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_manual_has_every_exit_code() {
        let manual = include_str!("../../../docs/exit-codes.md");
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.number(), exit.meaning());
            assert!(manual.contains(&row), "docs/exit-codes.md lacks the row\n{row}");
        }
    }
}
