//! One process: open the file, listen, say where, serve until told to stop.

use crate::app::App;
use crate::args::{Common, Guard, Synchronous};
use crate::faults::{Faults, Unanswered};
use crate::telemetry::Telemetry;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use ondol_sdk::barrier::sqlite::{self, Database, OpenError};
use ondol_sdk::barrier::{ROWS_KEPT_MIN, SWEEP_ROWS_MAX};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// How long requests in flight may take after SIGTERM; longer than any handler, shorter than a supervisor's patience.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// Pause after a failed accept, mostly too many open files, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database file.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The address.
    #[error(
        "cannot listen on {address}: {source}; is another instance running there? Port 0 picks a free one"
    )]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Where telemetry goes.
    #[error("--otlp: {0}; give it an address like http://127.0.0.1:4318")]
    Telemetry(#[from] opentelemetry_otlp::ExporterBuildError),
    /// Signals or standard output.
    #[error("cannot set up the process: {0}")]
    Process(#[from] std::io::Error),
}

/// What makes a service this one.
pub struct Service {
    /// Its name in `ondol.yaml`.
    pub name: &'static str,
    /// Its port in `ondol.yaml`.
    pub port: u16,
    /// Its tables; applied at every start.
    pub schema: &'static str,
    /// What the schema loses with `--barrier off`.
    pub schema_guarded: &'static str,
}

/// The process' last word.
pub fn exit(result: Result<(), Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

impl Service {
    /// Serves until SIGTERM or SIGINT. The first line on standard output is `{"listening":"ADDRESS:PORT"}`.
    ///
    /// # Errors
    /// [`Error`], if it could not start.
    pub async fn run(&self, common: &Common, build: impl FnOnce(App) -> Router) -> Result<(), Error> {
        let telemetry = Telemetry::start((self.name, &common.instance), common.log, common.otlp.as_deref())?;
        let db = self.open(common)?;
        sweep(&db).await;
        let faults = Faults::new(common.faults.rules());
        let health = serde_json::json!({ "service": self.name, "instance": common.instance }).to_string();
        let router = faults
            .around(build(App { db, guard: common.barrier }))
            .route("/healthz", get(async move || ([("content-type", "application/json")], health)));
        let address = common.listen.unwrap_or((Ipv4Addr::LOCALHOST, self.port).into());
        let listener =
            TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })?;
        let bound = listener.local_addr()?;
        writeln!(std::io::stdout(), "{}", serde_json::json!({ "listening": bound }))?;
        tracing::info!(service = self.name, instance = common.instance, %bound, barrier = ?common.barrier, "listening");
        let served = accept(&listener, router, faults.background()).await;
        telemetry.stop().await;
        served
    }

    fn open(&self, common: &Common) -> Result<Database, OpenError> {
        let path = common.db.clone().unwrap_or_else(|| format!("{}.db", self.name).into());
        let synchronous = match common.synchronous {
            Synchronous::Full => "PRAGMA synchronous = FULL;",
            Synchronous::Normal => "PRAGMA synchronous = NORMAL;",
        };
        let guarded = match common.barrier {
            Guard::On => self.schema_guarded,
            Guard::Off => "",
        };
        Database::open(path, &format!("{synchronous}{}{guarded}", self.schema))
    }
}

/// Removes what the barrier no longer needs; at every start is often enough for an example.
async fn sweep(db: &Database) {
    let sweep = || db.transaction(|tx| Ok(sqlite::sweep(tx, ROWS_KEPT_MIN)?));
    loop {
        match sweep().await {
            Ok(removed) if removed == SWEEP_ROWS_MAX as usize => {}
            Ok(removed) => return tracing::debug!(removed, "swept the barrier"),
            Err(stop) => return tracing::warn!(%stop, "the barrier was not swept"),
        }
    }
}

async fn accept(listener: &TcpListener, router: Router, background: &TaskTracker) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        };
        match accepted {
            Ok((stream, _)) => serve(stream, router.clone(), &graceful, background),
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    background.close();
    let drained = tokio::time::timeout(DRAIN_MAX, async {
        graceful.shutdown().await;
        background.wait().await;
    });
    if drained.await.is_err() {
        tracing::warn!("requests were still running {DRAIN_MAX:?} after the signal; they end here");
    }
    Ok(())
}

fn serve(stream: TcpStream, router: Router, graceful: &GracefulShutdown, background: &TaskTracker) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let answer = service_fn(move |request: Request<Incoming>| {
        let answer = router.clone().oneshot(request.map(Body::new));
        async move {
            let response = answer.await.unwrap_or_else(|never| match never {});
            // An error here makes hyper close the connection without a byte of an answer.
            if response.extensions().get::<Unanswered>().is_some() { Err(Unanswered) } else { Ok(response) }
        }
    });
    let connection = graceful.watch(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    background.spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
}
