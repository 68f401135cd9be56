//! A filter over the index of a block.

use super::block::Has;
use super::{Bitmap, Block, field, word};
use crate::model::Level;
use crate::query::{Field, Filter, Term, Test, words};

/// What the index says of the rows of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// They match.
    pub(crate) sure: Bitmap,
    /// These and no others may match; those of `sure` are among them.
    pub(crate) maybe: Bitmap,
}

impl Verdict {
    fn exactly(rows: Bitmap) -> Self {
        Self { sure: rows.clone(), maybe: rows }
    }

    fn among(rows: Bitmap) -> Self {
        Self { sure: Bitmap::EMPTY, maybe: rows }
    }

    /// Rows that have to be looked at.
    pub(crate) fn open(&self) -> Bitmap {
        self.maybe.without(&self.sure)
    }
}

/// Judges a block by its index alone.
pub(crate) fn judge(filter: &Filter, block: &Block) -> Verdict {
    let all = || Bitmap::first(block.rows);
    match filter {
        Filter::All => Verdict::exactly(all()),
        Filter::And(parts) => parts.iter().fold(Verdict::exactly(all()), |sum, part| {
            if sum.maybe.is_empty() {
                return sum;
            }
            let part = judge(part, block);
            Verdict { sure: sum.sure.and(&part.sure), maybe: sum.maybe.and(&part.maybe) }
        }),
        Filter::Or(parts) => parts.iter().fold(Verdict::exactly(Bitmap::EMPTY), |sum, part| {
            let part = judge(part, block);
            Verdict { sure: sum.sure.or(&part.sure), maybe: sum.maybe.or(&part.maybe) }
        }),
        Filter::Not(part) => {
            let part = judge(part, block);
            Verdict { sure: all().without(&part.maybe), maybe: all().without(&part.sure) }
        }
        Filter::Term(term) => judge_term(term, block),
    }
}

fn judge_term(term: &Term, block: &Block) -> Verdict {
    let anywhere = || Verdict::among(Bitmap::first(block.rows));
    match (&term.field, &term.test) {
        (Field::Text, Test::Is(text)) => judge_words(text, block),
        (Field::Level, Test::Between { min, max }) => {
            // A severity that says nothing is in no range, not in one without a lower end either.
            let levels =
                (1..=24_u8).filter(|number| *min <= f64::from(*number) && f64::from(*number) <= *max);
            let mut names: Vec<&str> = levels.clone().map(|number| Level::of(number).name()).collect();
            names.dedup();
            let rows = names
                .iter()
                .fold(Bitmap::EMPTY, |sum, name| sum.or(&rows_of(&Field::Level, name, block).maybe));
            // Bounds within a level need the number.
            let whole = names.iter().all(|name| {
                (0..=24_u8)
                    .filter(|number| Level::of(*number).name() == *name)
                    .all(|number| levels.clone().any(|of| of == number))
            });
            if whole { Verdict::exactly(rows) } else { Verdict::among(rows) }
        }
        (field, Test::Is(value)) => rows_of(field, value, block),
        (_, Test::Like(_) | Test::Between { .. } | Test::Exists) => anywhere(),
    }
}

fn rows_of(of: &Field, value: &str, block: &Block) -> Verdict {
    let Some(term) = field(of, value) else { return Verdict::among(Bitmap::first(block.rows)) };
    match block.has(term, complete(of)) {
        // A trace's id is a word of messages, too.
        Has::These(rows) if *of == Field::Trace => Verdict::among(*rows),
        Has::These(rows) => Verdict::exactly(*rows),
        Has::Maybe(rows) => Verdict::among(*rows),
    }
}

/// Are the rows of all values of a field known?
const fn complete(field: &Field) -> bool {
    matches!(field, Field::Service | Field::Level | Field::Status | Field::Kind | Field::Name)
}

fn judge_words(text: &str, block: &Block) -> Verdict {
    let all: Vec<&str> = words(text).collect();
    let mut sum = Verdict::exactly(Bitmap::first(block.rows));
    for one in &all {
        let part = match block.has(word(one), false) {
            // The index has a row's trace id as a word, too, and does not tell whether the text has it.
            Has::These(rows) if may_be_trace(one) => Verdict::among(*rows),
            Has::These(rows) => Verdict::exactly(*rows),
            Has::Maybe(rows) => Verdict::among(*rows),
        };
        sum = Verdict { sure: sum.sure.and(&part.sure), maybe: sum.maybe.and(&part.maybe) };
    }
    // That the words are there says nothing of what stands between them.
    if all.len() != 1 || all[0].len() != text.len() { Verdict::among(sum.maybe) } else { sum }
}

/// Is this word written as a trace's id is in an index?
fn may_be_trace(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Builder;

    #[test]
    fn a_word_that_may_be_a_traces_id_is_looked_for_in_the_text() {
        const ID: &str = "0123456789abcdef0123456789abcdef";
        let mut builder = Builder::default();
        // Two rows of the trace, of which the second says so, and one that has nothing to do with it.
        for (text, trace) in [("seat", true), (ID, true), ("seat", false)] {
            builder.text(text);
            if trace {
                builder.word(word(ID));
            }
            builder.end_row();
        }
        let block = builder.finish([1, 2, 3].into_iter());
        let not = |text: &str| format!("NOT {text}");
        #[rustfmt::skip]
        let table = [
            // what,                 sure,                maybe
            ("seat".to_owned(),      [true, false, true],   [true, false, true]),
            (not("seat"),            [false, true, false],  [false, true, false]),
            (ID.to_owned(),          [false, false, false], [true, true, false]),
            (not(ID),                [false, false, true],  [true, true, true]),
            (format!("trace:{ID}"),  [false, false, false], [true, true, false]),
            (format!("seat {ID}"),   [false, false, false], [true, false, false]),
        ];
        for (text, sure, maybe) in table {
            let verdict = judge(&Filter::parse(&text).unwrap(), &block);
            let rows = |of: &Bitmap| [0, 1, 2].map(|row| of.has(row));
            assert_eq!((rows(&verdict.sure), rows(&verdict.maybe)), (sure, maybe), "{text}");
        }
    }
}
