//! Open sagas read back after SIGKILL, and a dead target: one probe at a time, then a ramp.

use super::bed::{Bed, Running};
use crate::clock::{Stopwatch, wait_for};
use crate::error::Error;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Longest wait for what should take seconds.
const PATIENCE: Duration = Duration::from_mins(10);

pub(super) fn run(root: &Path, sagas: u64) -> Result<(), Error> {
    let bed = Bed::make(root)?;
    let service = bed.noop("127.0.0.1:0", false)?;
    let address = service.address;
    let ondol = bed.ondol([address; 3])?;
    service.kill();
    let report = bed.load(&[
        "saga".to_owned(),
        "--no-wait".to_owned(),
        format!("--ondol=http://{}", ondol.address),
        "--in-flight=64".to_owned(),
        format!("--operations={sagas}"),
    ])?;
    println!("{sagas} sagas submitted while their service is away: {report}");
    println!("held back: {}", target(&ondol)?);
    println!("resident {:.1} MiB", ondol.resident_bytes() as f64 / 1_048_576.0);
    ondol.kill();
    let watch = Stopwatch::start();
    let ondol = bed.ondol([address; 3])?;
    println!("started again after SIGKILL, listening in {:.2} s", watch.elapsed().as_secs_f64());
    let recovered = wait_for(PATIENCE, || {
        let status = status(&ondol).ok()?;
        (status["engine"]["unrecovered"].as_u64() == Some(0)).then_some(())
    });
    println!(
        "all read back and their intents re-judged in {:.2} s ({recovered:?})",
        watch.elapsed().as_secs_f64()
    );
    println!("resident {:.1} MiB", ondol.resident_bytes() as f64 / 1_048_576.0);
    let service = bed.noop(&address.to_string(), false)?;
    let watch = Stopwatch::start();
    let mut last = 0;
    let drained = wait_for(PATIENCE, || {
        let completed = status(&ondol).ok()?["sagas"]["completed"].as_u64()?;
        if completed > last {
            println!("  {:>6.2} s: {completed} completed", watch.elapsed().as_secs_f64());
            last = completed.max(last + sagas / 10);
        }
        (completed >= sagas).then_some(())
    });
    println!("the service is back; all completed in {:.2} s ({drained:?})", watch.elapsed().as_secs_f64());
    let status = status(&ondol)?;
    println!("{} {}", status["sagas"], status["targets"]);
    service.kill();
    Ok(())
}

fn status(ondol: &Running) -> Result<Value, Error> {
    ondol.client().must("GET", "/v1/status", None)
}

fn target(ondol: &Running) -> Result<Value, Error> {
    Ok(status(ondol)?["targets"].clone())
}
