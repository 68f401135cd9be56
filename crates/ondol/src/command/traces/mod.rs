//! `ondol traces`: traces, newest first; and one of them.

mod show;
mod tree;

use serde::Deserialize;

use crate::args::{Traces, Which};
use crate::client::{Client, with_query};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{BAD, FAINT, PLAIN};
use crate::output::table::{Table, cell};
use crate::output::time::{Now, nanos};
use crate::output::{self, note, text};

/// What was found.
#[derive(Deserialize)]
struct Page {
    traces: Vec<Row>,
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(default)]
    hints: Vec<Hint>,
}

/// What a query probably meant.
#[derive(Deserialize)]
pub(super) struct Hint {
    written: String,
    meant: String,
}

/// One line.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Row {
    trace_id: String,
    service: String,
    name: String,
    start_ns: String,
    duration_ns: u64,
    spans: u64,
    errors: u64,
}

/// Searches, or shows one.
pub(crate) async fn run(args: &Traces) -> Result<Exit, Error> {
    if let Some(Which::Show(args)) = &args.which {
        return show::run(args).await;
    }
    let client = Client::new(&args.remote)?;
    let (query, limit) = (args.search.query(), args.limit.to_string());
    let target = with_query(
        "/v1/telemetry/traces",
        &[
            ("q", query.as_deref()),
            ("from", args.search.since.as_deref()),
            ("to", args.search.until.as_deref()),
            ("limit", Some(&limit)),
        ],
    );
    let answer = client.get(&target).await?;
    if args.remote.json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let page: Page = client.decode("the traces", &answer.body)?;
    hint(&page.hints);
    if page.traces.is_empty() {
        note("no trace matches; `ondol map` tells which services sent spans in the last hour");
        return Ok(Exit::Done);
    }
    output::print(&render(&page.traces, &Now::read()))?;
    if page.next_cursor.is_some() {
        note(&format!("there are more than {limit}; narrow the query, or give a higher --limit"));
    }
    Ok(Exit::Done)
}

/// Says what a query probably meant, beside the answer.
pub(super) fn hint(hints: &[Hint]) {
    for Hint { written, meant } in hints {
        note(&format!("`{}`: did you mean `{}`?", text::line(written), text::line(meant)));
    }
}

fn render(rows: &[Row], now: &Now) -> String {
    let mut table = Table::new(&["trace", "began", "took", "spans", "failed", "service", "what"]);
    for row in rows {
        let failed = if row.errors > 0 { BAD } else { FAINT };
        table.row(vec![
            text::line(&row.trace_id).into(),
            cell(FAINT, row.start_ns.parse().map_or_else(|_| String::new(), |ns| now.stamp(ns))),
            nanos(row.duration_ns).into(),
            row.spans.to_string().into(),
            cell(failed, row.errors.to_string()),
            text::line(&row.service).into(),
            cell(if row.errors > 0 { BAD } else { PLAIN }, text::line(&row.name)),
        ]);
    }
    table.render("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_a_table() {
        let row = |name: &str, errors| Row {
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            service: "checkout".to_owned(),
            name: name.to_owned(),
            start_ns: "1790164800123456789".to_owned(),
            duration_ns: 1_234_567,
            spans: 12,
            errors,
        };
        let now = Now::at("2026-09-23T12:01:00Z");
        let said = render(&[row("POST /orders", 3), row("GET /주문", 0)], &now);
        insta::assert_snapshot!(anstream::adapter::strip_str(&said).to_string());
    }
}
