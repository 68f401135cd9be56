//! Starting, running and stopping a server: the one place that wires all parts.

mod accept;
mod error;
mod options;
mod signals;
mod store;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ondol_engine::{Engine, EngineError, Handle, Health, SystemClock};
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use error::ServeError;
pub use options::{Listen, Options, TelemetryOptions};
pub use signals::{Signal, SignalSender, Signals};

use crate::api::{self, telemetry::ask::Desk};
use crate::app::{App, Shared};
use crate::batch::Batches;
use crate::clock;
use crate::dropped::Dropped;
use crate::files;
use crate::guard::Guard;
use crate::listing::{self, Listing, Retention};
use crate::otlp::{self, Otlp};
use crate::outbound::{Outbound, Signer};
use crate::problem::chain;
use crate::proxy::{self, Listening, Proxy};
use crate::spans::{self, Made, Sightings};
use crate::system::{BadSystem, Origin, Prepared, Systems};
use crate::telemetry::Store;

/// Time for requests in hand once the server is asked to stop; as long as the engine then waits for calls.
const DRAIN: Duration = Duration::from_secs(10);

/// Where the lists are kept, inside the data directory.
const VIEW: &str = "view";

/// The flag of the API's address.
const LISTEN: &str = "--listen";

/// What was PUT to the API, inside the data directory.
const KEPT_SYSTEM: &str = "system.yaml";

/// What the server listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The API.
    pub listen: SocketAddr,
    /// The proxy.
    pub proxy: Listen,
    /// OTLP over gRPC.
    pub otlp_grpc: Listen,
    /// OTLP over HTTP.
    pub otlp_http: Listen,
}

/// Runs a server until it is asked to stop. `on_bound` is called once it answers.
///
/// # Errors
/// [`ServeError`]: it could not start, or its store was taken over by another process.
pub async fn serve(
    options: Options,
    on_bound: impl FnOnce(Bound),
    mut signals: Signals,
) -> Result<(), ServeError> {
    options.check()?;
    let token = options.token()?;
    let prepared = prepare(&options)?;
    let listener = listen(options.listen).await?;
    let bound = listener.local_addr().map_err(|source| ServeError::Listen {
        address: options.listen,
        flag: LISTEN,
        source,
    })?;
    let mut server = Server::start(&options, prepared, token).await?;
    let accepting = accept::accept(
        listener,
        api::router(Arc::clone(&server.app)),
        server.connections.clone(),
        server.app.stop.clone(),
    );
    server.connections.spawn(accepting);
    let proxy = server.proxy.as_ref().map_or(Listen::None, |proxy| Listen::At(proxy.address));
    let otlp = server.listeners.as_ref();
    let (otlp_grpc, otlp_http) = otlp.map_or((Listen::None, Listen::None), |otlp| (otlp.grpc, otlp.http));
    on_bound(Bound { listen: bound, proxy, otlp_grpc, otlp_http });
    let ended = server.attend(&options, &mut signals).await;
    server.stop(ended).await
}

struct Server {
    app: Shared,
    engine: JoinHandle<Result<(), EngineError>>,
    /// Stops the engine; the app's token stops everything before it. Dropped, it stops it, too: the engine's thread would
    /// outlive a server that was given up.
    engine_stop: DropGuard,
    connections: TaskTracker,
    tasks: TaskTracker,
    proxy: Option<Listening>,
    listeners: Option<otlp::Listening>,
}

