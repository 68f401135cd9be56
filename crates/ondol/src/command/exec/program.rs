//! The program: started, told what this process is told, and waited for.

use std::io::{self, IsTerminal as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{self, SignalKind, signal};

use super::buffer::{Buffer, Stream};
use super::pass::pass;
use crate::args::Exec;
use crate::clock;

/// What shells add to the number of the signal that ended a program.
const SIGNALLED: i32 = 128;

/// A program that runs.
pub(super) struct Program {
    child: Child,
    ended: unix::Signal,
    told: Told,
}

/// What this process is told, and passes on.
struct Told {
    terminate: unix::Signal,
    hangup: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
    first: unix::Signal,
    second: unix::Signal,
    /// Ctrl-C goes from the terminal to the program, too: passed on, it would come twice.
    terminal: bool,
}

impl Program {
    /// Starts it. What the OpenTelemetry SDKs ask for is set where nobody has.
    pub(super) fn start(args: &Exec, endpoint: &str, buffer: &Arc<Buffer>) -> io::Result<Self> {
        let [program, arguments @ ..] = args.program.as_slice() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        // Before it is started: it may end at once.
        let (ended, told) = (signal(SignalKind::child())?, Told::new()?);
        let (out, out_end) = io::pipe()?;
        let (err, err_end) = io::pipe()?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::inherit()).stdout(out_end).stderr(err_end);
        let set = |name: &str| std::env::var_os(name).is_some();
        if !set("OTEL_SERVICE_NAME") {
            command.env("OTEL_SERVICE_NAME", &args.service);
        }
        if !set("OTEL_EXPORTER_OTLP_ENDPOINT") {
            command.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
            if !set("OTEL_EXPORTER_OTLP_PROTOCOL") {
                command.env("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
            }
        }
        let child = command.spawn()?;
        // It has the other ends of the pipes, which must be open nowhere else.
        drop(command);
        follow("stdout", buffer, move |buffer| pass(out, io::stdout(), Stream::Out, buffer, clock::wall_ns))?;
        follow("stderr", buffer, move |buffer| pass(err, io::stderr(), Stream::Err, buffer, clock::wall_ns))?;
        Ok(Self { child, ended, told })
    }

    /// This machine's name, and the number of the process.
    pub(super) fn instance(&self) -> String {
        let system = rustix::system::uname();
        format!("{}:{}", system.nodename().to_string_lossy(), self.child.id())
    }

    /// Waits for its end, and tells it what this process is told. Its exit code, as a shell says it.
    pub(super) async fn wait(&mut self) -> io::Result<u8> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(code(status));
            }
            tokio::select! {
                _ = self.ended.recv() => {}
                signal = self.told.next() => {
                    // It has not been waited for, so the number is still its own; it may have ended, and then nobody hears.
                    let _ = kill_process(Pid::from_child(&self.child), signal);
                }
            }
        }
    }
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(SIGNALLED + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// A thread for one stream: what it is passed on to may block.
fn follow(
    name: &str,
    buffer: &Arc<Buffer>,
    pass: impl FnOnce(&Buffer) -> io::Result<()> + Send + 'static,
) -> io::Result<()> {
    let buffer = Arc::clone(buffer);
    buffer.open();
    let thread = move || {
        // Nobody reads it any more, and the program learns of that by itself.
        let _ = pass(&buffer);
        buffer.close();
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(thread).map(drop)
}

impl Told {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            first: signal(SignalKind::user_defined1())?,
            second: signal(SignalKind::user_defined2())?,
            terminal: io::stdin().is_terminal(),
        })
    }

    /// The next one that is to be passed on.
    async fn next(&mut self) -> Signal {
        loop {
            let told = tokio::select! {
                _ = self.terminate.recv() => Signal::TERM,
                _ = self.hangup.recv() => Signal::HUP,
                _ = self.interrupt.recv() => Signal::INT,
                _ = self.quit.recv() => Signal::QUIT,
                _ = self.first.recv() => Signal::USR1,
                _ = self.second.recv() => Signal::USR2,
            };
            let from_terminal = self.terminal && (told == Signal::INT || told == Signal::QUIT);
            if !from_terminal {
                return told;
            }
        }
    }
}
