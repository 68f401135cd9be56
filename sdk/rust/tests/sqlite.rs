//! The SQLite barrier against a model, under threads, and behind its writer thread.

#![expect(clippy::unwrap_used, reason = "in a test program a panic is the report")]

use ondol_sdk::barrier::sqlite::{self, Database};
use ondol_sdk::barrier::{Call, Done, ROWS_KEPT_MIN, Refusal, Reply, Stop, Verdict};
use ondol_sdk::key::{Digest, Half, Key};
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const EFFECTS: &str = "CREATE TABLE IF NOT EXISTS effects (half TEXT NOT NULL)";

fn call(half: Half, request: u8) -> Call {
    let key = Key { run: "r1".to_owned(), step: "pay".to_owned(), half };
    Call { key, saga: "s1".to_owned(), digest: Digest::of("POST", "/x", &[request]) }
}

fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    sqlite::migrate(&connection).unwrap();
    connection.execute_batch(EFFECTS).unwrap();
    connection
}

fn effects(connection: &Connection, half: Half) -> u32 {
    connection
        .query_one("SELECT count(*) FROM effects WHERE half = ?1", [half.as_str()], |row| row.get(0))
        .unwrap()
}

/// What the business does when it is let through.
#[derive(Debug, Clone, Copy)]
enum Will {
    Do,
    Refuse,
    Fail,
}

fn business(tx: &Connection, half: Half, will: Will) -> Result<Done, Stop> {
    tx.execute("INSERT INTO effects VALUES (?1)", [half.as_str()])?;
    match will {
        Will::Do => Done::ok(&json!({ "half": half.as_str() })),
        Will::Refuse => Err(Refusal::conflict("taken", "someone was faster").into()),
        Will::Fail => Err(Stop::Failed("the disk is on fire".to_owned())),
    }
}

/// The promise of the barrier in the fewest words: what each half has become.
#[derive(Debug, Default)]
struct Model {
    action: Option<(Verdict, u8)>,
    compensation: Option<u8>,
    effects: [u32; 2],
}

impl Model {
    fn expect(&mut self, half: Half, request: u8, will: Will) -> Verdict {
        let reused = |stored: u8, verdict| if stored == request { verdict } else { Verdict::KeyReused };
        match (half, self.action, self.compensation) {
            (Half::Action, Some((Verdict::Compensated, _)), _) => Verdict::Compensated,
            (Half::Action, Some((verdict, stored)), _) => reused(stored, verdict),
            (Half::Compensation, _, Some(stored)) => reused(stored, Verdict::Done),
            (Half::Action, None, _) => match will {
                Will::Do => {
                    self.effects[0] += 1;
                    self.action = Some((Verdict::Done, request));
                    Verdict::Done
                }
                Will::Refuse => {
                    self.action = Some((Verdict::Refused, request));
                    Verdict::Refused
                }
                Will::Fail => Verdict::Failed,
            },
            (Half::Compensation, Some((Verdict::Done, _)), None) => match will {
                Will::Do => {
                    self.effects[1] += 1;
                    self.compensation = Some(request);
                    Verdict::Done
                }
                Will::Refuse => Verdict::NotUndone,
                Will::Fail => Verdict::Failed,
            },
            (Half::Compensation, action, None) => {
                self.action = action.or(Some((Verdict::Compensated, 0)));
                self.compensation = Some(request);
                Verdict::Done
            }
        }
    }
}

fn requests() -> impl Strategy<Value = Vec<(Half, u8, Will)>> {
    let half = prop_oneof![Just(Half::Action), Just(Half::Compensation)];
    let will = prop_oneof![4 => Just(Will::Do), 2 => Just(Will::Refuse), 1 => Just(Will::Fail)];
    prop::collection::vec((half, prop_oneof![5 => Just(1_u8), 1 => Just(2)], will), 0..10)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_history_is_the_models(history in requests()) {
        let mut connection = open(Path::new(":memory:"));
        let mut model = Model::default();
        for (half, request, will) in history {
            let expected = model.expect(half, request, will);
            let reply = sqlite::run(&mut connection, &call(half, request), |tx| business(tx, half, will));
            prop_assert_eq!(reply.verdict, expected, "{:?} {} {:?}: {:?}", half, request, will, reply);
            let vouched = reply.headers().any(|header| header == ("ondol-effect", "none"));
            prop_assert_eq!(vouched, matches!(expected, Verdict::Refused | Verdict::Compensated));
            let seen = [effects(&connection, Half::Action), effects(&connection, Half::Compensation)];
            prop_assert_eq!(seen, model.effects);
        }
    }
}