impl Server {
    async fn start(
        options: &Options,
        (mut prepared, origin): (Prepared, Origin),
        token: Option<String>,
    ) -> Result<Self, ServeError> {
        let listeners = otlp::bind(options.otlp_grpc, options.otlp_http)?;
        let sightings = Arc::default();
        let (outbound, apart) = outbound(options, Arc::clone(&sightings))?;
        prepared.install(&outbound);
        let (log, found) = store::open(options.data.clone()).await?;
        let listing = Arc::new(Listing::open(&options.data.join(VIEW))?);
        store::check(&options.data, &found, listing.position())?;
        let mono = SystemClock::new();
        let (engine, handle) = Engine::new(
            options.engine,
            Arc::clone(&prepared.secrets),
            store::opener(options.data.clone(), log),
            Arc::new(mono),
            Arc::clone(&outbound) as Arc<dyn ondol_engine::Caller>,
        );
        let (stop, engine_stop, tasks) =
            (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
        let mut engine = run_apart(engine, engine_stop.clone())?;
        let engine_stop = engine_stop.drop_guard();
        ready(&handle, &mut engine).await?;
        let definitions = prepared.system.definitions.values().cloned().collect();
        handle.put(definitions, Arc::clone(&prepared.secrets), prepared.windows()).await?;
        let telemetry = Store::in_directory(&options.data, options.telemetry).await;
        let otlp = Arc::new(Otlp::new(telemetry.clone()));
        let made = Made::new(&telemetry, &handle, sightings, options);
        let (calls, own_dropped) = spans::start(made, &tasks, &stop);
        let batches = Batches::new(handle.clone(), Arc::clone(&listing), tasks.clone(), stop.clone());
        let dropped = Arc::new(Dropped::new());
        let app = Arc::new(App {
            engine: handle.clone(),
            listing: Arc::clone(&listing),
            dropped: Arc::clone(&dropped),
            systems: Systems::new(prepared, origin, options.data.join(KEPT_SYSTEM)),
            outbound,
            own_dropped,
            batches: Arc::clone(&batches),
            telemetry,
            otlp: Arc::clone(&otlp),
            desk: Desk::new(),
            guard: Guard::new(token.clone()),
            stop: stop.clone(),
            started_ms: clock::wall_ms(),
            mono,
        });
        let retention = Retention { sagas: options.retention, tombstones: options::TOMBSTONES_KEPT };
        follow(&tasks, &app, retention, &options.data);
        batches.resume().await;
        let listeners =
            otlp::listen(listeners, &otlp, token.as_deref(), DRAIN).map_err(ServeError::Thread)?;
        let proxy = proxy(apart, options, &app, token, calls)?;
        Ok(Self { app, engine, engine_stop, connections: TaskTracker::new(), tasks, proxy, listeners })
    }

    /// Does what signals ask, until one asks to stop or the engine ends by itself.
    async fn attend(&mut self, options: &Options, signals: &mut Signals) -> Option<Result<(), ServeError>> {
        let (app, config) = (Arc::clone(&self.app), options.config.clone());
        let reload = || {
            let (app, config) = (Arc::clone(&app), config.clone());
            async move { reload(&app, config.as_deref()).await }
        };
        tokio::select! {
            () = reload_until_stop(signals, reload) => None,
            ended = &mut self.engine => Some(outcome(ended)),
        }
    }

    /// Stops from the outside inwards: connections, followers, the engine, its calls.
    async fn stop(self, ended: Option<Result<(), ServeError>>) -> Result<(), ServeError> {
        tracing::info!("stopping");
        self.app.stop.cancel();
        self.connections.close();
        if tokio::time::timeout(DRAIN, self.connections.wait()).await.is_err() {
            tracing::warn!(left = self.connections.len(), "requests in hand did not end in time");
        }
        if let Some(proxy) = self.proxy {
            proxy.stop().await;
        }
        if let Some(listeners) = self.listeners {
            listeners.stop().await;
        }
        drop(self.engine_stop);
        let ended = match ended {
            Some(ended) => ended,
            None => outcome(self.engine.await),
        };
        self.app.outbound.shutdown(DRAIN).await;
        self.tasks.close();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "followers of the log did not end in time");
        }
        ended
    }
}

/// Starts what follows the log: lists and retention; what follows log files; and what looks after the system.
fn follow(tasks: &TaskTracker, app: &Shared, retention: Retention, data: &Path) {
    let (listing, engine, stop) = (&app.listing, &app.engine, &app.stop);
    tasks.spawn(listing::follow(Arc::clone(listing), engine.clone(), stop.clone()));
    let dropped = Arc::clone(&app.dropped);
    let sweep = listing::sweep_forever(Arc::clone(listing), engine.clone(), dropped, retention, stop.clone());
    tasks.spawn(sweep);
    tasks.spawn(files::follow(Arc::clone(app), data.to_owned(), stop.clone()));
    let (stop, app) = (stop.clone(), Arc::clone(app));
    tasks.spawn(
        async move { stop.run_until_cancelled(app.systems.check_needs(&app.engine, &app.listing)).await },
    );
}

