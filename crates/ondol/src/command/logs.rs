//! `ondol logs` and `ondol tail`: log lines, found or as they come.

use std::collections::{BTreeMap, HashSet};

use anstyle::Style;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::traces::{Hint, hint};
use crate::args::{LIMIT_MAX, Logs, Tail, query};
use crate::client::{Client, Events, with_query};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{BAD, CARE, FAINT, PLAIN, STRONG, paint};
use crate::output::time::Now;
use crate::output::{self, note, text};

/// Where lines come from live.
const TAIL: &str = "/v1/telemetry/logs/tail";

/// What was found. Lines are kept as they came, for `--json`.
#[derive(Deserialize)]
struct Page {
    logs: Vec<Box<RawValue>>,
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(default)]
    hints: Vec<Hint>,
}

/// A line.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    time_ns: String,
    level: String,
    service: String,
    body: String,
    trace_id: Option<String>,
    attributes: BTreeMap<String, String>,
}

/// What a live tail sends.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tailed {
    Log(Box<RawValue>),
    Missed(u64),
}

/// Prints what is found, the newest last, and goes on with `--follow`.
pub(crate) async fn run(args: &Logs) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let (query, limit) = (args.search.query(), args.limit.to_string());
    // Opened first, so that nothing is lost between the two; what comes twice is shown once.
    let live = if args.follow { Some(open(&client, query.as_deref()).await?) } else { None };
    let target = with_query(
        "/v1/telemetry/logs",
        &[
            ("q", query.as_deref()),
            ("from", args.search.since.as_deref()),
            ("to", args.search.until.as_deref()),
            ("limit", Some(&limit)),
        ],
    );
    let answer = client.get(&target).await?;
    let page: Page = client.decode("the logs", &answer.body)?;
    if args.remote.json && live.is_none() {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    hint(&page.hints);
    let printer = Printer { client: &client, json: args.remote.json, now: Now::read() };
    for line in page.logs.iter().rev() {
        printer.print(line)?;
    }
    let Some(live) = live else {
        if page.logs.is_empty() {
            note(&format!("no line matches; {}/v1/telemetry/ledger tells who sent any", client.base()));
        } else if page.next_cursor.is_some() {
            note(&format!("these are the newest {limit}; {}", more(args.limit)));
        }
        return Ok(Exit::Done);
    };
    let mut shown: HashSet<String> = page.logs.iter().map(|line| line.get().to_owned()).collect();
    printer.follow(live, &mut shown).await
}

/// How to see what was not shown.
const fn more(limit: u32) -> &'static str {
    if limit < LIMIT_MAX {
        "narrow the query, or give a higher --limit"
    } else {
        "narrow the query, or look further back with --until"
    }
}

/// Prints lines as they come.
pub(crate) async fn tail(args: &Tail) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let live = open(&client, query(&args.query).as_deref()).await?;
    let printer = Printer { client: &client, json: args.remote.json, now: Now::read() };
    printer.follow(live, &mut HashSet::new()).await
}

async fn open(client: &Client, query: Option<&str>) -> Result<Events, Error> {
    client.events(&with_query(TAIL, &[("q", query)]), None).await
}

struct Printer<'a> {
    client: &'a Client,
    json: bool,
    now: Now,
}

impl Printer<'_> {
    fn print(&self, line: &RawValue) -> Result<(), Error> {
        if self.json {
            return output::print(&format!("{}\n", line.get()));
        }
        let line: Line = self.client.decode("a log line", line.get().as_bytes())?;
        output::print(&render(&line, &self.now))
    }

    async fn follow(&self, mut live: Events, shown: &mut HashSet<String>) -> Result<Exit, Error> {
        while let Some(event) = live.next().await? {
            match self.client.decode("a log line", event.data.as_bytes())? {
                Tailed::Log(log) if shown.remove(log.get()) => {}
                Tailed::Log(log) => self.print(&log)?,
                Tailed::Missed(batches) => {
                    note(&format!(
                        "{batches} batches of lines were missed: they come faster than they are read"
                    ));
                }
            }
        }
        note("the server ended the stream");
        Ok(Exit::Done)
    }
}

fn style(level: &str) -> Style {
    match level {
        "error" | "fatal" => BAD,
        "warn" => CARE,
        "debug" | "trace" => FAINT,
        _ => PLAIN,
    }
}

/// One line, or several where the message has several.
fn render(line: &Line, now: &Now) -> String {
    let Line { time_ns, level, service, body, trace_id, attributes } = line;
    let time = time_ns.parse().map_or_else(|_| text::line(time_ns), |ns| now.stamp(ns));
    let shown = if level == "unset" { String::new() } else { level.to_uppercase() };
    let mut lines = body.lines().map(text::whole);
    let mut said = format!(
        "{} {} {} {}",
        paint(FAINT, &time),
        paint(style(level), &format!("{:5}", text::line(&shown))),
        paint(STRONG, &text::line(service)),
        lines.next().unwrap_or_default(),
    );
    let mut known: Vec<String> =
        attributes.iter().map(|(name, value)| text::line(&format!("{name}={value}"))).collect();
    known.extend(trace_id.as_ref().map(|id| text::line(&format!("trace:{id}"))));
    if !known.is_empty() {
        said.push_str(&paint(FAINT, &format!("  {}", known.join(" "))));
    }
    said.extend(lines.map(|more| format!("\n    {more}")));
    said.push('\n');
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_limit_is_not_asked_for_where_there_is_none() {
        assert!(more(LIMIT_MAX - 1).contains("--limit"));
        assert!(!more(LIMIT_MAX).contains("--limit"));
    }

    #[test]
    fn lines_are_said_with_what_is_known_of_them() {
        let line = |level: &str, body: &str, attributes: &[(&str, &str)], trace: Option<&str>| Line {
            time_ns: "1790164800123456789".to_owned(),
            level: level.to_owned(),
            service: "payment".to_owned(),
            body: body.to_owned(),
            trace_id: trace.map(str::to_owned),
            attributes: attributes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let now = Now::at("2026-09-23T12:01:00Z");
        let said = [
            line("info", "charged order 7", &[("order", "7")], Some("0af7651916cd43dd8448eb211c80319c")),
            line("error", "panic: 결제 실패\n  at charge()\n  at main()", &[], None),
            line("unset", "\u{1b}[31mplain", &[], None),
        ];
        let said: String = said.iter().map(|line| render(line, &now)).collect();
        insta::assert_snapshot!(anstream::adapter::strip_str(&said).to_string());
    }
}