fn run_on_threads(path: &Path, half: Half) -> Vec<Reply> {
    const THREADS: usize = 8;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(move || {
                    let mut connection = open(path);
                    sqlite::run(&mut connection, &call(half, 1), |tx| business(tx, half, Will::Do))
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn eight_threads_with_one_key_have_one_effect() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db");
    let connection = open(&path);
    for half in [Half::Action, Half::Compensation] {
        let replies = run_on_threads(&path, half);
        assert_eq!(effects(&connection, half), 1, "{half}");
        let same = |reply: &Reply| (reply.status, &reply.body) == (replies[0].status, &replies[0].body);
        assert!(replies.iter().all(same), "{replies:?}");
        assert_eq!(replies.iter().filter(|reply| !reply.replayed).count(), 1, "one did it: {replies:?}");
        assert_eq!((replies[0].status, replies[0].verdict), (200, Verdict::Done));
    }
}

#[test]
fn a_busy_database_answers_425_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("db");
    let holder = open(&path);
    let mut connection = open(&path);
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut run =
        || sqlite::run(&mut connection, &call(Half::Action, 1), |tx| business(tx, Half::Action, Will::Do));
    let reply = run();
    assert_eq!((reply.status, reply.verdict), (425, Verdict::InProgress));
    assert!(reply.headers().any(|header| header == ("ondol-barrier", "in-progress")));
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(run().status, 200);
    assert_eq!(effects(&holder, Half::Action), 1);
}

#[test]
fn a_sweep_keeps_young_rows_and_whole_steps() {
    let connection = open(Path::new(":memory:"));
    let insert = |run: &str, half: &str, days: u32| {
        let insert = "INSERT INTO ondol_barrier VALUES (?1, 'pay', ?2, 's1', '', 'done', 200, '',
                      CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) - ?3 * 86400000)";
        connection.execute(insert, (run, half, days)).unwrap();
    };
    for (run, half, days) in [("old", "action", 100), ("young", "action", 80), ("pair", "action", 100)] {
        insert(run, half, days);
    }
    insert("pair", "compensation", 10);
    assert!(sqlite::sweep(&connection, ROWS_KEPT_MIN.checked_sub(Duration::from_secs(1)).unwrap()).is_err());
    assert_eq!(sqlite::sweep(&connection, ROWS_KEPT_MIN).unwrap(), 1);
    assert_eq!(sqlite::sweep(&connection, ROWS_KEPT_MIN).unwrap(), 0);
    let left: u32 = connection.query_one("SELECT count(*) FROM ondol_barrier", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 3);
}

type Business = fn(&Connection) -> Result<Done, Stop>;

#[tokio::test]
async fn requests_that_share_a_commit_do_not_share_their_fate() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("db"), EFFECTS).unwrap();
    let step = |run: usize, will: Business| {
        let mut call = call(Half::Action, 1);
        call.key.run = format!("r{run}");
        db.step(call, will)
    };
    let wills: [Business; 4] = [
        |tx| business(tx, Half::Action, Will::Do),
        |tx| business(tx, Half::Action, Will::Refuse),
        |tx| business(tx, Half::Action, Will::Fail),
        |tx| {
            tx.execute("INSERT INTO effects VALUES ('action')", [])?;
            panic!("a bug in a handler")
        },
    ];
    // Twice: the second round is answered from the rows, or tried afresh where nothing was stored.
    for round in 0..2 {
        let replies = futures_util::future::join_all((0..40).map(|run| step(run, wills[run % 4]))).await;
        for (run, reply) in replies.iter().enumerate() {
            assert_eq!(reply.status, [200, 409, 500, 500][run % 4], "round {round}, run {run}: {reply:?}");
        }
        let seen = db.transaction(|tx| Ok(effects(tx, Half::Action))).await.unwrap();
        assert_eq!(seen, 10, "round {round}");
    }
}

#[tokio::test]
async fn too_much_waiting_is_turned_away_unharmed() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::open(directory.path().join("db"), EFFECTS).unwrap();
    let (release, held) = std::sync::mpsc::sync_channel::<()>(0);
    let first = db.transaction(move |_| held.recv().map_err(|error| Stop::Failed(error.to_string())));
    let crowd = (0..sqlite::JOBS_WAITING_MAX + 100)
        .map(|_| db.transaction(|tx| business(tx, Half::Action, Will::Do)));
    let crowd = async {
        let mut crowd = crowd.map(Box::pin).collect::<Vec<_>>();
        // Polled once, every request is either in the queue or turned away.
        let polled = crowd.iter_mut().map(|request| futures_util::FutureExt::now_or_never(request));
        let turned_away = polled.filter(|answer| matches!(answer, Some(Err(Stop::Busy)))).count();
        release.send(()).unwrap();
        turned_away
    };
    let (first, turned_away) = futures_util::future::join(first, crowd).await;
    first.unwrap();
    // One more if the writer had not yet taken the first job off the queue.
    assert!((100..=101).contains(&turned_away), "{turned_away}");
}
