//! The PostgreSQL barrier against a real server of its own: a temporary directory, a Unix socket, no network.
//!
//! One test, since it starts one server; without PostgreSQL it says `SKIPPED` on standard output.

#![expect(clippy::unwrap_used, reason = "in a test program a panic is the report")]

use ondol_sdk::barrier::{Call, Done, ROWS_KEPT_MIN, Refusal, Reply, Stop, Verdict, postgres};
use ondol_sdk::key::{Digest, Half, Key};
use serde_json::json;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_postgres::{Client, Config, NoTls};

/// Debian keeps the server's programs off the path, one folder a version.
fn program(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin").join(name));
    let path = ["/usr/local/bin", "/usr/bin"].into_iter().map(|folder| Path::new(folder).join(name));
    debian.chain(path).find(|candidate| candidate.is_file())
}

/// The system's user `postgres`: the server refuses to run as root.
fn postgres_user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let fields: Vec<&str> = users.lines().find(|line| line.starts_with("postgres:"))?.split(':').collect();
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

struct Server {
    process: Child,
    directory: tempfile::TempDir,
}

impl Server {
    /// `None` if PostgreSQL is not installed.
    fn start() -> Option<Self> {
        let (initdb, postgres) = (program("initdb")?, program("postgres")?);
        let directory = tempfile::tempdir().unwrap();
        let root = rustix::process::geteuid().is_root();
        let user = if root { Some(postgres_user()?) } else { None };
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(directory.path(), Some(uid), Some(gid)).unwrap();
        }
        let command = |program: &Path| {
            let mut command = Command::new(program);
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command
                .current_dir(directory.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command
        };
        let made =
            command(&initdb).args(["-D", "data", "-U", "ondol", "-A", "trust", "-N", "-E", "UTF8"]).status();
        assert!(made.unwrap().success(), "initdb failed");
        let process = command(&postgres)
            .args(["-D", "data", "-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(directory.path())
            .spawn()
            .unwrap();
        Some(Self { process, directory })
    }

    async fn connect(&self) -> Client {
        let mut config = Config::new();
        config.host_path(self.directory.path()).user("ondol").dbname("postgres");
        for _ in 0..600 {
            if let Ok((client, connection)) = config.connect(NoTls).await {
                let mut tasks = JoinSet::new();
                tasks.spawn(connection);
                tasks.detach_all();
                return client;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the PostgreSQL server did not start in 30 s");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // QUIT is PostgreSQL's immediate shutdown; killing the parent would leave its children to find out.
        _ = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.process),
            rustix::process::Signal::QUIT,
        );
        drop(self.process.wait());
    }
}

fn call(run: &str, half: Half, request: u8) -> Call {
    let key = Key { run: run.to_owned(), step: "pay".to_owned(), half };
    Call { key, saga: "s1".to_owned(), digest: Digest::of("POST", "/x", &[request]) }
}

/// Inserts one effect, then does what `will` says.
async fn run(client: &mut Client, call: &Call, will: &'static str) -> Reply {
    let half = call.key.half.as_str();
    let run = call.key.run.clone();
    postgres::run(client, call, async move |tx| {
        tx.execute("INSERT INTO effects VALUES ($1, $2)", &[&run, &half]).await?;
        match will {
            "do" => Done::ok(&json!({ "half": half })),
            "refuse" => Err(Refusal::conflict("taken", "someone was faster").into()),
            "break" => {
                // A failed statement leaves the transaction unusable until the savepoint is rolled back.
                let error = tx.execute("SELECT 1 / 0", &[]).await;
                assert!(error.is_err());
                Err(Refusal::unprocessable("zero", "divided by zero").into())
            }
            _ => Err(Stop::Failed("the disk is on fire".to_owned())),
        }
    })
    .await
}

async fn effects(client: &Client, run: &str) -> (i64, i64) {
    let count =
        "SELECT count(*) FILTER (WHERE half = 'action'), count(*) FILTER (WHERE half = 'compensation')
                 FROM effects WHERE run = $1";
    let row = client.query_one(count, &[&run]).await.unwrap();
    (row.get(0), row.get(1))
}

const ACTION: Half = Half::Action;
const UNDO: Half = Half::Compensation;

/// Runs the requests of one run in order; each line is half, request, what the business would do, and the verdict.
async fn check(
    client: &mut Client,
    run_id: &str,
    history: &[(Half, u8, &'static str, Verdict)],
    expected: (i64, i64),
) {
    for (number, &(half, request, will, verdict)) in history.iter().enumerate() {
        let reply = run(client, &call(run_id, half, request), will).await;
        assert_eq!(
            reply.verdict,
            verdict,
            "{run_id}, request {number}: {}",
            String::from_utf8_lossy(&reply.body)
        );
    }
    assert_eq!(effects(client, run_id).await, expected, "{run_id}");
}

async fn histories(client: &mut Client) {
    use Verdict::{Compensated, Done, Failed, KeyReused, NotUndone, Refused};
    let twice = [(ACTION, 1, "do", Done), (ACTION, 1, "do", Done), (ACTION, 2, "do", KeyReused)];
    check(client, "twice", &twice, (1, 0)).await;
    let undone =
        [(ACTION, 1, "do", Done), (UNDO, 1, "do", Done), (UNDO, 1, "do", Done), (ACTION, 1, "do", Done)];
    check(client, "undone", &undone, (1, 1)).await;
    check(client, "refused", &[(ACTION, 1, "refuse", Refused), (ACTION, 1, "do", Refused)], (0, 0)).await;
    check(client, "broken", &[(ACTION, 1, "break", Refused), (ACTION, 1, "do", Refused)], (0, 0)).await;
    check(client, "refused-undone", &[(ACTION, 1, "refuse", Refused), (UNDO, 1, "do", Done)], (0, 0)).await;
    check(client, "failed", &[(ACTION, 1, "fail", Failed), (ACTION, 1, "do", Done)], (1, 0)).await;
    let late = [(UNDO, 1, "do", Done), (ACTION, 1, "do", Compensated), (UNDO, 1, "do", Done)];
    check(client, "late", &late, (0, 0)).await;
    let again = [(ACTION, 1, "do", Done), (UNDO, 1, "refuse", NotUndone), (UNDO, 1, "do", Done)];
    check(client, "undo-refused", &again, (1, 1)).await;
}

/// Holds the action of `run_id` open, lets the other half and a repeat run into it, then lets it finish.
async fn a_running_action_holds_back_both_halves(server: &Server) {
    let (mut first, mut second, mut third) =
        (server.connect().await, server.connect().await, server.connect().await);
    let (started, has_started) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    // Spawned, which also proves that the future may move between threads.
    tasks.spawn(async move {
        let call = call("held", ACTION, 1);
        postgres::run(&mut first, &call, async move |tx| {
            tx.execute("INSERT INTO effects VALUES ('held', 'action')", &[]).await?;
            started.send(()).unwrap();
            released.await.unwrap();
            Done::ok(&json!({}))
        })
        .await
    });
    has_started.await.unwrap();
    let (repeat, undo) = (call("held", ACTION, 1), call("held", UNDO, 1));
    let (repeat, undo) = tokio::join!(run(&mut second, &repeat, "do"), run(&mut third, &undo, "do"));
    for reply in [repeat, undo] {
        assert_eq!((reply.status, reply.verdict), (425, Verdict::InProgress));
    }
    release.send(()).unwrap();
    assert_eq!(tasks.join_next().await.unwrap().unwrap().verdict, Verdict::Done);
    check(&mut second, "held", &[(ACTION, 1, "do", Verdict::Done), (UNDO, 1, "do", Verdict::Done)], (1, 1))
        .await;
}

async fn eight_connections_with_one_key_have_one_effect(server: &Server) {
    for half in [ACTION, UNDO] {
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let mut client = server.connect().await;
            tasks.spawn(async move { run(&mut client, &call("crowd", half, 1), "do").await });
        }
        let replies = tasks.join_all().await;
        let same = |reply: &Reply| {
            (reply.status, &reply.body, reply.verdict)
                == (replies[0].status, &replies[0].body, replies[0].verdict)
        };
        assert!(replies.iter().all(same), "{replies:?}");
        assert_eq!(replies.iter().filter(|reply| !reply.replayed).count(), 1, "one did it: {replies:?}");
    }
    assert_eq!(effects(&server.connect().await, "crowd").await, (1, 1));
}

async fn sweep(client: &Client) {
    let age =
        "UPDATE ondol_barrier SET created_at = now() - interval '100 days' WHERE run IN ('late', 'undone')
               AND (run = 'late' OR half = 'action')";
    assert_eq!(client.execute(age, &[]).await.unwrap(), 3);
    assert!(postgres::sweep(client, Duration::from_secs(1)).await.is_err());
    assert_eq!(postgres::sweep(client, ROWS_KEPT_MIN).await.unwrap(), 2);
    assert_eq!(postgres::sweep(client, ROWS_KEPT_MIN).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_barrier_on_a_real_server() {
    let Some(server) = Server::start() else {
        // Written past the harness' capture: a skipped test must be seen.
        let line = b"SKIPPED postgres_barrier_on_a_real_server: install Debian package postgresql\n";
        std::io::stdout().write_all(line).unwrap();
        return;
    };
    let mut client = server.connect().await;
    postgres::migrate(&client).await.unwrap();
    client.batch_execute("CREATE TABLE effects (run text NOT NULL, half text NOT NULL)").await.unwrap();
    histories(&mut client).await;
    a_running_action_holds_back_both_halves(&server).await;
    eight_connections_with_one_key_have_one_effect(&server).await;
    sweep(&client).await;
}
