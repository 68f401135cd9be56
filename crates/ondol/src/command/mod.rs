//! Every verb, one module each, and the way to it.

mod act;
mod apply;
mod batch;
mod batches;
mod call;
mod demo;
mod events;
mod exec;
mod explain;
mod get;
mod init;
mod lint;
mod list;
mod logs;
mod map;
mod run;
mod saga;
mod serve;
mod traces;
mod why;

use std::future::Future;

use clap::CommandFactory as _;

use crate::args::{Cli, Command};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

/// Does what the command line asks.
pub(crate) fn run(command: Command) -> Result<Exit, Error> {
    match command {
        Command::Init(args) => init::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Apply(args) => wait_for(apply::run(&args)),
        Command::Run(args) => wait_for(run::run(&args)),
        Command::Get(args) => wait_for(get::run(&args)),
        Command::List(args) => wait_for(list::run(&args)),
        Command::Events(args) => wait_for(events::run(&args)),
        Command::Why(args) => wait_for(why::run(&args)),
        Command::Batches(args) => wait_for(batches::run(&args)),
        Command::Call(args) => wait_for(call::run(&args)),
        Command::Traces(args) => wait_for(traces::run(&args)),
        Command::Logs(args) => wait_for(logs::run(&args)),
        Command::Tail(args) => wait_for(logs::tail(&args)),
        Command::Map(args) => wait_for(map::run(&args)),
        Command::Exec(args) => wait_for(exec::run(&args)),
        Command::Cancel(args) => wait_for(act::run("cancel", &args, act::Payload::None)),
        Command::Pause(args) => wait_for(act::run("pause", &args, act::Payload::None)),
        Command::Resume(args) => wait_for(act::run("resume", &args, act::Payload::None)),
        Command::Retry(args) => wait_for(act::run("retry", &args, act::Payload::None)),
        Command::Skip(args) => wait_for(act::run("skip", &args, act::Payload::None)),
        Command::Resend(args) => wait_for(act::run("resend", &args, act::Payload::None)),
        Command::Complete(args) => {
            wait_for(act::run("complete", &args.act, act::Payload::Output(&args.output)))
        }
        Command::Edit(args) => wait_for(act::run("edit", &args.act, act::Payload::Input(&args.input))),
        Command::Demo(args) => demo::run(&args),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "ondol", &mut script);
            output::print(&String::from_utf8_lossy(&script)).map(|()| Exit::Done)
        }
        Command::Version => {
            output::print(concat!("ondol ", env!("CARGO_PKG_VERSION"), "\n")).map(|()| Exit::Done)
        }
        Command::ExitCodes => output::print(&Exit::table()).map(|()| Exit::Done),
    }
}

/// Runs a client's command on one thread: it waits far more than it works.
fn wait_for(command: impl Future<Output = Result<Exit, Error>>) -> Result<Exit, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Error::System { doing: "start the runtime", source })?;
    runtime.block_on(command)
}
