//! What can go wrong at the edge, said so that the reader knows what to do next.

use std::path::PathBuf;

use ondol_server::ServeError;

use crate::client::Problem;
use crate::exit::Exit;
use crate::output::style::{BAD, FAINT, STRONG, paint};

/// What is asked for under an id of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Saga,
    Batch,
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Saga => "saga",
            Self::Batch => "batch",
        })
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The server said no (RFC 9457).
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),
    /// No connection, or it broke.
    #[error("{server} cannot be reached: {why}")]
    Unreachable {
        /// The address.
        server: String,
        /// What the system said.
        why: String,
        /// Did the request certainly never leave?
        unsent: bool,
    },
    /// No answer in time.
    #[error("{server} did not answer within {seconds} s")]
    Silent {
        /// The address.
        server: String,
        /// How long was waited.
        seconds: u64,
    },
    /// No connection to the proxy, or it broke.
    #[error("the proxy {proxy} {}: {why}", if *unsent { "cannot be reached" } else { "did not finish the call" })]
    Proxy {
        /// The address.
        proxy: String,
        /// What the system said.
        why: String,
        /// Did the call certainly never leave?
        unsent: bool,
    },
    /// It is unknown whether it was accepted.
    #[error("it is unknown whether {what} `{id}` was accepted: {last}")]
    Unsettled {
        /// What was asked for.
        what: What,
        /// The id that every try carried.
        id: String,
        /// What the last try ended in.
        last: Box<Error>,
    },
    /// An answer that is not what the API says.
    #[error("{server} answered {what}, which this program cannot read: {why}")]
    Strange {
        /// The address.
        server: String,
        /// What was asked.
        what: String,
        /// What is strange.
        why: String,
    },
    /// The command line, where clap cannot know.
    #[error("{0}")]
    Usage(String),
    /// A file.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that stands in the way.
    #[error("{} exists", .0.display())]
    Exists(PathBuf),
    /// The server did not start, or stopped by itself.
    #[error("{}", chain(.0))]
    Serve(Box<ServeError>),
    /// The demo's own server.
    #[error("the demo cannot go on: {0}")]
    Demo(&'static str),
    /// The system refused something the program itself needs.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// Standard output failed.
    #[error("cannot print: {0}")]
    Print(std::io::Error),
    /// The reader of standard output went away.
    #[error("the reader went away")]
    Closed,
}

impl Error {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Problem(problem) => problem.exit(),
            Self::Unreachable { .. } | Self::Silent { .. } | Self::Proxy { unsent: true, .. } => {
                Exit::Unreachable
            }
            Self::Unsettled { .. } | Self::Proxy { unsent: false, .. } => Exit::Unsettled,
            Self::Usage(_) => Exit::Usage,
            Self::Serve(error) => match **error {
                ServeError::NoToken { .. } => Exit::Usage,
                _ => Exit::Local,
            },
            Self::Strange { .. }
            | Self::File { .. }
            | Self::Exists(_)
            | Self::Demo(_)
            | Self::System { .. }
            | Self::Print(_) => Exit::Local,
            Self::Closed => Exit::Done,
        }
    }

    /// May the same request with the same id be sent again?
    pub(crate) fn is_repeatable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Silent { .. } => true,
            Self::Problem(problem) => problem.is_repeatable(),
            Self::Proxy { .. }
            | Self::Unsettled { .. }
            | Self::Strange { .. }
            | Self::Usage(_)
            | Self::File { .. }
            | Self::Exists(_)
            | Self::Serve(_)
            | Self::Demo(_)
            | Self::System { .. }
            | Self::Print(_)
            | Self::Closed => false,
        }
    }

    /// Is it sure that this request changed nothing?
    pub(crate) fn is_certainly_unsent(&self) -> bool {
        match self {
            Self::Unreachable { unsent, .. } | Self::Proxy { unsent, .. } => *unsent,
            Self::Problem(problem) => problem.changed_nothing(),
            Self::Silent { .. } => false,
            Self::Unsettled { .. }
            | Self::Strange { .. }
            | Self::Usage(_)
            | Self::File { .. }
            | Self::Exists(_)
            | Self::Serve(_)
            | Self::Demo(_)
            | Self::System { .. }
            | Self::Print(_)
            | Self::Closed => true,
        }
    }

    /// What to do next, where the message does not say it itself.
    fn next(&self) -> Option<String> {
        match self {
            Self::Problem(problem) => problem.next().map(str::to_owned),
            Self::Unreachable { .. } => Some(
                "is it running? `ondol serve` starts one; --server or ONDOL_SERVER names another".to_owned(),
            ),
            Self::Silent { .. } => {
                Some("try again; nothing was learnt of what became of the request".to_owned())
            }
            Self::Proxy { unsent: true, .. } => Some(
                "is it running? `ondol serve` starts it beside the API, unless it is told --proxy none; --proxy or \
                 ONDOL_PROXY_URL names another"
                    .to_owned(),
            ),
            Self::Proxy { unsent: false, .. } => {
                Some("it may have happened: ask the service before you call it again".to_owned())
            }
            Self::Unsettled { what: What::Saga, id, .. } => {
                Some(format!("repeat the same command with --id {id}: it starts nothing twice"))
            }
            Self::Unsettled { what: What::Batch, id, .. } => {
                Some(format!("`ondol batches {id}` tells, once the server is back; `--cancel` ends it"))
            }
            Self::Strange { .. } => {
                Some("is it an Ondol server, and of a version that fits? compare `ondol version`".to_owned())
            }
            Self::Exists(_) => Some("--force overwrites it".to_owned()),
            Self::Usage(_)
            | Self::File { .. }
            | Self::Serve(_)
            | Self::Demo(_)
            | Self::System { .. }
            | Self::Print(_)
            | Self::Closed => None,
        }
    }

    /// The whole of it, for standard error. `server` is where help pages are.
    pub(crate) fn render(&self, server: &str) -> String {
        let head = paint(BAD, "error:");
        let mut lines = match self {
            Self::Problem(problem) => {
                let code = paint(FAINT, &format!("[{}]", problem.code));
                let title = format!("{head} {} {code}", paint(STRONG, &problem.title));
                let mut lines = vec![title];
                lines.extend(problem.detail.lines().map(str::to_owned));
                lines.extend(problem.findings());
                lines.extend(problem.outcome());
                lines.extend(problem.sagas());
                lines
            }
            other => vec![format!("{head} {other}")],
        };
        if let Some(next) = self.next() {
            lines.push(format!("{} {next}", paint(FAINT, "next:")));
        }
        if let Self::Problem(problem) = self
            && let Some(page) = problem.page(server)
        {
            lines.push(format!("{} {page}", paint(FAINT, "help:")));
        }
        lines.join("\n  ")
    }
}

/// An error with everything that led to it, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = cause.source();
    }
    text
}
