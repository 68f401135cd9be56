//! `ondol exec`: a program, whose output passes through, and whose lines are logs.
//!
//! ```text
//! program ─► pipes ─► pass (a thread each) ─► standard output, standard error
//!                        └─► buffer (bounded, drops the oldest) ─► send ─► OTLP
//! ```
//!
//! The program waits for whoever reads its output, as it would without this, and never for telemetry.

mod buffer;
mod pass;
mod program;
mod send;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ondol_telemetry::model::{Attributes, Source};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::args::{self, Exec};
use crate::client::Otlp;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use buffer::Buffer;
use program::Program;

/// How long output is waited for once the program has ended: what it started and left behind may keep it open.
const OUTPUT_WITHIN: Duration = Duration::from_secs(2);

/// How long the last lines may take to be sent once the program has ended.
const SENT_WITHIN: Duration = Duration::from_secs(5);

/// The exit codes of shells for a program that is not there, and for one that cannot be run (POSIX, 2.8.2).
const NOT_THERE: u8 = 127;
const NOT_RUN: u8 = 126;

pub(crate) async fn run(args: &Exec) -> Result<Exit, Error> {
    let token = args::token(args.token.as_deref(), args.token_file.as_deref())?;
    let otlp = Otlp::new(&args.otlp, token)?;
    let buffer = Arc::new(Buffer::default());
    let mut program = match Program::start(args, otlp.base(), &buffer) {
        Ok(program) => program,
        Err(source) => {
            let code = if source.kind() == io::ErrorKind::NotFound { NOT_THERE } else { NOT_RUN };
            let path = args.program.first().map(Into::into).unwrap_or_default();
            output::note(&Error::File { doing: "run", path, source }.render(""));
            return Ok(Exit::Program(code));
        }
    };
    let instance = args.instance.clone().unwrap_or_else(|| program.instance());
    let resource = Arc::new(Attributes::default());
    let source = Source { service: args.service.clone(), instance, resource };
    let (ended, mut sender) = (CancellationToken::new(), JoinSet::new());
    sender.spawn(send::send(otlp, source, Arc::clone(&buffer), ended.clone()));
    let code = program.wait().await;
    let _ = tokio::time::timeout(OUTPUT_WITHIN, buffer.closed()).await;
    ended.cancel();
    let _ = tokio::time::timeout(SENT_WITHIN, sender.join_next()).await;
    sender.abort_all();
    if let Some(said) = buffer.lost().said() {
        output::note(&said);
    }
    let code = code.map_err(|source| Error::System { doing: "wait for the program", source })?;
    Ok(Exit::Program(code))
}