/// Reloads whenever that is asked for, until it is asked to stop. A store that is away can keep a reload waiting: that must
/// not keep the server from stopping, and whoever changed the file meanwhile has it read once more.
async fn reload_until_stop<R: Future<Output = ()>>(signals: &mut Signals, mut reload: impl FnMut() -> R) {
    loop {
        match signals.next().await {
            Signal::Stop => return,
            Signal::Reload => {}
        }
        let mut again = true;
        while std::mem::take(&mut again) {
            let mut reloading = std::pin::pin!(reload());
            loop {
                tokio::select! {
                    biased;
                    signal = signals.next() => match signal {
                        Signal::Stop => return,
                        Signal::Reload => again = true,
                    },
                    () = &mut reloading => break,
                }
            }
        }
    }
}

/// How the engine ended. One that failed must not look like one that was asked to stop: whoever watches the process would
/// leave it at that.
fn outcome(ended: Result<Result<(), EngineError>, JoinError>) -> Result<(), ServeError> {
    Ok(ended.map_err(ServeError::EngineFailed)??)
}

/// Waits until the engine has read the store.
async fn ready(handle: &Handle, engine: &mut JoinHandle<Result<(), EngineError>>) -> Result<(), ServeError> {
    let mut health = handle.health();
    tokio::select! {
        ended = engine => {
            outcome(ended)?;
            Err(ServeError::EngineEnded)
        }
        _ = health.wait_for(|health| *health == Health::Ready) => Ok(()),
    }
}

/// The system to begin with: the file of `--config`, else what was PUT before, else none.
fn prepare(options: &Options) -> Result<(Prepared, Origin), ServeError> {
    let kept = options.data.join(KEPT_SYSTEM);
    let (path, origin) = match &options.config {
        Some(path) => (path.clone(), Origin::Config(path.clone())),
        None if kept.exists() => (kept, Origin::Put),
        None => return Ok((Prepared::empty(), Origin::Empty)),
    };
    let source = std::fs::read_to_string(&path)
        .map_err(|source| ServeError::ReadConfig { path: path.clone(), source })?;
    let prepared = Prepared::new(&source)
        .map_err(|bad| ServeError::Config { why: explain(bad, &path, &source), path })?;
    Ok((prepared, origin))
}

fn explain(bad: BadSystem, path: &Path, source: &str) -> String {
    match bad {
        BadSystem::Findings(findings) => {
            ondol_spec::Report { findings, system: None }.render(&path.display().to_string(), source)
        }
        BadSystem::Secrets(error) => error.to_string(),
        BadSystem::Service(error) => chain(&error),
    }
}

/// Reads the file again. A bad one changes nothing and is shown.
async fn reload(app: &App, config: Option<&Path>) {
    let Some(path) = config else {
        tracing::warn!("there is no --config to read again");
        return;
    };
    let changed = match std::fs::read_to_string(path) {
        Ok(source) => {
            let origin = Origin::Config(path.to_owned());
            let changed =
                app.systems.change(&source, origin, (&app.engine, &app.listing, &app.outbound)).await;
            changed.map(drop).map_err(|problem| problem.detail().to_owned())
        }
        Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
    };
    match changed {
        Ok(()) => tracing::info!(path = %path.display(), "the system file was read again"),
        Err(why) => {
            tracing::error!(path = %path.display(), %why, "the system file is not used; the one before is in force");
            app.systems.set_problem(Some(why));
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, flag: LISTEN, source })
}

/// Runs the engine on a thread of its own, with the calls it makes: what it starts there wakes no other thread, and a saga
/// starts some ten things one after the other. One core carries about 12,000 sagas of three steps a second in this way.
fn run_apart(
    engine: Engine,
    stop: CancellationToken,
) -> Result<JoinHandle<Result<(), EngineError>>, ServeError> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Thread)?;
    Ok(tokio::task::spawn_blocking(move || runtime.block_on(engine.run(stop))))
}

