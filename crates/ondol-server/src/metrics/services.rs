//! How each service of the system is called: rate, errors and duration of calls, what they cost in attempts, and where
//! its limits stand. Sagas and the proxy are told apart, since they wait differently.

use ondol_call::{DURATION_BUCKETS_MS, FallbackKind, Snapshot};

use super::text::{Kind, Text};
use crate::outbound::ServiceNow;

/// Reads one number of the calls of one kind of caller.
type Of = fn(&Snapshot) -> u64;
/// Reads one number that all callers share.
type OfAll = fn(&ServiceNow) -> i64;

/// Results of a call that are not another answer's.
const RESULTS: [(&str, Of); 8] = [
    ("2xx", |calls| calls.answered_2xx),
    ("3xx", |calls| calls.answered_3xx),
    ("4xx", |calls| calls.answered_4xx),
    ("5xx", |calls| calls.answered_5xx),
    ("other", |calls| calls.answered_other),
    ("not_sent", |calls| calls.not_sent),
    ("unclear", |calls| calls.unclear),
    ("rejected", |calls| calls.rejected),
];

/// What is counted by service and caller alone.
const COUNTED: [(&str, Kind, &str, Of); 4] = [
    ("ondol_service_attempts_total", Kind::Counter, "Requests handed to a connection.", |calls| {
        calls.dispatched
    }),
    (
        "ondol_service_retries_total",
        Kind::Counter,
        "Attempts because an earlier one of the same call had failed.",
        |calls| calls.retries,
    ),
    (
        "ondol_service_hedges_total",
        Kind::Counter,
        "Attempts because an earlier one of the same call was slow.",
        |calls| calls.hedges,
    ),
    (
        "ondol_service_calls_in_flight",
        Kind::Gauge,
        "Calls now in flight, waiting for a place included.",
        |calls| calls.in_flight,
    ),
];

/// What all who call a service share.
const SHARED: [(&str, &str, OfAll); 3] = [
    ("ondol_service_retry_budget", "Retries that can be paid for now.", |now| now.target.budget),
    ("ondol_service_throttle_limit", "Calls that may be in flight at once.", |now| now.target.limit.into()),
    ("ondol_service_calls_queued", "Calls that wait for a place among those in flight.", |now| {
        i64::try_from(now.target.queued).unwrap_or(i64::MAX)
    }),
];

/// Writes the families of every service.
pub(super) fn write(text: &mut Text, services: &[ServiceNow]) {
    let callers = || services.iter().flat_map(by);
    let help = "Calls by who called and what was answered, or why nothing was.";
    let mut family = text.family("ondol_service_calls_total", Kind::Counter, help);
    for (service, by, calls) in callers() {
        let mut sample = |result: &str, count: u64| {
            family.sample(&[("service", service), ("by", by), ("result", result)], count);
        };
        for (result, of) in RESULTS {
            sample(result, of(calls));
        }
        sample("fallback", calls.fallbacks.iter().sum());
    }
    let help = "Calls that got another answer than the service's own.";
    let mut family = text.family("ondol_service_fallbacks_total", Kind::Counter, help);
    for (service, by, calls) in callers() {
        for (kind, count) in FallbackKind::ALL.into_iter().zip(calls.fallbacks) {
            family.sample(&[("service", service), ("by", by), ("kind", kind.as_str())], count);
        }
    }
    for (name, kind, help, of) in COUNTED {
        let mut family = text.family(name, kind, help);
        for (service, by, calls) in callers() {
            family.sample(&[("service", service), ("by", by)], of(calls));
        }
    }
    durations(text, callers());
    for (name, help, of) in SHARED {
        let mut family = text.family(name, Kind::Gauge, help);
        for now in services {
            family.sample(&[("service", &now.target.name)], of(now));
        }
    }
    let mut family = text.family("ondol_service_endpoint_usable", Kind::Gauge, "May the address be called?");
    for target in services.iter().map(|now| &now.target) {
        for endpoint in &target.endpoints {
            let labels = [("service", target.name.as_str()), ("endpoint", endpoint.endpoint.as_str())];
            family.sample(&labels, u8::from(endpoint.usable));
        }
    }
}

/// The service's counters by who called.
fn by(now: &ServiceNow) -> [(&str, &'static str, &Snapshot); 2] {
    let name = now.target.name.as_str();
    [(name, "saga", &now.saga), (name, "proxy", &now.proxy)]
}

fn durations<'a>(text: &mut Text, callers: impl Iterator<Item = (&'a str, &'static str, &'a Snapshot)>) {
    let bounds = DURATION_BUCKETS_MS.map(|ms| seconds(ms * 1_000));
    let help = "How long calls took, to the head of the answer.";
    let mut family = text.family("ondol_service_call_duration_seconds", Kind::Histogram, help);
    for (service, by, calls) in callers {
        let buckets = bounds.iter().map(String::as_str).zip(calls.durations);
        let sum = seconds(calls.duration_us);
        family.histogram(&[("service", service), ("by", by)], buckets, sum, calls.duration_count);
    }
}

/// Microseconds as seconds, exactly.
fn seconds(us: u64) -> String {
    let (whole, part) = (us / 1_000_000, us % 1_000_000);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:06}").trim_end_matches('0').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_exact() {
        let table = [(0, "0"), (1, "0.000001"), (1_000, "0.001"), (2_500_000, "2.5"), (10_000_000, "10")];
        for (us, said) in table {
            assert_eq!(seconds(us), said, "{us} us");
        }
    }
}
