//! `ondol why`: what became of a saga and why, in plain words, from its own record.
//!
//! What is worth saying is found once ([`tell`]); each language only words it.

mod english;
mod korean;
mod said;
mod tell;

use super::saga;
use crate::args::{Language, Why};
use crate::client::Client;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::output::style::{STRONG, paint};
use crate::output::time::Now;
use said::{Said, Section, Topic};

/// Says it.
pub(crate) async fn run(args: &Why) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let (saga, body) = saga::fetch(&client, &args.id).await?;
    if args.remote.json {
        output::json(&body)?;
    } else {
        let over = matches!(saga.status.as_str(), "completed" | "compensated");
        let targets = if over { Vec::new() } else { saga::targets(&client).await };
        let sections = tell::tell(&saga, &targets, &Now::read());
        output::print(&render(&sections, args.lang))?;
    }
    Ok(Exit::Done)
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
