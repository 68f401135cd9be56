//! The write-ahead segment of a generation: the exports' own bytes, so that a crash loses nothing acknowledged.
//!
//! A record is `length u32 · checksum u64 · received ns u64 · body`, little-endian; the checksum (XXH3) is over time and
//! body. What follows the last whole record was never acknowledged and is cut off.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

const HEAD: usize = 4 + 8 + 8;

/// The longest body: the largest request, and room for what may be allowed later.
pub(crate) const BODY_MAX: usize = 64 << 20;

/// Blocks of the disk are taken for so many bytes at once: to take them page by page is more work than to write.
const READY: u64 = 8 << 20;

/// A segment that is being written.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    path: PathBuf,
    /// Bytes that are durable.
    length: u64,
    /// Bytes that there are blocks for.
    ready: u64,
    /// A write failed since: what is behind `length` must go before anything is added.
    torn: bool,
}

/// One export of a segment.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) received_ns: u64,
    pub(crate) body: Vec<u8>,
}

impl Segment {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
        sync_folder(&path)?;
        Ok(Self { file, path, length: 0, ready: 0, torn: false })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that are durable.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Adds bodies and makes them durable, all or none.
    pub(crate) fn append(&mut self, received_ns: u64, bodies: &[impl AsRef<[u8]>]) -> io::Result<()> {
        if self.torn {
            self.cut()?;
        }
        self.torn = true;
        let added = bodies.iter().map(|body| (HEAD + body.as_ref().len()) as u64).sum::<u64>();
        self.make_ready(self.length + added);
        for body in bodies {
            let body = body.as_ref();
            self.file.write_all(&head(received_ns, body))?;
            self.file.write_all(body)?;
        }
        self.file.sync_data()?;
        self.length += added;
        self.torn = false;
        Ok(())
    }

    /// Takes blocks for what is to be written, and for what comes after. The file gets no longer by it. Where that cannot be
    /// done, writing takes them.
    fn make_ready(&mut self, length: u64) {
        if length > self.ready {
            let more = length - self.ready + READY;
            #[cfg(target_os = "linux")]
            let _ =
                rustix::fs::fallocate(&self.file, rustix::fs::FallocateFlags::KEEP_SIZE, self.ready, more);
            self.ready += more;
        }
    }

    /// Takes back what a failed append may have left.
    fn cut(&mut self) -> io::Result<()> {
        use std::io::Seek;
        self.file.set_len(self.length)?;
        self.ready = self.length;
        self.file.seek(io::SeekFrom::Start(self.length))?;
        self.file.sync_data()?;
        self.torn = false;
        Ok(())
    }
}

fn checksum(received_ns: u64, body: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(&received_ns.to_le_bytes());
    hash.update(body);
    hash.digest()
}

fn head(received_ns: u64, body: &[u8]) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&(body.len() as u32).to_le_bytes());
    head[4..12].copy_from_slice(&checksum(received_ns, body).to_le_bytes());
    head[12..].copy_from_slice(&received_ns.to_le_bytes());
    head
}

/// Bytes of a segment that are of no use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Useless {
    /// Behind the last whole record: never acknowledged, or damaged.
    pub(crate) torn: u64,
    /// In records before it: acknowledged, and damaged since.
    pub(crate) damaged: u64,
}

/// Reads a segment from its beginning. A damaged record does not take those behind it along.
pub(crate) fn read(path: &Path, mut each: impl FnMut(Kept)) -> io::Result<Useless> {
    let file = File::open(path)?;
    let mut left = file.metadata()?.len();
    let mut from = io::BufReader::with_capacity(1 << 20, file);
    let (mut useless, mut broken) = (Useless::default(), 0);
    loop {
        let mut head = [0; HEAD];
        if left < HEAD as u64 {
            break;
        }
        from.read_exact(&mut head)?;
        let (length, rest) = head.split_at(4);
        let (sum, received) = rest.split_at(8);
        let length = u32::from_le_bytes(length.try_into().expect("four bytes"));
        let sum = u64::from_le_bytes(sum.try_into().expect("eight bytes"));
        let received_ns = u64::from_le_bytes(received.try_into().expect("eight bytes"));
        if u64::from(length) > left - HEAD as u64 || length as usize > BODY_MAX {
            break;
        }
        let mut body = vec![0; length as usize];
        from.read_exact(&mut body)?;
        let bytes = HEAD as u64 + u64::from(length);
        left -= bytes;
        if checksum(received_ns, &body) == sum {
            useless.damaged += std::mem::take(&mut broken);
            each(Kept { received_ns, body });
        } else {
            broken += bytes;
        }
    }
    Ok(Useless { torn: left + broken, ..useless })
}

/// Makes the names in a file's folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(path: &Path) -> (Vec<String>, Useless) {
        let mut found = Vec::new();
        let left = read(path, |kept| {
            found.push(format!("{} {}", kept.received_ns, String::from_utf8_lossy(&kept.body)));
        });
        (found, left.unwrap())
    }

    #[test]
    fn a_torn_or_damaged_end_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0.wal");
        let mut segment = Segment::create(path.clone()).unwrap();
        segment.append(7, &["one", "two"]).unwrap();
        segment.append(8, &["three"]).unwrap();
        assert_eq!(
            bodies(&path),
            (vec!["7 one".into(), "7 two".into(), "8 three".into()], Useless::default())
        );
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole.len() as u64, segment.length);
        for cut in 1..(HEAD + 5) {
            std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            assert_eq!(bodies(&path).0, ["7 one", "7 two"], "{cut} bytes cut");
        }
        for at in whole.len() - HEAD - 5..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            std::fs::write(&path, damaged).unwrap();
            assert_eq!(bodies(&path).0, ["7 one", "7 two"], "byte {at} damaged");
        }
        let mut damaged = whole.clone();
        damaged[HEAD + 1] ^= 0x10;
        std::fs::write(&path, damaged).unwrap();
        let useless = Useless { torn: 0, damaged: HEAD as u64 + 3 };
        assert_eq!(bodies(&path), (vec!["7 two".into(), "8 three".into()], useless), "the first is damaged");
    }
}
