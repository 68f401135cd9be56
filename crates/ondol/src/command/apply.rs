//! `ondol apply`: a new system file for a running server.

use std::time::Duration;

use http::Method;
use serde::Deserialize;

use crate::args::Apply;
use crate::client::{Client, Sent};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{CARE, FAINT, paint};
use crate::output::{self, note, text};

/// What became of the file.
#[derive(Deserialize)]
struct Applied {
    definitions: Vec<Version>,
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default)]
    holds: String,
}

/// A definition and its newest version.
#[derive(Deserialize)]
struct Version {
    name: String,
    version: u32,
}

/// A warning of lint.
#[derive(Deserialize)]
struct Finding {
    line: u32,
    column: u32,
    code: String,
    message: String,
    fix: String,
}

/// Sends the file as it is; the server is its judge.
pub(crate) async fn run(args: &Apply) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let bytes = std::fs::read(&args.file);
    let bytes = bytes.map_err(|source| Error::File { doing: "read", path: args.file.clone(), source })?;
    let sent = Sent { kind: "application/yaml", bytes, key: None };
    let answer = client.send(Method::PUT, "/v1/system", Some(sent), Duration::ZERO).await?;
    if args.remote.json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let applied: Applied = client.decode("the system file", &answer.body)?;
    let file = args.file.display();
    for finding in &applied.findings {
        let Finding { line, column, code, message, fix } = finding;
        let (word, message, fix) = (paint(CARE, "warning"), text::whole(message), text::whole(fix));
        note(&format!("{file}:{line}:{column}: {word}[{code}]: {message}; {fix}"));
    }
    let head = format!("{file} is in force. {}\n", paint(FAINT, &text::line(&applied.holds)));
    let definition = |Version { name, version }: &Version| format!("  {} v{version}\n", text::line(name));
    let lines: Vec<String> = applied.definitions.iter().map(definition).collect();
    output::print(&(head + &lines.concat()))?;
    Ok(Exit::Done)
}
