//! What a column of messages says of the words that a filter asks for: found in the whole column at once.

use std::cell::OnceCell;

use arrow_array::StringArray;

use crate::query::{Field, Filter, Test, holding};

/// The rows that say each of the texts that a filter asks for, each found out when it is first asked for: where a filter
/// wants several words, the rarest decides for most columns.
#[derive(Debug, Default)]
pub(crate) struct Said<'a> {
    /// The messages, with ASCII letters in lower case.
    folded: Vec<u8>,
    offsets: &'a [i32],
    rows: Vec<(&'a str, OnceCell<Vec<bool>>)>,
}

impl<'a> Said<'a> {
    pub(super) fn of(column: &'a StringArray, filter: &'a Filter) -> Self {
        let terms = filter.terms();
        let wanted = terms.iter().filter_map(|term| match (&term.field, &term.test) {
            (Field::Text, Test::Is(text)) => Some((text.as_str(), OnceCell::new())),
            _ => None,
        });
        let rows: Vec<_> = wanted.collect();
        let folded = if rows.is_empty() { Vec::new() } else { column.value_data().to_ascii_lowercase() };
        Self { folded, offsets: column.value_offsets(), rows }
    }

    /// The rows for which a test of messages holds; none where that is found out row by row.
    pub(super) fn rows(&self, test: &Test) -> Option<&[bool]> {
        let Test::Is(asked) = test else { return None };
        let (_, rows) = self.rows.iter().find(|(wanted, _)| wanted == asked)?;
        let find = || holding(&self.folded, self.offsets, &asked.to_ascii_lowercase());
        Some(rows.get_or_init(find))
    }
}
