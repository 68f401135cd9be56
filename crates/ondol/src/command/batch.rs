//! A verb on all sagas that match: the server carries it through, survives a crash with it, and is only watched here.

use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use super::act::Body;
use super::run::{Named, insist};
use crate::args::{Act, Query};
use crate::client::{Client, JSON, Sent, encoded};
use crate::error::{Error, What};
use crate::exit::Exit;
use crate::output::progress::Progress;
use crate::output::style::{BAD, FAINT, STRONG, paint};
use crate::output::{self, note, text};

/// How often the batch is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What is asked.
#[derive(Serialize)]
struct Begin<'a> {
    id: &'a str,
    verb: &'a str,
    query: &'a Query,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_per_second: Option<u32>,
    #[serde(flatten)]
    body: &'a Body<'a>,
}

/// How far it is.
#[derive(Deserialize)]
pub(super) struct Batch {
    pub(super) id: String,
    #[serde(default)]
    pub(super) verb: String,
    pub(super) state: String,
    pub(super) total: u64,
    pub(super) done: u64,
    pub(super) acted: u64,
    pub(super) refused: u64,
    #[serde(default)]
    refusals: Vec<Refusal>,
    #[serde(default)]
    pub(super) note: String,
    #[serde(default)]
    pub(super) created_at: String,
}

/// A saga that did not allow the verb.
#[derive(Deserialize)]
struct Refusal {
    id: String,
    reason: String,
}

/// What it would be about.
#[derive(Deserialize)]
struct DryRun {
    total: u64,
    sagas: Vec<String>,
}

/// Begins it and watches it to its end.
pub(crate) async fn run(
    client: &Client,
    verb: &str,
    args: &Act,
    query: &Query,
    body: &Body<'_>,
) -> Result<Exit, Error> {
    let id = ulid::Ulid::generate().to_string();
    let begin = Begin { id: &id, verb, query, rate_per_second: args.selection.rate, body };
    let bytes = serde_json::to_vec(&begin).expect("a batch is plain data");
    if args.dry_run {
        return would(client, verb, bytes, args.remote.json).await;
    }
    let answer = insist(client, "/v1/batches", &bytes, Named { what: What::Batch, id: &id }).await?;
    let mut body = answer.body;
    let mut batch: Batch = client.decode("the batch", &body)?;
    let target = format!("/v1/batches/{}", encoded(&batch.id));
    let mut progress = Progress::new();
    while batch.state == "running" {
        let Batch { id, done, total, refused, .. } = &batch;
        progress.show(&format!("batch {id}: {verb}: {done} of {total}, {refused} refused"));
        tokio::time::sleep(LOOK_EVERY).await;
        match client.get(&target).await {
            Ok(answer) => {
                batch = client.decode("the batch", &answer.body)?;
                body = answer.body;
            }
            // The server goes on with it when it is back, and so does this loop.
            Err(error) if error.is_repeatable() => progress.show(&format!("{error}; the batch goes on")),
            Err(error) => return Err(error),
        }
    }
    progress.clear();
    if args.remote.json {
        output::json(&body)?;
    } else {
        say(&batch)?;
    }
    Ok(if batch.refused == 0 && batch.state == "completed" { Exit::Done } else { Exit::Refused })
}

async fn would(client: &Client, verb: &str, bytes: Vec<u8>, json: bool) -> Result<Exit, Error> {
    let sent = Sent { kind: JSON, bytes, key: None };
    let target = "/v1/batches?dry_run=true";
    let answer = client.send(Method::POST, target, Some(sent), Duration::ZERO).await?;
    if json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let DryRun { total, sagas } = client.decode("the dry run", &answer.body)?;
    let head = paint(STRONG, &format!("{verb} would be asked of {total} sagas"));
    let lines: Vec<String> = sagas.iter().map(|id| format!("  {}\n", text::whole(id))).collect();
    let more = total.saturating_sub(sagas.len() as u64);
    let more = if more > 0 { format!("  and {more} more\n") } else { String::new() };
    output::print(&format!("{head}. Nothing was done.\n{}{more}", lines.concat()))?;
    Ok(Exit::Done)
}

/// How it stands, and what was refused.
pub(super) fn say(batch: &Batch) -> Result<(), Error> {
    let Batch { id, verb, state, total, acted, refused, refusals, .. } = batch;
    let head = paint(STRONG, &format!("{verb}: {acted} of {total} sagas"));
    output::print(&format!(
        "{head}; {refused} refused {}\n",
        paint(FAINT, &format!("(batch {id}, {state})"))
    ))?;
    for refusal in refusals {
        note(&format!("  {} {}: {}", paint(BAD, "refused"), refusal.id, text::line(&refusal.reason)));
    }
    Ok(())
}
