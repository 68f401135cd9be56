//! A call through the proxy is the call without it: the same requests, direct and through, compared byte for byte.
//!
//! The services and callers are other people's programs in other languages (`xtask/peers`), so that nothing here agrees
//! with the proxy only because it shares its code. What is missing on this machine is skipped aloud, never passed.

mod answer;
mod ask;
mod bed;
mod big;
mod compare;
mod curl;
mod dapr;
mod grpc;
mod h2spec;
mod http;
mod mirror;
mod report;
mod script;
mod tables;
mod tools;
mod ways;
mod websocket;

use crate::error::Error;
use crate::workspace;
pub(crate) use script::Script;

use bed::Bed;
use report::Report;
use std::path::{Path, PathBuf};
use tools::Tools;

/// Options of the comparison.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these parts, with commas between them
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// End with 0 although something was skipped
    #[arg(long)]
    allow_skips: bool,
    /// An `ondol` that is built already, instead of building one
    #[arg(long, value_name = "FILE", value_parser = crate::workspace::program)]
    ondol: Option<PathBuf>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// httpbin: methods, statuses, encodings, ranges, streams, redirects
    Http,
    /// What arrives at the service, and odd answers, on bare sockets
    Mirror,
    /// Every way to name the service
    Ways,
    /// 100 Continue, by curl
    Continue,
    /// A gibibyte up and down, in little memory
    Big,
    /// Python's and JavaScript's gRPC
    Grpc,
    /// WebSocket
    Websocket,
    /// The HTTP/2 conformance suite h2spec
    H2spec,
    /// Dapr's SDKs for Python and JavaScript
    Dapr,
}

/// Runs it.
///
/// # Errors
/// If it could not be run, something differed, or something was skipped without leave.
pub(crate) fn run(root: &Path, options: &Options) -> Result<(), Error> {
    let report = Report::new();
    let tools = Tools::new(root);
    workspace::directory("ondol-conform-", |directory| {
        match tools.python() {
            Err(missing) => report.skipped("everything", &missing),
            Ok(python) => {
                let bed = Bed::start(root, directory, &python, options.ondol.as_deref())?;
                for part in Part::ALL {
                    if options.only.is_empty() || options.only.contains(&part) {
                        part.run(&bed, &tools, &report)?;
                    }
                }
                report.alive(bed);
            }
        }
        report.end(options.allow_skips)
    })
}

impl Part {
    /// In the order in which they are run.
    const ALL: [Self; 9] = [
        Self::Http,
        Self::Mirror,
        Self::Ways,
        Self::Continue,
        Self::Big,
        Self::Grpc,
        Self::Websocket,
        Self::H2spec,
        Self::Dapr,
    ];

    fn run(self, bed: &Bed, tools: &Tools, report: &Report) -> Result<(), Error> {
        match self {
            Self::Http => http::run(bed, report)?,
            Self::Mirror => mirror::run(bed, report),
            Self::Ways => ways::run(bed, report)?,
            Self::Continue => curl::run(bed, report)?,
            Self::Big => big::run(bed, report)?,
            Self::Grpc => grpc::run(bed, tools, report)?,
            Self::Websocket => websocket::run(bed, report)?,
            Self::H2spec => h2spec::run(bed, tools, report)?,
            Self::Dapr => dapr::run(bed, tools, report)?,
        }
        Ok(())
    }
}
