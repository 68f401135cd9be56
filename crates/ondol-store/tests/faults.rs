//! The faults of the memory log: what was acknowledged stays, what was not may go, and all of it repeats.

#![expect(clippy::unwrap_used, reason = "in the helpers of a test; one that cannot go on has failed")]

use bytes::Bytes;
use futures_util::{FutureExt, future::join_all};
use ondol_store::log::{
    Appended, Disk, Entry, Faults, Log, LogError, Mark, MemoryLog, MemoryOptions, Position, Space, StreamId,
};
use proptest::prelude::*;

fn entry(stream: u8, expected_seq: u64) -> Entry {
    let stream = StreamId::new([stream]).unwrap();
    Entry { stream, expected_seq, bytes: Bytes::from_static(b"x"), mark: Mark::Open { hint: 0 } }
}

fn manual(faults: Faults) -> MemoryOptions {
    MemoryOptions { manual_sync: true, faults }
}

/// The positions a disk gives to whoever opens it.
fn positions(disk: &Disk) -> Vec<u64> {
    let log = MemoryLog::open(disk, MemoryOptions::default());
    let tail = log.tail(Position::START, 1000).now_or_never().unwrap().unwrap();
    tail.into_iter().map(|record| record.position.0).collect()
}

#[test]
fn an_append_waits_for_the_sync() {
    let log = MemoryLog::open(&Disk::new(), manual(Faults::default()));
    let mut append = log.append(1, vec![entry(1, 0), entry(2, 0)]);
    assert!((&mut append).now_or_never().is_none());
    assert_eq!(
        log.read(&StreamId::new([1]).unwrap(), 0).now_or_never().unwrap().unwrap(),
        [],
        "not yet durable"
    );
    for kept in 0..=2 {
        assert_eq!(positions(&log.crash_keeping(kept)).len(), kept, "lost, torn, kept");
    }
    log.sync();
    let answers = append.now_or_never().unwrap().unwrap();
    assert_eq!(answers, [Appended::Durable(Position(1)), Appended::Durable(Position(2))]);
    assert_eq!((log.undurable(), positions(&log.crash())), (0, vec![1, 2]));
}

#[test]
fn a_failed_sync_poisons_until_reopened() {
    let disk = Disk::new();
    let faults = Faults { syncs_before_failure: Some(1), ..Faults::default() };
    let log = MemoryLog::open(&disk, MemoryOptions { manual_sync: false, faults });
    assert!(log.append(1, vec![entry(1, 0)]).now_or_never().unwrap().is_ok());
    let unknown = log.append(1, vec![entry(1, 1), entry(1, 2)]).now_or_never().unwrap();
    assert!(matches!(unknown, Err(LogError::Unknown { .. })), "{unknown:?}");
    let refused = log.append(1, vec![entry(2, 0)]).now_or_never().unwrap();
    assert!(matches!(refused, Err(LogError::Poisoned)), "{refused:?}");
    let refused = log.tail(Position::START, 1).now_or_never().unwrap();
    assert!(matches!(refused, Err(LogError::Poisoned)), "{refused:?}");
    for kept in 0..=2 {
        let disk = log.crash_keeping(kept);
        let log = MemoryLog::open(&disk, MemoryOptions::default());
        let next = log.append(log.epoch(), vec![entry(1, 1 + kept as u64)]).now_or_never().unwrap().unwrap();
        assert_eq!(next, [Appended::Durable(Position(2 + kept as u64))], "goes on behind what was kept");
    }
}

#[test]
fn two_handles_of_one_disk_fence_each_other() {
    let disk = Disk::new();
    let older = MemoryLog::open(&disk, MemoryOptions::default());
    let newer = MemoryLog::open(&disk, MemoryOptions::default());
    let fenced = older.append(older.epoch(), vec![entry(1, 0)]).now_or_never().unwrap().unwrap();
    assert_eq!(fenced, [Appended::Fenced { epoch: newer.epoch() }]);
    let fork = disk.fork();
    assert!(newer.append(newer.epoch(), vec![entry(1, 0)]).now_or_never().unwrap().is_ok());
    assert_eq!((positions(&disk), positions(&fork)), (vec![1], vec![]), "a fork is another disk");
}

#[test]
fn reads_and_space_follow_orders() {
    let faults = Faults { reads_before_failure: Some(1), ..Faults::default() };
    let log = MemoryLog::open(&Disk::new(), MemoryOptions { manual_sync: false, faults });
    let reads =
        [true, false, true].map(|works| (log.open_streams(None, 1).now_or_never().unwrap().is_ok(), works));
    assert!(reads.iter().all(|(worked, works)| worked == works), "{reads:?}");
    let full = Space { free_bytes: 0, accepting: false };
    log.set_space(full);
    assert_eq!(log.space(), full);
}

proptest! {
    #[test]
    fn what_was_acknowledged_survives(
        seed: u64,
        rounds in prop::collection::vec(1..5_usize, 1..6),
        syncs_before_failure in prop::option::of(0..6_u32),
        waiting in 0..4_u64,
    ) {
        let faults = Faults { seed, syncs_before_failure, ..Faults::default() };
        let log = MemoryLog::open(&Disk::new(), manual(faults));
        let (mut acknowledged, mut attempted) = (0, 0);
        for size in rounds {
            let appends = join_all((0..size).map(|at| log.append(1, vec![entry(1, attempted + at as u64)])));
            let mut appends = Box::pin(appends);
            prop_assert!(appends.as_mut().now_or_never().is_none() || attempted > acknowledged);
            log.sync();
            attempted += size as u64;
            match appends.as_mut().now_or_never() {
                Some(answers) if answers.iter().all(Result::is_ok) => acknowledged = attempted,
                _ => break,
            }
        }
        let alive = acknowledged == attempted;
        let mut tail = log.append(1, (0..waiting).map(|at| entry(1, attempted + at)).collect());
        let _ = (&mut tail).now_or_never();
        attempted += if alive { waiting } else { 0 };
        let survived = positions(&log.crash());
        prop_assert!((acknowledged..=attempted).contains(&(survived.len() as u64)), "{survived:?}");
        prop_assert_eq!(&survived, &(1..=survived.len() as u64).collect::<Vec<_>>(), "a prefix, without gaps");
        prop_assert_eq!(positions(&log.crash()), survived, "the same every time");
    }
}
