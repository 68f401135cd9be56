//! Appends per second and their latency: the log beside a bare file.
//!
//! `cargo run --release -p ondol-store --example append_bench [BYTES [SECONDS [DIRECTORY [fjall|reference [WAITERS]]]]]`
//!
//! Each waiter appends one record after another to a stream of its own; a new stream after 16 records.

use bytes::Bytes;
use ondol_store::{
    log::{Appended, Entry, FjallLog, FjallOptions, Log, Mark, StreamId},
    reference::ReferenceLog,
};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

const WAITERS: [usize; 3] = [1, 64, 1024];
const SUBJECTS: [&str; 2] = ["fjall", "reference"];
const STREAM_RECORDS: u64 = 16;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let bytes = arguments.next().and_then(|bytes| bytes.parse().ok()).unwrap_or(320);
    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(5);
    let directory = arguments.next().map_or_else(env::temp_dir, PathBuf::from).join("ondol-append-bench");
    let only = arguments.next();
    let one = arguments.next().and_then(|waiters| waiters.parse().ok());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    println!("{bytes}-byte records, {seconds} s each, in {}", directory.display());
    println!(
        "{:<10} {:>8} {:>12} {:>10} {:>10} {:>10}",
        "log", "waiters", "records/s", "p50 ms", "p99 ms", "worst ms"
    );
    for waiters in one.map_or(WAITERS.to_vec(), |one| vec![one]) {
        let run = Run { waiters, record: noise(bytes), time: Duration::from_secs(seconds) };
        for subject in
            SUBJECTS.into_iter().filter(|subject| only.as_deref().is_none_or(|only| only == *subject))
        {
            match subject {
                "fjall" => runtime.block_on(run.fjall(&directory))?,
                _ => runtime.block_on(run.reference(&directory))?,
            }
        }
    }
    println!("largest resident memory: {}", resident());
    Ok(())
}

struct Run {
    waiters: usize,
    record: Bytes,
    time: Duration,
}

impl Run {
    async fn fjall(&self, directory: &Path) -> io::Result<()> {
        fresh(directory)?;
        let log = Arc::new(FjallLog::open(directory, FjallOptions::default()).map_err(io::Error::other)?);
        let bytes = self.record.clone();
        let append = move |waiter: usize, number: u64| {
            // Each record is a copy of its own, as it would be in a server.
            let (log, bytes) = (Arc::clone(&log), Bytes::copy_from_slice(&bytes));
            async move {
                let (part, seq) = (number / STREAM_RECORDS, number % STREAM_RECORDS);
                let stream = StreamId::new(format!("{part:012}-{waiter:012}")).expect("a short name");
                let mark = if seq + 1 == STREAM_RECORDS { Mark::Closed } else { Mark::Open { hint: number } };
                let entry = Entry { stream, expected_seq: seq, bytes, mark };
                let answers = log.append(log.epoch(), vec![entry]).await.expect("an append to an empty disk");
                assert!(matches!(answers[..], [Appended::Durable(_)]), "{answers:?}");
            }
        };
        self.measure("fjall", append).await;
        fs::remove_dir_all(directory)
    }

    async fn reference(&self, directory: &Path) -> io::Result<()> {
        fresh(directory)?;
        let log = Arc::new(ReferenceLog::create(&directory.join("reference"))?);
        let bytes = self.record.clone();
        let append = move |_, _| {
            // Each record is a copy of its own, as it would be in a server.
            let (log, bytes) = (Arc::clone(&log), Bytes::copy_from_slice(&bytes));
            async move {
                log.append(bytes).await.expect("an append to an empty disk");
            }
        };
        self.measure("reference", append).await;
        fs::remove_dir_all(directory)
    }

    async fn measure<F>(&self, name: &str, append: impl Fn(usize, u64) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send,
    {
        let begin = now();
        let mut waiters = JoinSet::new();
        for waiter in 0..self.waiters {
            let (append, time) = (append.clone(), self.time);
            waiters.spawn(async move {
                // Microseconds; four bytes each, so that the memory reported below is the log's.
                let mut latencies = Vec::<u32>::new();
                let mut last = now();
                while last.duration_since(begin) < time {
                    append(waiter, latencies.len() as u64).await;
                    let done = now();
                    latencies.push(done.duration_since(last).as_micros() as u32);
                    last = done;
                }
                latencies
            });
        }
        let mut latencies = waiters.join_all().await.concat();
        let elapsed = now().duration_since(begin).as_secs_f64();
        latencies.sort_unstable();
        let at = |percent: usize| f64::from(latencies[(latencies.len() - 1) * percent / 100]) / 1e3;
        let rate = latencies.len() as f64 / elapsed;
        let (median, high, worst) = (at(50), at(99), at(100));
        println!("{name:<10} {:>8} {rate:>12.0} {median:>10.2} {high:>10.2} {worst:>10.2}", self.waiters);
    }
}

#[expect(clippy::disallowed_methods, reason = "a program that measures")]
fn now() -> Instant {
    Instant::now()
}

/// Bytes that do not compress.
fn noise(length: usize) -> Bytes {
    let mut state = 1_u64;
    let byte = std::iter::from_fn(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some((state >> 33) as u8)
    });
    byte.take(length).collect()
}

fn fresh(directory: &Path) -> io::Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)
}

/// As the kernel tells it; empty where it does not.
fn resident() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().to_owned()
}
