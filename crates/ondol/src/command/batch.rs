//! A verb on all sagas that match: the server carries it through, survives a crash with it, and is only watched here.

use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};

use super::act::Body;
use crate::args::{Act, Query};
use crate::client::{Client, JSON, Sent, encoded};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::progress::Progress;
use crate::output::style::{BAD, FAINT, STRONG, paint};
use crate::output::{self, note, text};

/// How often the batch is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What is asked.
#[derive(Serialize)]
struct Begin<'a> {
    verb: &'a str,
    query: &'a Query,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_per_second: Option<u32>,
    #[serde(flatten)]
    body: &'a Body<'a>,
}

/// How far it is.
#[derive(Deserialize)]
struct Batch {
    id: String,
    state: String,
    total: u64,
    done: u64,
    acted: u64,
    refused: u64,
    #[serde(default)]
    refusals: Vec<Refusal>,
}

/// A saga that did not allow the verb.
#[derive(Deserialize)]
struct Refusal {
    id: String,
    reason: String,
}

/// Begins it and watches it to its end.
pub(crate) async fn run(
    client: &Client,
    verb: &str,
    args: &Act,
    query: &Query,
    body: &Body<'_>,
) -> Result<Exit, Error> {
    let begin = Begin { verb, query, rate_per_second: args.selection.rate, body };
    let bytes = serde_json::to_vec(&begin).expect("a batch is plain data");
    let sent = Sent { kind: JSON, bytes, key: None };
    let answer = client.send(Method::POST, "/v1/batches", Some(sent), Duration::ZERO).await?;
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
        say(verb, &batch)?;
    }
    Ok(if batch.refused == 0 && batch.state == "completed" { Exit::Done } else { Exit::Refused })
}

fn say(verb: &str, batch: &Batch) -> Result<(), Error> {
    let Batch { id, state, total, acted, refused, refusals, .. } = batch;
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
