//! All files that are followed, and one turn over them.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use super::find::{self, Id, Looked};
use super::followed::Followed;
use super::offsets::{Offsets, Place};
use super::{EXPORTS_MAX, Export, FILES_MAX, LOOK_NS, Now, Wanted};

/// Follows files. One at a time for each file of offsets.
#[derive(Debug)]
pub struct Files {
    path: PathBuf,
    offset_s: i32,
    /// Patterns that were looked for.
    patterns: Vec<String>,
    followed: Vec<Followed>,
    /// Followed before the start, and not found again yet.
    before: Vec<Place>,
    wanted: Vec<Wanted>,
    looked_ns: Option<u64>,
    /// Where the next turn begins, so that one file cannot keep the others waiting.
    next: usize,
    /// What was said, so that it is said once.
    said: BTreeSet<String>,
    written: Offsets,
}

impl Files {
    /// Goes on where `path`, a file of offsets, says; begins anew where there is none. `offset_s`: seconds east of UTC, for
    /// times in lines that do not say theirs.
    pub fn open(path: PathBuf, offset_s: i32) -> Self {
        let written = Offsets::read(&path);
        Self {
            path,
            offset_s,
            patterns: written.patterns.clone(),
            followed: Vec::new(),
            before: written.files.clone(),
            wanted: Vec::new(),
            looked_ns: None,
            next: 0,
            said: BTreeSet::new(),
            written,
        }
    }

    /// The next records of the files that are wanted now, at most [`EXPORTS_MAX`] exports; none where there is nothing to
    /// do. What it gives comes again until [`Self::kept`] says
    /// that it is durable.
    pub fn read(&mut self, wanted: &[Wanted], now: Now) -> Vec<Export> {
        let due = self.looked_ns.is_none_or(|looked| now.mono_ns.saturating_sub(looked) >= LOOK_NS);
        if due || wanted != self.wanted {
            self.look(wanted, now);
        }
        let mut exports = Vec::new();
        for turn in 0..self.followed.len() {
            let at = (self.next + turn) % self.followed.len();
            let path = self.followed[at].place.path.clone();
            match self.followed[at].read(now, self.offset_s) {
                Ok(export) => {
                    self.said.remove(&path);
                    exports.extend(export);
                }
                Err(error) => self.say(path, &error),
            }
            if exports.len() >= EXPORTS_MAX {
                self.next = at + 1;
                break;
            }
        }
        self.write();
        exports
    }

    /// What [`Self::read`] gave of this file is durable, or of no use to anybody.
    pub fn kept(&mut self, of: Id) {
        self.followed.iter_mut().filter(|followed| followed.place.id == of).for_each(Followed::kept);
    }

    /// Looks which files there are.
    fn look(&mut self, wanted: &[Wanted], now: Now) {
        (self.wanted, self.looked_ns) = (wanted.to_vec(), Some(now.mono_ns));
        self.followed.retain_mut(|followed| {
            let whose = wanted.iter().find(|wanted| wanted.pattern == followed.place.pattern);
            whose.is_some_and(|whose| {
                followed.belongs_to(whose);
                true
            })
        });
        self.before.retain(|place| wanted.iter().any(|wanted| wanted.pattern == place.pattern));
        let mut seen: HashSet<Id> = HashSet::new();
        for wanted in wanted {
            let Looked { found, failed } = find::files(&wanted.pattern);
            for (path, error) in failed {
                self.say(path.display().to_string(), &error);
            }
            for (path, id) in found {
                seen.insert(id);
                self.follow(&path, id, wanted, now);
            }
        }
        self.find_renamed(now);
        self.patterns = wanted.iter().map(|wanted| wanted.pattern.clone()).collect();
        for followed in &mut self.followed {
            followed.found(seen.contains(&followed.place.id), now);
        }
        self.followed.retain(|followed| !followed.is_over(now));
    }

    /// Follows a file that was found, unless it is followed.
    fn follow(&mut self, path: &Path, id: Id, wanted: &Wanted, now: Now) {
        if self.followed.iter().any(|followed| followed.place.id == id) {
            return;
        }
        if self.followed.len() >= FILES_MAX {
            let why = io::Error::other(format!("{FILES_MAX} files are followed already; remove old ones"));
            return self.say(wanted.pattern.clone(), &why);
        }
        let before = self.before.iter().find(|place| place.id == id).cloned();
        let resumed = before.map(|place| Followed::resume(path, place, wanted, now)).transpose();
        let at_end = !wanted.from_start && !self.patterns.contains(&wanted.pattern);
        let opened = resumed.and_then(|resumed| match resumed.flatten() {
            Some(resumed) => Ok(resumed),
            None => Followed::begin(path, wanted, at_end, now),
        });
        match opened {
            Ok(followed) => {
                self.said.remove(&path.display().to_string());
                self.before.retain(|place| place.id != id);
                self.followed.push(followed);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.say(path.display().to_string(), &error),
        }
    }

    /// Files that were renamed while nobody looked: their last lines may not be read yet. Those that are gone are forgotten.
    fn find_renamed(&mut self, now: Now) {
        for place in std::mem::take(&mut self.before) {
            let whose = self.wanted.iter().find(|wanted| wanted.pattern == place.pattern);
            let path = find::renamed(Path::new(&place.path), place.id);
            let (Some(whose), Some(path)) = (whose, path) else { continue };
            match Followed::resume(&path, place.clone(), whose, now) {
                Ok(resumed) => self.followed.extend(resumed),
                Err(error) => {
                    self.say(path.display().to_string(), &error);
                    self.before.push(place);
                }
            }
        }
    }

    /// Writes down how far everything was read, if that has changed. A turn does so by itself; this is for the end.
    pub fn write(&mut self) {
        let places = self.followed.iter().map(|followed| followed.place.clone());
        let offsets =
            Offsets::new(self.patterns.clone(), places.chain(self.before.iter().cloned()).collect());
        if offsets == self.written {
            return;
        }
        match offsets.write(&self.path) {
            Ok(()) => {
                self.said.remove(&self.path.display().to_string());
                self.written = offsets;
            }
            Err(error) => self.say(self.path.display().to_string(), &error),
        }
    }

    fn say(&mut self, path: String, error: &io::Error) {
        if self.said.contains(&path) {
            return;
        }
        tracing::warn!(path, %error, "a log file is not read, or how far it was read not written; trying again");
        if self.said.len() < super::PATHS_MAX {
            self.said.insert(path);
        }
    }
}
