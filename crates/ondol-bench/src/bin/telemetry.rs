//! Sends the Nezha day as OTLP, and looks at what was kept. Prints JSON: one line of numbers, or a line for each check.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Parser, Subcommand};
use ondol_bench::api::Api;
use ondol_bench::nezha::{Day, Expected};
use ondol_bench::otlp::{Batches, Pass, Sender, Sent, Signal};
use ondol_bench::proof::{self, Check};
use serde_json::json;

#[derive(Parser)]
struct Arguments {
    /// The folder that the day was unpacked to.
    #[arg(long)]
    data: PathBuf,
    /// The day is sent so many hours later than it was. Default: so many that it ends within the last hour.
    #[arg(long)]
    hours: Option<i64>,
    /// Spans: at most so many; the day is repeated with other ids until they are enough. Default: the day once.
    #[arg(long)]
    spans: Option<u64>,
    /// Log records, likewise.
    #[arg(long)]
    logs: Option<u64>,
    /// Send the last repetition as a whole, too.
    #[arg(long)]
    whole: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Send.
    Send {
        /// The receiver.
        #[arg(long)]
        grpc: SocketAddr,
        /// Write a line for each batch that was acknowledged, as it is.
        #[arg(long)]
        acknowledged: Option<PathBuf>,
    },
    /// Compare what is kept with the rows.
    Check {
        /// The API.
        #[arg(long)]
        api: SocketAddr,
        /// Not the ledger: the server was started again since, and counts from its start.
        #[arg(long)]
        no_ledger: bool,
    },
    /// Write what `ondol why` says of traces, beside their rows.
    Why {
        /// The API.
        #[arg(long)]
        api: SocketAddr,
        /// Draws the traces.
        #[arg(long)]
        seed: u64,
        /// How many.
        #[arg(long, default_value_t = 20)]
        count: usize,
        /// Where the files go.
        #[arg(long)]
        out: PathBuf,
    },
    /// Ask, and measure how long it takes.
    Queries {
        /// The API.
        #[arg(long)]
        api: SocketAddr,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let day = Day::read(&arguments.data)?;
    // One thread, so that pinned to a core it never waits for itself.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(&arguments, &day))
}

/// What was or will be sent.
struct Plan {
    hours: i64,
    spans: u64,
    logs: u64,
    traces: Vec<Pass>,
    log_passes: Vec<Pass>,
}

impl Plan {
    fn of(arguments: &Arguments, day: &Day) -> Self {
        let hours = arguments.hours.unwrap_or_else(|| day.hours_until(now_ns()));
        let (spans_once, logs_once) = (day.spans.len() as u64, day.logs.len() as u64);
        let records = |asked: Option<u64>, once: u64| {
            let asked = asked.unwrap_or(once);
            if arguments.whole { asked.next_multiple_of(once.max(1)) } else { asked }
        };
        let (spans, logs) = (records(arguments.spans, spans_once), records(arguments.logs, logs_once));
        let passes = |records: u64, once: u64| Pass::schedule(hours, records.div_ceil(once.max(1)).max(1));
        Self { hours, spans, logs, traces: passes(spans, spans_once), log_passes: passes(logs, logs_once) }
    }
}

#[expect(clippy::disallowed_methods, reason = "a sender's records are of now")]
fn now_ns() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

async fn run(arguments: &Arguments, day: &Day) -> Result<(), Box<dyn Error>> {
    let plan = Plan::of(arguments, day);
    match &arguments.what {
        What::Send { grpc, acknowledged } => send(day, &plan, *grpc, acknowledged.as_ref()).await,
        What::Check { api, no_ledger } => {
            let api = Api::new(*api);
            let expected = Expected::of(day);
            for pass in &plan.traces {
                print(&proof::traces(&api, day, &expected, *pass).await?);
                print(&proof::map(&api, day, &expected, *pass).await?);
            }
            for pass in &plan.log_passes {
                print(&proof::logs(&api, day, &expected, *pass).await?);
            }
            if !no_ledger {
                let passes = [plan.traces.len() as u64, plan.log_passes.len() as u64];
                print(&proof::ledger(&api, &expected, passes).await?);
            }
            Ok(())
        }
        What::Why { api, seed, count, out } => {
            let (api, expected) = (Api::new(*api), Expected::of(day));
            let pass = plan.traces[0];
            print(&proof::stories(&api, day, &expected, pass, (*seed, *count), out).await?);
            Ok(())
        }
        What::Queries { api } => {
            let measure =
                proof::Measure { day, logs: plan.log_passes, traces: plan.traces, records: plan.logs };
            for asked in proof::queries(&Api::new(*api), &measure).await? {
                println!("{}", serde_json::to_string(&asked)?);
            }
            Ok(())
        }
    }
}

async fn send(
    day: &Day,
    plan: &Plan,
    grpc: SocketAddr,
    acknowledged: Option<&PathBuf>,
) -> Result<(), Box<dyn Error>> {
    let mut file = acknowledged.map(std::fs::File::create).transpose()?;
    let sender = Sender::new(grpc)?;
    let mut all = Vec::new();
    for (signal, passes, records) in
        [(Signal::Traces, &plan.traces, plan.spans), (Signal::Logs, &plan.log_passes, plan.logs)]
    {
        let batches = Batches::new(day, signal, passes.clone(), records);
        let sent = sender
            .send(batches, |batch, sent| {
                let Some(file) = &mut file else { return };
                // Who reads it sees a line that is missing.
                let _ =
                    writeln!(file, "{signal:?} {} {} {}", batch.number, batch.records, sent.repeated_records);
            })
            .await?;
        all.push(sent);
    }
    let [traces, logs]: [Sent; 2] = all.try_into().map_err(|_| "two signals")?;
    println!("{}", json!({ "hours": plan.hours, "traces": traces, "logs": logs }));
    Ok(())
}

fn print(checks: &[Check]) {
    for check in checks {
        println!("{}", json!(check));
    }
}
