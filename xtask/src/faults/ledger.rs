//! What services say they did: a file each, which outlives them.

use crate::error::Error;
use std::collections::BTreeMap;
use std::path::Path;

/// What one service did, or several.
#[derive(Debug, Default)]
pub(super) struct Acts {
    /// Connections that were opened to it.
    pub(super) opened: usize,
    /// Ids of calls, and how often each was acted upon.
    acts: BTreeMap<String, usize>,
}

impl Acts {
    /// Reads what has been written so far.
    ///
    /// # Errors
    /// If it cannot be read. A service that did nothing yet has written nothing.
    pub(super) fn read<'a>(ledgers: impl IntoIterator<Item = &'a Path>) -> Result<Self, Error> {
        let mut all = Self::default();
        for path in ledgers {
            let text = match std::fs::read_to_string(path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::file("read", path, error)),
            };
            all.add(&text);
        }
        Ok(all)
    }

    fn add(&mut self, text: &str) {
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("act", id)) => self.act(id),
                Some(_) => {}
                None => self.opened += usize::from(line == "open"),
            }
        }
    }

    /// It was acted upon once more.
    pub(super) fn act(&mut self, id: &str) {
        *self.acts.entry(id.to_owned()).or_default() += 1;
    }

    /// How often this was acted upon.
    pub(super) fn of(&self, id: &str) -> usize {
        self.acts.get(id).copied().unwrap_or(0)
    }

    /// All acts.
    pub(super) fn count(&self) -> usize {
        self.acts.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_added_up() {
        let mut acts = Acts::default();
        acts.add("open\nact a\nact b\nopen\nact a\n");
        assert_eq!((acts.opened, acts.of("a"), acts.of("b"), acts.of("c"), acts.count()), (2, 2, 1, 0, 3));
    }
}
