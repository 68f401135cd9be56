//! What a coordinator costs: three-step sagas, the same three calls without one, the raw log, and Ondol's own log alone.

use super::bed::Bed;
use crate::error::Error;
use serde_json::Value;
use std::path::Path;

/// Operations in flight of each row.
const IN_FLIGHT: [usize; 3] = [1, 64, 512];

/// Measured in turn so often; the medians are compared, since the machine's speed drifts.
const ROUNDS: usize = 3;

/// One measurement.
#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    per_second: f64,
    p50_us: f64,
    p99_us: f64,
    /// CPU microseconds an operation: of the client, of Ondol, of the services.
    cpu_us: [f64; 3],
    bytes: f64,
}

pub(super) fn run(root: &Path, seconds: f64) -> Result<(), Error> {
    let bed = Bed::make(root)?;
    let services =
        [bed.noop("127.0.0.1:0", false)?, bed.noop("127.0.0.1:0", false)?, bed.noop("127.0.0.1:0", false)?];
    let addresses = [services[0].address, services[1].address, services[2].address];
    let ondol = bed.ondol(addresses)?;
    let service_cpu = || services.iter().map(super::bed::Running::cpu_seconds).sum::<f64>();
    println!(
        "in flight | what     |  /s      | p50 ms | p99 ms | CPU us: client, ondol, services | disk bytes"
    );
    for in_flight in IN_FLIGHT {
        let base = |what: &str| {
            let mut arguments = vec![what.to_owned()];
            arguments.extend([format!("--in-flight={in_flight}"), format!("--seconds={seconds}")]);
            arguments
        };
        let mut samples: [Vec<Sample>; 4] = Default::default();
        for round in 0..ROUNDS {
            eprintln!("{in_flight} in flight, round {} of {ROUNDS}", round + 1);
            let mut direct = base("direct");
            direct.push("--services".into());
            direct.extend(addresses.iter().map(|address| format!("http://{address}")));
            let before = service_cpu();
            let report = bed.load(&direct)?;
            samples[0].push(sample(&report, 0.0, service_cpu() - before, 0)?);

            let mut saga = base("saga");
            saga.push(format!("--ondol=http://{}", ondol.address));
            let (before, ondol_before, bytes) = (service_cpu(), ondol.cpu_seconds(), bed.data_bytes());
            let report = bed.load(&saga)?;
            let written = bed.data_bytes().saturating_sub(bytes);
            samples[1].push(sample(
                &report,
                ondol.cpu_seconds() - ondol_before,
                service_cpu() - before,
                written,
            )?);

            let mut raw = base("raw");
            raw.push(format!(
                "--file={}",
                bed.directory().join(format!("raw-{in_flight}-{round}")).display()
            ));
            samples[2].push(sample(&bed.load(&raw)?, 0.0, 0.0, 0)?);

            let mut store = base("store");
            store.push(format!(
                "--directory={}",
                bed.directory().join(format!("store-{in_flight}-{round}")).display()
            ));
            samples[3].push(sample(&bed.load(&store)?, 0.0, 0.0, 0)?);
        }
        let medians = samples.map(|samples| median(&samples));
        for (name, sample) in ["direct", "ondol", "raw log", "store"].iter().zip(&medians) {
            print(in_flight, name, sample);
        }
        let [direct, saga, _, store] = medians;
        println!("          | ondol is {:.0} % of direct", saga.per_second / direct.per_second * 100.0);
        if in_flight == 1 {
            // A row of the store is the four appends of one saga.
            let bound_us = direct.p50_us * 4.0 / 3.0 + store.p50_us + 300.0;
            println!(
                "          | lone p50 {:.0} us; 4/3 direct + 4 appends of the store + 0.3 ms = {bound_us:.0} us",
                saga.p50_us
            );
        }
    }
    Ok(())
}

fn sample(report: &Value, ondol_cpu: f64, services_cpu: f64, bytes: u64) -> Result<Sample, Error> {
    let number = |key: &str| report[key].as_f64().unwrap_or(0.0);
    let operations = number("operations").max(1.0);
    if number("failed") > operations / 1_000.0 {
        return Err(Error::Failed(format!("too many operations failed for a measurement: {report}")));
    }
    // The warm-up is in the processes' CPU and not in the operations counted; it is scaled out.
    let share = 1e6 / (number("per_second") * (number("seconds") + 1.0)).max(1.0);
    Ok(Sample {
        per_second: number("per_second"),
        p50_us: number("p50_us"),
        p99_us: number("p99_us"),
        cpu_us: [number("cpu_seconds") * 1e6 / operations, ondol_cpu * share, services_cpu * share],
        bytes: bytes as f64 * share / 1e6,
    })
}

fn median(samples: &[Sample]) -> Sample {
    let of = |get: fn(&Sample) -> f64| {
        let mut values: Vec<f64> = samples.iter().map(get).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Sample {
        per_second: of(|s| s.per_second),
        p50_us: of(|s| s.p50_us),
        p99_us: of(|s| s.p99_us),
        cpu_us: [of(|s| s.cpu_us[0]), of(|s| s.cpu_us[1]), of(|s| s.cpu_us[2])],
        bytes: of(|s| s.bytes),
    }
}

fn print(in_flight: usize, name: &str, sample: &Sample) {
    let Sample { per_second, p50_us, p99_us, cpu_us: [client, ondol, services], bytes } = sample;
    println!(
        "{in_flight:>9} | {name:<8} | {per_second:>8.0} | {:>6.2} | {:>6.2} | {client:>6.0}, {ondol:>6.0}, {services:>6.0}          | {bytes:>6.0}",
        p50_us / 1_000.0,
        p99_us / 1_000.0,
    );
}
