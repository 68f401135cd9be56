//! The loads, and what each proxy showed under them.

use super::contender::{Contender, Who};
use crate::bench::bed::Bed;
use crate::error::Error;
use serde_json::Value;
use std::net::SocketAddr;

/// Connections of the client.
const CONNECTIONS: usize = 32;

/// Not counted, before each measurement: pools fill and caches warm.
const WARM_UP_SECONDS: f64 = 0.5;

/// Of a thousand requests so many may fail; more, and it is no measurement.
const FAILED_PER_MILLE_MAX: f64 = 1.0;

/// One way of asking.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) name: &'static str,
    /// 0 for GET.
    body_bytes: u32,
    /// `None`: as fast as answers come.
    pub(super) per_second: Option<u32>,
}

/// All of them. Closed loops show the cost when there is always something to do; open ones show the cost and the latency
/// at a rate that leaves every proxy most of its core.
pub(super) const LOADS: [Load; 4] = [
    Load { name: "GET, 32 connections", body_bytes: 0, per_second: None },
    Load { name: "POST of 1 KiB, 32 connections", body_bytes: 1_024, per_second: None },
    Load { name: "GET, 2,000 a second", body_bytes: 0, per_second: Some(2_000) },
    Load { name: "POST of 1 KiB, 2,000 a second", body_bytes: 1_024, per_second: Some(2_000) },
];

/// What one run of a load showed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sample {
    pub(super) per_second: f64,
    /// CPU microseconds of the proxy, a request.
    pub(super) cpu_us: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
}

/// What all runs of a load showed, one round after the other.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) load: Load,
    /// With no proxy; only of open loops, where latency says something.
    pub(super) direct: Vec<Sample>,
    pub(super) proxies: Vec<(Who, Vec<Sample>)>,
}

/// Runs a load on each in turn, so many rounds. Who is first changes from round to round.
///
/// # Errors
/// If a run fails, or too many of its requests.
pub(super) fn run(
    bed: &Bed,
    load: Load,
    services: [SocketAddr; 2],
    contenders: &[Contender],
    (rounds, seconds): (usize, f64),
) -> Result<Shown, Error> {
    let mut direct = Vec::new();
    let mut proxies: Vec<_> = contenders.iter().map(|contender| (contender.who, Vec::new())).collect();
    for round in 0..rounds {
        eprintln!("{}: round {} of {rounds}", load.name, round + 1);
        if load.per_second.is_some() {
            direct.push(once(bed, load, &services, None, seconds)?);
        }
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            let contender = &contenders[at];
            proxies[at].1.push(once(bed, load, &[contender.address], Some(contender.id()), seconds)?);
        }
    }
    Ok(Shown { load, direct, proxies })
}

fn once(
    bed: &Bed,
    load: Load,
    to: &[SocketAddr],
    watched: Option<u32>,
    seconds: f64,
) -> Result<Sample, Error> {
    let mut arguments = vec!["--to".to_owned()];
    arguments.extend(to.iter().map(SocketAddr::to_string));
    arguments.push(format!("--connections={CONNECTIONS}"));
    arguments.push(format!("--body-bytes={}", load.body_bytes));
    arguments.extend([format!("--warm-up={WARM_UP_SECONDS}"), format!("--seconds={seconds}")]);
    arguments.extend(load.per_second.map(|rate| format!("--per-second={rate}")));
    arguments.extend(watched.map(|process| format!("--watch={process}")));
    sample(&bed.report("requests", &arguments)?)
}

fn sample(report: &Value) -> Result<Sample, Error> {
    let number = |key: &str| report[key].as_f64().unwrap_or(0.0);
    let operations = number("operations");
    if operations < 1.0 || number("failed") * 1_000.0 > operations * FAILED_PER_MILLE_MAX {
        return Err(Error::Failed(format!("too many requests failed for a measurement: {report}")));
    }
    Ok(Sample {
        per_second: number("per_second"),
        cpu_us: number("watched_cpu_seconds") * 1e6 / operations,
        p50_us: number("p50_us"),
        p99_us: number("p99_us"),
    })
}
