//! Words that are stable, as enumerations: for the description only, since answers carry the words themselves.

use utoipa::ToSchema;

/// Declares the words of one kind, and a test that they are those of [`super::words`].
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident),* $(,)? } $test:ident: $known:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
        #[schema(rename_all = "snake_case")]
        #[cfg_attr(not(test), expect(dead_code, reason = "only its schema is used"))]
        pub(crate) enum $name { $($variant),* }

        #[cfg(test)]
        #[test]
        fn $test() {
            let snake = |name: &str| {
                let mut text = String::new();
                for c in name.chars() {
                    if c.is_ascii_uppercase() && !text.is_empty() { text.push('_'); }
                    text.push(c.to_ascii_lowercase());
                }
                text
            };
            let described: Vec<String> = [$($name::$variant),*].iter().map(|word| snake(&format!("{word:?}"))).collect();
            let known: Vec<&str> = $known;
            assert_eq!(described, known);
        }
    };
}

words! {
    /// Where a saga is.
    SagaStatus { Running, Compensating, Parked, Completed, Compensated }
    statuses: super::words::STATUSES_BY_NUMBER.to_vec()
}

words! {
    /// Which half of a step.
    HalfName { Action, Compensation }
    halves: [ondol_core::Half::Action, ondol_core::Half::Compensation].map(super::words::half).to_vec()
}

words! {
    /// What a person may do to a saga.
    VerbName { Pause, Resume, Cancel, Retry, Complete, Skip, Edit, Resend }
    verbs: super::words::VERBS.map(super::words::verb).to_vec()
}

words! {
    /// Why a half needs a person. `failing`: it is still being tried, and has failed for a quarter of an hour;
    /// `journal_illegal`: the saga's journal cannot be read.
    TroubleName {
        Refused, RefusedRepeatedly, Exhausted, TooLong, Unusable, ExpressionError, RenderChanged, Failing, JournalIllegal,
    }
    troubles: {
        let of_halves = super::words::TROUBLES.map(super::words::trouble);
        of_halves.into_iter().chain([crate::listing::FAILING, crate::listing::JOURNAL_ILLEGAL]).collect()
    }
}
