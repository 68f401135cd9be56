//! `ondol call --explain SERVICE`: what is known of a service, and why its last calls went as they did.

use std::fmt::Write as _;

use serde::Deserialize;

use super::call::trace;
use crate::args::Call;
use crate::client::{Client, with_query};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{BAD, CARE, FAINT, GOOD, STRONG, paint};
use crate::output::table::{Table, cell};
use crate::output::{self, text, time};

/// What the API answers.
#[derive(Deserialize)]
struct Page {
    services: Vec<Service>,
}

/// How one service is called.
#[derive(Deserialize)]
struct Service {
    name: String,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
    #[serde(default)]
    retry_budget: i64,
    #[serde(default)]
    throttle: Throttle,
    #[serde(default)]
    counts: Counts,
    #[serde(default)]
    calls: Vec<Told>,
}

/// One of its addresses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Endpoint {
    address: String,
    usable: bool,
    why: Option<String>,
    again_in_ms: Option<i64>,
    latency_ms: Option<f64>,
    in_flight: u32,
    last_error: Option<String>,
}

/// How many calls there may be at once.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Throttle {
    limit: u32,
    in_flight: u32,
    queued: u64,
}

/// What calls came to.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    answered_2xx: u64,
    answered_3xx: u64,
    answered_4xx: u64,
    answered_5xx: u64,
    answered_other: u64,
    not_sent: u64,
    unclear: u64,
    rejected: u64,
    fallbacks: Fallbacks,
    attempts: u64,
    retries: u64,
    hedges: u64,
}

/// Other answers than the service's own.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fallbacks {
    r#static: u64,
    cached: u64,
    alternate: u64,
}

/// One remarkable call.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    age_ms: i64,
    method: String,
    path: String,
    ended: String,
    decisions: Vec<String>,
}

/// Asks the server, and shows it.
pub(crate) async fn run(args: &Call) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let target = with_query("/v1/calls/explain", &[("service", Some(&args.service))]);
    let answer = client.get(&target).await?;
    if args.remote.json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let page: Page = client.decode("how services are called", &answer.body)?;
    let services: Vec<String> = page.services.iter().map(render).collect();
    output::print(&services.join("\n"))?;
    Ok(Exit::Done)
}

fn render(service: &Service) -> String {
    let mut out = format!("{}\n", paint(STRONG, &text::whole(&service.name)));
    let mut field = |name: &str, value: String| {
        let name = paint(FAINT, &format!("{name:12}"));
        writeln!(out, "  {name}  {value}").expect("writing to a string cannot fail");
    };
    let Throttle { limit, in_flight, queued } = service.throttle;
    field("in flight", format!("{in_flight} of {limit}, {queued} waiting"));
    field("retry budget", service.retry_budget.to_string());
    field("calls", calls(&service.counts));
    field("attempts", attempts(&service.counts));
    out.push('\n');
    out.push_str(&endpoints(&service.endpoints).render("  "));
    for told in &service.calls {
        let ago = paint(FAINT, &format!("{} ago", time::length(told.age_ms)));
        let call = text::whole(&format!("{} {}: {}", told.method, told.path, told.ended));
        write!(out, "\n  {call}  {ago}\n{}\n", trace(&told.decisions))
            .expect("writing to a string cannot fail");
    }
    out
}

/// What calls came to, without what did not happen.
fn calls(counts: &Counts) -> String {
    let Fallbacks { r#static, cached, alternate } = counts.fallbacks;
    let kinds = [
        (counts.answered_2xx, "2xx"),
        (counts.answered_3xx, "3xx"),
        (counts.answered_4xx, "4xx"),
        (counts.answered_5xx, "5xx"),
        (counts.answered_other, "other statuses"),
        (counts.not_sent, "not sent"),
        (counts.unclear, "unclear"),
        (counts.rejected, "turned away by a limit"),
        (r#static, "static fallback"),
        (cached, "cached fallback"),
        (alternate, "alternate fallback"),
    ];
    let all: u64 = kinds.iter().map(|(count, _)| count).sum();
    with_parts(all, &kinds)
}

fn attempts(counts: &Counts) -> String {
    with_parts(counts.attempts, &[(counts.retries, "retries"), (counts.hedges, "hedges")])
}

fn with_parts(all: u64, parts: &[(u64, &str)]) -> String {
    let there = parts.iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = there.map(|(count, what)| format!("{count} {what}")).collect();
    if said.is_empty() { all.to_string() } else { format!("{all}: {}", said.join(", ")) }
}

fn endpoints(endpoints: &[Endpoint]) -> Table {
    let mut table = Table::new(&["address", "state", "latency", "in flight", "why", "last error"]);
    for endpoint in endpoints {
        let state = match (endpoint.usable, endpoint.again_in_ms) {
            (true, _) => cell(if endpoint.why.is_some() { CARE } else { GOOD }, "usable"),
            (false, Some(ms)) => cell(BAD, format!("left alone for {}", time::length(ms))),
            (false, None) => cell(BAD, "left alone"),
        };
        let latency = endpoint.latency_ms.map_or_else(String::new, |ms| format!("{ms:.1} ms"));
        let or_nothing = |text: &Option<String>| text.as_deref().map_or_else(String::new, text::line);
        table.row(vec![
            text::whole(&endpoint.address).into(),
            state,
            latency.into(),
            endpoint.in_flight.to_string().into(),
            or_nothing(&endpoint.why).into(),
            cell(FAINT, or_nothing(&endpoint.last_error)),
        ]);
    }
    table
}
