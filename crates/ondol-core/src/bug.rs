//! Deliberate bugs, one for each rule that matters, so that the explorer can prove that it would find them.
//!
//! Without the feature `bugs` every question "is this bug on?" is the constant `false`.

/// A rule broken on purpose. Each is named by what the broken core would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bug {
    /// A 4xx after an unclear attempt is taken for "never happened", so the step is not undone.
    RefusedAfterUnclearIsClean,
    /// An intent lost in a crash is forgotten instead of being unclear.
    LostIntentIsClean,
    /// A step whose attempts were used up unclear is not undone.
    ExhaustedIsClean,
    /// An answer that cannot be used (2xx, not JSON) is taken for "had no effect".
    UnusableIsClean,
    /// The forward timeout turns the saga back while the pivot is in flight.
    PivotTimesOut,
    /// `cancel` turns the saga back while the pivot is in flight.
    PivotCancelled,
    /// A pivot refused after an unclear attempt turns the saga back.
    PivotUncleanTurnsBack,
    /// The pivot gives up after its attempts like any other step.
    PivotGivesUp,
    /// A step behind the pivot that is refused turns the saga back.
    BehindPivotTurnsBack,
    /// Turning back forgets the call that a sibling has in flight.
    SiblingForgotten,
    /// Turning back ends while a sibling is still in flight.
    EndedWithSiblingInFlight,
    /// A step is undone before its descendants are.
    AncestorUndoneFirst,
    /// Only direct successors are waited for, past a step that has no compensation.
    OnlySuccessorsWaitedFor,
    /// New actions start after the saga turned back.
    StartsWhileTurningBack,
    /// A step starts before all of its predecessors are done.
    StartsBeforePredecessors,
    /// A failed compensation counts as done.
    FailedCompensationIsDone,
    /// A skipped step blocks what follows it.
    SkippedBlocks,
    /// A skipped step is compensated.
    SkippedIsCompensated,
    /// Pausing forgets the answer of a call in flight.
    PausedForgetsAnswer,
    /// A late answer to an earlier attempt is taken for the answer to the current one.
    LateAnswerTaken,
    /// A withdrawn call that had been sent before is taken for never sent.
    WithdrawnAfterUnclearIsClean,
    /// A saga with a stuck half ends as compensated.
    StuckEndsCompensated,
}

impl Bug {
    /// Every bug, for the tests that walk them.
    pub const ALL: [Self; 22] = [
        Self::RefusedAfterUnclearIsClean,
        Self::LostIntentIsClean,
        Self::ExhaustedIsClean,
        Self::UnusableIsClean,
        Self::PivotTimesOut,
        Self::PivotCancelled,
        Self::PivotUncleanTurnsBack,
        Self::PivotGivesUp,
        Self::BehindPivotTurnsBack,
        Self::SiblingForgotten,
        Self::EndedWithSiblingInFlight,
        Self::AncestorUndoneFirst,
        Self::OnlySuccessorsWaitedFor,
        Self::StartsWhileTurningBack,
        Self::StartsBeforePredecessors,
        Self::FailedCompensationIsDone,
        Self::SkippedBlocks,
        Self::SkippedIsCompensated,
        Self::PausedForgetsAnswer,
        Self::LateAnswerTaken,
        Self::WithdrawnAfterUnclearIsClean,
        Self::StuckEndsCompensated,
    ];
}
