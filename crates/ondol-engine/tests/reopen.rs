//! What was put in holds after the store is opened again.

use std::future::pending;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ondol_engine::{
    Answered, Caller, Came, Chosen, Clock, Engine, Health, NoticeCall, NoticeCame, OpenLog, Options, SagaId,
    StepCall, SubmitError, SubmitRequest, Windows,
};
use ondol_spec::Secrets;
use ondol_store::log::{Disk, Faults, Log, MemoryLog, MemoryOptions};
use tokio_util::sync::CancellationToken;

const SYSTEM: &str = r#"
ondol: 1
services: { shop: { url: "http://127.0.0.1:1", barrier: true } }
sagas: { buy: { steps: [{ name: pay, action: shop POST /pay, compensate: none }] } }
"#;

/// Takes every call and answers none.
#[derive(Default)]
struct Silent(AtomicUsize);

impl Caller for Silent {
    fn call(&self, _: StepCall) -> Answered<Came> {
        self.0.fetch_add(1, SeqCst);
        Box::pin(pending())
    }

    fn notify(&self, _: NoticeCall) -> Answered<NoticeCame> {
        Box::pin(pending())
    }
}

/// The time of the test's runtime, which runs only while nobody works.
struct TestTime(tokio::time::Instant);

impl Clock for TestTime {
    fn wall_ms(&self) -> u64 {
        1_000_000_000_000 + self.mono_ms()
    }

    fn mono_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).expect("a test ends before that")
    }
}

/// Opens a log whose sync fails after this many, and afterwards one that works.
fn opener(syncs: u32) -> OpenLog {
    let (disk, opened) = (Mutex::new(Disk::new()), AtomicU32::new(0));
    Box::new(move || {
        let disk = disk.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let first = opened.fetch_add(1, SeqCst) == 0;
        let faults = Faults { syncs_before_failure: first.then_some(syncs), ..Faults::default() };
        let log = MemoryLog::open(&disk, MemoryOptions { manual_sync: false, faults });
        Box::pin(async move { Ok(Arc::new(log) as Arc<dyn Log>) })
    })
}

fn request(id: &str) -> SubmitRequest {
    SubmitRequest {
        id: SagaId::new(id).expect("an id of a test is one"),
        definition: Chosen::Named { name: "buy".to_owned(), version: None },
        input: Arc::from(&b"{}"[..]),
        digest: 1,
        run: 1,
        trace: (0, 0),
    }
}

#[tokio::test(start_paused = true)]
async fn the_bound_on_calls_holds_after_the_store_is_opened_again() {
    let system = ondol_spec::lint(SYSTEM).system.unwrap();
    let caller = Arc::new(Silent::default());
    let time = Arc::new(TestTime(tokio::time::Instant::now()));
    let secrets = Arc::new(Secrets::default());
    let dynamic = Arc::clone(&caller) as Arc<dyn Caller>;
    let (engine, handle) = Engine::new(Options::default(), Arc::clone(&secrets), opener(3), time, dynamic);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(engine.run(CancellationToken::new()));
    let mut health = handle.health();
    health.wait_for(|health| *health == Health::Ready).await.unwrap();
    let windows = Windows::from([("shop".to_owned(), 1)]);
    handle.put(system.definitions.values().cloned().collect(), secrets, windows).await.unwrap();
    handle.submit(request("one")).await.unwrap();
    handle.submit(request("two")).await.unwrap();
    assert_eq!(caller.0.swap(0, SeqCst), 1, "one waits");
    assert!(matches!(handle.submit(request("three")).await, Err(SubmitError::OutcomeUnknown)));
    health.wait_for(|health| *health == Health::Ready).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(caller.0.load(SeqCst), 1, "the one is sent again, and the other still waits");
}
