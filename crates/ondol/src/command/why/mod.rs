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
use said::Section;

/// Says it.
pub(crate) async fn run(args: &Why) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let (saga, body) = saga::fetch(&client, &args.id).await?;
    if args.remote.json {
        output::json(&body)?;
    } else {
        let sections = tell::tell(&saga, crate::clock::wall_ms());
        output::print(&render(&sections, args.lang))?;
    }
    Ok(Exit::Done)
}

fn render(sections: &[Section], language: Language) -> String {
    let (heading, say): (fn(said::Topic) -> &'static str, fn(&said::Said) -> String) = match language {
        Language::En => (english::heading, english::say),
        Language::Ko => (korean::heading, korean::say),
    };
    let section = |section: &Section| {
        let lines: String = section.said.iter().map(|said| format!("  {}\n", say(said))).collect();
        format!("{}\n{lines}", paint(STRONG, heading(section.topic)))
    };
    sections.iter().map(section).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
