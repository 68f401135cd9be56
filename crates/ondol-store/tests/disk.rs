//! The log on a real disk: one owner, a format, and processes that die in the middle.

#![expect(clippy::unwrap_used, reason = "in the helpers of a test; one that cannot go on has failed")]

use bytes::Bytes;
use futures_util::FutureExt;
use ondol_store::log::{
    Appended, BALLAST_BYTES, Entry, FjallLog, FjallOptions, Log, LogError, Mark, Position, StreamId,
};
use std::{
    env,
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// Where [`child`] finds its directory, when it is one.
const DIRECTORY: &str = "ONDOL_STORE_TEST_DIRECTORY";

/// Opens a log that was just closed. Another test of this process starts a child: from fork to exec the child has whatever
/// is open here, the lock, too.
fn reopen(path: &Path) -> Result<FjallLog, LogError> {
    for _ in 0..100 {
        match open(path) {
            Err(LogError::Locked { .. }) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return opened,
        }
    }
    open(path)
}

fn open(path: &Path) -> Result<FjallLog, LogError> {
    FjallLog::open(path, FjallOptions::default())
}

fn stream() -> StreamId {
    StreamId::new("a").unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// 2 KiB that do not compress.
fn noise(seed: u64) -> Bytes {
    let mut state = seed;
    let byte = std::iter::from_fn(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some((state >> 33) as u8)
    });
    byte.take(2048).collect()
}

fn append(log: &FjallLog, seq: u64) -> Result<Vec<Appended>, LogError> {
    let mark = Mark::Open { hint: 0 };
    run(log.append(log.epoch(), vec![Entry { stream: stream(), expected_seq: seq, bytes: noise(seq), mark }]))
}

#[test]
fn one_owner_at_a_time() {
    let directory = TempDir::new().unwrap();
    let log = open(directory.path()).unwrap();
    let second = open(directory.path()).unwrap_err();
    assert!(matches!(second, LogError::Locked { .. }), "{second:?}");
    let text = second.to_string();
    let path = directory.path().display().to_string();
    assert!(text.contains(&path) && text.contains(&format!("process {}", std::process::id())), "{text}");
    drop(log);
    open(directory.path()).unwrap();
}

#[test]
fn a_format_that_is_not_ours_is_refused() {
    let cases = [
        (Some("ondol data format 2\n"), None),
        (Some("ondol data format 1\n"), Some("version 1")),
        (Some("ondol data format 3\n"), Some("version 3")),
        (Some("ondol data format x\n"), Some("unknown")),
        (Some("something else"), Some("unknown")),
        (None, Some("not written down")),
    ];
    for (content, refused) in cases {
        let directory = TempDir::new().unwrap();
        drop(open(directory.path()).unwrap());
        let file = directory.path().join("format");
        match content {
            Some(content) => fs::write(file, content).unwrap(),
            None => fs::remove_file(file).unwrap(),
        }
        let text = reopen(directory.path()).err().map(|error| error.to_string());
        match (refused, text) {
            (None, None) => {}
            (Some(found), Some(text)) => {
                assert!(text.contains(found) && text.contains("reads version 2"), "{content:?}: {text}");
            }
            (_, text) => panic!("{content:?}: {text:?}"),
        }
    }
}

#[test]
fn keeps_a_ballast_where_there_is_space() {
    let directory = TempDir::new().unwrap();
    let log = open(directory.path()).unwrap();
    let ballast = directory.path().join("ballast");
    if log.space().accepting {
        assert_eq!(fs::metadata(&ballast).unwrap().len(), BALLAST_BYTES);
        fs::remove_file(&ballast).unwrap();
        append(&log, 0).unwrap();
        drop(log);
        assert!(ballast.exists(), "made again");
    }
}

/// Not a test: what the tests below start as a process of its own. It appends until that fails, prints how
/// far it came, and says how the log answers then.
#[test]
fn child() {
    let Some(directory) = env::var_os(DIRECTORY) else { return };
    let log = open(Path::new(&directory)).unwrap();
    let mut seq = run(log.read(&stream(), 0)).unwrap().len() as u64;
    let error = loop {
        match append(&log, seq) {
            Ok(answers) => println!("\nacknowledged {seq} {answers:?}"),
            Err(error) => break error,
        }
        seq += 1;
    };
    assert!(matches!(error, LogError::Unknown { .. } | LogError::Poisoned), "{error:?}");
    for _ in 0..2 {
        let refused = append(&log, seq);
        assert!(matches!(refused, Err(LogError::Poisoned)), "{refused:?}");
        let refused = run(log.tail(Position::START, 1));
        assert!(matches!(refused, Err(LogError::Poisoned)), "{refused:?}");
    }
    println!("\nfailed with {error:?}");
}

/// Runs [`child`] below `wrapper` until it ends, or has acknowledged `enough` and is killed. Returns how many
/// records it acknowledged, and the last line it printed.
fn run_child(directory: &Path, wrapper: &[&str], enough: u64) -> (u64, String) {
    let mut arguments: Vec<OsString> = wrapper.iter().map(OsString::from).collect();
    arguments.push(env::current_exe().unwrap().into());
    arguments.extend(["--exact", "child", "--nocapture"].map(OsString::from));
    let mut process = Command::new(&arguments[0])
        .args(&arguments[1..])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut acknowledged, mut last) = (0, String::new());
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(rest) = line.strip_prefix("acknowledged ") {
            acknowledged = rest.split(' ').next().unwrap().parse::<u64>().unwrap() + 1;
            if acknowledged == enough {
                process.kill().unwrap();
            }
        }
        if line.starts_with("failed with") {
            last = line;
        }
    }
    process.wait().unwrap();
    (acknowledged, last)
}

