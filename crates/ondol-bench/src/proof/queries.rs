//! How long the questions take, over loopback, from the first time they are asked.

use std::collections::HashMap;
use std::time::Instant;

use serde::Serialize;
use serde_json::Value;

use super::answer::{moment, number};
use crate::api::{Api, ApiError, odd};
use crate::nezha::{Day, HOUR_NS, LogRow, MINUTE_NS, Severity};
use crate::otlp::Pass;

/// How often each question is asked, so that there is a median.
const TIMES: usize = 25;

/// A rare pair of words is in fewer records than this.
const RARE_MAX: u64 = 100;

/// A frequent pair of words is in more than one record of so many.
const FREQUENT_SHARE: u64 = 20;

/// One kind of question and its times.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    /// What was asked, for people.
    pub what: String,
    /// How many records match, by the rows; where that is counted.
    pub expected: Option<u64>,
    /// How many the answer says.
    pub matched: Option<u64>,
    /// The first time, in milliseconds.
    pub first_ms: f64,
    /// The median of all, in milliseconds.
    pub median_ms: f64,
    /// The longest, in milliseconds.
    pub longest_ms: f64,
}

/// What is asked about: the passes that were sent, and how many records of the last of them.
#[derive(Clone, Debug)]
pub struct Measure<'a> {
    /// The day.
    pub day: &'a Day,
    /// Passes of the logs, each as a whole except for the last.
    pub logs: Vec<Pass>,
    /// Passes of the spans.
    pub traces: Vec<Pass>,
    /// Log records that were sent in all.
    pub records: u64,
}

/// Asks everything.
///
/// # Errors
/// [`ApiError`]: the API does not answer, or in another form.
pub async fn queries(api: &Api, measure: &Measure<'_>) -> Result<Vec<Asked>, ApiError> {
    let mut asked = vec![by_id(api, measure).await?, newest_errors(api, measure).await?];
    let [rare, frequent] = pairs(measure);
    asked.push(search(api, "two words, few match", &rare).await?);
    asked.push(search(api, "two words, over 5 % match", &frequent).await?);
    asked.push(minutes(api, measure, 1).await?);
    asked.push(minutes(api, measure, 2).await?);
    Ok(asked)
}

/// Two words that stand side by side in no order, and in how many records they do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Words {
    query: String,
    expected: u64,
}

/// Rows with how often each was sent.
fn sent<'a>(measure: &'a Measure<'_>) -> impl Iterator<Item = (&'a LogRow, u64)> {
    let rows = measure.day.logs.len() as u64;
    let (whole, rest) = (measure.records / rows.max(1), measure.records % rows.max(1));
    let count = move |(at, row)| (row, whole + u64::from((at as u64) < rest));
    measure.day.logs.iter().enumerate().map(count)
}

