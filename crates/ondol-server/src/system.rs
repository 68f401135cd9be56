//! The system that is live: read, checked, made live as a whole or not at all.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ondol_engine::{Handle, Windows};
use ondol_spec::{Finding, Report, Secrets, Severity, System};
use ondol_store::log::Position;

use crate::clock;
use crate::listing::Listing;
use crate::outbound::{Outbound, Service};
use crate::problem::{Answer, Code, Problem};
use crate::wire::system::FindingView;
use crate::{digest, needs, secrets};

/// Time for lists to follow what was durable when the question came.
const LISTS_WITHIN: Duration = Duration::from_secs(10);

/// A system, checked, with everything it needs.
pub(crate) struct Prepared {
    pub(crate) system: System,
    pub(crate) secrets: Arc<Secrets>,
    services: BTreeMap<String, Service>,
    pub(crate) warnings: Vec<Finding>,
    digest: u128,
}

/// Where the live system came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nothing was given.
    Empty,
    /// The file of `--config`.
    Config(PathBuf),
    /// `PUT /v1/system`, kept in the data directory.
    Put,
}

/// What is live.
pub(crate) struct Live {
    pub(crate) system: System,
    pub(crate) warnings: Vec<Finding>,
    pub(crate) origin: Origin,
    pub(crate) digest: u128,
    pub(crate) since_ms: u64,
    secrets: Arc<Secrets>,
}

/// The live system and what became of the last attempt to change it.
pub(crate) struct Systems {
    live: RwLock<Arc<Live>>,
    /// Why the file could not be read again, or what unfinished sagas need that it does not have, as long as that is so.
    problem: Mutex<Option<String>>,
    changing: tokio::sync::Mutex<()>,
    kept: PathBuf,
    /// Was the server started with a file, which it goes back to?
    has_config: bool,
}

/// Why a source is no system.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSystem {
    #[error("{} in the system file; the first: line {}: {}", errors(.0), first_line(.0), first_message(.0))]
    Findings(Vec<Finding>),
    #[error(transparent)]
    Secrets(#[from] secrets::NoValue),
    #[error(transparent)]
    Service(#[from] crate::outbound::BadService),
}

fn errors(findings: &[Finding]) -> String {
    match findings.iter().filter(|finding| finding.severity == Severity::Error).count() {
        1 => "1 error".to_owned(),
        count => format!("{count} errors"),
    }
}

fn first(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().find(|finding| finding.severity == Severity::Error)
}

fn first_line(findings: &[Finding]) -> u32 {
    first(findings).map_or(0, |finding| finding.at.line)
}

fn first_message(findings: &[Finding]) -> &str {
    first(findings).map_or("", |finding| &finding.message)
}

impl From<BadSystem> for Problem {
    fn from(bad: BadSystem) -> Self {
        let problem = Self::new(Code::SystemInvalid, bad.to_string());
        match bad {
            BadSystem::Findings(findings) => {
                problem.with("findings", findings.iter().map(FindingView::from).collect::<Vec<_>>())
            }
            BadSystem::Secrets(_) | BadSystem::Service(_) => problem,
        }
    }
}

impl Prepared {
    /// The services whose calls in flight the system bounds.
    pub(crate) fn windows(&self) -> Windows {
        let bounded =
            |(name, service): (&String, &ondol_spec::Service)| Some((name.clone(), service.in_flight_max?));
        self.system.services.iter().filter_map(bounded).collect()
    }

    /// Reads and checks a source; changes nothing.
    pub(crate) fn new(source: &str) -> Result<Self, BadSystem> {
        let Report { findings, system } = ondol_spec::lint(source);
        let Some(system) = system else { return Err(BadSystem::Findings(findings)) };
        let secrets = secrets::read(&system)?;
        let mut services = BTreeMap::new();
        for (name, service) in &system.services {
            services.insert(name.clone(), Service::new(name, service, &secrets)?);
        }
        let digest = digest::of(&[source.as_bytes()]);
        Ok(Self { system, secrets: Arc::new(secrets), services, warnings: findings, digest })
    }

    /// A system without anything.
    pub(crate) fn empty() -> Self {
        let system = System::default();
        let secrets = Arc::new(Secrets::default());
        Self { system, secrets, services: BTreeMap::new(), warnings: Vec::new(), digest: 0 }
    }

    /// Makes its services live. Before the engine runs, and before its definitions are put in.
    pub(crate) fn install(&mut self, outbound: &Outbound) {
        let webhook = |name: &String| Some((name.clone(), self.system.webhook(name)?.to_string()));
        let webhooks: HashMap<String, String> = self.system.definitions.keys().filter_map(webhook).collect();
        outbound.install(std::mem::take(&mut self.services), webhooks);
    }
}

impl Systems {
    /// `kept` is the file in the data directory that keeps what was PUT.
    pub(crate) fn new(prepared: Prepared, origin: Origin, kept: PathBuf) -> Self {
        let has_config = matches!(origin, Origin::Config(_));
        let live = Arc::new(Live::new(prepared, origin));
        Self {
            has_config,
            live: RwLock::new(live),
            problem: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            kept,
        }
    }

    pub(crate) fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) const fn has_config(&self) -> bool {
        self.has_config
    }

    /// Why the file could not be read again, or what unfinished sagas need that it does not have, as long as that is so.
    pub(crate) fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_problem(&self, problem: Option<String>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    /// Makes a system live: first its services, then, durably, its definitions. Answers their versions.
    pub(crate) async fn change(
        &self,
        source: &str,
        origin: Origin,
        (engine, listing, outbound): (&Handle, &Listing, &Outbound),
    ) -> Answer<Vec<(Arc<str>, u32)>> {
        let _alone = self.changing.lock().await;
        let mut prepared = on_blocking_thread({
            let source = source.to_owned();
            move || Prepared::new(&source)
        })
        .await?;
        in_use(&self.live(), &prepared, engine, listing).await?;
        if origin == Origin::Put {
            keep(&self.kept, source).map_err(|error| {
                let detail = format!(
                    "cannot keep the system in {}: {error}; nothing was changed",
                    self.kept.display()
                );
                Problem::new(Code::StoreFailed, detail)
            })?;
        }
        prepared.install(outbound);
        let definitions = prepared.system.definitions.values().cloned().collect();
        let versions = engine.put(definitions, Arc::clone(&prepared.secrets), prepared.windows()).await?;
        let live = Arc::new(Live::new(prepared, origin));
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&live);
        // What the file lacked before, it may lack still.
        let problem = match self.problem() {
            Some(_) => live.lacking(engine, listing)?,
            None => None,
        };
        self.set_problem(problem);
        Ok(versions)
    }

    /// Says so where the system that was begun with lacks what unfinished sagas need: a file may be changed while nobody
    /// is there to refuse it.
    pub(crate) async fn check_needs(&self, engine: &Handle, listing: &Listing) {
        // The lists have everything from before the start.
        listing.reached(Position::START).await;
        let _alone = self.changing.lock().await;
        match self.live().lacking(engine, listing) {
            Ok(None) => {}
            Ok(Some(problem)) => {
                tracing::error!(%problem, "the system file lacks what unfinished sagas need");
                self.set_problem(Some(problem));
            }
            Err(problem) => {
                tracing::warn!(detail = %problem.detail(), "whether unfinished sagas have what they need is unknown");
            }
        }
    }
}