/// The proxy's runtime, one thread of its own, and its listener; none where it does not listen.
type Apart = Option<(tokio::runtime::Runtime, std::net::TcpListener)>;

/// What sends calls: for sagas, and for the proxy, whose calls begin on its own thread.
fn outbound(options: &Options, sightings: Arc<Sightings>) -> Result<(Arc<Outbound>, Apart), ServeError> {
    let caller = ondol_call::Caller::new(&ondol_call::Options {
        seed: seed(),
        wall_ms: clock::wall_ms,
        ..Default::default()
    })?;
    let apart = proxy_runtime(options.proxy)?;
    let proxied = match &apart {
        Some((runtime, _)) => {
            let _inside = runtime.enter();
            caller.beside()
        }
        None => caller.beside(),
    };
    let signer = options.webhook_secret.as_deref().map(Signer::new).transpose();
    let signer = signer.map_err(|_| ServeError::WebhookSecret)?;
    Ok((Arc::new(Outbound::new(caller, proxied, signer, sightings)), apart))
}

/// Starts the proxy, where there is one.
fn proxy(
    apart: Apart,
    options: &Options,
    app: &App,
    token: Option<String>,
    calls: Option<spans::CallSpans>,
) -> Result<Option<Listening>, ServeError> {
    let Some((runtime, listener)) = apart else { return Ok(None) };
    // On loopback everybody on this machine may call; the API's token is not theirs.
    let token = token.filter(|_| !options.proxy.is_loopback());
    let proxy = Arc::new(Proxy::new(app.outbound.routes(), token, seed(), calls));
    Ok(Some(proxy::listen(runtime, listener, proxy, DRAIN).map_err(ServeError::Thread)?))
}

fn proxy_runtime(listen: Listen) -> Result<Apart, ServeError> {
    let Listen::At(address) = listen else { return Ok(None) };
    let listener = std::net::TcpListener::bind(address).map_err(|source| ServeError::Listen {
        address,
        flag: "--proxy",
        source,
    })?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Thread)?;
    Ok(Some((runtime, listener)))
}

/// Where chance begins: another number at each start, without asking for randomness that nobody needs to be secret.
fn seed() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(std::process::id())
}

/// The runtime a server is made for: a worker for every two cores, at most [`WORKERS_MAX`], which answers clients and keeps
/// the lists. The engine has a thread of its own, and the store has some.
///
/// # Errors
/// The system has no thread, or no way to wait for sockets, to give.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads((cores / 2).clamp(1, WORKERS_MAX))
        .thread_name("ondol")
        .enable_all()
        .build()
}

/// More than these would wait for the engine's one loop.
const WORKERS_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn an_engine_that_panics_is_a_server_that_failed() {
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async { panic!("told to") });
        let ended = tasks.join_next().await.expect("it was spawned");
        assert!(matches!(outcome(ended), Err(ServeError::EngineFailed(_))));
        assert!(matches!(outcome(Ok(Ok(()))), Ok(())));
    }

    #[tokio::test]
    async fn a_signal_during_a_reload_is_heard() {
        let (sender, mut signals) = Signals::manual();
        let begun = Cell::new(0);
        let reload = || async {
            begun.set(begun.get() + 1);
            if begun.get() == 1 {
                // The file is changed once more while it is read.
                sender.send(Signal::Reload).await.expect("heard");
                sender.send(Signal::Reload).await.expect("heard");
                tokio::task::yield_now().await;
            } else {
                sender.send(Signal::Stop).await.expect("heard");
                std::future::pending::<()>().await;
            }
        };
        sender.send(Signal::Reload).await.expect("heard");
        let ended = tokio::time::timeout(Duration::from_secs(10), reload_until_stop(&mut signals, reload));
        assert!(ended.await.is_ok(), "a reload that hangs does not keep it from stopping");
        assert_eq!(begun.get(), 2, "read once more, and not twice");
    }
}
