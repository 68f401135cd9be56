//! The command line: what can be said, and nothing of what it does.

mod act;
mod call;
mod exec;
mod read;
mod remote;
mod serve;
mod submit;
mod telemetry;

pub(crate) use act::{Act, Complete, Edit, Half, Query};
pub(crate) use call::{Call, Header};
pub(crate) use exec::Exec;
pub(crate) use read::{Batches, Events, Get, Language, List, Why};
pub(crate) use remote::{Remote, token};
pub(crate) use serve::Serve;
pub(crate) use submit::{Apply, Json, Run};
pub(crate) use telemetry::{LIMIT_MAX, Logs, Map, Show, Tail, Traces, Which, query};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::exit::Exit;

/// Business transactions over many services that are all done, or undone.
#[derive(Parser)]
#[command(
    name = "ondol",
    version,
    after_help = "Begin with `ondol demo`, then `ondol init` and `ondol serve`. \
                  What the exit codes mean: `ondol help exit-codes`."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Every verb.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write a commented ondol.yaml to begin with
    Init(Init),
    /// Check a system file: every mistake with its place, its reason and its fix
    Lint(Lint),
    /// Run the server
    Serve(Serve),
    /// Give the server a new system file
    Apply(Apply),
    /// Run a saga
    Run(Run),
    /// Show a saga as it stands
    Get(Get),
    /// List sagas, newest first
    List(List),
    /// Show a saga's journal, or follow it
    Events(Events),
    /// Say in plain words what became of a saga, why, and what to do next
    Why(Why),
    /// Show the batches there are, or how one stands; or end it
    Batches(Batches),
    /// Call a service through the proxy, and say why the call went as it did
    Call(Call),
    /// Search traces, or show one: what called what, and what failed
    Traces(Traces),
    /// Search logs, or follow them
    Logs(Logs),
    /// Show log lines as they come
    Tail(Tail),
    /// Show services, who calls whom, and how that goes
    Map(Map),
    /// Run a program and send what it prints as logs
    Exec(Exec),
    /// Turn back and undo; before the point of no return only
    Cancel(Act),
    /// Start nothing new, in either direction, until resumed
    Pause(Act),
    /// Go on after a pause
    Resume(Act),
    /// Try the stuck half again, with its attempts beginning anew
    Retry(Act),
    /// Vouch that this half is not needed
    Skip(Act),
    /// Vouch that an action took effect, with this output
    Complete(Complete),
    /// Give a new input to the halves that were not sent yet
    Edit(Edit),
    /// Send a notice again that nobody took
    Resend(Act),
    /// See it work: a server, two services, one saga that completes and one that is undone
    Demo(Demo),
    /// Print a script that completes commands in your shell
    Completions(Completions),
    /// Print the version
    Version,
    /// What the exit codes mean
    #[command(name = "exit-codes", long_about = Exit::table(), hide = true)]
    ExitCodes,
}

/// In which manner errors are said.
pub(crate) struct Manner {
    /// As JSON?
    pub(crate) json: bool,
    /// Where help pages are.
    pub(crate) server: String,
}

impl Command {
    /// Kept from the arguments, which the command takes with it.
    pub(crate) fn manner(&self) -> Manner {
        match self.remote() {
            Some(remote) => Manner { json: remote.json, server: remote.server.clone() },
            None => Manner { json: false, server: String::new() },
        }
    }

    fn remote(&self) -> Option<&Remote> {
        match self {
            Self::Apply(args) => Some(&args.remote),
            Self::Run(args) => Some(&args.remote),
            Self::Get(args) => Some(&args.remote),
            Self::List(args) => Some(&args.remote),
            Self::Events(args) => Some(&args.remote),
            Self::Why(args) => Some(&args.remote),
            Self::Batches(args) => Some(&args.remote),
            Self::Call(args) => Some(&args.remote),
            Self::Traces(args) => Some(match &args.which {
                Some(Which::Show(args)) => &args.remote,
                None => &args.remote,
            }),
            Self::Logs(args) => Some(&args.remote),
            Self::Tail(args) => Some(&args.remote),
            Self::Map(args) => Some(&args.remote),
            Self::Cancel(args)
            | Self::Pause(args)
            | Self::Resume(args)
            | Self::Retry(args)
            | Self::Skip(args)
            | Self::Resend(args) => Some(&args.remote),
            Self::Complete(args) => Some(&args.act.remote),
            Self::Edit(args) => Some(&args.act.remote),
            Self::Init(_)
            | Self::Lint(_)
            | Self::Serve(_)
            | Self::Exec(_)
            | Self::Demo(_)
            | Self::Completions(_)
            | Self::Version
            | Self::ExitCodes => None,
        }
    }
}

/// `ondol init`
#[derive(Args)]
pub(crate) struct Init {
    /// The file to write
    #[arg(default_value = "ondol.yaml")]
    pub(crate) file: PathBuf,
    /// Overwrite the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// `ondol lint`
#[derive(Args)]
pub(crate) struct Lint {
    /// The files to check; `-` is standard input
    #[arg(default_value = "ondol.yaml", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Print findings as JSON, one line a finding
    #[arg(long)]
    pub(crate) json: bool,
}

/// `ondol demo`
#[derive(Args)]
pub(crate) struct Demo {
    /// Stop after the two sagas instead of serving on until Ctrl-C
    #[arg(long)]
    pub(crate) once: bool,
}

/// `ondol completions`
#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
