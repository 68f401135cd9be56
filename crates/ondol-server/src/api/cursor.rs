//! Cursors: opaque to clients, though they can be read.

use ondol_store::log::Position;

/// A place in a list.
pub(super) fn list(time_ms: u64, id: &str) -> String {
    format!("{time_ms}.{id}")
}

/// Reads [`list`] back.
pub(super) fn parse_list(text: &str) -> Option<(u64, String)> {
    let (time_ms, id) = text.split_once('.')?;
    Some((time_ms.parse().ok()?, id.to_owned()))
}

/// A place in the events of all sagas: behind this many events of the record at `position`, or behind all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Feed {
    pub(super) position: Position,
    pub(super) within: Option<usize>,
}

impl Feed {
    pub(super) const START: Self = Self { position: Position::START, within: None };

    /// Behind a whole record.
    pub(super) const fn behind(position: Position) -> Self {
        Self { position, within: None }
    }

    /// `position`, or `position.events`.
    pub(super) fn text(self) -> String {
        match self.within {
            None => self.position.to_string(),
            Some(events) => format!("{}.{events}", self.position),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (position, within) = match text.split_once('.') {
            None => (text, None),
            Some((position, events)) => (position, Some(events.parse().ok()?)),
        };
        Some(Self { position: Position(position.parse().ok()?), within })
    }

    /// The last record that is wholly behind this cursor.
    pub(super) fn tail_after(self) -> Position {
        match self.within {
            None => self.position,
            Some(_) => Position(self.position.0.saturating_sub(1)),
        }
    }

    /// Events of the record at `position` that are behind this cursor.
    pub(super) fn skipped(self, position: Position) -> usize {
        if position == self.position { self.within.unwrap_or(0) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_were() {
        for (text, after, skipped) in [("0", 0, 0), ("17", 17, 0), ("17.2", 16, 2)] {
            let cursor = Feed::parse(text).expect("a cursor");
            assert_eq!(
                (cursor.text().as_str(), cursor.tail_after().0, cursor.skipped(Position(17))),
                (text, after, skipped)
            );
        }
        assert!(["", "x", "1.", ".1", "-1", "1.2.3"].into_iter().all(|text| Feed::parse(text).is_none()));
        assert_eq!(parse_list(&list(5, "a.b")), Some((5, "a.b".to_owned())));
    }
}
