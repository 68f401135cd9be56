//! `ondol serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// Run the server
#[derive(Args)]
pub(crate) struct Serve {
    /// The system file; SIGHUP reads it again
    #[arg(long, env = "ONDOL_CONFIG", default_value = "ondol.yaml", value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Where everything durable is kept
    #[arg(long, env = "ONDOL_DATA", default_value = "ondol-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Address of the API; port 0 picks one
    #[arg(long, env = "ONDOL_LISTEN", default_value = "127.0.0.1:7070", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Address of the proxy for calls between services; not built yet: only `none`
    #[arg(long, env = "ONDOL_PROXY", default_value = "none", value_name = "ADDRESS")]
    pub(crate) proxy: NotYet,
    /// Address for traces and logs over gRPC; not built yet: only `none`
    #[arg(long, env = "ONDOL_OTLP_GRPC", default_value = "none", value_name = "ADDRESS")]
    pub(crate) otlp_grpc: NotYet,
    /// Address for traces and logs over HTTP; not built yet: only `none`
    #[arg(long, env = "ONDOL_OTLP_HTTP", default_value = "none", value_name = "ADDRESS")]
    pub(crate) otlp_http: NotYet,
    /// A file with the token that clients must send; needed to listen beyond this machine
    #[arg(long, env = "ONDOL_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Print what was bound as the first line, as JSON, and log as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Abort at the N-th visit of a place: after-append, after-answer or mid-recovery
    #[cfg(feature = "torture")]
    #[arg(long, hide = true, value_name = "POINT:N")]
    pub(crate) die_at: Option<DieAt>,
}

/// An address nobody listens on in this version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotYet;

impl FromStr for NotYet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self),
            _ => Err("this listener is not built yet; only `none` is accepted".to_owned()),
        }
    }
}

/// Where the process aborts itself.
#[cfg(feature = "torture")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct DieAt(pub(crate) ondol_engine::DieAt);

#[cfg(feature = "torture")]
impl FromStr for DieAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        use ondol_engine::{DieAt, DiePoint};
        let (point, visit) = text.split_once(':').unwrap_or((text, "1"));
        let point = match point {
            "after-append" => DiePoint::AfterAppend,
            "after-answer" => DiePoint::AfterAnswer,
            "mid-recovery" => DiePoint::MidRecovery,
            _ => return Err(format!("{point:?} is none of after-append, after-answer, mid-recovery")),
        };
        match visit.parse() {
            Ok(visit) if visit > 0 => Ok(Self(DieAt { point, visit })),
            Ok(_) | Err(_) => Err(format!("{visit:?} is not a number from 1")),
        }
    }
}
