//! `ondol why`: what became of a saga, a trace or a request, and why, in plain words.
//!
//! The server tells the story: it has the saga's journal, the spans of its trace and the logs. What it cannot know of the
//! present (who waits for what, whom nobody told) is added here from the saga's own record ([`tell`]); each language only
//! words it. Where the server cannot read its telemetry, the record alone is told.

mod english;
mod korean;
mod said;
mod tell;

use serde::Deserialize;

use super::saga;
use crate::args::{Language, Why};
use crate::client::{Client, encoded, with_query};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{STRONG, paint};
use crate::output::time::Now;
use crate::output::{self, text};
use said::{Said, Section, Topic};

/// The story as the server tells it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    saga: Option<String>,
    text: String,
}

/// What a server answers that cannot read its telemetry now.
const UNREADABLE: [&str; 4] = ["telemetry_failed", "trace_too_large", "queries_busy", "too_slow"];

/// Says it.
pub(crate) async fn run(args: &Why) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let language = args.language();
    let target =
        with_query(&format!("/v1/telemetry/why/{}", encoded(&args.id)), &[("lang", Some(language.code()))]);
    let answer = match client.get(&target).await {
        Ok(answer) => answer,
        // Its telemetry cannot be read; the record can.
        Err(Error::Problem(problem)) if UNREADABLE.contains(&&*problem.code) => {
            let (saga, body) = saga::fetch(&client, &args.id).await?;
            return if args.remote.json {
                output::json(&body)?;
                Ok(Exit::Done)
            } else {
                say(&client, &saga, |_| true, language).await
            };
        }
        Err(error) => return Err(error),
    };
    if args.remote.json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let told: Told = client.decode("the story", &answer.body)?;
    if told.text.is_empty() {
        return Err(client.strange("the story", "it has no `text`"));
    }
    output::print(&headed(&told.text))?;
    if let Some(id) = &told.saga {
        let (saga, _) = saga::fetch(&client, id).await?;
        // The rest is in the story.
        let own = |section: &Section| match section.topic {
            Topic::Waiting | Topic::Vouched | Topic::Told => true,
            // Only the record knows that the system file lacks a service.
            Topic::Next => section.said.iter().any(|said| matches!(said, Said::Add { .. })),
            Topic::Outcome | Topic::Why | Topic::Trail => false,
        };
        return say(&client, &saga, own, language).await;
    }
    Ok(Exit::Done)
}

/// Says what the record says on some topics.
async fn say(
    client: &Client,
    saga: &saga::Saga,
    own: impl Fn(&Section) -> bool,
    language: Language,
) -> Result<Exit, Error> {
    let over = matches!(saga.status.as_str(), "completed" | "compensated");
    let targets = if over { Vec::new() } else { saga::targets(client).await };
    let mut sections = tell::tell(saga, &targets, &Now::read());
    sections.retain(own);
    if !sections.is_empty() {
        output::print(&format!("\n{}", render(&sections, language)))?;
    }
    Ok(Exit::Done)
}

/// A story with its headings made strong: lines that are not indented.
fn headed(story: &str) -> String {
    let lines = story.lines().map(|line| {
        let line = text::whole(line);
        if line.is_empty() || line.starts_with(' ') { line } else { paint(STRONG, &line) }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn render(sections: &[Section], language: Language) -> String {
    let heading: fn(Topic) -> &'static str = match language {
        Language::En => english::heading,
        Language::Ko => korean::heading,
    };
    let say: fn(&Said) -> String = match language {
        Language::En => english::say,
        Language::Ko => korean::say,
    };
    let section = |section: &Section| {
        let said = section.said.iter().map(|said| format!("  {}", say(said)));
        let lines = std::iter::once(paint(STRONG, heading(section.topic))).chain(said);
        lines.collect::<Vec<_>>().join("\n")
    };
    sections.iter().map(section).collect::<Vec<_>>().join("\n\n") + "\n"
}

#[cfg(test)]
mod tests;
