//! Why a server could not start or go on.

use std::net::SocketAddr;
use std::path::PathBuf;

use ondol_engine::{EngineError, SubmitError};
use ondol_store::log::{LogError, Position};
use ondol_store::view::ViewError;

/// Why a server could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is not free, or not this machine's.
    #[error("cannot listen on {address}; {}, or stop what has it", elsewhere(flag))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The flag that says where.
        flag: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// Everybody who can reach the address could do everything.
    #[error(
        "listening on {address} needs a token: write one into a file and give it with --token-file, or listen on 127.0.0.1"
    )]
    NoToken {
        /// The address.
        address: SocketAddr,
    },
    /// The token cannot be used.
    #[error("cannot use the token in {}: {why}; make one with `openssl rand -hex 32`", path.display())]
    Token {
        /// Its file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The secret that signs notices cannot be used.
    #[error(
        "the webhook secret is not `whsec_` and 24 to 64 bytes in base64; make one with `openssl rand -base64 32`"
    )]
    WebhookSecret,
    /// The system file cannot be read.
    #[error("cannot read the system file {}", path.display())]
    ReadConfig {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system file cannot be used.
    #[error("cannot use the system file {}:\n{why}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// Its findings as `ondol lint` shows them, or what is missing.
        why: String,
    },
    /// The system has no thread to give.
    #[error("cannot start a thread; give the process more of them, or more memory")]
    Thread(#[source] std::io::Error),
    /// TLS for calls cannot be prepared.
    #[error(transparent)]
    Tls(#[from] ondol_call::TlsError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] LogError),
    /// The log ends before what had been durable.
    #[error(
        "the log in {data} ends at record {last}, and records up to {followed} had been durable: the disk has lost some, or \
         an older copy of the log was put back. Restore the whole data directory from a backup; or, to go on without those \
         records, remove {data}/view and start again",
        data = data.display()
    )]
    LogBehind {
        /// The data directory.
        data: PathBuf,
        /// The last record of the log.
        last: Position,
        /// The last record that the lists had followed.
        followed: Position,
    },
    /// The lists cannot be opened.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The engine could not start or go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine panicked.
    #[error("the engine failed; this is a bug in Ondol, please report it with what the log says")]
    EngineFailed(#[source] tokio::task::JoinError),
    /// The engine ended while it was starting.
    #[error("the engine ended while it was starting; the log says why")]
    EngineEnded,
    /// The definitions of the system could not be made durable.
    #[error("the definitions of the system file cannot be written: {0}")]
    Definitions(#[from] SubmitError),
}

/// What to do about an address that is taken.
fn elsewhere(flag: &str) -> String {
    match flag {
        "--listen" => "choose another address with --listen".to_owned(),
        _ => format!("choose another address with {flag}, switch it off with `{flag} none`"),
    }
}
