//! The words for states, halves, verbs and kinds, and back.

use ondol_core::{Half, News, Phase, Trouble, VerbKind, Why};

/// Where a saga is. Parked is one word: which way it was going shows in its steps.
pub(crate) const fn phase(phase: Phase) -> &'static str {
    match phase {
        // A saga that is not submitted has no journal and is never shown.
        Phase::New | Phase::Running => "running",
        Phase::Compensating => "compensating",
        Phase::Completed => "completed",
        Phase::Compensated => "compensated",
        Phase::Parked(_) => "parked",
    }
}

/// Every word of [`phase`], in the order in which the view numbers them.
pub(crate) const STATUSES_BY_NUMBER: [&str; 5] =
    ["running", "compensating", "parked", "completed", "compensated"];

pub(crate) const fn half(half: Half) -> &'static str {
    match half {
        Half::Action => "action",
        Half::Compensation => "compensation",
    }
}

pub(crate) fn parse_half(word: &str) -> Option<Half> {
    [Half::Action, Half::Compensation].into_iter().find(|&known| half(known) == word)
}

/// Every verb.
pub(crate) const VERBS: [VerbKind; 8] = [
    VerbKind::Pause,
    VerbKind::Resume,
    VerbKind::Cancel,
    VerbKind::Retry,
    VerbKind::Complete,
    VerbKind::Skip,
    VerbKind::Edit,
    VerbKind::Resend,
];

pub(crate) const fn verb(verb: VerbKind) -> &'static str {
    match verb {
        VerbKind::Pause => "pause",
        VerbKind::Resume => "resume",
        VerbKind::Cancel => "cancel",
        VerbKind::Retry => "retry",
        VerbKind::Complete => "complete",
        VerbKind::Skip => "skip",
        VerbKind::Resend => "resend",
        VerbKind::Edit => "edit",
    }
}

pub(crate) fn parse_verb(word: &str) -> Option<VerbKind> {
    VERBS.into_iter().find(|&known| verb(known) == word)
}

/// Every trouble.
#[cfg(test)]
pub(crate) const TROUBLES: [Trouble; 7] = [
    Trouble::Refused,
    Trouble::RefusedRepeatedly,
    Trouble::Exhausted,
    Trouble::TooLong,
    Trouble::Unusable,
    Trouble::ExpressionError,
    Trouble::RenderChanged,
];

pub(crate) const fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Refused => "refused",
        Trouble::RefusedRepeatedly => "refused_repeatedly",
        Trouble::Exhausted => "exhausted",
        Trouble::TooLong => "too_long",
        Trouble::Unusable => "unusable",
        Trouble::ExpressionError => "expression_error",
        Trouble::RenderChanged => "render_changed",
    }
}

pub(crate) const fn why(why: Why) -> &'static str {
    match why {
        Why::Refused => "refused",
        Why::Unclear => "unclear",
        Why::Unusable => "unusable",
        Why::ExpressionError => "expression_error",
        Why::RenderChanged => "render_changed",
        Why::Timeout => "timeout",
        Why::Cancelled => "cancelled",
    }
}

pub(crate) const fn news(news: News) -> &'static str {
    match news {
        News::Completed => "completed",
        News::Compensated => "compensated",
        News::Parked => "parked",
    }
}