impl Live {
    fn new(prepared: Prepared, origin: Origin) -> Self {
        let Prepared { system, secrets, services: _, warnings, digest } = prepared;
        Self { system, warnings, origin, digest, since_ms: clock::wall_ms(), secrets }
    }

    pub(crate) fn has_service(&self, name: &str) -> bool {
        self.system.services.contains_key(name)
    }

    /// What unfinished sagas need that it does not have, and what to do.
    fn lacking(&self, engine: &Handle, listing: &Listing) -> Answer<Option<String>> {
        let service = |name: &str| !self.has_service(name);
        let secret = |name: &str| self.secrets.get(name).is_none();
        let lacking = needs::lacking(engine, listing, service, secret)?;
        Ok(lacking.map(|lacking| {
            let first = lacking.sagas.first().map_or("", String::as_str);
            format!("{}, which the system file does not have; add that and send the file again (the newest: {first})", lacking.said())
        }))
    }
}

/// Lint compiles expressions, which takes as long as the file is.
async fn on_blocking_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("checking a system does not panic")
}

/// Refuses to take away a service that an unfinished saga calls, or a secret that it uses.
async fn in_use(before: &Live, after: &Prepared, engine: &Handle, listing: &Listing) -> Answer<()> {
    let service = |name: &str| before.has_service(name) && !after.system.services.contains_key(name);
    let secret = |name: &str| before.secrets.get(name).is_some() && after.secrets.get(name).is_none();
    let services_stay = before.system.services.keys().all(|name| !service(name));
    if services_stay && before.system.secrets.keys().all(|name| !secret(name)) {
        return Ok(());
    }
    let position = *engine.position().borrow();
    let late = || {
        Problem::new(Code::NotReady, "lists do not follow the journal yet; try again in a second")
            .again_after(1)
    };
    tokio::time::timeout(LISTS_WITHIN, listing.reached(position)).await.map_err(|_| late())?;
    let Some(lacking) = needs::lacking(engine, listing, service, secret)? else { return Ok(()) };
    let detail =
        format!("{}; keep that until they have ended, or end them, then send the file again", lacking.said());
    Err(Problem::new(Code::ServiceInUse, detail)
        .with("services", lacking.services)
        .with("secrets", lacking.secrets)
        .with("sagas", lacking.sagas))
}

/// Replaces a file as a whole: a crash leaves the old one or the new one.
fn keep(path: &Path, source: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let written = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    // Defaults of secrets may stand in it.
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&written)?;
    file.write_all(source.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&written, path)?;
    if let Some(parent) = path.parent() {
        std::fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}
