//! Command-line flags that all five services share.

use crate::faults::{Kind, Rule};
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Whether a saga's changes go through the barrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Guard {
    /// They do.
    On,
    /// They do not: handlers run as a newcomer would write them, to show what the barrier is for.
    Off,
}

/// How carefully SQLite commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    /// One fsync a commit: survives a power cut.
    Full,
    /// Survives the death of the process, not of the machine.
    Normal,
}

/// Flags of every service.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Address to listen on; port 0 picks one, and the first line of output says which
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// SQLite file, created if absent [default: SERVICE.db]
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// Name of this instance, shown by /healthz and in the log
    #[arg(long, default_value = "1")]
    pub instance: String,
    /// Protect every half by the barrier
    #[arg(long, value_enum, default_value = "on")]
    pub barrier: Guard,
    /// How carefully SQLite commits
    #[arg(long, value_enum, default_value = "full")]
    pub synchronous: Synchronous,
    /// Log level: error, warn, info (one line a request) or debug
    #[arg(long, default_value = "info")]
    pub log: tracing::Level,
    /// Where spans and logs go, by OTLP over HTTP, such as http://127.0.0.1:4318 [default: nowhere]
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp: Option<String>,
    /// Chance faults from the start.
    #[command(flatten)]
    pub faults: FaultFlags,
}

/// Faults by seeded chance on every request of Ondol's; `PUT /faults` sets finer ones.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Faults by chance (0 to 1, on requests of Ondol's only)")]
pub struct FaultFlags {
    /// Same seed, same request, same fault
    #[arg(long, default_value_t = 0)]
    pub fault_seed: u64,
    /// Chance to be slow before the request is handled
    #[arg(long, default_value_t = 0.0, value_name = "CHANCE")]
    pub fault_slow: f64,
    /// How slow, in milliseconds
    #[arg(long, default_value_t = 100, value_name = "MS")]
    pub fault_slow_ms: u64,
    /// Chance to answer with an error without handling the request
    #[arg(long, default_value_t = 0.0, value_name = "CHANCE")]
    pub fault_refuse: f64,
    /// Status of that error
    #[arg(long, default_value_t = 503, value_name = "STATUS")]
    pub fault_refuse_status: u16,
    /// Chance to close the connection without handling the request
    #[arg(long, default_value_t = 0.0, value_name = "CHANCE")]
    pub fault_lose: f64,
    /// Chance to close the connection after the commit, before the answer
    #[arg(long, default_value_t = 0.0, value_name = "CHANCE")]
    pub fault_drop_answer: f64,
    /// Chance to handle the request a second time, later
    #[arg(long, default_value_t = 0.0, value_name = "CHANCE")]
    pub fault_duplicate: f64,
    /// How much later, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub fault_duplicate_ms: u64,
    /// Chance to die after the commit, before the answer
    #[arg(long, default_value_t = 0.0, value_name = "CHANCE")]
    pub fault_die: f64,
}

impl FaultFlags {
    /// The rules that these flags stand for.
    pub fn rules(&self) -> Vec<Rule> {
        let kinds = [
            (self.fault_slow, Kind::Slow { ms: self.fault_slow_ms }),
            (self.fault_refuse, Kind::Refuse { status: self.fault_refuse_status }),
            (self.fault_lose, Kind::Lose),
            (self.fault_drop_answer, Kind::DropAnswer),
            (self.fault_duplicate, Kind::Duplicate { ms: self.fault_duplicate_ms }),
            (self.fault_die, Kind::DieAfterCommit),
        ];
        let wanted = kinds.into_iter().filter(|(probability, _)| *probability > 0.0);
        wanted.map(|(probability, kind)| Rule::by_chance(kind, probability, self.fault_seed)).collect()
    }
}
