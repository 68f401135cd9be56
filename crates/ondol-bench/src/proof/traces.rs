//! Every trace: its spans, each once, with parent, service, instance, name, begin and duration.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Check;
use super::answer::{number, span_id};
use crate::api::{Api, ApiError, odd};
use crate::nezha::{Day, Expected, SpanRow};
use crate::otlp::Pass;

/// Traces that differ and are shown.
const SHOWN_MAX: usize = 5;

/// What is compared of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    parent: Option<u64>,
    service: String,
    instance: String,
    name: String,
    start_ns: u64,
    duration_ns: u64,
}

/// Compares all traces of a pass.
///
/// # Errors
/// [`ApiError`]: the API does not answer, or in another form.
pub async fn traces(api: &Api, day: &Day, expected: &Expected, pass: Pass) -> Result<Vec<Check>, ApiError> {
    let mut checks = Vec::new();
    let (mut same, mut spans) = (0_u64, 0_u64);
    for (id, rows) in &expected.traces {
        let path = format!("/v1/telemetry/traces/{:032x}", pass.trace(*id));
        let found = match api.json(&path, &[]).await {
            Ok(answer) => read(&path, &answer)?,
            Err(ApiError::Refused { status: 404, .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let rows: BTreeMap<u64, Facts> =
            rows.values().map(|row| (pass.span(row.id), facts(day, row, pass))).collect();
        match difference(&rows, &found) {
            None => (same, spans) = (same + 1, spans + rows.len() as u64),
            Some(why) if checks.len() < SHOWN_MAX => {
                checks.push(Check::new(false, format!("trace {:032x}: {why}", pass.trace(*id))));
            }
            Some(_) => {}
        }
    }
    checks.push(Check::same("traces whose spans are the rows'", same, expected.traces.len() as u64));
    checks.push(Check::same("spans in them, each once", spans, expected.span_count()));
    Ok(checks)
}

fn facts(day: &Day, row: &SpanRow, pass: Pass) -> Facts {
    let pod = day.pod(row.pod);
    Facts {
        parent: row.parent.map(|parent| pass.span(parent)),
        service: pod.service.clone(),
        instance: pod.name.clone(),
        name: day.names[row.name as usize].clone(),
        start_ns: pass.time(row.start_ns),
        duration_ns: row.end_ns - row.start_ns,
    }
}

fn read(path: &str, answer: &Value) -> Result<Vec<(u64, Facts)>, ApiError> {
    let lacks = |missing| odd(path, missing, answer.to_string().as_bytes());
    let spans = answer["spans"].as_array().ok_or_else(|| lacks("spans"))?;
    spans
        .iter()
        .map(|span| one(span).ok_or_else(|| odd(path, "span as it should be", span.to_string().as_bytes())))
        .collect()
}

fn one(span: &Value) -> Option<(u64, Facts)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let parent = &span["parent"];
    let facts = Facts {
        parent: if parent.is_null() { None } else { Some(span_id(parent)?) },
        service: text(&span["service"])?,
        instance: text(&span["instance"])?,
        name: text(&span["name"])?,
        start_ns: number(&span["start_ns"])?,
        duration_ns: number(&span["duration_ns"])?,
    };
    Some((span_id(&span["span_id"])?, facts))
}

/// The first thing that differs, in words.
fn difference(rows: &BTreeMap<u64, Facts>, found: &[(u64, Facts)]) -> Option<String> {
    let by_id: BTreeMap<u64, &Facts> = found.iter().map(|(id, facts)| (*id, facts)).collect();
    if by_id.len() != found.len() {
        return Some(format!("{} spans are shown more than once", found.len() - by_id.len()));
    }
    let missing = rows.keys().find(|id| !by_id.contains_key(id));
    if let Some(id) = missing {
        return Some(format!("span {id:016x} is missing; {} of {} are there", found.len(), rows.len()));
    }
    let extra = by_id.keys().find(|id| !rows.contains_key(id));
    if let Some(id) = extra {
        return Some(format!("span {id:016x} is in no row"));
    }
    let (id, row) = rows.iter().find(|(id, row)| by_id.get(id) != Some(row))?;
    Some(format!("span {id:016x} is {:?}, its row says {row:?}", by_id[id]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn span(id: &str, start: &Value) -> Value {
        json!({ "span_id": id, "parent": null, "name": "n", "start_ns": start, "duration_ns": 2,
                "service": "s", "instance": "i" })
    }

    #[test]
    fn what_differs_is_named() {
        let row = Facts {
            parent: None,
            service: "s".to_owned(),
            instance: "i".to_owned(),
            name: "n".to_owned(),
            start_ns: 1,
            duration_ns: 2,
        };
        let rows = BTreeMap::from([(10, row)]);
        let (a, b) = ("000000000000000a", "000000000000000b");
        let table = [
            (vec![span(a, &json!(1))], None),
            (vec![span(a, &json!("1"))], None),
            (vec![span(a, &json!(3))], Some("start_ns: 3")),
            (vec![], Some("missing")),
            (vec![span(a, &json!(1)), span(a, &json!(1))], Some("more than once")),
            (vec![span(a, &json!(1)), span(b, &json!(1))], Some("no row")),
        ];
        for (spans, expected) in table {
            let found = read("/", &json!({ "spans": spans })).expect("spans");
            let difference = difference(&rows, &found);
            match expected {
                None => assert_eq!(difference, None, "{spans:?}"),
                Some(part) => assert!(difference.unwrap_or_default().contains(part), "{spans:?}"),
            }
        }
    }
}
