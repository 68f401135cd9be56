//! The least a durable append can cost: one preallocated file, one writer thread, one sync a batch.
//!
//! Benchmarks print it beside the log, so that the choice of a store stays a measurement. It is not a
//! store: nothing can be read back, and when the file is full it starts again at its beginning.

use bytes::Bytes;
use rustix::fs::{FallocateFlags, fallocate};
use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::Path,
    thread::{self, JoinHandle},
};
use tokio::sync::{mpsc, oneshot};

/// The size of the file, in bytes; all of it is written once before it is used, as a recycled segment is.
pub const FILE_BYTES: u64 = 256 << 20;

/// The same bounds as the log has, so that the two compare.
const QUEUE_LENGTH_MAX: usize = 1024;
const BATCH_BYTES_MAX: usize = 4 << 20;

/// How many bytes the checksum takes at a time.
const WORD_BYTES: usize = 8;

struct Append {
    bytes: Bytes,
    answer: oneshot::Sender<Result<u64, io::ErrorKind>>,
}

/// A file that only takes appends. Dropping it ends the writer thread.
#[derive(Debug)]
pub struct ReferenceLog {
    queue: Option<mpsc::Sender<Append>>,
    thread: Option<JoinHandle<()>>,
}

impl ReferenceLog {
    /// Creates the file and fills it, which takes as long as the disk needs for [`FILE_BYTES`].
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        fallocate(&file, FallocateFlags::empty(), 0, FILE_BYTES)?;
        let zeros = vec![0; BATCH_BYTES_MAX];
        for at in (0..FILE_BYTES).step_by(BATCH_BYTES_MAX) {
            file.write_all_at(&zeros, at)?;
        }
        file.sync_all()?;
        let (queue, appends) = mpsc::channel(QUEUE_LENGTH_MAX);
        let thread =
            thread::Builder::new().name("reference-writer".to_owned()).spawn(move || run(&file, appends))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Appends one record of at most 1 MiB and returns its number once it is on the disk.
    pub async fn append(&self, bytes: Bytes) -> io::Result<u64> {
        let queue = self.queue.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        let (answer, answered) = oneshot::channel();
        queue.send(Append { bytes, answer }).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(answered.await.map_err(|_| io::ErrorKind::BrokenPipe)??)
    }
}

impl Drop for ReferenceLog {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer has already reached everyone who waited for it.
            let _ = thread.join();
        }
    }
}

fn run(file: &File, mut appends: mpsc::Receiver<Append>) {
    let mut at = 0;
    let mut number = 0;
    let mut buffer = Vec::new();
    let mut waiting = Vec::new();
    while let Some(first) = appends.blocking_recv() {
        let mut next = Some(first);
        while let Some(append) = next.take() {
            buffer.extend_from_slice(&(append.bytes.len() as u32).to_le_bytes());
            buffer.extend_from_slice(&checksum(&append.bytes).to_le_bytes());
            buffer.extend_from_slice(&append.bytes);
            number += 1;
            waiting.push((append.answer, number));
            if buffer.len() < BATCH_BYTES_MAX {
                next = appends.try_recv().ok();
            }
        }
        if at + buffer.len() as u64 > FILE_BYTES {
            at = 0;
        }
        let written = file.write_all_at(&buffer, at).and_then(|()| file.sync_data());
        at += buffer.len() as u64;
        buffer.clear();
        for (answer, number) in waiting.drain(..) {
            let _ = answer.send(written.as_ref().map(|()| number).map_err(io::Error::kind));
        }
    }
}

/// FNV-1a over words: not strong, but a log would not go without one either.
fn checksum(bytes: &[u8]) -> u32 {
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
    let hash = words.iter().fold(0xcbf2_9ce4_8422_2325, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let hash = rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)));
    (hash ^ (hash >> 32)) as u32
}
