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
    /// Where OTLP over gRPC listens. Not built yet: [`Listen::None`].
    pub otlp_grpc: Listen,
    /// Where OTLP over HTTP listens. Not built yet: [`Listen::None`].
    pub otlp_http: Listen,
    /// A file with the bearer token that every request must bring. Needed to listen off loopback.
    pub token_file: Option<PathBuf>,
    /// `whsec_…`: signs notices by Standard Webhooks. Without one, notices are sent unsigned.
    pub webhook_secret: Option<String>,
    /// How long the history of an ended saga is kept. Default 30 days.
    pub retention: Duration,
    /// The server's own log lines, to be kept with everybody else's: see [`crate::own_log`].
    pub own_lines: Option<OwnLines>,
    /// The engine's bounds.
    pub engine: ondol_engine::Options,
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
    /// It listens for this machine only.
    pub(super) fn is_loopback(self) -> bool {
        match self {
            Self::None => false,
            Self::At(address) => address.ip().is_loopback(),
        }
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
            engine: ondol_engine::Options::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), ServeError> {
        for (flag, listen) in [("--otlp-grpc", self.otlp_grpc), ("--otlp-http", self.otlp_http)] {
            if listen != Listen::None {
                return Err(ServeError::NotBuilt { flag });
            }
        }
        let proxy = match self.proxy {
            Listen::None => None,
            Listen::At(address) => Some(address),
        };
        let public = [Some(self.listen), proxy].into_iter().flatten().find(|at| !at.ip().is_loopback());
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
