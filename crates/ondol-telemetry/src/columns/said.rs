//! What a column of messages says of the words that a filter asks for: found in the whole column at once.

use arrow_array::StringArray;

use crate::query::{Field, Filter, Test, holding};

/// The rows that say each of the texts that a filter asks for.
#[derive(Debug, Default)]
pub(crate) struct Said<'f>(Vec<(&'f str, Vec<bool>)>);

impl<'f> Said<'f> {
    pub(super) fn of(column: &StringArray, filter: &'f Filter) -> Self {
        let terms = filter.terms();
        let wanted = terms.iter().filter_map(|term| match (&term.field, &term.test) {
            (Field::Text, Test::Is(text)) => Some(text.as_str()),
            _ => None,
        });
        let mut wanted = wanted.peekable();
        if wanted.peek().is_none() {
            return Self::default();
        }
        let folded = column.value_data().to_ascii_lowercase();
        let rows = |text: &str| holding(&folded, column.value_offsets(), &text.to_ascii_lowercase());
        Self(wanted.map(|text| (text, rows(text))).collect())
    }

    /// The rows for which a test of messages holds; none where that was not asked before.
    pub(super) fn rows(&self, test: &Test) -> Option<&[bool]> {
        let Test::Is(text) = test else { return None };
        self.0.iter().find(|(wanted, _)| wanted == text).map(|(_, rows)| rows.as_slice())
    }
}
