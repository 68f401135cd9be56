//! One file that is followed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use super::cut::{Cut, End, Here, cut};
use super::find::Id;
use super::offsets::{Head, Place, Sent};
use super::{CHUNK_BYTES, Export, Now, PARTIAL_NS, ROTATED_NS, SETTLED_NS, Wanted};
use crate::lines;
use crate::model::{Attributes, Source};

/// The bytes at a file's beginning by which it is known: some lines, with their times.
const HEAD_BYTES: usize = 1 << 10;

/// A file, open, and how far it was read.
#[derive(Debug)]
pub(super) struct Followed {
    file: File,
    pub(super) place: Place,
    source: Source,
    /// How long it was when it was last looked at, and since when it is.
    size: u64,
    grown_ns: u64,
    /// Nothing changes before, unless it grows.
    again_ns: u64,
    /// Since when nothing is found by its name any more, or another file.
    gone_ns: Option<u64>,
}

impl Followed {
    /// A file that was not known, from its start or its end.
    pub(super) fn begin(path: &Path, wanted: &Wanted, at_end: bool, now: Now) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let place = Place {
            pattern: wanted.pattern.clone(),
            path: path.to_string_lossy().into_owned(),
            id: Id::of(&metadata),
            offset: if at_end { metadata.len() } else { 0 },
            mid_line: false,
            head: Head::of(&[]),
            sent: None,
        };
        let mut followed = Self::open(file, place, wanted, now);
        if let Some(last) = followed.place.offset.checked_sub(1) {
            followed.place.mid_line = followed.bytes(last, 1)? != b"\n";
            followed.place.head = followed.head()?;
        }
        Ok(followed)
    }

    /// A file that was followed before: `None` if another one has its number now, or it was truncated.
    pub(super) fn resume(path: &Path, place: Place, wanted: &Wanted, now: Now) -> io::Result<Option<Self>> {
        let file = File::open(path)?;
        if Id::of(&file.metadata()?) != place.id {
            return Ok(None);
        }
        let followed = Self::open(file, place, wanted, now);
        let size = followed.file.metadata()?.len();
        Ok(if followed.is_other(size)? { None } else { Some(followed) })
    }

    fn open(file: File, place: Place, wanted: &Wanted, now: Now) -> Self {
        let source = source(wanted, &place.path);
        Self { file, place, source, size: 0, grown_ns: now.mono_ns, again_ns: 0, gone_ns: None }
    }

    /// Whose lines they are now.
    pub(super) fn belongs_to(&mut self, wanted: &Wanted) {
        self.source = source(wanted, &self.place.path);
    }

    /// Is there a file by a name that is looked for?
    pub(super) fn found(&mut self, found: bool, now: Now) {
        self.gone_ns = if found { None } else { Some(self.gone_ns.unwrap_or(now.mono_ns)) };
    }

    /// Nothing more will come of it.
    pub(super) fn is_over(&self, now: Now) -> bool {
        self.is_closed(now) && self.place.offset >= self.size
    }

    fn is_closed(&self, now: Now) -> bool {
        let since = |then: u64| now.mono_ns.saturating_sub(then);
        self.gone_ns.is_some_and(|gone| since(gone) >= ROTATED_NS && since(self.grown_ns) >= ROTATED_NS)
    }

    /// The next records, if there are any that are whole. They are not done with before [`Self::kept`].
    pub(super) fn read(&mut self, now: Now, offset_s: i32) -> io::Result<Option<Export>> {
        if let Some(export) = self.again(offset_s)? {
            return Ok(Some(export));
        }
        let size = self.file.metadata()?.len();
        if size != self.size {
            (self.size, self.grown_ns, self.again_ns) = (size, now.mono_ns, 0);
            if self.is_other(size)? {
                (self.place.offset, self.place.mid_line) = (0, false);
                (self.place.head, self.place.sent) = (Head::of(&[]), None);
            }
        }
        let closed = self.is_closed(now);
        if size <= self.place.offset || (now.mono_ns < self.again_ns && !closed) {
            return Ok(None);
        }
        let piece = self.bytes(self.place.offset, CHUNK_BYTES)?;
        let quiet = now.mono_ns.saturating_sub(self.grown_ns);
        let end = if self.place.offset + (piece.len() as u64) < size {
            End::More
        } else if closed {
            End::Closed
        } else {
            End::Quiet(quiet)
        };
        let Cut { records, bytes, mid_line } =
            cut(&piece, self.place.mid_line, end, Here { at_ns: now.wall_ns, offset_s });
        let to = self.place.offset + bytes as u64;
        if records.is_empty() {
            (self.place.offset, self.place.mid_line) = (to, mid_line);
            if bytes < piece.len() && end != End::More {
                let next = if quiet < SETTLED_NS { SETTLED_NS } else { PARTIAL_NS };
                self.again_ns = self.grown_ns.saturating_add(next);
            }
            return Ok(None);
        }
        self.place.sent = Some(Sent { to, mid_line, at_ns: now.wall_ns });
        Ok(Some(self.export(now.wall_ns, records)))
    }

    /// What was about to be sent when it was last written down, once more.
    fn again(&self, offset_s: i32) -> io::Result<Option<Export>> {
        let Some(sent) = self.place.sent else { return Ok(None) };
        let length = usize::try_from(sent.to.saturating_sub(self.place.offset)).unwrap_or(0);
        let piece = self.bytes(self.place.offset, length.min(CHUNK_BYTES))?;
        let here = Here { at_ns: sent.at_ns, offset_s };
        let Cut { records, .. } = cut(&piece, self.place.mid_line, End::Closed, here);
        Ok(Some(self.export(sent.at_ns, records)))
    }

    /// What was read is durable.
    pub(super) fn kept(&mut self) {
        let Some(sent) = self.place.sent.take() else { return };
        (self.place.offset, self.place.mid_line) = (sent.to, sent.mid_line);
        if self.place.head.len() < HEAD_BYTES
            && let Ok(head) = self.head()
        {
            self.place.head = head;
        }
    }

    /// Was it truncated (`copytruncate`), or is it another file by the same number? Then its start is new.
    fn is_other(&self, size: u64) -> io::Result<bool> {
        let furthest = self.place.sent.map_or(self.place.offset, |sent| sent.to);
        let known = self.place.head;
        Ok(size < furthest || Head::of(&self.bytes(0, known.len())?) != known)
    }

    fn head(&self) -> io::Result<Head> {
        Ok(Head::of(&self.bytes(0, self.place.offset.min(HEAD_BYTES as u64) as usize)?))
    }

    /// At most so many bytes; fewer where the file ends.
    fn bytes(&self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut bytes[filled..], from + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn export(&self, at_ns: u64, records: Vec<lines::Line>) -> Export {
        let path = self.place.path.as_str();
        let name = path.rsplit('/').next().unwrap_or(path);
        let more = [("log.file.name", name), ("log.file.path", path)];
        Export {
            of: self.place.id,
            path: path.to_owned(),
            body: lines::otlp(&self.source, at_ns, records, &more),
        }
    }
}

fn source(wanted: &Wanted, path: &str) -> Source {
    Source {
        service: wanted.service.clone(),
        instance: wanted.instance.clone().unwrap_or_else(|| path.to_owned()),
        resource: Arc::new(Attributes::default()),
    }
}