fn check_records(directory: &Path, acknowledged: u64) {
    let log = open(directory).unwrap();
    let records = run(log.read(&stream(), 0)).unwrap();
    let count = records.len() as u64;
    assert!(
        (acknowledged..=acknowledged + 1).contains(&count),
        "{count} records of {acknowledged} acknowledged"
    );
    assert!(records.iter().zip(0..).all(|(record, seq)| record.bytes == noise(seq) && record.seq == seq));
    let tail = run(log.tail(Position::START, 1)).unwrap();
    assert_eq!(tail[0].position, Position(1));
    assert!(matches!(append(&log, count).unwrap()[..], [Appended::Durable(at)] if at.0 == count + 1));
}

#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let directory = TempDir::new().unwrap();
    let mut acknowledged = 0;
    for _ in 0..3 {
        acknowledged = run_child(directory.path(), &[], acknowledged + 300).0;
    }
    assert!(acknowledged >= 900);
    check_records(directory.path(), acknowledged);
}

#[test]
fn a_failed_write_is_unknown_and_then_refused() {
    let directory = TempDir::new().unwrap();
    drop(open(directory.path()).unwrap());
    // Files may not grow over 1 or 2 MiB, as the shell counts; the journal meets that first.
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 2048; exec \"$@\"", "sh"];
    let (acknowledged, last) = run_child(directory.path(), &limited, u64::MAX);
    assert!(acknowledged > 100, "{acknowledged}");
    assert!(last.contains("Unknown"), "{last}");
    check_records(directory.path(), acknowledged);
}

#[test]
fn an_append_nobody_waits_for_leaves_the_log_whole() {
    let directory = TempDir::new().unwrap();
    let log = open(directory.path()).unwrap();
    let entry = Entry { stream: stream(), expected_seq: 0, bytes: noise(0), mark: Mark::Closed };
    assert!(log.append(log.epoch(), vec![entry]).now_or_never().is_none());
    let answer = append(&log, 1);
    let seen = run(log.read(&stream(), 0)).unwrap().len();
    assert!(matches!(answer.unwrap()[..], [Appended::Durable(_)]) && seen == 2, "it was on its way");
}

