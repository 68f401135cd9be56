//! Faults collected while walking, each under the way from the root to it.

use crate::bounds::FINDINGS_MAX;
use crate::finding::{Fault, Finding, Severity};
use crate::node::{Node, Position, Segment, path_text};

/// Where a fault is: the way to its node, or to the key at the way's end.
struct Placed {
    path: Vec<Segment>,
    on_key: bool,
    fault: Fault,
}

/// A collector of faults that knows where it stands.
#[derive(Default)]
pub(crate) struct Faults {
    path: Vec<Segment>,
    found: Vec<Placed>,
    errors: usize,
    warnings: usize,
}

impl Faults {
    /// Runs `inner` one segment deeper.
    pub(crate) fn within<T>(&mut self, segment: Segment, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment);
        let result = inner(self);
        self.path.pop();
        result
    }

    /// Runs `inner` under a key.
    pub(crate) fn key<T>(&mut self, key: &str, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.within(Segment::Key(key.to_owned()), inner)
    }

    /// Runs `inner` under an index.
    pub(crate) fn index<T>(&mut self, at: usize, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.within(Segment::Index(at), inner)
    }

    /// The way to here.
    pub(crate) fn path(&self) -> &[Segment] {
        &self.path
    }

    /// A fault of the value here, if there is one.
    pub(crate) fn extend(&mut self, fault: Option<Fault>) {
        if let Some(fault) = fault {
            self.add(fault);
        }
    }

    /// A fault of the value here.
    pub(crate) fn add(&mut self, fault: Fault) {
        self.push(Placed { path: self.path.clone(), on_key: false, fault });
    }

    /// Keeps the first [`FINDINGS_MAX`] of each severity, so that warnings can never crowd out an error.
    fn push(&mut self, placed: Placed) {
        let count = match placed.fault.code.severity() {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if *count < FINDINGS_MAX {
            *count += 1;
            self.found.push(placed);
        }
    }

    /// Would a further error be dropped?
    pub(crate) const fn is_full(&self) -> bool {
        self.errors >= FINDINGS_MAX
    }

    /// A fault of the value under `key`.
    pub(crate) fn add_in(&mut self, key: &str, fault: Fault) {
        self.key(key, |faults| faults.add(fault));
    }

    /// A fault of the value at the end of a way that begins here.
    pub(crate) fn add_below(&mut self, way: impl IntoIterator<Item = Segment>, fault: Fault) {
        let path = self.path.iter().cloned().chain(way).collect();
        self.push(Placed { path, on_key: false, fault });
    }

    /// A fault of the value under `key` of the node above this one.
    pub(crate) fn add_beside(&mut self, key: &str, fault: Fault) {
        let mut path = self.path.clone();
        path.pop();
        path.push(Segment::Key(key.to_owned()));
        self.push(Placed { path, on_key: false, fault });
    }

    /// A fault of a key itself, not of its value.
    pub(crate) fn add_at_key(&mut self, key: &str, fault: Fault) {
        let mut path = self.path.clone();
        path.push(Segment::Key(key.to_owned()));
        self.push(Placed { path, on_key: true, fault });
    }

    /// The value of `result`; its fault is kept.
    pub(crate) fn take<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.add(fault)).ok()
    }

    pub(crate) const fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// The first error as one line, for readers that have no file to point into.
    pub(crate) fn first_error(&self) -> Option<String> {
        let is_error = |placed: &&Placed| placed.fault.code.severity() == Severity::Error;
        let placed = self.found.iter().find(is_error)?;
        Some(format!("{}: {}", path_text(&placed.path), placed.fault.message))
    }

    /// The faults with their lines and columns, in the order of the file.
    pub(crate) fn into_findings(self, root: &Node, source: &str) -> Vec<Finding> {
        let lines: Vec<&str> = source.lines().collect();
        let mut findings: Vec<Finding> =
            self.found.into_iter().map(|placed| finding(placed, root, &lines)).collect();
        findings.sort_by_key(|finding| (finding.at, finding.severity, finding.code));
        // What a step says of both its halves is looked at with each, and mended once.
        findings.dedup();
        findings
    }
}

fn finding(placed: Placed, root: &Node, lines: &[&str]) -> Finding {
    let Placed { path, on_key, fault } = placed;
    let (node, depth) = root.deepest(&path);
    let exists = path.get(..depth).unwrap_or_default();
    let at = match (&fault.needle, on_key) {
        (_, true) => key_position(root, &path).unwrap_or(node.start),
        (Some(needle), false) => find(node, needle, lines).unwrap_or(node.start),
        (None, false) => node.start,
    };
    Finding {
        severity: fault.code.severity(),
        code: fault.code,
        at,
        path: path_text(if on_key { &path } else { exists }),
        message: fault.message,
        reason: fault.code.reason(),
        fix: fault.fix,
    }
}

fn key_position(root: &Node, path: &[Segment]) -> Option<Position> {
    let (Segment::Key(name), parent) = path.split_last()? else { return None };
    let (node, depth) = root.deepest(parent);
    match &node.kind {
        crate::node::Kind::Map(entries) if depth == parent.len() => {
            entries.iter().find(|entry| entry.key == *name).map(|entry| entry.start)
        }
        _ => None,
    }
}

/// Where `needle` first stands between a node's first and last line.
fn find(node: &Node, needle: &str, lines: &[&str]) -> Option<Position> {
    let first = node.start.line as usize;
    let last = (node.end.line as usize).max(first);
    for number in first..=last {
        let line = lines.get(number - 1)?;
        let skipped = if number == first { node.start.column as usize - 1 } else { 0 };
        let from = line.char_indices().nth(skipped).map_or(line.len(), |(byte, _)| byte);
        if let Some(found) = line[from..].find(needle) {
            let column = line[..from + found].chars().count() + 1;
            return Some(Position { line: u32::try_from(number).ok()?, column: u32::try_from(column).ok()? });
        }
    }
    None
}
