//! How soon the console's pages are there with 100,000 sagas and a million spans stored.

use super::bed::Bed;
use crate::clock::wait_for;
use crate::console;
use crate::error::Error;
use crate::nezha::{Archive, unpacked};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Options of the measurement.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    archive: Archive,
    /// How many sagas
    #[arg(long, default_value_t = 100_000)]
    sagas: u64,
    /// How many spans, besides those of the sagas
    #[arg(long, default_value_t = 1_000_000)]
    spans: u64,
}

/// How long everything may take to be in files.
const PATIENCE: Duration = Duration::from_mins(5);

/// Fills a server and drives a browser.
///
/// # Errors
/// If it cannot be filled, or a page comes too late.
pub(super) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let day = unpacked(root, &options.archive)?;
    console::build(root)?;
    let bed = Bed::make(root)?;
    let service = bed.noop("127.0.0.1:0", false)?;
    let (ondol, otlp) = bed.ondol_with_telemetry([service.address; 3])?;
    let report = bed.load(&[
        "saga".to_owned(),
        format!("--ondol=http://{}", ondol.address),
        "--in-flight=64".to_owned(),
        format!("--operations={}", options.sagas),
    ])?;
    println!("{} sagas: {report}", options.sagas);
    let data = format!("--data={}", day.display());
    let spans = format!("--spans={}", options.spans);
    let sent = bed.report("telemetry", &[data, spans, "send".to_owned(), format!("--grpc={otlp}")])?;
    println!("{} spans: {sent}", options.spans);
    let mut client = ondol.client();
    let filed = wait_for(PATIENCE, || client.must("POST", "/v1/telemetry/flush", None).ok());
    println!(
        "stored: {}",
        filed.ok_or_else(|| Error::Failed("telemetry was not put into files".to_owned()))?
    );
    let list = client.must("GET", "/v1/sagas?limit=1", None)?;
    let traces = client.must("GET", "/v1/telemetry/traces?limit=1&from=-24h&q=service:frontend", None)?;
    let of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let variables = [
        ("ONDOL_URL", format!("http://{}", ondol.address)),
        ("ONDOL_SAGA", of(&list["sagas"][0]["id"])),
        ("ONDOL_TRACE", of(&traces["traces"][0]["trace_id"])),
        ("ONDOL_DEFINITION", "three".to_owned()),
        ("ONDOL_SERVICE", "a".to_owned()),
    ];
    console::playwright(root, &["--project", "speed"], &variables)
}
