//! `ondol traces show`: one trace as a waterfall.

use serde::Deserialize;

use super::tree::{Line, Span, lines};
use crate::args::Show;
use crate::client::{Client, encoded};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{BAD, CARE, FAINT, GOOD, PLAIN, STRONG, paint};
use crate::output::table::{Table, cell};
use crate::output::time::{Now, nanos};
use crate::output::{self, text};

/// Columns of a bar.
const BAR: usize = 30;

/// A trace.
#[derive(Deserialize)]
struct Trace {
    #[serde(rename = "trace_id")]
    id: String,
    spans: Vec<Span>,
    #[serde(default)]
    analysis: Analysis,
}

/// What its spans say together, as far as it is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Analysis {
    verdict: String,
    errors: u64,
    duplicates: u64,
    orphans: u64,
    shifted: u64,
    retries_total: u64,
    failure: Option<Failure>,
}

/// The failing stage.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    service: String,
    stage: String,
    reason: String,
    origin: Origin,
}

/// The span where it began.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Origin {
    span_id: String,
    name: String,
}

/// Asks and prints.
pub(super) async fn run(args: &Show) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let answer = client.get(&format!("/v1/telemetry/traces/{}", encoded(&args.id))).await?;
    if args.remote.json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let trace: Trace = client.decode("the trace", &answer.body)?;
    output::print(&render(&trace, args.limit as usize, &Now::read()))?;
    Ok(Exit::Done)
}

fn render(trace: &Trace, limit: usize, now: &Now) -> String {
    let from = trace.spans.iter().map(Span::start).min().unwrap_or(0);
    let to = trace.spans.iter().map(Span::end).max().unwrap_or(0);
    let lines = lines(&trace.spans);
    let mut table = Table::new(&["span", "", "took", ""]);
    for line in lines.iter().take(limit) {
        let failing =
            trace.analysis.failure.as_ref().filter(|failure| failure.origin.span_id == line.span.id);
        let failed = line.span.status == "error";
        let style = if failed { BAD } else { PLAIN };
        let said = match failing {
            Some(failure) => format!("◄ failing stage: {}", text::line(&failure.reason)),
            None if failed => text::line(&line.span.status_message),
            None => String::new(),
        };
        table.row(vec![
            cell(style, label(line)),
            cell(if failed { BAD } else { FAINT }, bar(line.span, from, to)),
            nanos(line.span.duration_ns).into(),
            cell(if failing.is_some() { BAD } else { FAINT }, said),
        ]);
    }
    let mut said = head(trace, from, to, now);
    said.push_str(&table.render(""));
    let left = lines.len().saturating_sub(limit);
    if left > 0 {
        said.extend([left.to_string().as_str(), " more spans; --limit shows them\n"]);
    }
    said
}

/// What is worth knowing before the spans.
fn head(trace: &Trace, from: u64, to: u64, now: &Now) -> String {
    let Analysis { verdict, errors, duplicates, orphans, shifted, retries_total, failure } = &trace.analysis;
    let style = match verdict.as_str() {
        "healthy" => GOOD,
        "failed" => BAD,
        _ => CARE,
    };
    let mut said = format!(
        "{} {}  {}  {}  {} spans, {errors} failed\n",
        paint(STRONG, &text::line(&trace.id)),
        paint(style, &text::line(verdict)),
        paint(FAINT, &now.stamp(from)),
        nanos(to.saturating_sub(from)),
        trace.spans.len(),
    );
    if let Some(Failure { service, stage, reason, origin }) = failure {
        let stage = text::line(&stage.replace('_', " "));
        let place = format!("{} `{}`", text::line(service), text::line(&origin.name));
        let mark = paint(BAD, "failing stage:");
        said.extend([
            mark.as_str(),
            " ",
            &place,
            ": ",
            &text::line(reason),
            " (",
            &stage,
            ")
",
        ]);
    }
    let odd = [
        (*retries_total, "calls that took several attempts"),
        (*duplicates, "spans that came more than once"),
        (*orphans, "spans without the parent they name"),
        (*shifted, "spans moved, as clocks differ"),
    ];
    let odd: Vec<String> =
        odd.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what}: {count}")).collect();
    if !odd.is_empty() {
        said.extend([paint(FAINT, &odd.join("; ")).as_str(), "\n"]);
    }
    said
}

fn label(line: &Line<'_>) -> String {
    let mut label = String::new();
    if let Some((own, above)) = line.rails.split_last() {
        for more in above {
            label.push_str(if *more { "│ " } else { "  " });
        }
        label.push_str(if *own { "├ " } else { "└ " });
    }
    let Span { service, name, kind, .. } = line.span;
    let arrow = match kind.as_str() {
        "client" | "producer" => "→ ",
        _ => "",
    };
    label.push_str(&text::line(&format!("{service}: {arrow}{name}")));
    label
}

/// When within the trace it was, and how long.
fn bar(span: &Span, from: u64, to: u64) -> String {
    let whole = to.saturating_sub(from).max(1);
    let column = |at: u64| {
        let at = u128::from(at.saturating_sub(from).min(whole)) * BAR as u128 / u128::from(whole);
        usize::try_from(at).unwrap_or(BAR)
    };
    let (begin, end) = (column(span.start()).min(BAR - 1), column(span.end()));
    format!("{}{}", " ".repeat(begin), "━".repeat(end.saturating_sub(begin).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_a_waterfall_with_its_failing_stage() {
        let trace: Trace = serde_json::from_str(include_str!("failed.json")).expect("a trace");
        let now = Now::at("2026-09-23T12:01:00Z");
        let said =
            [200, 2].map(|limit| anstream::adapter::strip_str(&render(&trace, limit, &now)).to_string());
        insta::assert_snapshot!(said.join("\n"));
    }
}
