//! The load generator: three calls in a row without a coordinator, sagas through Ondol, or appends to the reference log or
//! to Ondol's own.
//! Prints one JSON line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clap::{Parser, Subcommand};
use http::{HeaderMap, Method};
use ondol_bench::{Load, closed_loop};
use ondol_call::{Callee, Caller, Endpoint, Once, Options, Request, Target, Try};
use ondol_store::log::{Appended, Entry, FjallLog, FjallOptions, Log as _, Mark, StreamId};
use ondol_store::reference::ReferenceLog;
use tokio::time::Instant;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Operations in flight.
    #[arg(long, global = true, default_value_t = 1)]
    in_flight: usize,
    /// Counted seconds.
    #[arg(long, global = true, default_value_t = 5.0)]
    seconds: f64,
    /// Seconds before that.
    #[arg(long, global = true, default_value_t = 1.0)]
    warm_up: f64,
    /// Do so many instead, without a warm-up.
    #[arg(long, global = true, default_value_t = 0)]
    operations: u64,
}

#[derive(Subcommand)]
enum What {
    /// Three calls in a row to the services, with no coordinator.
    Direct {
        /// The three services.
        #[arg(long, num_args = 3)]
        services: Vec<Endpoint>,
    },
    /// One saga of three steps through Ondol.
    Saga {
        /// Ondol.
        #[arg(long)]
        ondol: Endpoint,
        /// The definition.
        #[arg(long, default_value = "three")]
        definition: String,
        /// Bytes of input.
        #[arg(long, default_value_t = 100)]
        input_bytes: usize,
        /// Do not wait for the end of each saga.
        #[arg(long)]
        no_wait: bool,
    },
    /// The records of a saga of three steps, appended to a plain file, each durable before the next.
    Raw {
        /// The file.
        #[arg(long)]
        file: PathBuf,
        /// Sizes of the records.
        #[arg(long, num_args = 1.., default_values_t = RECORDS)]
        records: Vec<usize>,
    },
    /// The same records, appended to Ondol's own log, each durable before the next.
    Store {
        /// A directory that is not there yet.
        #[arg(long)]
        directory: PathBuf,
        /// Sizes of the records.
        #[arg(long, num_args = 1.., default_values_t = RECORDS)]
        records: Vec<usize>,
    },
}

/// The records of a saga of three steps, as `journal_cost` shows them.
const RECORDS: [usize; 4] = [196, 73, 73, 51];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let load = Load {
        in_flight: arguments.in_flight,
        seconds: arguments.seconds,
        warm_up_seconds: if arguments.operations > 0 { 0.0 } else { arguments.warm_up },
        operations_max: arguments.operations,
    };
    let report = runtime.block_on(run(arguments.what, load))?;
    println!("{report}");
    Ok(())
}

async fn run(what: What, load: Load) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let report = match what {
        What::Direct { services } => {
            let caller = Caller::new(&Options { seed: 1, ..Options::default() })?;
            let callees: Arc<[Callee]> =
                services.into_iter().enumerate().map(|(at, service)| callee(&caller, at, service)).collect();
            closed_loop(load, move |_| direct(Arc::clone(&callees))).await
        }
        What::Saga { ondol, definition, input_bytes, no_wait } => {
            let caller = Caller::new(&Options { seed: 1, ..Options::default() })?;
            let ondol = callee(&caller, 0, ondol);
            let path = if no_wait { "/v1/sagas" } else { "/v1/sagas?wait=30s" };
            let pad = "korean floor heating, one fire under the floor; ".repeat(input_bytes / 48 + 1);
            let pad: Arc<str> = pad[..input_bytes].into();
            let (definition, run): (Arc<str>, u32) = (definition.into(), std::process::id());
            closed_loop(load, move |number| {
                let body = format!(
                    r#"{{"definition":"{definition}","id":"bench-{run}-{number}","input":{{"n":{number},"pad":"{pad}"}}}}"#
                );
                saga(ondol.clone(), path, body, no_wait)
            })
            .await
        }
        What::Raw { file, records } => {
            let log = Arc::new(ReferenceLog::create(&file)?);
            let records = filled(records);
            closed_loop(load, move |_| raw(Arc::clone(&log), Arc::clone(&records))).await
        }
        What::Store { directory, records } => {
            let log = Arc::new(FjallLog::open(&directory, FjallOptions::default())?);
            let records = filled(records);
            closed_loop(load, move |number| store(Arc::clone(&log), number, Arc::clone(&records))).await
        }
    };
    Ok(report.to_json())
}

fn callee(caller: &Caller, at: usize, endpoint: Endpoint) -> Callee {
    let mut target = Target::new(format!("target-{at}"), vec![endpoint]);
    // The client must not be what limits: as many connections as operations in flight.
    target.pool.connections_max = 512;
    target.pool.connecting_max = 64;
    target.pool.wait_max = Duration::from_secs(10);
    target.timeouts.response = Duration::from_mins(1);
    target.timeouts.connect = Duration::from_secs(5);
    caller.callee(target)
}

async fn post(callee: &Callee, path: &str, body: Bytes) -> Option<ondol_call::Answer> {
    let mut request = Request::new(Method::POST, path.parse().ok()?, body);
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    request.headers = headers;
    let sent = callee.send(request, Instant::now() + Duration::from_mins(1), Once::FIRST).await;
    match sent.result {
        Try::Answered(answer) if answer.status.is_success() => Some(answer),
        Try::Answered(_) | Try::NotSent(_) | Try::Unclear(_) => None,
    }
}

async fn direct(callees: Arc<[Callee]>) -> bool {
    for callee in callees.iter() {
        if post(callee, "/step", Bytes::from_static(br#"{"n":1}"#)).await.is_none() {
            return false;
        }
    }
    true
}

async fn saga(ondol: Callee, path: &'static str, body: String, no_wait: bool) -> bool {
    let Some(answer) = post(&ondol, path, Bytes::from(body)).await else { return false };
    no_wait || answer.body.windows(11).any(|window| window == b"\"completed\"")
}

fn filled(sizes: Vec<usize>) -> Arc<[Bytes]> {
    sizes.into_iter().map(|size| Bytes::from(vec![b'x'; size])).collect()
}

async fn store(log: Arc<FjallLog>, number: u64, records: Arc<[Bytes]>) -> bool {
    let Ok(stream) = StreamId::new(number.to_be_bytes()) else { return false };
    for (expected_seq, bytes) in (0..).zip(records.iter().cloned()) {
        let last = expected_seq + 1 == records.len() as u64;
        let mark = if last { Mark::Closed } else { Mark::Open { hint: 0 } };
        let entry = Entry { stream: stream.clone(), expected_seq, bytes, mark };
        let appended = log.append(log.epoch(), vec![entry]).await;
        if !matches!(appended.as_deref(), Ok([Appended::Durable(_)])) {
            return false;
        }
    }
    true
}

async fn raw(log: Arc<ReferenceLog>, records: Arc<[Bytes]>) -> bool {
    for record in records.iter() {
        if log.append(record.clone()).await.is_err() {
            return false;
        }
    }
    true
}
