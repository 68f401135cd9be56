//! Columns of text.

use arrow_array::StringArray;
use arrow_array::builder::StringBuilder;

/// Bytes from which on a column grows by parts of itself, instead of twofold.
const LARGE: usize = 256 << 10;

/// A column of text: all of it in one piece, with the places where each value ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a value. The sum of all values stays below 4 GiB, since a chunk has 2,048 rows of bounded size.
    pub(crate) fn push(&mut self, value: &str) {
        if self.text.capacity() - self.text.len() < value.len() {
            self.grow(value.len());
        }
        self.text.push_str(value);
        self.ends.push(self.text.len() as u32);
    }

    /// Makes room for so many bytes more. What is large already is about as large as it gets: twice that would be copied
    /// once more when it is closed.
    #[cold]
    fn grow(&mut self, more: usize) {
        if self.text.len() < LARGE {
            self.text.reserve(more);
        } else {
            self.text.reserve_exact(more.max(self.text.len() / 8));
        }
    }

    pub(crate) fn get(&self, row: usize) -> &str {
        let from = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.text[from..self.ends[row] as usize]
    }

    /// The values of these rows as a column of Arrow.
    pub(crate) fn column(&self, rows: &[usize]) -> StringArray {
        let mut column = StringBuilder::with_capacity(rows.len(), self.text.len());
        for row in rows {
            column.append_value(self.get(*row));
        }
        column.finish()
    }

    /// Room for as much as another column has, since chunks are alike: growing costs more than all else.
    pub(crate) fn like(other: &Self) -> Self {
        Self {
            text: String::with_capacity(other.text.len() + other.text.len() / 8),
            ends: Vec::with_capacity(other.ends.len()),
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.text.capacity() + 4 * self.ends.capacity()
    }

    /// Gives much spare room back; a little is not worth the copy.
    pub(crate) fn close(&mut self) {
        if self.text.capacity() > self.text.len() + self.text.len() / 4 {
            self.text.shrink_to_fit();
        }
    }
}

/// A column of attributes: names by their place in the tables, and values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs {
    ends: Vec<u32>,
    names: Vec<u32>,
    values: Texts,
}

impl Pairs {
    /// Adds one pair to the row that [`Pairs::end_row`] ends.
    pub(crate) fn push(&mut self, name: u32, value: &str) {
        self.names.push(name);
        self.values.push(value);
    }

    pub(crate) fn end_row(&mut self) {
        self.ends.push(self.names.len() as u32);
    }

    /// The pairs of a row: the names' places in the tables, and the values.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = (u32, &str)> {
        let from = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        (from..self.ends[row] as usize).map(|at| (self.names[at], self.values.get(at)))
    }

    pub(crate) fn memory(&self) -> usize {
        4 * (self.ends.capacity() + self.names.capacity()) + self.values.memory()
    }

    pub(crate) fn close(&mut self) {
        self.ends.shrink_to_fit();
        self.names.shrink_to_fit();
        self.values.close();
    }
}
