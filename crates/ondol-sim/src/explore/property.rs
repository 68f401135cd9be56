//! What must hold, and how often it was put to the test.

use std::fmt;

use super::root::Watch;

/// One promise of DESIGN §3, said without its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// See [`Property::statement`]; the same for all.
    CompletedIsInEffect,
    /// An undone saga left nothing behind.
    CompensatedIsGone,
    /// ... and nothing in the network can bring it back.
    CompensatedStaysGone,
    /// What is known to be without effect is without effect.
    NoEffectIsTrue,
    /// Knowledge about an action only grows worse.
    KnowledgeNeverImproves,
    /// The way back is closed by the pivot.
    PivotClosesTheWayBack,
    /// The saga does not turn back while the pivot's outcome is open.
    PivotOpenNeverTurns,
    /// What is pending can still happen.
    PendingWhileOpen,
    /// Order of undoing.
    UndoneAfterDescendants,
    /// Order of doing.
    StartedAfterPredecessors,
    /// Turning back stops new actions.
    NoActionAfterTurningBack,
    /// Conditions count.
    ConditionIsAsked,
    /// Conditions count, also when they do not hold.
    SkippedIsLeftAlone,
    /// Pausing holds both directions.
    PausedStartsNothing,
    /// Attempts are numbered one after the other.
    NumberedByOne,
    /// One key, one request.
    SameRequest,
    /// An answer that is waited for is recorded.
    AnswerIsRecorded,
    /// A late or repeated input changes nothing.
    LateChangesNothing,
    /// What never left costs nothing.
    NotSentCostsNothing,
    /// A state is complete: what follows from it was decided with it.
    StateIsSettled,
    /// Waiting ends.
    WakesInTime,
    /// What is wanted fits the state.
    WantedFits,
    /// Liveness.
    SomethingCanHappen,
    /// The reason is told.
    TurningBackIsExplained,
    /// A parked saga is not lost.
    ParkedCanBeHelped,
    /// Verbs do what `allowed` says.
    VerbsKeepTheirWord,
    /// Recovery is not a code path.
    FoldIsLive,
    /// Decided facts are legal.
    EveryFactApplies,
}

use Property as P;

/// Every property.
pub const PROPERTIES: [Property; 28] = [
    P::CompletedIsInEffect,
    P::CompensatedIsGone,
    P::CompensatedStaysGone,
    P::NoEffectIsTrue,
    P::KnowledgeNeverImproves,
    P::PivotClosesTheWayBack,
    P::PivotOpenNeverTurns,
    P::PendingWhileOpen,
    P::UndoneAfterDescendants,
    P::StartedAfterPredecessors,
    P::NoActionAfterTurningBack,
    P::ConditionIsAsked,
    P::SkippedIsLeftAlone,
    P::PausedStartsNothing,
    P::NumberedByOne,
    P::SameRequest,
    P::AnswerIsRecorded,
    P::LateChangesNothing,
    P::NotSentCostsNothing,
    P::StateIsSettled,
    P::WakesInTime,
    P::WantedFits,
    P::SomethingCanHappen,
    P::TurningBackIsExplained,
    P::ParkedCanBeHelped,
    P::VerbsKeepTheirWord,
    P::FoldIsLive,
    P::EveryFactApplies,
];

impl Property {
    /// Would somebody outside notice: a service, its customers, or whoever waits for the end?
    #[must_use]
    pub const fn is_harm(self) -> bool {
        match self {
            P::CompletedIsInEffect
            | P::CompensatedIsGone
            | P::CompensatedStaysGone
            | P::PivotClosesTheWayBack
            | P::UndoneAfterDescendants
            | P::StartedAfterPredecessors
            | P::NoActionAfterTurningBack
            | P::ConditionIsAsked
            | P::SkippedIsLeftAlone
            | P::PausedStartsNothing
            | P::SameRequest
            | P::SomethingCanHappen
            | P::EveryFactApplies => true,
            P::NoEffectIsTrue
            | P::KnowledgeNeverImproves
            | P::PivotOpenNeverTurns
            | P::PendingWhileOpen
            | P::NumberedByOne
            | P::AnswerIsRecorded
            | P::LateChangesNothing
            | P::NotSentCostsNothing
            | P::StateIsSettled
            | P::WakesInTime
            | P::WantedFits
            | P::TurningBackIsExplained
            | P::ParkedCanBeHelped
            | P::VerbsKeepTheirWord
            | P::FoldIsLive => false,
        }
    }

