//! Columns of text.

use arrow_array::StringArray;
use arrow_buffer::{Buffer, OffsetBuffer};
use arrow_schema::ArrowError;

/// A column of text: all of it in one piece, with the places where each value ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a value. The sum of all values stays below 4 GiB, since a chunk has 2,048 rows of bounded size.
    pub(crate) fn push(&mut self, value: &str) {
        self.text.push_str(value);
        self.ends.push(self.text.len() as u32);
    }

    pub(crate) fn get(&self, row: usize) -> &str {
        let from = if row == 0 { 0 } else { self.ends[row - 1] as usize };
        &self.text[from..self.ends[row] as usize]
    }

    /// The values as a column of Arrow.
    pub(crate) fn into_column(self) -> Result<StringArray, ArrowError> {
        let mut offsets = Vec::with_capacity(self.ends.len() + 1);
        offsets.push(0);
        offsets.extend(self.ends.iter().map(|end| end.cast_signed()));
        let text = Buffer::from_vec(self.text.into_bytes());
        StringArray::try_new(OffsetBuffer::new(offsets.into()), text, None)
    }

    /// The values in another order.
    pub(crate) fn in_order(&self, order: &[usize]) -> Self {
        let text = String::with_capacity(self.text.len());
        let mut sorted = Self { text, ends: Vec::with_capacity(order.len()) };
        for row in order {
            sorted.push(self.get(*row));
        }
        sorted
    }

    /// Room for as much as another column has, since chunks are alike: growing costs more than all else.
    pub(crate) fn like(other: &Self) -> Self {
        Self {
            text: String::with_capacity(other.text.len() + other.text.len() / 16),
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

    /// The rows in another order.
    pub(crate) fn in_order(&self, order: &[usize]) -> Self {
        let mut sorted = Self::default();
        for row in order {
            for (name, value) in self.row(*row) {
                sorted.push(name, value);
            }
            sorted.end_row();
        }
        sorted
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
