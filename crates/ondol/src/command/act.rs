//! The verbs: cancel, pause, resume, retry, skip, complete, edit, resend; on named sagas one after the other, on a
//! query as a batch that the server carries through.

use std::borrow::Cow;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::events::Event;
use super::{batch, saga};
use crate::args::{Act, Half, Json};
use crate::client::{Client, JSON, Sent};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::progress::Progress;
use crate::output::style::{CARE, FAINT, GOOD, STRONG, of_status, paint};
use crate::output::{self, note, text};

/// What a verb brings along.
#[derive(Clone, Copy)]
pub(crate) enum Payload<'a> {
    None,
    Output(&'a Json),
    Input(&'a Json),
}

/// The body of a verb; a batch has the same members.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    half: Option<Half>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<u16>,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    if_seq: Option<u64>,
}

impl<'a> Body<'a> {
    fn new(args: &'a Act, payload: Payload<'a>) -> Self {
        let (output, input) = match payload {
            Payload::None => (None, None),
            Payload::Output(output) => (Some(&*output.0), None),
            Payload::Input(input) => (None, Some(&*input.0)),
        };
        Self {
            step: args.step.as_deref(),
            half: args.half,
            output,
            input,
            notice: args.notice,
            note: &args.note,
            by: args.by(),
            if_seq: args.if_seq,
        }
    }
}

/// What a verb did.
#[derive(Deserialize)]
struct Acted {
    seq: u64,
    #[serde(default)]
    pending: bool,
}

/// What a verb would do.
#[derive(Deserialize)]
struct DryRun {
    #[serde(default)]
    pending: bool,
    #[serde(default)]
    status: String,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(default)]
    calls: Vec<Call>,
}

/// A call that would be sent.
#[derive(Deserialize)]
struct Call {
    service: String,
    request: Option<String>,
    body: Option<Box<RawValue>>,
    error: Option<String>,
}

/// Acts. Every saga gets its turn, whatever became of the one before; the first failure decides the exit code.
pub(crate) async fn run(verb: &str, args: &Act, payload: Payload<'_>) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let body = Body::new(args, payload);
    if let Some(query) = &args.selection.query {
        return batch::run(&client, verb, args, query, &body).await;
    }
    if args.if_seq.is_some() && args.selection.ids.len() > 1 {
        return Err(Error::Usage("--if-seq is about one saga; give one id".to_owned()));
    }
    let mut progress = Progress::new();
    let mut first_exit = Exit::Done;
    let ids = &args.selection.ids;
    for (number, id) in ids.iter().enumerate() {
        progress.show(&format!("{verb}: {number} of {}", ids.len()));
        if let Err(error) = one(&client, verb, id, args, &body).await {
            if ids.len() == 1 {
                return Err(error);
            }
            progress.clear();
            match &error {
                Error::Problem(problem) if args.remote.json => note(&problem.to_json()),
                error => note(&format!("{}: {}", paint(STRONG, id), error.render(client.base()))),
            }
            if first_exit == Exit::Done {
                first_exit = error.exit();
            }
        }
    }
    Ok(first_exit)
}

async fn one(client: &Client, verb: &str, id: &str, args: &Act, body: &Body<'_>) -> Result<(), Error> {
    let query = if args.dry_run { "?dry_run=true" } else { "" };
    let target = format!("{}/{verb}{query}", saga::target(id));
    let bytes = serde_json::to_vec(body).expect("a verb's body is plain data");
    let sent = Sent { kind: JSON, bytes, key: None };
    let answer = client.send(Method::POST, &target, Some(sent), Duration::ZERO).await?;
    if args.remote.json {
        return output::json(&answer.body);
    }
    if args.dry_run {
        let dry = client.decode("the dry run", &answer.body)?;
        return output::print(&would(id, verb, &dry));
    }
    let acted: Acted = client.decode("the verb", &answer.body)?;
    let done = if acted.pending {
        paint(CARE, "recorded; it takes effect once the outcome of the point of no return is known")
    } else {
        paint(GOOD, "done")
    };
    output::print(&format!("{}: {verb}: {done}, seq {}\n", paint(STRONG, id), acted.seq))
}

fn would(id: &str, verb: &str, dry: &DryRun) -> String {
    let pending = if dry.pending { ", once the outcome of the point of no return is known" } else { "" };
    let status = paint(of_status(&dry.status), &dry.status);
    let head = format!("{}: {verb} would leave it {status}{pending}. Nothing was done.", paint(STRONG, id));
    let event = |event: &Event| format!("  {} {} {}", paint(FAINT, "event"), event.kind(), event.what());
    let call = |call: &Call| {
        let request = match (&call.request, &call.error) {
            (Some(request), _) => format!("{request} {}", text::json(call.body.as_deref())),
            (None, Some(error)) => format!("cannot be rendered: {error}"),
            (None, None) => String::new(),
        };
        let line = format!("{} {request}", call.service);
        format!("  {}  {}", paint(FAINT, "call"), text::line(line.trim_end()))
    };
    let lines = std::iter::once(head).chain(dry.events.iter().map(event)).chain(dry.calls.iter().map(call));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
