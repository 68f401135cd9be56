//! `ondol run`: submits a saga, and waits for its end where that is asked for.
//!
//! Every try carries the same id, so a lost answer is settled by asking again; nothing ever starts twice.

use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::events::{self, Start, Then};
use super::get;
use super::saga::{self, Saga};
use crate::args::Run;
use crate::client::{Answer, Client, JSON, Sent};
use crate::error::{Error, What};
use crate::exit::Exit;
use crate::output::progress::Progress;
use crate::output::style::{FAINT, STRONG, of_status, paint};
use crate::output::time::Now;
use crate::output::{self, note};

/// Tries of a submit: with the pauses below about ten seconds, which a restart of the server fits into.
const TRIES_MAX: u32 = 9;

/// First pause between two tries; doubled up to [`PAUSE_MAX`].
const PAUSE_FIRST: Duration = Duration::from_millis(50);

/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// What is submitted.
#[derive(Serialize)]
pub(crate) struct Submit<'a> {
    pub(crate) id: &'a str,
    pub(crate) definition: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u32>,
    pub(crate) input: &'a RawValue,
}

/// What the server answers.
#[derive(Deserialize)]
struct Submitted {
    status: String,
    #[serde(default)]
    dropped: bool,
}

/// Submits, and waits if asked to.
pub(crate) async fn run(args: &Run) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let id = args.id.clone().unwrap_or_else(|| ulid::Ulid::generate().to_string());
    let submit =
        Submit { id: &id, definition: &args.definition, version: args.version, input: &args.input.0 };
    let answer = submit_saga(&client, &submit).await?;
    let submitted: Submitted = client.decode("the submit", &answer.body)?;
    let again = answer.status != http::StatusCode::CREATED;
    match args.wait {
        None if args.remote.json => output::json(&answer.body)?,
        None => output::print(&accepted(&id, &submitted.status, again))?,
        Some(_) if submitted.dropped => {
            if args.remote.json {
                output::json(&answer.body)?;
            } else {
                output::print(&accepted(&id, &submitted.status, again))?;
            }
            return Ok(exit_of(&submitted.status));
        }
        Some(limit) => return wait(&client, &id, limit, args.remote.json).await,
    }
    Ok(Exit::Done)
}

/// Submits until it is known to be accepted or refused.
///
/// # Errors
/// What the server refuses; [`Error::Unsettled`] if it could not be learnt whether it was accepted.
pub(crate) async fn submit_saga(client: &Client, submit: &Submit<'_>) -> Result<Answer, Error> {
    let body = serde_json::to_vec(submit).expect("a submit is plain data around JSON that was read before");
    insist(client, "/v1/sagas", &body, Named { what: What::Saga, id: submit.id }).await
}

/// Something that is asked for under an id of its own.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) what: What,
    pub(crate) id: &'a str,
}

/// Sends a body until it is known whether it was accepted, every time with the same key.
pub(crate) async fn insist(
    client: &Client,
    target: &str,
    body: &[u8],
    named: Named<'_>,
) -> Result<Answer, Error> {
    let mut progress = Progress::new();
    let (mut pause, mut tries) = (PAUSE_FIRST, 1);
    // A connection that was refused carried nothing; only after another failure is anything in doubt.
    let mut in_doubt = false;
    loop {
        let sent = Sent { kind: JSON, bytes: body.to_vec(), key: Some(named.id) };
        let error = match client.send(Method::POST, target, Some(sent), Duration::ZERO).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        in_doubt |= !error.is_certainly_unsent();
        if !error.is_repeatable() {
            return Err(error);
        }
        if tries == TRIES_MAX {
            progress.clear();
            let (what, id) = (named.what, named.id.to_owned());
            return Err(if in_doubt { Error::Unsettled { what, id, last: Box::new(error) } } else { error });
        }
        progress.show(&format!("{error}; trying again with the same id ({tries} of {TRIES_MAX})"));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
        tries += 1;
    }
}

fn accepted(id: &str, status: &str, again: bool) -> String {
    let again = if again { ", which was submitted before" } else { "" };
    let status = paint(of_status(status), status);
    let hint = paint(FAINT, &format!("  follow it: ondol events {id} --follow"));
    format!("{}{again}: {status}\n{hint}\n", paint(STRONG, id))
}

/// Watches a saga until it is over, and says how it ended.
pub(crate) async fn wait(client: &Client, id: &str, limit: Duration, json: bool) -> Result<Exit, Error> {
    let mut progress = Progress::new();
    let settled = tokio::time::timeout(limit, settle(client, id, &mut progress)).await;
    progress.clear();
    let (saga, body) = match settled {
        Ok(settled) => settled?,
        // The time is up: the saga is shown as it stands.
        Err(_) => saga::fetch(client, id).await?,
    };
    if json {
        output::json(&body)?;
    } else {
        output::print(&get::render(&saga, &Now::read()))?;
    }
    let exit = exit_of(&saga.status);
    if exit == Exit::Waiting && !json {
        note(&format!("not over yet; it goes on by itself: ondol events {id} --follow"));
    }
    Ok(exit)
}

/// Follows a saga until it has come as far as it will by itself. A server that restarts meanwhile is waited for.
async fn settle(client: &Client, id: &str, progress: &mut Progress) -> Result<(Saga, bytes::Bytes), Error> {
    let mut after = None;
    loop {
        let start = Start { after, patient: true };
        events::follow(client, id, start, |event, _| {
            progress.show(format!("{id}: {} {}", event.kind(), event.what()).trim_end());
            Ok(if events::settled(event) { Then::Stop } else { Then::Follow })
        })
        .await?;
        match saga::fetch(client, id).await {
            Ok((saga, body)) if exit_of(&saga.status) != Exit::Waiting => return Ok((saga, body)),
            // It was parked once, and a person has acted since.
            Ok((saga, _)) => after = Some(saga.seq.to_string()),
            Err(error) if error.is_repeatable() => {
                after = None;
                tokio::time::sleep(PAUSE_MAX).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// What a saga's status is to the script that waits for it.
pub(crate) fn exit_of(status: &str) -> Exit {
    match status {
        "completed" => Exit::Done,
        "compensated" => Exit::Failed,
        "parked" => Exit::Parked,
        _ => Exit::Waiting,
    }
}