    /// What must hold, in words; "vouched for" is what a person took upon themselves.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        match self {
            P::CompletedIsInEffect => "completed: every step not skipped or vouched for is in effect",
            P::CompensatedIsGone => {
                "compensated: no undoable step and no pivot is in effect, unless vouched for"
            }
            P::CompensatedStaysGone => "compensated: no message still in the network can change that",
            P::NoEffectIsTrue => "a step known to have no effect has none, and no message can change that",
            P::KnowledgeNeverImproves => {
                "an action once unclear is clean again only if sealed or vouched for"
            }
            P::PivotClosesTheWayBack => {
                "while the saga turns back the pivot is not in effect and cannot come"
            }
            P::PivotOpenNeverTurns => "the saga never turns back while the pivot's outcome is open",
            P::PendingWhileOpen => "turning back is pending only while the pivot's outcome is open",
            P::UndoneAfterDescendants => {
                "an undoing starts when no descendant is in effect, or can come into it"
            }
            P::StartedAfterPredecessors => "an action starts when each predecessor is in effect or skipped",
            P::NoActionAfterTurningBack => "no action starts after turning back, no undoing before",
            P::ConditionIsAsked => "an action with a condition starts only after the answer that it holds",
            P::SkippedIsLeftAlone => "a skipped step never gets a message",
            P::PausedStartsNothing => "while paused nothing starts",
            P::NumberedByOne => "attempts of a half are numbered one after the other",
            P::SameRequest => "all attempts of a half carry the digest of the first",
            P::AnswerIsRecorded => "the answer to a call in flight is recorded",
            P::LateChangesNothing => "a late or repeated answer decides nothing",
            P::NotSentCostsNothing => "a call not sent stays wanted as it was, or is given up where told so",
            P::StateIsSettled => "a timer fed at once decides nothing more",
            P::WakesInTime => "what waits is woken, and so is the forward timeout",
            P::WantedFits => "ended or parked wants nothing; one call a half; answered questions are gone",
            P::SomethingCanHappen => "nothing in flight, no message, no fault left: ended or parked",
            P::TurningBackIsExplained => "a saga that turned back lists a failure",
            P::ParkedCanBeHelped => "parked: a half is stuck, and a person may do something about it",
            P::VerbsKeepTheirWord => "a permitted verb decides something, a forbidden one nothing",
            P::FoldIsLive => "after a crash the folded journal equals the live state",
            P::EveryFactApplies => "every decided fact applies",
        }
    }
}

/// A property that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub property: Property,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {} ({})", self.property.statement(), self.detail)
    }
}

/// How often the premise of each property held and the property was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    checks: [u64; PROPERTIES.len()],
    watch: Watch,
}

impl Default for Tally {
    fn default() -> Self {
        Self::new(Watch::Everything)
    }
}

impl Tally {
    pub(super) const fn new(watch: Watch) -> Self {
        Self { checks: [0; PROPERTIES.len()], watch }
    }

    /// How often this one was checked.
    #[must_use]
    pub const fn of(&self, property: Property) -> u64 {
        self.checks[property as usize]
    }

    /// Adds another search.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.checks.iter_mut().zip(other.checks) {
            *mine += theirs;
        }
    }

    /// Counts one check, and passes it on.
    pub(super) fn check(
        &mut self,
        property: Property,
        holds: bool,
        detail: impl FnOnce() -> String,
    ) -> Result<(), Broken> {
        self.checks[property as usize] += 1;
        let watched = match self.watch {
            Watch::Everything => true,
            Watch::Harm => property.is_harm(),
        };
        if holds || !watched { Ok(()) } else { Err(Broken { property, detail: detail() }) }
    }
}
