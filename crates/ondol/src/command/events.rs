//! `ondol events`: a saga's journal, read or followed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

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

/// One event of the journal: members by name, their values as they came, digit by digit.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Event(BTreeMap<String, Box<RawValue>>);

impl Event {
    /// A member that is text.
    fn text(&self, name: &str) -> String {
        let value = self.0.get(name);
        value.and_then(|value| serde_json::from_str(value.get()).ok()).unwrap_or_default()
    }

    /// What kind of fact it is.
    pub(crate) fn kind(&self) -> String {
        text::line(&self.text("type"))
    }

    /// What it was about, in the order in which it is read.
    pub(crate) fn what(&self) -> String {
        /// These say themselves what they are, and stand in front.
        const FIRST: [&str; 6] = ["definition", "step", "half", "attempt", "outcome", "cause"];
        /// These stand elsewhere on the line, or only matter to programs.
        const LEFT_OUT: [&str; 5] = ["seq", "at", "type", "run", "trace_id"];
        let first = FIRST.iter().filter_map(|name| Some((*name, self.0.get(*name)?)));
        let others = self.0.iter().map(|(name, value)| (name.as_str(), value));
        let others = others.filter(|(name, _)| !FIRST.contains(name) && !LEFT_OUT.contains(name));
        let said = first.chain(others).filter_map(|(name, value)| {
            let word = serde_json::from_str::<String>(value.get());
            match (name, word) {
                ("then", Ok(then)) if then == "settle" => None,
                ("attempt", _) => Some(format!("#{}", value.get())),
                (name, Ok(word)) if FIRST.contains(&name) => Some(word),
                (name, Ok(word)) => Some(format!("{name}={word}")),
                (name, Err(_)) => Some(format!("{name}={}", value.get())),
            }
        });
        text::line(&said.collect::<Vec<_>>().join(" "))
    }
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
    matches!(event.kind().as_str(), "completed" | "compensated")
}

/// Has the saga come as far as it will by itself?
pub(crate) fn settled(event: &Event) -> bool {
    ended(event) || event.kind() == "parked"
}

/// One event on one line.
fn line(event: &Event, now: &Now) -> String {
    let kind = event.kind();
    let style = match kind.as_str() {
        "completed" | "compensated" | "parked" => of_status(&kind),
        "turned_back" => of_status("compensating"),
        "submitted" => STRONG,
        _ => PLAIN,
    };
    let seq = event.0.get("seq").map_or("", |seq| seq.get());
    let place = paint(FAINT, &format!("{seq:>4}  {}", now.absolute(&event.text("at"))));
    let what = event.what();
    if what.is_empty() {
        return format!("{place}  {}\n", paint(style, &kind));
    }
    format!("{place}  {} {what}\n", paint(style, &format!("{kind:17}")))
}
