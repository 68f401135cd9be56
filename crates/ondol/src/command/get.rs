//! `ondol get`: a saga as it stands.

use std::fmt::Write as _;

use super::saga::{self, Saga, Step};
use crate::args::Get;
use crate::client::Client;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{FAINT, STRONG, of_status, paint};
use crate::output::table::{Table, cell};
use crate::output::time::{self, Now};
use crate::output::{self, text};

/// Shows it.
pub(crate) async fn run(args: &Get) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let (saga, body) = saga::fetch(&client, &args.id).await?;
    if args.remote.json {
        output::json(&body)?;
    } else {
        output::print(&render(&saga, &Now::read()))?;
    }
    Ok(Exit::Done)
}

/// The saga as text.
pub(crate) fn render(saga: &Saga, now: &Now) -> String {
    let mut out = format!(
        "{}  {}{}  {} v{}\n",
        paint(STRONG, &text::whole(&saga.id)),
        paint(of_status(&saga.status), &saga.status),
        if saga.paused { paint(of_status("paused"), " (paused)") } else { String::new() },
        text::line(&saga.definition),
        saga.version,
    );
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            let name = paint(FAINT, &format!("{name:9}"));
            writeln!(out, "  {name} {value}").expect("writing to a string cannot fail");
        }
    };
    field("accepted", now.moment(&saga.created_at));
    field("ended", saga.ended_at.as_deref().map_or_else(String::new, |at| now.moment(at)));
    field("input", text::json(saga.input.as_deref()));
    field("output", text::json(saga.output.as_deref()));
    field("no output", saga.output_error.as_deref().map_or_else(String::new, text::whole));
    field(
        "failed",
        saga.failed.as_ref().map_or_else(String::new, |failed| {
            let step = failed.step.as_deref().map_or_else(String::new, |step| format!("{step}: "));
            text::whole(&format!("{step}{}", failed.reason))
        }),
    );
    field(
        "next",
        saga.next.as_ref().map_or_else(String::new, |next| {
            let at = next.at.as_deref().and_then(time::parse).map(|at_ms| now.relative(at_ms));
            text::line(&at.map_or_else(|| next.what.clone(), |at| format!("{}, {at}", next.what)))
        }),
    );
    field("trace", saga.trace_id.clone().unwrap_or_default());
    field("seq", saga.seq.to_string());
    out.push('\n');
    out.push_str(&steps(&saga.steps).render("  "));
    if saga.failed.is_some() || saga.status == "parked" {
        let hint = format!("\n  why, and what to do: ondol why {}\n", saga.id);
        out.push_str(&paint(FAINT, &hint));
    }
    out
}

fn steps(steps: &[Step]) -> Table {
    let mut table = Table::new(&["step", "service", "status", "attempts", "detail"]);
    for step in steps {
        let name = if step.pivot { format!("{} (pivot)", step.name) } else { step.name.clone() };
        let stuck = step.progress.as_ref().is_some_and(|progress| progress.mode == "stuck");
        let status = if stuck { format!("{}, stuck", step.status) } else { step.status.clone() };
        let style = of_status(if stuck { "stuck" } else { &step.status });
        let detail = match &step.error {
            Some(error) if step.status != "done" => text::line(error),
            Some(_) | None => text::json(step.output.as_deref()),
        };
        let attempts = if step.attempts.is_empty() { String::new() } else { step.attempts.len().to_string() };
        table.row(vec![
            text::line(&name).into(),
            text::line(&step.service).into(),
            cell(style, status),
            attempts.into(),
            cell(FAINT, detail),
        ]);
    }
    table
}
