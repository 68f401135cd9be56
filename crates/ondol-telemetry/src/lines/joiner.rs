//! Lines that belong together become one record.

use super::stack::Stack;
use super::stamp::{self, Here};
use super::wrapper::{self, Unwrapped};
use super::{
    CUT, Line, PATIENCE_NS, RECORD_BYTES_MAX, RECORD_LINES_MAX, REPLACED, clean, json, logfmt, plain,
};
use crate::model::Attributes;

/// OpenTelemetry's attribute for the stream a line was written to.
const STREAM: &str = "log.iostream";
/// The severity of a stack trace that does not say: error.
const FAILURE: u8 = 17;
/// From this severity on an exception below a line belongs to it: warning.
const FAILED_FROM: u8 = 13;

/// What was done to lines, for the account of who wrote them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Lines read.
    pub lines: u64,
    /// Records made of them.
    pub records: u64,
    /// Sequences that were no UTF-8.
    pub replaced: u64,
    /// Bytes left out of records that were too long.
    pub cut_bytes: u64,
}

/// Makes records of the lines of one stream of one process. It holds at most one record.
#[derive(Debug)]
pub struct Joiner {
    offset_s: i32,
    held: Option<Held>,
    counted: Counted,
}

/// A record to which further lines may belong.
#[derive(Debug)]
struct Held {
    text: String,
    lines: usize,
    /// Empty lines since; they belong to it if another line does.
    blank: usize,
    /// When its first line arrived, and when its last did.
    arrived_ns: u64,
    touched_ns: u64,
    stack: Stack,
    failed: bool,
    indented: bool,
    /// The next line goes on where this one stopped.
    partial: bool,
    stream: Option<&'static str>,
    replaced: u64,
    cut_bytes: u64,
}

impl Joiner {
    /// `offset_s`: seconds east of UTC, for times that do not say theirs; the zone of the machine that writes.
    pub fn new(offset_s: i32) -> Self {
        Self { offset_s, held: None, counted: Counted::default() }
    }

    /// Takes a line that arrived at `now_ns`, with or without its end. Gives the record before it, if the line does not
    /// belong to that.
    pub fn push(&mut self, line: &[u8], now_ns: u64) -> Option<Line> {
        self.counted.lines += 1;
        let kept = &line[..line.len().min(RECORD_BYTES_MAX)];
        let (text, replaced) = clean::text(kept);
        self.counted.replaced += replaced;
        let here = Here { now_ns, offset_s: self.offset_s };
        let Unwrapped { text, time_ns, stream, partial } = wrapper::unwrap(&text, here);
        let here = Here { now_ns: time_ns.unwrap_or(now_ns), ..here };
        let mut cut_bytes = (line.len() - kept.len()) as u64;
        if let Some(held) = &mut self.held {
            if text.trim().is_empty() && !held.partial {
                held.blank += 1;
                return None;
            }
            if held.takes(&text, here) {
                held.add(&text, partial, now_ns);
                held.replaced += replaced;
                held.cut_bytes += cut_bytes;
                return None;
            }
        }
        if text.trim().is_empty() {
            return None;
        }
        let before = self.finish();
        let mut text = text.into_owned();
        let end = text.floor_char_boundary(RECORD_BYTES_MAX);
        cut_bytes += (text.len() - end) as u64;
        text.truncate(end);
        let stack = Stack::begins(&text);
        self.held = Some(Held {
            failed: stack.is_failure() || plain::head(&text, here).severity >= FAILED_FROM,
            stack,
            text,
            lines: 1,
            blank: 0,
            arrived_ns: here.now_ns,
            touched_ns: now_ns,
            indented: false,
            partial,
            stream,
            replaced,
            cut_bytes,
        });
        before
    }

    /// Gives the record that has waited for further lines as long as [`PATIENCE_NS`]. To be called now and then.
    pub fn flush(&mut self, now_ns: u64) -> Option<Line> {
        let waited =
            self.held.as_ref().is_some_and(|held| held.touched_ns.saturating_add(PATIENCE_NS) <= now_ns);
        if waited { self.finish() } else { None }
    }

    /// Gives the record that is held: the stream has ended.
    pub fn finish(&mut self) -> Option<Line> {
        let held = self.held.take()?;
        self.counted.records += 1;
        self.counted.cut_bytes += held.cut_bytes;
        Some(held.into_line(self.offset_s))
    }

    /// What was done so far.
    pub const fn counted(&self) -> Counted {
        self.counted
    }
}

impl Held {
    fn takes(&mut self, line: &str, here: Here) -> bool {
        if self.partial {
            return true;
        }
        // A JSON object is whole, and a line with a time or an object of its own is a record of its own.
        let whole = self.text.starts_with('{') && self.text.ends_with('}');
        if whole || line.starts_with("{\"") || stamp::leading(line, here).is_some() {
            return false;
        }
        match self.stack.takes(line, self.failed, self.indented) {
            Some(stack) => {
                self.stack = stack;
                self.indented = line.starts_with([' ', '\t']);
                true
            }
            None => false,
        }
    }

    fn add(&mut self, line: &str, partial: bool, now_ns: u64) {
        let breaks = if self.partial { 0 } else { self.blank + 1 };
        self.partial = partial;
        self.blank = 0;
        self.touched_ns = now_ns;
        let room = RECORD_BYTES_MAX.saturating_sub(self.text.len() + breaks);
        if self.lines + breaks > RECORD_LINES_MAX || room == 0 || self.cut_bytes > 0 {
            self.cut_bytes += (breaks + line.len()) as u64;
            return;
        }
        self.lines += breaks;
        self.text.extend(std::iter::repeat_n('\n', breaks));
        let end = line.floor_char_boundary(room);
        self.text.push_str(&line[..end]);
        self.cut_bytes += (line.len() - end) as u64;
    }

    fn into_line(self, offset_s: i32) -> Line {
        let here = Here { now_ns: self.arrived_ns, offset_s };
        let text = self.text.as_str();
        let read = json::read(text, here).or_else(|| logfmt::read(text, here));
        let mut line = read.unwrap_or_else(|| plain::read(text, here));
        if line.severity == 0 && self.stack.is_failure() {
            line.severity = FAILURE;
        }
        let marks = [(CUT, self.cut_bytes), (REPLACED, self.replaced)];
        let marks = marks.into_iter().filter(|(_, number)| *number > 0);
        let marks = marks.map(|(name, number)| (name.to_owned(), number.to_string()));
        let stream = self.stream.map(|stream| (STREAM.to_owned(), stream.to_owned()));
        let more: Vec<_> = marks.chain(stream).collect();
        if !more.is_empty() {
            line.attributes = Attributes::from_pairs([line.attributes.0, more].concat());
        }
        line
    }
}
