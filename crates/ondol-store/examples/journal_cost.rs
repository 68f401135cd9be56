//! What the journal's codec costs: bytes and nanoseconds of a saga of three steps, and of one large record.
//!
//! `cargo run --release -p ondol-store --example journal_cost`

use std::hint::black_box;
use std::time::Instant;

use ondol_core::{Attempt, Event, Fact, Finish, Half, Output, Payload, Submission, Then};
use ondol_store::journal::{decode, encode, peek};

const ROUNDS: u32 = 200_000;
const ROUNDS_LARGE: u32 = 20_000;

#[expect(clippy::disallowed_methods, reason = "a program that measures")]
fn measure(name: &str, rounds: u32, mut work: impl FnMut()) {
    for _ in 0..rounds / 10 {
        work();
    }
    let start = Instant::now();
    for _ in 0..rounds {
        work();
    }
    println!("{name:<44} {:>8} ns", start.elapsed().as_nanos() / u128::from(rounds));
}

fn main() {
    let saga = saga_of(&[b'i'; 100].into(), &[b'o'; 20].into());
    let records: Vec<Vec<u8>> = saga.iter().map(|batch| encode(batch)).collect();
    let sizes: Vec<usize> = records.iter().map(Vec::len).collect();
    println!(
        "three steps, input 100 bytes, outputs 20: {} bytes, records {sizes:?}",
        sizes.iter().sum::<usize>()
    );
    measure("encode the saga (4 records, 8 events)", ROUNDS, || {
        for batch in &saga {
            black_box(encode(black_box(batch)));
        }
    });
    measure("decode the saga", ROUNDS, || {
        for record in &records {
            black_box(decode(black_box(record))).expect("what was encoded decodes");
        }
    });
    measure("peek at its first record", ROUNDS, || {
        black_box(peek(black_box(&records[0]))).expect("what was encoded decodes");
    });
    let large = &saga_of(&vec![b'i'; 64 << 10].into(), &[b'o'; 20].into())[0];
    let record = encode(large);
    measure("encode a submission of 64 KiB", ROUNDS_LARGE, || {
        black_box(encode(black_box(large)));
    });
    measure("decode it", ROUNDS_LARGE, || {
        black_box(decode(black_box(&record))).expect("what was encoded decodes");
    });
}

/// The records of a saga of three steps that completes.
fn saga_of(input: &Payload, output: &Payload) -> Vec<Vec<Event>> {
    let attempt = |step| Attempt { step, half: Half::Action, number: 1 };
    let started = |step| Fact::Started { attempt: attempt(step), digest: Some(u128::MAX / 3) };
    let finished = |step| Fact::Finished {
        attempt: attempt(step),
        finish: Finish::Done(output.clone()),
        then: Then::Settle,
    };
    let submitted = Fact::Submitted(Box::new(Submission {
        run: u128::MAX / 7,
        definition: "book-flight".into(),
        version: 3,
        request: u128::MAX / 5,
        trace: (0, 0),
        input: input.clone(),
    }));
    let batch = |facts: [Fact; 2]| facts.map(|fact| Event { at_ms: 1_767_323_045_678, fact }).to_vec();
    vec![
        batch([submitted, started(0)]),
        batch([finished(0), started(1)]),
        batch([finished(1), started(2)]),
        batch([finished(2), Fact::Completed(Output::None)]),
    ]
}
