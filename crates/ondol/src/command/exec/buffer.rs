//! Lines on their way: bounded, and the oldest make room.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Bytes of lines that wait, each with [`LINE_BYTES`] more: what a busy program prints in some seconds.
const BYTES_MAX: usize = 16 << 20;

/// What a line takes beside its text.
const LINE_BYTES: usize = 64;

/// One of the two streams of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// A line as it was printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) stream: Stream,
    pub(super) line: Vec<u8>,
    /// When it was read: nanoseconds since 1970.
    pub(super) at_ns: u64,
}

/// Lines between the threads that read them and the task that sends them.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    state: Mutex<State>,
    closing: Notify,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<Printed>,
    bytes: usize,
    open: usize,
    lost: Lost,
}

/// What became of lines that are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lost {
    /// Lines that were printed.
    printed: u64,
    /// Lines of these that are on their way still.
    waiting: u64,
    /// Lines that found no room, or were refused.
    gone: u64,
    /// Why the last try to send did not succeed.
    why: Option<String>,
}

impl Lost {
    /// What a person is told at the end; nothing where all is well.
    pub(super) fn said(&self) -> Option<String> {
        let lost = self.gone + self.waiting;
        let why = self.why.as_deref().unwrap_or("there was no time to send them");
        let are = if lost == 1 { "is" } else { "are" };
        (lost > 0)
            .then(|| format!("ondol: {lost} of {} lines {are} not kept by the server: {why}", self.printed))
    }
}

impl Buffer {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream begins.
    pub(super) fn open(&self) {
        self.state().open += 1;
    }

    /// A stream has ended.
    pub(super) fn close(&self) {
        self.state().open -= 1;
        self.closing.notify_one();
    }

    /// All streams have ended.
    pub(super) async fn closed(&self) {
        while self.state().open > 0 {
            self.closing.notified().await;
        }
    }

    /// Takes a line in; where there is no room, the oldest go.
    pub(super) fn push(&self, printed: Printed) {
        let mut state = self.state();
        state.lost.printed += 1;
        state.lost.waiting += 1;
        state.bytes += printed.line.len() + LINE_BYTES;
        state.lines.push_back(printed);
        while state.bytes > BYTES_MAX {
            let Some(oldest) = state.lines.pop_front() else { return };
            state.bytes -= oldest.line.len() + LINE_BYTES;
            state.lost.waiting -= 1;
            state.lost.gone += 1;
        }
    }

    /// The oldest lines, at most so many.
    pub(super) fn take(&self, max: usize) -> Vec<Printed> {
        let mut state = self.state();
        let count = state.lines.len().min(max);
        let lines: Vec<Printed> = state.lines.drain(..count).collect();
        state.bytes -= lines.iter().map(|printed| printed.line.len() + LINE_BYTES).sum::<usize>();
        lines
    }

    /// So many lines that were taken are durable.
    pub(super) fn kept(&self, lines: u64) {
        let mut state = self.state();
        state.lost.waiting -= lines;
    }

    /// So many lines that were taken are not, and never will be.
    pub(super) fn refused(&self, lines: u64, why: String) {
        let mut state = self.state();
        state.lost.waiting -= lines;
        state.lost.gone += lines;
        state.lost.why = Some(why);
    }

    /// Why lines wait.
    pub(super) fn waits(&self, why: String) {
        self.state().lost.why = Some(why);
    }

    pub(super) fn lost(&self) -> Lost {
        self.state().lost.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(length: usize, at_ns: u64) -> Printed {
        Printed { stream: Stream::Out, line: vec![b'x'; length], at_ns }
    }

    #[test]
    fn the_oldest_lines_make_room_and_are_counted() {
        let buffer = Buffer::default();
        let each = (1 << 20) - LINE_BYTES;
        for at in 0..20 {
            buffer.push(line(each, at));
        }
        let times: Vec<u64> = buffer.take(3).iter().map(|printed| printed.at_ns).collect();
        assert_eq!(times, [4, 5, 6], "16 MiB are kept");
        assert_eq!(buffer.take(100).len(), 13);
        buffer.kept(14);
        assert_eq!(
            buffer.lost().said().as_deref(),
            Some("ondol: 6 of 20 lines are not kept by the server: there was no time to send them")
        );
        buffer.refused(1, "it answered 400 Bad Request".to_owned());
        buffer.kept(1);
        assert_eq!(
            buffer.lost().said().as_deref(),
            Some("ondol: 5 of 20 lines are not kept by the server: it answered 400 Bad Request")
        );
    }

    #[test]
    fn nothing_is_said_where_nothing_is_lost() {
        let buffer = Buffer::default();
        buffer.push(line(1, 0));
        buffer.take(1);
        buffer.kept(1);
        assert_eq!(buffer.lost().said(), None);
    }
}