/// Where the journal has the record of this seed.
fn place_in(journal: &[u8], seed: u64) -> usize {
    let record = noise(seed);
    journal.windows(record.len()).position(|window| window == record).unwrap()
}

#[test]
fn a_torn_end_is_cut_off_and_other_damage_is_not() {
    const RECORDS: u64 = 4;
    type Damage = fn(&mut Vec<u8>, usize);
    let damages: [(&str, Damage); 4] = [
        ("in the record", |content, at| content[at + 1000..at + 1100].fill(0)),
        ("in the end of the batch", |content, at| content[at + 2048 + 12] ^= 1),
        // The mark with which the next entry begins; behind the last record that is the end of its batch.
        ("in the mark behind the record", |content, at| content[at + 2048] = 0x77),
        ("in the length of the record", |content, at| content[at - 60..at - 40].fill(0xff)),
    ];
    for (place, damage) in damages {
        for damaged in 0..RECORDS {
            let directory = TempDir::new().unwrap();
            let log = open(directory.path()).unwrap();
            (0..RECORDS).for_each(|seq| assert!(append(&log, seq).is_ok()));
            drop(log);
            let journal = directory.path().join("log/0.jnl");
            let mut content = fs::read(&journal).unwrap();
            let at = place_in(&content, damaged);
            damage(&mut content, at);
            fs::write(&journal, &content).unwrap();
            if damaged + 1 == RECORDS {
                check_records(directory.path(), damaged);
            } else {
                let refused = open(directory.path()).err();
                assert!(matches!(refused, Some(LogError::Open { .. })), "{place}, {damaged}: {refused:?}");
                assert!(fs::read(&journal).unwrap() == content, "{place}, {damaged}: nothing was cut");
            }
        }
    }
}

#[test]
fn what_was_cut_off_is_told_and_kept() {
    // One that the store finds out by a checksum, and one that it takes for the end of the journal.
    for offset in [7, -61] {
        let directory = TempDir::new().unwrap();
        let log = open(directory.path()).unwrap();
        assert_eq!((log.opened().last, &log.opened().torn), (Position::START, &None));
        (0..3).for_each(|seq| assert!(append(&log, seq).is_ok()));
        drop(log);
        let journal = directory.path().join("log/0.jnl");
        let mut content = fs::read(&journal).unwrap();
        let at = place_in(&content, 2).strict_add_signed(offset);
        content[at] ^= 0x70;
        fs::write(&journal, &content).unwrap();
        let log = open(directory.path()).unwrap();
        assert_eq!(log.opened().last, Position(2), "{offset}");
        let kept = log.opened().torn.as_ref().map(|kept| fs::read(kept).unwrap());
        let kept = kept.unwrap_or_else(|| panic!("{offset}: nothing is kept"));
        assert!(kept.windows(1000).any(|window| window == &noise(2)[1000..2000]), "the batch is kept");
    }
}

/// A stream of which several runs of positions were split off, read from everywhere, before and after opening again.
#[test]
fn a_long_stream_is_read_from_anywhere() {
    const RECORDS: u64 = 300;
    for settle_records in [1, 50, 100_000] {
        let directory = TempDir::new().unwrap();
        let options = FjallOptions { settle_records, ..FjallOptions::default() };
        let mut log = FjallLog::open(directory.path(), options).unwrap();
        (0..RECORDS).for_each(|seq| assert!(append(&log, seq).is_ok()));
        for _ in 0..2 {
            for from in [0, 1, 31, 32, 33, 63, 64, 65, 100, 240, 299, 300, 400] {
                let records = run(log.read(&stream(), from)).unwrap();
                let seqs: Vec<u64> = records.iter().map(|record| record.seq).collect();
                assert_eq!(seqs, (from..RECORDS).collect::<Vec<_>>(), "from {from}, {settle_records}");
                assert!(records.iter().all(|record| record.bytes == noise(record.seq)));
            }
            drop(log);
            log = FjallLog::open(directory.path(), options).unwrap();
        }
    }
}
