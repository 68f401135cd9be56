//! `ondol map`: services, who calls whom, and how that goes.

use serde::Deserialize;

use crate::args::Map;
use crate::client::{Client, with_query};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{BAD, FAINT, PLAIN};
use crate::output::table::{Cell, Table, cell};
use crate::output::time::nanos;
use crate::output::{self, note, text};

/// The map.
#[derive(Deserialize)]
struct ServiceMap {
    services: Vec<Service>,
    calls: Vec<Call>,
}

/// One service.
#[derive(Deserialize)]
struct Service {
    service: String,
    #[serde(flatten)]
    figures: Figures,
}

/// Calls from one to another.
#[derive(Deserialize)]
struct Call {
    from: String,
    to: String,
    #[serde(flatten)]
    figures: Figures,
}

/// How it goes.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Figures {
    requests: u64,
    errors: u64,
    p50_ns: u64,
    p95_ns: u64,
    p99_ns: u64,
    exemplar: Option<String>,
}

/// Asks and prints.
pub(crate) async fn run(args: &Map) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let window = [("from", Some(args.since.as_str())), ("to", args.until.as_deref())];
    let answer = client.get(&with_query("/v1/telemetry/map", &window)).await?;
    if args.remote.json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let map: ServiceMap = client.decode("the map", &answer.body)?;
    if map.services.is_empty() {
        note("no service sent spans in that time; docs/telemetry.md says how they are sent");
        return Ok(Exit::Done);
    }
    output::print(&render(&map))?;
    Ok(Exit::Done)
}

fn render(map: &ServiceMap) -> String {
    const FIGURES: [&str; 6] = ["requests", "failed", "p50", "p95", "p99", "look at"];
    let head = |first: &'static str| [&[first][..], &FIGURES].concat();
    let mut services = Table::new(&head("service"));
    for Service { service, figures } in &map.services {
        services.row(cells(text::line(service), figures));
    }
    let mut calls = Table::new(&head("call"));
    for Call { from, to, figures } in &map.calls {
        calls.row(cells(format!("{} → {}", text::line(from), text::line(to)), figures));
    }
    let calls = if map.calls.is_empty() { String::new() } else { format!("\n{}", calls.render("")) };
    services.render("") + &calls
}

fn cells(name: String, figures: &Figures) -> Vec<Cell> {
    let Figures { requests, errors, p50_ns, p95_ns, p99_ns, exemplar } = figures;
    let share = *errors as f64 * 100.0 / (*requests).max(1) as f64;
    let failed = if *errors == 0 { "0".to_owned() } else { format!("{errors} ({share:.1} %)") };
    let took = |ns: &u64| if *requests == 0 { String::new() } else { nanos(*ns) };
    vec![
        name.into(),
        requests.to_string().into(),
        cell(if *errors > 0 { BAD } else { PLAIN }, failed),
        took(p50_ns).into(),
        took(p95_ns).into(),
        took(p99_ns).into(),
        cell(FAINT, text::line(exemplar.as_deref().unwrap_or_default())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_two_tables() {
        let map: ServiceMap = serde_json::from_value(serde_json::json!({
            "services": [
                { "service": "checkout", "spans": 400, "requests": 200, "errors": 3, "p50_ns": 1_200_000, "p95_ns": 45_000_000, "p99_ns": 2_500_000_000_u64, "exemplar": "0af7651916cd43dd8448eb211c80319c" },
                { "service": "payment", "spans": 7, "requests": 0, "errors": 0 },
            ],
            "calls": [{ "from": "checkout", "to": "payment", "requests": 12, "errors": 0, "p50_ns": 900, "p95_ns": 12_345, "p99_ns": 999_999 }],
        }))
        .expect("a map");
        insta::assert_snapshot!(anstream::adapter::strip_str(&render(&map)).to_string());
    }
}
