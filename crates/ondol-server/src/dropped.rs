//! How far back the events of all sagas are whole.
//!
//! The log keeps records of many kinds, so its oldest record says little about sagas. The sweeper says here what it is
//! about to drop, before it does; whoever reads events looks here after reading. So no reader takes a gap for the truth.

use std::time::Duration;

use ondol_store::log::Position;
use tokio::sync::watch;

/// Time for what was dropped before the start to become known: a moment, unless the lists are filled again.
const KNOWN_WITHIN: Duration = Duration::from_secs(10);

/// The place of the last event that was dropped.
#[derive(Debug)]
pub(crate) struct Dropped(watch::Sender<Option<Position>>);

impl Dropped {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Events up to this place have been, or are about to be, dropped.
    pub(crate) fn raise(&self, to: Position) {
        self.0.send_modify(|known| *known = Some(known.unwrap_or(Position::START).max(to)));
    }

    /// As far as it is known.
    pub(crate) fn so_far(&self) -> Position {
        self.0.borrow().unwrap_or(Position::START)
    }

    /// Events behind this place are whole. `None` where that does not become known in time.
    pub(crate) async fn whole_behind(&self) -> Option<Position> {
        let mut known = self.0.subscribe();
        let known = tokio::time::timeout(KNOWN_WITHIN, known.wait_for(Option::is_some)).await;
        *known.ok()?.ok()?
    }
}
