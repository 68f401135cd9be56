//! `ondol list`: sagas, newest first.

use serde::Deserialize;

use super::saga::Failure;
use crate::args::List;
use crate::client::{Client, with_query};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{FAINT, of_status};
use crate::output::table::{Cell, Table, cell};
use crate::output::time::{self, Now};
use crate::output::{self, note, text};

/// Lines asked for at once; the API's own bound.
const PAGE_MAX: u32 = 500;

/// One page.
#[derive(Deserialize)]
struct Page {
    sagas: Vec<Row>,
    #[serde(default)]
    next_cursor: Option<String>,
}

/// One line.
#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    definition: String,
    #[serde(default)]
    version: u32,
    #[serde(default)]
    status: String,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    ended_at: Option<String>,
    #[serde(default)]
    failed: Option<Failure>,
}

/// Reads page after page until the limit or the end. With `--json` each page is one line, as it came.
pub(crate) async fn run(args: &List) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let mut table = Table::new(&["id", "definition", "status", "accepted", "took", "why"]);
    let now = Now::read();
    let (mut left, mut cursor, mut any) = (args.limit, None, false);
    while left > 0 {
        let limit = left.min(PAGE_MAX).to_string();
        let target = target(args, cursor.as_deref(), &limit);
        let answer = client.get(&target).await?;
        let page: Page = client.decode("the list", &answer.body)?;
        if args.remote.json {
            output::json(&answer.body)?;
        }
        left = left.saturating_sub(u32::try_from(page.sagas.len()).unwrap_or(u32::MAX));
        any |= !page.sagas.is_empty();
        for row in &page.sagas {
            table.row(cells(row, &now));
        }
        cursor = page.next_cursor;
        // A search may answer a short page, even an empty one, and go on.
        if cursor.is_none() {
            break;
        }
    }
    if !args.remote.json {
        if any {
            output::print(&table.render(""))?;
        } else {
            note("no saga matches");
        }
        if cursor.is_some() && left == 0 {
            note(&format!(
                "there are more than {}; narrow the filters, or give a higher --limit",
                args.limit
            ));
        }
    }
    Ok(Exit::Done)
}

fn target(args: &List, cursor: Option<&str>, limit: &str) -> String {
    with_query(
        "/v1/sagas",
        &[
            ("status", args.status.as_deref()),
            ("definition", args.definition.as_deref()),
            ("q", args.q.as_deref()),
            ("from", args.from.as_deref()),
            ("to", args.to.as_deref()),
            ("cursor", cursor),
            ("limit", Some(limit)),
        ],
    )
}

fn cells(row: &Row, now: &Now) -> Vec<Cell> {
    let created_ms = time::parse(&row.created_at);
    let accepted = created_ms.map_or_else(String::new, |at_ms| now.relative(at_ms));
    let ended_ms = row.ended_at.as_deref().and_then(time::parse);
    let took = created_ms.zip(ended_ms).map(|(created_ms, ended_ms)| time::length(ended_ms - created_ms));
    let status = if row.paused { format!("{}, paused", row.status) } else { row.status.clone() };
    let why = row.failed.as_ref().map_or_else(String::new, |failed| {
        let step = failed.step.as_deref().map_or_else(String::new, |step| format!("{step}: "));
        text::line(&format!("{step}{}", failed.reason))
    });
    vec![
        text::line(&row.id).into(),
        format!("{} v{}", text::line(&row.definition), row.version).into(),
        cell(of_status(&row.status), status),
        cell(FAINT, accepted),
        cell(FAINT, took.unwrap_or_default()),
        why.into(),
    ]
}
