//! `ondol why` of traces drawn by a seed, beside the raw rows, for a person to judge.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::Check;
use crate::api::{Api, ApiError};
use crate::nezha::{Day, Expected, LogRow, SpanRow};
use crate::otlp::Pass;

/// Rows shown of each kind: a person looks at a page or two.
const ROWS_MAX: usize = 250;

/// Writes `why-TRACE.txt` into the folder, for so many traces.
///
/// # Errors
/// A file cannot be written.
pub async fn stories(
    api: &Api,
    day: &Day,
    expected: &Expected,
    pass: Pass,
    (seed, count): (u64, usize),
    folder: &Path,
) -> io::Result<Vec<Check>> {
    let mut checks = Vec::new();
    for (id, rows) in expected.drawn(seed, count) {
        let id = pass.trace(id);
        let story = match api.json(&format!("/v1/telemetry/why/{id:032x}"), &[("lang", "en")]).await {
            Ok(story) => story,
            Err(ApiError::Refused { status: 404, .. }) => {
                return Ok(vec![Check::new(
                    false,
                    "the API tells no story: GET /v1/telemetry/why/{id} is 404",
                )]);
            }
            Err(error) => return Err(io::Error::other(error)),
        };
        let logs: Vec<&LogRow> = day.logs.iter().filter(|log| pass.trace(log.trace) == id).collect();
        let path = folder.join(format!("why-{id:032x}.txt"));
        std::fs::write(&path, page(day, id, &told(&story), &rows, &logs))?;
        checks.push(Check::new(true, path.display().to_string()));
    }
    Ok(checks)
}

/// The story's own text, where it has one.
fn told(story: &serde_json::Value) -> String {
    let text = ["text", "story"].iter().find_map(|key| story[key].as_str());
    text.map_or_else(|| serde_json::to_string_pretty(story).unwrap_or_default(), str::to_owned)
}

fn page(day: &Day, id: u128, story: &str, rows: &[SpanRow], logs: &[&LogRow]) -> String {
    let mut page = format!("ondol why {id:032x}\n\n{}\n\nThe rows of its spans\n", story.trim_end());
    let begin = rows.first().map_or(0, |row| row.start_ns);
    for row in rows.iter().take(ROWS_MAX) {
        let parent = row.parent.map_or("root".to_owned(), |parent| format!("{parent:016x}"));
        let at_us = (row.start_ns - begin) / 1_000;
        let took_us = (row.end_ns - row.start_ns) / 1_000;
        let (service, name) = (&day.pod(row.pod).service, &day.names[row.name as usize]);
        // Writing to a string does not fail.
        let _ = writeln!(page, "{:016x} {parent:>16} {at_us:>9} +{took_us:<9} µs {service}  {name}", row.id);
    }
    let _ = writeln!(page, "\nThe rows of its logs");
    for log in logs.iter().take(ROWS_MAX) {
        let (word, service) = (log.severity.word(), &day.pod(log.pod).service);
        let _ = writeln!(page, "{:016x} {word:<5} {service}  {}", log.span, log.body);
    }
    page
}
