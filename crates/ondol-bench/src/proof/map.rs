//! Services, who calls whom, and the delivery ledger.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Check;
use super::answer::{moment, number};
use crate::api::{Api, ApiError, odd};
use crate::nezha::{Day, Expected};
use crate::otlp::Pass;

/// Differences that are shown.
const SHOWN_MAX: usize = 5;

/// Compares the service map of a pass.
///
/// # Errors
/// [`ApiError`]: the API does not answer, or in another form.
pub async fn map(api: &Api, day: &Day, expected: &Expected, pass: Pass) -> Result<Vec<Check>, ApiError> {
    let path = "/v1/telemetry/map";
    let (from, to) = pass.window(day);
    let answer = api.json(path, &[("from", &moment(from)), ("to", &moment(to))]).await?;
    let lacks = |missing| odd(path, missing, answer.to_string().as_bytes());
    let services = pairs(&answer["services"], |one| Some((text(&one["service"])?, number(&one["spans"])?)));
    let services = services.ok_or_else(|| lacks("services"))?;
    let calls = pairs(&answer["calls"], |one| {
        Some(((text(&one["from"])?, text(&one["to"])?), number(&one["requests"])?))
    });
    let calls = calls.ok_or_else(|| lacks("calls"))?;
    let mut checks = counted("services on the map, with their spans", &services, &expected.spans);
    let name = |calls: &BTreeMap<(String, String), u64>| -> BTreeMap<String, u64> {
        calls.iter().map(|((from, to), count)| (format!("{from} → {to}"), *count)).collect()
    };
    checks.extend(counted("edges on the map, with their calls", &name(&calls), &name(&expected.calls)));
    Ok(checks)
}

/// Compares the ledger: nothing lost, and what came twice counted.
///
/// # Errors
/// [`ApiError`]: the API does not answer, or in another form.
pub async fn ledger(
    api: &Api,
    expected: &Expected,
    [traces, passes]: [u64; 2],
) -> Result<Vec<Check>, ApiError> {
    let path = "/v1/telemetry/ledger";
    let answer = api.json(path, &[]).await?;
    let accounts = answer["accounts"].as_array();
    let accounts = accounts.ok_or_else(|| odd(path, "accounts", answer.to_string().as_bytes()))?;
    let sum = |signal: &str, fate: &str| -> u64 {
        let of = accounts.iter().filter(|account| account["signal"] == signal);
        of.filter_map(|account| number(&account[fate])).sum()
    };
    let instances = accounts.iter().filter(|account| account["signal"] == "traces").count() as u64;
    let logs: u64 = expected.logs.values().sum();
    Ok(vec![
        Check::same("instances in the ledger that sent spans", instances, expected.spans.len() as u64),
        Check::same("spans kept", sum("traces", "stored"), traces * expected.span_count()),
        Check::same("spans that had come before", sum("traces", "duplicates"), traces * expected.duplicates),
        Check::same("log records kept", sum("logs", "stored"), passes * logs),
        Check::same("records not taken", sum("traces", "rejected") + sum("logs", "rejected"), 0),
    ])
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn pairs<K: Ord>(list: &Value, pair: impl Fn(&Value) -> Option<(K, u64)>) -> Option<BTreeMap<K, u64>> {
    list.as_array()?.iter().map(pair).collect()
}

/// Exactly these names, with exactly these counts.
pub(super) fn counted(
    what: &str,
    found: &BTreeMap<String, u64>,
    expected: &BTreeMap<String, u64>,
) -> Vec<Check> {
    let mut names: Vec<&String> = found.keys().chain(expected.keys()).collect();
    names.sort();
    names.dedup();
    let wrong: Vec<String> = names
        .into_iter()
        .filter(|name| found.get(*name) != expected.get(*name))
        .map(|name| {
            let count = |of: &BTreeMap<String, u64>| of.get(name).map_or("none".to_owned(), u64::to_string);
            format!("{name}: {}, expected {}", count(found), count(expected))
        })
        .collect();
    let total: u64 = expected.values().sum();
    let line = format!("{what}: {} ({total})", expected.len());
    if wrong.is_empty() {
        return vec![Check::new(true, line)];
    }
    let mut checks = vec![Check::new(false, format!("{line}: {} differ", wrong.len()))];
    checks.extend(wrong.into_iter().take(SHOWN_MAX).map(|line| Check::new(false, line)));
    checks
}
