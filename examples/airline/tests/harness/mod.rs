//! Starts the real services and talks to them as Ondol does. No HTTP library: a closed connection must be seen as
//! exactly that.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A process that is killed with its handle.
pub(crate) struct Service {
    process: Child,
    address: SocketAddr,
    program: &'static str,
    db: PathBuf,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) effect_none: bool,
    pub(crate) body: Value,
}

impl Answer {
    /// The problem's code, or nothing.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }
}

impl Service {
    /// Starts `program` on a free port with its file `NAME.db` in `directory`.
    pub(crate) fn start(program: &'static str, directory: &Path, flags: &[&str]) -> Self {
        let name = Path::new(program).file_name().unwrap();
        let db = directory.join(name).with_extension("db");
        let (process, address) = spawn(program, &db, flags);
        Self { process, address, program, db }
    }

    /// A second process on the same file.
    pub(crate) fn sibling(&self) -> Self {
        let (process, address) = spawn(self.program, &self.db, &[]);
        Self { process, address, program: self.program, db: self.db.clone() }
    }

    /// Waits for a death that a fault rule has caused, then starts the service again on the same file.
    pub(crate) fn restart_after_death(&mut self) {
        assert!(!self.process.wait().unwrap().success());
        (self.process, self.address) = spawn(self.program, &self.db, &[]);
    }

    /// SIGTERM; says whether the process ended by itself and well.
    pub(crate) fn terminate(&mut self) -> bool {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.process.wait().unwrap().success()
    }

    /// A request by hand.
    pub(crate) fn plain(&self, method: &str, path: &str, body: &str) -> Answer {
        self.request(method, path, &[], body).expect("an answer")
    }

    /// A half, as Ondol sends it. `key` is `run/step/half`; the saga's id is the run's. `None`: the connection was
    /// closed without an answer.
    pub(crate) fn half(&self, key: &str, call: &str, body: &str) -> Option<Answer> {
        let (method, path) = call.split_once(' ').unwrap();
        let saga = key.split('/').next().unwrap();
        let headers = [("idempotency-key", key), ("ondol-saga-id", saga), ("authorization", "Bearer demo")];
        self.request(method, path, &headers, body)
    }

    /// Any request. `None`: the connection was closed without an answer.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let headers: String = headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        // A reset is how a killed process closes its connections.
        let read = stream.read_to_string(&mut answer);
        if read.is_err() || answer.is_empty() {
            return None;
        }
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let effect_none = head.lines().any(|line| line.eq_ignore_ascii_case("ondol-effect: none"));
        Some(Answer { status, effect_none, body: serde_json::from_str(body).unwrap_or(Value::Null) })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Err: it has ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn spawn(program: &str, db: &Path, flags: &[&str]) -> (Child, SocketAddr) {
    let mut process = Command::new(program)
        .args(["--listen", "127.0.0.1:0", "--log", "error", "--db"])
        .arg(db)
        .args(flags)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let bound: Value = serde_json::from_str(&line).unwrap();
    let address = bound["listening"].as_str().unwrap().parse().unwrap();
    (process, address)
}
