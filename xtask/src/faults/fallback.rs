//! A service is gone for good, and something else answers in its place: a fixed answer, a kept one, another service.

use super::bed::{Bed, Service};
use super::load::{Kind, Load, Sample, steady};
use super::report::Report;
use super::tally::Tally;
use crate::error::Error;
use crate::stack::free;
use std::time::Duration;

/// The kinds of fallback; the service of each is called `quote-KIND`.
const KINDS: [&str; 3] = ["static", "cached", "alternate"];

/// Calls of each while the service is gone.
const PER_SECOND: u32 = 100;
const LENGTH: Duration = Duration::from_secs(1);

/// What says that an answer is not the service's own.
const HEADER: &str = "ondol-fallback";

/// Calls within the life of a kept answer, and how often the service may have been asked for it.
const FRESH: Duration = Duration::from_millis(900);
const FRESH_ACTS_MAX: usize = 2;

/// Plays it.
///
/// # Errors
/// If it cannot be run.
pub(super) fn run(bed: &Bed, report: &Report) -> Result<(), Error> {
    let addresses = free(2)?;
    let mut quote = bed.peer("quote", addresses[0], Service::Plain(&[]))?;
    let spare = bed.peer("spare", addresses[1], Service::Plain(&[]))?;
    let of =
        |kind: &str, what: &str| format!("  quote-{kind}: {{ url: \"http://{}\", {what} }}\n", addresses[0]);
    let services = [
        of("static", "fallback: { static: { status: 200, body: { price: 100 } } }"),
        of("cached", "fallback: { cached: 5m }"),
        of("alternate", "fallback: { alternate: spare }"),
        of("fresh", "cache: { ttl: 1s }"),
        format!("  spare: {{ url: \"http://{}\" }}\n", addresses[1]),
    ];
    let ondol = bed.ondol("fallback", &services.concat())?;
    let call = |service: &str, kind, due| {
        Load { service, kinds: &[kind], due, callers: 8, headers: &[] }.run(ondol.proxy)
    };
    for kind in KINDS {
        let samples = call(&format!("quote-{kind}"), Kind::Get, vec![Duration::ZERO]);
        let own = samples[0].good() && samples[0].header(HEADER).is_none();
        report.row(own, &format!("{kind}: not used while the service is there"), &samples[0].end());
    }
    let before = quote.acts()?.count();
    let samples = call("quote-fresh", Kind::Get, steady(PER_SECOND, FRESH));
    let (all, asked) = (Tally::all(&samples), quote.acts()?.count() - before);
    report.row(
        all.failed() == 0 && (1..=FRESH_ACTS_MAX).contains(&asked),
        "a kept answer saves calls",
        &format!(
            "{} GETs in {} ms asked the service {asked} times, {}",
            all.count(),
            FRESH.as_millis(),
            all.failures()
        ),
    );
    report.note(&format!("SIGKILL to the service (pid {})", quote.unit.id().unwrap_or(0)));
    quote.unit.kill();
    let mut answered = Vec::new();
    for kind in KINDS {
        let service = format!("quote-{kind}");
        let gets = call(&service, Kind::Get, steady(PER_SECOND, LENGTH));
        let marked = |sample: &Sample| sample.good() && sample.header(HEADER) == Some(kind);
        let got = Tally::all(&gets);
        report.row(
            got.with(marked) == got.count(),
            &format!("{kind}: every GET is answered and marked"),
            &format!("{} of {}, {}", got.with(marked), got.count(), got.failures()),
        );
        answered.push((kind, got.count()));
        let posts = call(&service, Kind::Post, steady(PER_SECOND, LENGTH / 5));
        let (posted, acts) = (Tally::all(&posts), spare.acts()?);
        let instead = posted.with(|sample| sample.header(HEADER).is_some() || acts.of(&sample.id) > 0);
        report.row(
            instead == 0 && posted.failed() == posted.count(),
            &format!("{kind}: a keyless-POST never"),
            &format!("{instead} of {}, {}", posted.count(), posted.failures()),
        );
    }
    counted(report, &ondol.metrics()?, &answered);
    ondol.end()
}

/// `/metrics` must say how often.
fn counted(report: &Report, page: &str, answered: &[(&str, usize)]) {
    let named = |line: &&str| line.split('{').next().is_some_and(|name| name.contains("fallback"));
    let samples: Vec<_> = page.lines().filter(|line| !line.starts_with('#')).filter(named).collect();
    if samples.is_empty() {
        report.skipped("counted in /metrics: not built yet");
        return;
    }
    for (kind, expected) in answered {
        let of_kind = samples.iter().filter(|line| line.contains(&format!("\"{kind}\"")));
        let counted: usize = of_kind.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum();
        report.row(
            counted == *expected,
            &format!("{kind}: counted in /metrics"),
            &format!("{counted} of {expected}"),
        );
    }
}