/// Words are runs of ASCII letters, digits, `_` and anything beyond ASCII, in any case: docs/queries.md.
fn words(text: &str) -> impl Iterator<Item = String> {
    let part = |byte: char| byte.is_ascii_alphanumeric() || byte == '_' || !byte.is_ascii();
    text.split(move |byte| !part(byte)).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

/// Is it a word that a person would type? Not a number, not an id.
fn typed(word: &str) -> bool {
    word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// A rare pair and a frequent one, chosen by counting all records: of the pairs of words that stand in one message, the
/// most frequent one below [`RARE_MAX`], and the rarest above the share.
fn pairs(measure: &Measure<'_>) -> [Words; 2] {
    let mut counts: HashMap<String, u64> = HashMap::new();
    for (row, times) in sent(measure) {
        for pair in pairs_of(&row.body) {
            *counts.entry(pair).or_default() += times;
        }
    }
    let share = measure.records / FREQUENT_SHARE;
    let mut sorted: Vec<(u64, String)> = counts.into_iter().map(|(pair, count)| (count, pair)).collect();
    sorted.sort();
    let at = |index: usize| sorted.get(index).cloned().unwrap_or_default();
    let rare = sorted.partition_point(|(count, _)| *count < RARE_MAX).saturating_sub(1);
    let frequent = sorted.partition_point(|(count, _)| *count <= share);
    [at(rare), at(frequent.min(sorted.len().saturating_sub(1)))]
        .map(|(expected, query)| Words { query, expected })
}

/// Pairs of distinct words of a message, each once.
fn pairs_of(body: &str) -> Vec<String> {
    let mut own: Vec<String> = words(body).filter(|word| typed(word)).collect();
    own.sort();
    own.dedup();
    let mut pairs = Vec::new();
    for (at, first) in own.iter().enumerate() {
        pairs.extend(own[at + 1..].iter().map(|second| format!("{first} {second}")));
    }
    pairs
}

async fn by_id(api: &Api, measure: &Measure<'_>) -> Result<Asked, ApiError> {
    let pass = measure.traces[0];
    let mut ids: Vec<u128> = measure.day.spans.iter().map(|span| pass.trace(span.trace)).collect();
    ids.sort_unstable();
    ids.dedup();
    fastrand::Rng::with_seed(7).shuffle(&mut ids);
    let paths: Vec<String> =
        ids.iter().take(TIMES).map(|id| format!("/v1/telemetry/traces/{id:032x}")).collect();
    let asked = repeat(api, &paths, &[]).await?;
    Ok(Asked { what: "a trace by its id, each time another".to_owned(), ..asked })
}

async fn newest_errors(api: &Api, measure: &Measure<'_>) -> Result<Asked, ApiError> {
    let mut errors: HashMap<u32, u64> = HashMap::new();
    let bad = sent(measure).filter(|(row, _)| row.severity == Severity::Error);
    bad.for_each(|(row, times)| *errors.entry(row.pod).or_default() += times);
    let most = errors.iter().max_by_key(|(pod, count)| (**count, **pod));
    let service = most.map_or("", |(pod, _)| measure.day.pod(*pod).service.as_str());
    let query = format!("service:{service} level:error");
    let path = ["/v1/telemetry/logs".to_owned()];
    let asked = repeat(api, &path, &[("q", &query), ("limit", "100")]).await?;
    Ok(Asked { what: format!("newest 100 of {query}"), ..asked })
}

async fn search(api: &Api, what: &str, words: &Words) -> Result<Asked, ApiError> {
    let path = ["/v1/telemetry/logs".to_owned()];
    let asked = repeat(api, &path, &[("q", &words.query), ("limit", "100"), ("count", "true")]).await?;
    Ok(Asked { what: format!("{what}: {}", words.query), expected: Some(words.expected), ..asked })
}

/// Steps that one answer holds: docs/telemetry.md.
const STEPS_MAX: u64 = 2_000;

/// Counts over everything, or over as much as an answer holds.
async fn minutes(api: &Api, measure: &Measure<'_>, step: u64) -> Result<Asked, ApiError> {
    let step_ns = step * MINUTE_NS;
    let last = measure.logs.last().map_or(0, |pass| pass.window(measure.day).1).next_multiple_of(step_ns);
    let first = measure.logs.first().map_or(0, |pass| pass.window(measure.day).0);
    let first = first.max(last.saturating_sub(STEPS_MAX * step_ns));
    let first = first - first % step_ns;
    let path = ["/v1/telemetry/logs/histogram".to_owned()];
    let parameters =
        [("q", ""), ("from", &*moment(first)), ("to", &moment(last)), ("step", &format!("{step}m"))];
    let asked = repeat(api, &path, &parameters).await?;
    Ok(Asked { what: format!("counts of each {step} min over {} h", (last - first) / HOUR_NS), ..asked })
}

/// Asks [`TIMES`] times, the paths in turn.
#[expect(clippy::disallowed_methods, reason = "measuring is reading the clock")]
async fn repeat(api: &Api, paths: &[String], parameters: &[(&str, &str)]) -> Result<Asked, ApiError> {
    let mut times = Vec::with_capacity(TIMES);
    let mut matched = None;
    for path in paths.iter().cycle().take(TIMES) {
        let started = Instant::now();
        let body = api.bytes(path, parameters).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        let answer: Value = serde_json::from_slice(&body).map_err(|_| odd(path, "JSON", &body))?;
        matched = number(&answer["matched"]);
    }
    let first_ms = times[0];
    times.sort_by(f64::total_cmp);
    Ok(Asked {
        what: String::new(),
        expected: None,
        matched,
        first_ms,
        median_ms: times[times.len() / 2],
        longest_ms: times[times.len() - 1],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_of_words_that_a_person_types() {
        let pairs = pairs_of("16:42 INFO Order-Service [order] id=f3d4d4ef timed out paid");
        let expected =
            ["info order", "info paid", "info service", "info timed", "order paid", "order service"];
        assert_eq!(pairs[..6], expected);
    }
}
