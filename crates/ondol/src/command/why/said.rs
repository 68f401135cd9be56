//! Everything that `ondol why` can say, without the words.

/// A heading and what stands below it.
pub(crate) struct Section {
    pub(crate) topic: Topic,
    pub(crate) said: Vec<Said>,
}

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Outcome,
    Why,
    Trail,
    Waiting,
    Vouched,
    Told,
    Next,
}

/// Which half of which step, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) step: String,
    pub(crate) undoing: bool,
    pub(crate) service: String,
}

/// A moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// On the reader's clock.
    pub(crate) clock: String,
    /// How far away, in milliseconds: the future is positive. `None` where the record gives no time.
    pub(crate) away_ms: Option<i64>,
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Which saga, in what state, and for how long.
    State { id: String, definition: String, version: u32, state: State, length_ms: i64 },
    /// It was asked for with this input, at this time.
    Asked { input: String, at: When },
    /// It answered this.
    Answered { output: String },
    /// Completed, but its output could not be computed.
    NoOutput { reason: String },
    /// A step failed.
    Failed { part: Part, how: How, reason: String, first: bool },
    /// The forward timeout passed.
    TimedOut { deadline: When },
    /// A person cancelled it.
    Cancelled,
    /// It shall turn back once the pivot's outcome is known.
    TurnsBackAfterPivot,
    /// Nothing failed.
    NothingFailed,
    /// Steps that are in effect.
    Done { steps: Vec<String> },
    /// Steps that were undone.
    Undone { steps: Vec<String> },
    /// Steps in effect that have nothing to undo them.
    NotUndoable { steps: Vec<String> },
    /// Steps that certainly had no effect.
    NoEffect { steps: Vec<String> },
    /// Steps that may be in effect.
    Unclear { steps: Vec<String> },
    /// Steps left out by their condition.
    Skipped { steps: Vec<String> },
    /// Steps that did not begin.
    NotBegun { steps: Vec<String> },
    /// A half was tried several times.
    Retried { part: Part, attempts: usize, reason: String },
    /// A request is on its way.
    WaitsForAnswer { part: Part, attempt: u32, since: When },
    /// A request waits until its service can be reached, with `waiting` others.
    WaitsForService { part: Part, length_ms: i64, reason: String, waiting: u64 },
    /// A request waits for a service that the system file does not have any more.
    WaitsForRemoved { part: Part },
    /// A half is tried again later.
    WaitsForRetry { part: Part, attempt: u32, when: When },
    /// A half needs a person.
    WaitsForPerson { part: Part, trouble: Trouble },
    /// It is paused.
    WaitsForResume,
    /// The forward timeout.
    GivesUp { when: When },
    /// Something else that the server says is next.
    Then { what: String },
    /// What a person vouched for.
    Vouched { step: String, vouch: Vouch, note: String, at: When },
    /// A notice that was not taken yet.
    NoticeDue { news: String, failures: u32, when: When },
    /// A notice that nobody took.
    Undelivered { news: String, failures: u32 },
    /// A service that the system file lacks.
    Add { service: String },
    /// A command, and what it does.
    Do { command: String, deed: Deed },
    /// Nothing has to be done.
    DoNothing { over: bool },
    /// Nothing is left of it; who still wants it submits it again.
    SubmitAgain,
}

/// Where a saga is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Compensating,
    Completed,
    Compensated,
    /// Undone, but for steps in effect that have nothing to undo them.
    CompensatedInPart,
    Parked,
    Paused,
    Unknown,
}

/// How a step failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Refused,
    Unclear,
    Unusable,
    Expression,
    RenderChanged,
    Other,
}

/// Why a half needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Refused,
    RefusedRepeatedly,
    Exhausted,
    TooLong,
    Unusable,
    Expression,
    RenderChanged,
    Other,
}

/// What was vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vouch {
    Completed,
    NotNeeded,
    NoEffect,
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Retry,
    Complete,
    Skip,
    Edit,
    Cancel,
    Resume,
    Resend,
    Follow,
    Apply,
}
