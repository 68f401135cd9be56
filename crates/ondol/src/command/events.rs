//! `ondol events`: a saga's journal, read or followed.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::saga;
use crate::args::Events;
use crate::client::Client;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{FAINT, PLAIN, STRONG, of_status, paint};
use crate::output::time::Now;
use crate::output::{self, text};

/// First pause before a broken stream is opened again; doubled up to [`PAUSE_MAX`].
const PAUSE_FIRST: Duration = Duration::from_millis(100);

/// Longest pause: a restart of the server should not be missed by more.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// One event of the journal.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    #[serde(default)]
    pub(crate) seq: u64,
    #[serde(default)]
    at: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The journal as it is read at once.
#[derive(Deserialize)]
struct Journal {
    events: Vec<Event>,
}

/// What to do after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Wait for the next.
    Follow,
    /// That was all that was wanted.
    Stop,
}

/// Prints the journal.
pub(crate) async fn run(args: &Events) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let now = Now::read();
    if args.follow {
        follow(&client, &args.id, Start::default(), |event, data| {
            output::print(&if args.remote.json { format!("{data}\n") } else { line(event, &now) })?;
            Ok(if ended(event) { Then::Stop } else { Then::Follow })
        })
        .await?;
        return Ok(Exit::Done);
    }
    let answer = client.get(&format!("{}/events", saga::target(&args.id))).await?;
    if args.remote.json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let journal: Journal = client.decode("the journal", &answer.body)?;
    output::print(&journal.events.iter().map(|event| line(event, &now)).collect::<String>())?;
    Ok(Exit::Done)
}

/// Where to begin, and how much to bear.
#[derive(Default)]
pub(crate) struct Start {
    /// Behind this event; from the first where there is none.
    pub(crate) after: Option<String>,
    /// Is a server that is away waited for from the beginning, rather than only once it was there?
    pub(crate) patient: bool,
}

/// Hands over every event, the past ones first, until told to stop. A stream that breaks or ends is opened again
/// behind the last event seen, for as long as the caller has patience.
///
/// # Errors
/// What the server refuses, or what `take` returns.
pub(crate) async fn follow(
    client: &Client,
    id: &str,
    start: Start,
    mut take: impl FnMut(&Event, &str) -> Result<Then, Error>,
) -> Result<(), Error> {
    let target = format!("{}/events", saga::target(id));
    let Start { after: mut last, mut patient } = start;
    let mut pause = PAUSE_FIRST;
    loop {
        let broken = match client.events(&target, last.as_deref()).await {
            Err(error) => Some(error),
            Ok(mut events) => loop {
                patient = true;
                match events.next().await {
                    // A server that goes down ends its streams.
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                    Ok(Some(event)) => {
                        pause = PAUSE_FIRST;
                        last = event.id.or(last);
                        let fact = client.decode("an event", event.data.as_bytes())?;
                        if take(&fact, &event.data)? == Then::Stop {
                            return Ok(());
                        }
                    }
                }
            },
        };
        if let Some(error) = broken
            && !(patient && error.is_repeatable())
        {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Is this the saga's end? Notices may follow, but nothing else.
pub(crate) fn ended(event: &Event) -> bool {
    matches!(event.kind.as_str(), "completed" | "compensated")
}

/// Has the saga come as far as it will by itself?
pub(crate) fn settled(event: &Event) -> bool {
    ended(event) || event.kind == "parked"
}

/// One event on one line.
fn line(event: &Event, now: &Now) -> String {
    let at = now.absolute(&event.at);
    let seq = paint(FAINT, &format!("{:4}", event.seq));
    let style = match event.kind.as_str() {
        "completed" | "compensated" | "parked" => of_status(&event.kind),
        "turned_back" => of_status("compensating"),
        "submitted" => STRONG,
        _ => PLAIN,
    };
    let kind = paint(style, &format!("{:17}", text::line(&event.kind)));
    format!("{seq}  {}  {kind} {}\n", paint(FAINT, &at), what(event)).replace(" \n", "\n")
}

/// What it was about, in the order in which it is read.
pub(crate) fn what(event: &Event) -> String {
    const FIRST: [&str; 6] = ["definition", "step", "half", "attempt", "outcome", "cause"];
    let first = FIRST.iter().filter_map(|name| event.rest.get(*name).map(|value| (*name, value)));
    let others = event.rest.iter().map(|(name, value)| (name.as_str(), value));
    let others = others.filter(|(name, _)| !FIRST.contains(name) && *name != "run");
    let said = first.chain(others).filter_map(|(name, value)| match (name, value) {
        (_, Value::Null) | ("then", Value::String(_)) if value.is_null() || value == "settle" => None,
        ("definition" | "step" | "half" | "outcome" | "cause", Value::String(word)) => Some(word.clone()),
        ("attempt", number) => Some(format!("#{number}")),
        (name, Value::String(word)) => Some(format!("{name}={word}")),
        (name, value) => Some(format!("{name}={value}")),
    });
    text::line(&said.collect::<Vec<_>>().join(" "))
}
