//! Columns of text.

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

    pub(crate) fn memory(&self) -> usize {
        self.text.capacity() + 4 * self.ends.capacity()
    }

    pub(crate) fn close(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
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
