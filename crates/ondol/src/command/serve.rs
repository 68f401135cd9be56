//! `ondol serve`: from arguments to options, from signals to an exit code, and what is printed meanwhile.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use ondol_server::{Bound, Listen, Options, OwnLines, ServeError, Signals, TelemetryOptions};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::args::Serve;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::output::style::{STRONG, paint};

/// The system file that is used where none is named and this one is there.
const CONFIG_DEFAULT: &str = "ondol.yaml";

/// Serves until SIGTERM or SIGINT.
pub(crate) fn run(args: &Serve) -> Result<Exit, Error> {
    let own_lines = log(&args.log, args.json)?;
    let options = Options { own_lines: Some(own_lines), ..options(args)? };
    let (json, data) = (args.json, args.data.clone());
    runtime()?.block_on(async {
        let signals = Signals::of_process();
        let signals = signals.map_err(|source| Error::System { doing: "listen for signals", source })?;
        ondol_server::serve(options, |bound| announce(bound, &data, json), signals).await?;
        Ok(Exit::Done)
    })
}

/// The runtime a server runs on.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    ondol_server::runtime().map_err(|source| Error::System { doing: "start the runtime", source })
}

fn options(args: &Serve) -> Result<Options, Error> {
    let fallback = || Some(PathBuf::from(CONFIG_DEFAULT)).filter(|path| path.exists());
    let mut options = Options::new(args.data.clone(), args.listen);
    options.config = args.config.clone().or_else(fallback);
    options.proxy = args.proxy;
    options.otlp_grpc = args.otlp_grpc;
    options.otlp_http = args.otlp_http;
    options.token_file.clone_from(&args.token_file);
    options.webhook_secret = args.webhook_secret_file.as_deref().map(secret).transpose()?;
    options.retention = args.retention;
    options.telemetry = TelemetryOptions {
        age_max: args.telemetry_age,
        bytes_max: args.telemetry_bytes,
        memory_max: usize::try_from(args.telemetry_memory).unwrap_or(usize::MAX),
    };
    #[cfg(feature = "torture")]
    {
        options.engine.die_at = args.die_at.map(|die_at| die_at.0);
    }
    Ok(options)
}

fn secret(path: &Path) -> Result<String, Error> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|source| Error::File { doing: "read", path: path.to_owned(), source })?;
    Ok(text.trim().to_owned())
}

/// Tells where it listens. Whoever started it and does not read that is not worth stopping for.
fn announce(bound: Bound, data: &Path, json: bool) {
    let address = bound.listen;
    let text = if json {
        // One member for each listener; null where it does not listen.
        let said = |listen: Listen| listen.address().map(|address| address.to_string());
        let bound = serde_json::json!({
            "listen": address.to_string(), "proxy": said(bound.proxy),
            "otlp_grpc": said(bound.otlp_grpc), "otlp_http": said(bound.otlp_http),
        });
        format!("{bound}\n")
    } else {
        let head = paint(STRONG, concat!("ondol ", env!("CARGO_PKG_VERSION")));
        let said = |before: &str, listen: Listen, after: &str| {
            listen.address().map_or_else(String::new, |address| format!("{before}{address}{after}"))
        };
        let proxy = said(", calls through http://", bound.proxy, "");
        let grpc = said(", OTLP at ", bound.otlp_grpc, " (gRPC)");
        let http = said(", OTLP at http://", bound.otlp_http, "");
        format!("{head} serves http://{address}{proxy}{grpc}{http}, data in {}\n", data.display())
    };
    let _ = output::print(&text);
}

/// Logs to standard error, so that standard output stays what `--json` promises. What is bad goes to the server, too,
/// which keeps it with everybody else's logs.
fn log(filter: &str, json: bool) -> Result<OwnLines, Error> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Error::Usage(format!("--log {filter:?} is not a filter: {error}")))?;
    let (own, lines) = ondol_server::own_log();
    let lines_layer = own.with_filter(LevelFilter::WARN);
    let registry = tracing_subscriber::registry().with(lines_layer);
    let written = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    if json {
        registry.with(written.json().with_filter(filter)).init();
    } else {
        let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        registry.with(written.with_ansi(colours).with_filter(filter)).init();
    }
    Ok(lines)
}

/// Only errors, for a server that is not the point.
pub(crate) fn log_quietly() -> Result<OwnLines, Error> {
    log("error", false)
}

impl From<ServeError> for Error {
    fn from(error: ServeError) -> Self {
        Self::Serve(Box::new(error))
    }
}
