//! Random calls against the plainest model of a log: a list of records.

#![expect(clippy::unwrap_used, reason = "in the helpers of a test; one that cannot go on has failed")]

use bytes::Bytes;
use ondol_store::log::{
    Appended, Disk, Entry, FjallLog, FjallOptions, Forgotten, Log, LogError, Mark, MemoryLog, MemoryOptions,
    OpenStream, Position, StreamId,
};
use proptest::prelude::*;
use std::sync::Arc;
use tempfile::TempDir;

const STREAMS: u8 = 4;

#[derive(Clone, Debug)]
enum Call {
    /// (stream, how far the expected seq is off, closed, bytes)
    Append(Vec<(u8, i8, bool, usize)>),
    Forget(Vec<u8>),
    Reopen,
}

fn call() -> impl Strategy<Value = Call> {
    let off = prop_oneof![8 => Just(0_i8), 1 => Just(1), 1 => Just(-1)];
    let length = prop_oneof![8 => 0..400_usize, 1 => 1000..5000_usize, 1 => Just(70_000)];
    prop_oneof![
        8 => prop::collection::vec((0..STREAMS, off, prop::bool::weighted(0.3), length), 1..6).prop_map(Call::Append),
        3 => prop::collection::vec(0..STREAMS, 1..3).prop_map(Call::Forget),
        1 => Just(Call::Reopen),
    ]
}

#[derive(Default)]
struct Model {
    epoch: u64,
    last: u64,
    records: Vec<(u64, u8, u64, Bytes)>,
    marks: [Option<Mark>; STREAMS as usize],
}

impl Model {
    fn seq(&self, stream: u8) -> u64 {
        self.records.iter().filter(|(_, of, _, _)| *of == stream).count() as u64
    }

    fn append(&mut self, stream: u8, entry: &Entry) -> Appended {
        let actual_seq = self.seq(stream);
        if actual_seq != entry.expected_seq {
            return Appended::Conflict { actual_seq };
        }
        self.last += 1;
        self.records.push((self.last, stream, actual_seq, entry.bytes.clone()));
        self.marks[usize::from(stream)] = Some(entry.mark);
        Appended::Durable(Position(self.last))
    }

    fn forget(&mut self, stream: u8) -> Forgotten {
        match self.marks[usize::from(stream)] {
            None => Forgotten::Absent,
            Some(Mark::Open { .. }) => Forgotten::Open,
            Some(Mark::Closed) => {
                let records = self.seq(stream);
                self.records.retain(|(_, of, _, _)| *of != stream);
                self.marks[usize::from(stream)] = None;
                Forgotten::Dropped { records }
            }
        }
    }
}

fn id(stream: u8) -> StreamId {
    StreamId::new(vec![stream; 1 + usize::from(stream)]).unwrap()
}

fn entries(model: &Model, wanted: &[(u8, i8, bool, usize)]) -> Vec<(u8, Entry)> {
    let mut seqs: Vec<u64> = (0..STREAMS).map(|stream| model.seq(stream)).collect();
    let entry = |&(stream, off, closed, length): &(u8, i8, bool, usize)| {
        let seq = &mut seqs[usize::from(stream)];
        let expected_seq = seq.saturating_add_signed(i64::from(off));
        *seq += u64::from(expected_seq == *seq);
        let mark = if closed { Mark::Closed } else { Mark::Open { hint: length as u64 } };
        let bytes = Bytes::from(vec![stream ^ length as u8; length]);
        (stream, Entry { stream: id(stream), expected_seq, bytes, mark })
    };
    wanted.iter().map(entry).collect()
}

async fn check_content(log: &Arc<dyn Log>, model: &Model) {
    let oldest = model.records.first().map_or(model.last + 1, |(position, ..)| *position);
    let after = Position(oldest - 1);
    let tail = log.tail(after, 10_000).await.unwrap();
    let tail: Vec<_> =
        tail.into_iter().map(|record| (record.position.0, record.stream, record.seq, record.bytes)).collect();
    let expected: Vec<_> = model
        .records
        .iter()
        .map(|(position, of, seq, bytes)| (*position, id(*of), *seq, bytes.clone()))
        .collect();
    assert_eq!(tail, expected);
    if oldest > 1 {
        let gone = log.tail(Position(oldest - 2), 1).await;
        assert!(
            matches!(gone, Err(LogError::Gone { oldest: at }) if at.0 == oldest),
            "{gone:?} is not from {oldest}"
        );
    }
    for stream in 0..STREAMS {
        let records = log.read(&id(stream), 0).await.unwrap();
        let records: Vec<_> =
            records.into_iter().map(|record| (record.position.0, stream, record.seq, record.bytes)).collect();
        let expected: Vec<_> = model.records.iter().filter(|(_, of, _, _)| *of == stream).cloned().collect();
        assert_eq!(records, expected);
    }
    let open = (0..STREAMS).filter_map(|stream| match model.marks[usize::from(stream)] {
        Some(Mark::Open { hint }) => Some(OpenStream { stream: id(stream), seq: model.seq(stream), hint }),
        Some(Mark::Closed) | None => None,
    });
    assert_eq!(log.open_streams(None, 10).await.unwrap(), open.collect::<Vec<_>>());
}

async fn check(calls: Vec<Call>, open: impl Fn() -> Arc<dyn Log>) {
    let mut model = Model::default();
    let mut log = open();
    model.epoch = log.epoch();
    for call in calls {
        match call {
            Call::Append(wanted) => {
                let entries = entries(&model, &wanted);
                let expected: Vec<_> =
                    entries.iter().map(|(stream, entry)| model.append(*stream, entry)).collect();
                let entries = entries.into_iter().map(|(_, entry)| entry).collect();
                assert_eq!(log.append(model.epoch, entries).await.unwrap(), expected);
            }
            Call::Forget(streams) => {
                let expected: Vec<_> = streams.iter().map(|stream| model.forget(*stream)).collect();
                let streams = streams.into_iter().map(id).collect();
                assert_eq!(log.forget(model.epoch, streams).await.unwrap(), expected);
            }
            Call::Reopen => {
                drop(log);
                log = open();
                model.epoch += 1;
                assert_eq!(log.epoch(), model.epoch);
                check_content(&log, &model).await;
            }
        }
    }
    check_content(&log, &model).await;
}

fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn memory(calls in prop::collection::vec(call(), 1..40)) {
        let disk = Disk::new();
        run(check(calls, || Arc::new(MemoryLog::open(&disk, MemoryOptions::default()))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn fjall(calls in prop::collection::vec(call(), 1..40), settle_records in 1..60_usize) {
        let directory = TempDir::new().unwrap();
        // Buffers this small are written out all the time, so reads come from every part of the store.
        let options = FjallOptions { cache_bytes: 1 << 20, write_buffer_bytes: 64 << 10, settle_records };
        run(check(calls, || Arc::new(FjallLog::open(directory.path(), options).unwrap())));
    }
}
