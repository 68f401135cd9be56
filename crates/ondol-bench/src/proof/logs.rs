//! Log records, counted: by service, by level, and by minute and level.

use std::collections::BTreeMap;

use super::Check;
use super::answer::{moment, number};
use super::map::counted;
use crate::api::{Api, ApiError, odd};
use crate::nezha::{Day, Expected, MINUTE_NS, Severity};
use crate::otlp::Pass;

/// A step of the histogram counts these.
const LEVELS: [&str; 7] = ["unset", "trace", "debug", "info", "warn", "error", "fatal"];

/// Compares the log records of a pass.
///
/// # Errors
/// [`ApiError`]: the API does not answer, or in another form.
pub async fn logs(api: &Api, day: &Day, expected: &Expected, pass: Pass) -> Result<Vec<Check>, ApiError> {
    let mut services = BTreeMap::new();
    for service in expected.logs.keys() {
        services.insert(service.clone(), count(api, day, pass, &format!("service:{service}")).await?);
    }
    let mut checks = counted("log records of each service", &services, &expected.logs);
    let mut levels = BTreeMap::new();
    for severity in [Severity::Info, Severity::Warn, Severity::Error] {
        let level = severity.word().to_lowercase();
        let matched = count(api, day, pass, &format!("level:{level}")).await?;
        levels.insert(level, matched);
    }
    let said = expected.severities.iter().filter(|(severity, _)| **severity != Severity::Unset);
    let said = said.map(|(severity, count)| (severity.word().to_lowercase(), *count)).collect();
    checks.extend(counted("log records of each level", &levels, &said));
    checks.extend(minutes(api, day, pass).await?);
    Ok(checks)
}

/// How many match, all of them counted.
async fn count(api: &Api, day: &Day, pass: Pass, query: &str) -> Result<u64, ApiError> {
    let path = "/v1/telemetry/logs";
    let (from, to) = pass.window(day);
    let (from, to) = (moment(from), moment(to));
    let parameters = [("q", query), ("from", &from), ("to", &to), ("limit", "1"), ("count", "true")];
    let answer = api.json(path, &parameters).await?;
    let exact = answer["exact"].as_bool().unwrap_or(false);
    number(&answer["matched"])
        .filter(|_| exact)
        .ok_or_else(|| odd(path, "exact count", answer.to_string().as_bytes()))
}

/// Each minute of the day has as many records as it has rows.
async fn minutes(api: &Api, day: &Day, pass: Pass) -> Result<Vec<Check>, ApiError> {
    let path = "/v1/telemetry/logs/histogram";
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for log in &day.logs {
        let at = pass.time(log.time_ns);
        *expected.entry(moment(at - at % MINUTE_NS)).or_default() += 1;
    }
    let (from, to) = pass.window(day);
    let parameters = [("q", ""), ("from", &moment(from)), ("to", &moment(to)), ("step", "60s")];
    let answer = api.json(path, &parameters).await?;
    let steps =
        answer["counts"].as_array().ok_or_else(|| odd(path, "counts", answer.to_string().as_bytes()))?;
    let mut found = BTreeMap::new();
    for step in steps {
        let at = number(&step["from_ns"]).ok_or_else(|| odd(path, "from_ns", step.to_string().as_bytes()))?;
        let count: u64 = LEVELS.iter().filter_map(|level| number(&step[level])).sum();
        if count > 0 {
            found.insert(moment(at), count);
        }
    }
    Ok(counted("minutes with log records", &found, &expected))
}
