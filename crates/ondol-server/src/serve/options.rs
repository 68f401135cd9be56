//! What a server is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::ServeError;
use crate::spans::OwnLines;

/// How long the history of an ended saga is kept where nothing is said.
const RETENTION: Duration = Duration::from_hours(30 * 24);

/// How long a repeat of a dropped saga is recognized.
pub(super) const TOMBSTONES_KEPT: Duration = Duration::from_hours(400 * 24);

/// Bytes of the token's file.
const TOKEN_BYTES: std::ops::RangeInclusive<usize> = 16..=4_096;

/// What a server is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The system file. Without one, what was last `PUT` to the API is used.
    pub config: Option<PathBuf>,
    /// The data directory; it belongs to one server at a time.
    pub data: PathBuf,
    /// Where the API listens. Port 0 picks one.
    pub listen: SocketAddr,
    /// Where the proxy for calls between services listens. Port 0 picks one.
    pub proxy: Listen,
    /// Where OTLP over gRPC listens. Port 0 picks one.
    pub otlp_grpc: Listen,
    /// Where OTLP over HTTP listens. Port 0 picks one.
    pub otlp_http: Listen,
    /// A file with the bearer token that every request must bring. Needed to listen off loopback.
    pub token_file: Option<PathBuf>,
    /// `whsec_…`: signs notices by Standard Webhooks. Without one, notices are sent unsigned.
    pub webhook_secret: Option<String>,
    /// How long the history of an ended saga is kept. Default 30 days.
    pub retention: Duration,
    /// The server's own log lines, to be kept with everybody else's: see [`crate::own_log`].
    pub own_lines: Option<OwnLines>,
    /// How traces and logs are kept.
    pub telemetry: TelemetryOptions,
    /// The engine's bounds.
    pub engine: ondol_engine::Options,
}

/// How traces and logs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelemetryOptions {
    /// Older ones are deleted, by whole hours. Default 7 days.
    pub age_max: Duration,
    /// The oldest of a signal are deleted where they take more on disk, in bytes. Default 8 GiB.
    pub bytes_max: u64,
    /// What is not in files yet takes at most this much memory, in bytes. Default 256 MiB.
    pub memory_max: usize,
}

impl Default for TelemetryOptions {
    fn default() -> Self {
        let ondol_telemetry::Options { age_max, bytes_max, memory_max, .. } =
            ondol_telemetry::Options::new(PathBuf::new(), || 0);
        Self { age_max, bytes_max, memory_max }
    }
}

/// A listener that may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listen {
    /// It does not listen.
    #[default]
    None,
    /// It listens here.
    At(SocketAddr),
}

/// The text is no address of a listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither `none` nor an address like 127.0.0.1:7071")]
pub struct NotAListener(String);

impl Listen {
    /// Where it listens, if it does.
    #[must_use]
    pub const fn address(self) -> Option<SocketAddr> {
        match self {
            Self::None => None,
            Self::At(address) => Some(address),
        }
    }

    /// It listens for this machine only.
    pub(super) fn is_loopback(self) -> bool {
        self.address().is_some_and(|address| address.ip().is_loopback())
    }
}

impl FromStr for Listen {
    type Err = NotAListener;

    fn from_str(text: &str) -> Result<Self, NotAListener> {
        match text {
            "none" => Ok(Self::None),
            address => address.parse().map(Self::At).map_err(|_| NotAListener(address.to_owned())),
        }
    }
}

impl Options {
    /// A server with every default.
    #[must_use]
    pub fn new(data: PathBuf, listen: SocketAddr) -> Self {
        Self {
            config: None,
            data,
            listen,
            proxy: Listen::None,
            otlp_grpc: Listen::None,
            otlp_http: Listen::None,
            token_file: None,
            webhook_secret: None,
            retention: RETENTION,
            own_lines: None,
            telemetry: TelemetryOptions::default(),
            engine: ondol_engine::Options::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), ServeError> {
        let others = [self.proxy, self.otlp_grpc, self.otlp_http].into_iter().filter_map(Listen::address);
        let public = [self.listen].into_iter().chain(others).find(|at| !at.ip().is_loopback());
        if let (None, Some(address)) = (&self.token_file, public) {
            return Err(ServeError::NoToken { address });
        }
        Ok(())
    }

    pub(super) fn token(&self) -> Result<Option<String>, ServeError> {
        let Some(path) = &self.token_file else { return Ok(None) };
        let bad = |why: String| ServeError::Token { path: path.clone(), why };
        let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
        let token = text.trim();
        if !TOKEN_BYTES.contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(bad("it is not one line of 16 to 4096 visible ASCII characters".to_owned()));
        }
        Ok(Some(token.to_owned()))
    }
}
