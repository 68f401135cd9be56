//! `ondol serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ondol_server::Listen;

use crate::output::{size, time};

/// Run the server
#[derive(Args)]
pub(crate) struct Serve {
    /// The system file; SIGHUP reads it again. Default: ondol.yaml where there is one, else what was last applied
    #[arg(long, env = "ONDOL_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where everything durable is kept; it belongs to one server at a time
    #[arg(long, env = "ONDOL_DATA", default_value = "ondol-data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Address of the API; port 0 picks one
    #[arg(long, env = "ONDOL_LISTEN", default_value = "127.0.0.1:7070", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Address of the proxy for calls between services, or `none`; port 0 picks one
    #[arg(long, env = "ONDOL_PROXY", default_value = "127.0.0.1:7071", value_name = "ADDRESS")]
    pub(crate) proxy: Listen,
    /// Address for traces and logs over gRPC, or `none`; port 0 picks one
    #[arg(long, env = "ONDOL_OTLP_GRPC", default_value = "127.0.0.1:4317", value_name = "ADDRESS")]
    pub(crate) otlp_grpc: Listen,
    /// Address for traces and logs over HTTP, or `none`; port 0 picks one
    #[arg(long, env = "ONDOL_OTLP_HTTP", default_value = "127.0.0.1:4318", value_name = "ADDRESS")]
    pub(crate) otlp_http: Listen,
    /// A file with the token that clients must send; needed to listen beyond this machine
    #[arg(long, env = "ONDOL_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// A file with the secret (`whsec_…`) that signs notices; without one they are sent unsigned
    #[arg(long, env = "ONDOL_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// How long the history of a saga is kept once it has ended
    #[arg(long, env = "ONDOL_RETENTION", default_value = "30d", value_name = "LENGTH", value_parser = time::parse_length)]
    pub(crate) retention: Duration,
    /// How long traces and logs are kept
    #[arg(long, env = "ONDOL_TELEMETRY_AGE", default_value = "7d", value_name = "LENGTH", value_parser = time::parse_length)]
    pub(crate) telemetry_age: Duration,
    /// The most that traces take on disk, and logs, and metrics, each; the oldest go first
    #[arg(long, env = "ONDOL_TELEMETRY_BYTES", default_value = "8GiB", value_name = "SIZE", value_parser = size::parse)]
    pub(crate) telemetry_bytes: u64,
    /// The most memory that traces and logs take until they are in files; beyond it senders are told to wait
    #[arg(long, env = "ONDOL_TELEMETRY_MEMORY", default_value = "256MiB", value_name = "SIZE", value_parser = size::parse)]
    pub(crate) telemetry_memory: u64,
    /// What is logged, to standard error: error, warn, info, debug, or such as info,ondol_engine=debug
    #[arg(long, env = "ONDOL_LOG", default_value = "info", value_name = "FILTER")]
    pub(crate) log: String,
    /// Print what was bound as the first line, as JSON, and log as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Abort at the N-th visit of a place: after-append, after-answer or mid-recovery
    #[cfg(feature = "torture")]
    #[arg(long, hide = true, value_name = "POINT:N")]
    pub(crate) die_at: Option<DieAt>,
}

/// Where the process aborts itself.
#[cfg(feature = "torture")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct DieAt(pub(crate) ondol_engine::DieAt);

#[cfg(feature = "torture")]
impl std::str::FromStr for DieAt {
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
