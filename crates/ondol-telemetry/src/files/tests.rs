//! Real files in a folder, on virtual time: no line lost, none doubled.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;

use proptest::prelude::*;
use prost::Message as _;

use super::cut::{Cut, End, Here, cut};
use super::*;
use crate::otlp::proto::collector::logs::v1::ExportLogsServiceRequest;
use crate::otlp::proto::common::v1::any_value::Value;

const SECOND: u64 = 1_000_000_000;

/// What is done to a folder, and by whom.
#[derive(Clone, Copy, Debug)]
enum Do {
    /// A program writes.
    Write(&'static str, &'static str),
    Rename(&'static str, &'static str),
    Truncate(&'static str),
    Delete(&'static str),
    /// Seconds go by, and the follower has a turn now and then.
    Wait(u64),
    /// One turn, all of which is durable.
    Turn,
    /// The process ends and begins again.
    Restart,
    /// A turn that was exported; then a crash, before anything else is written down.
    CrashAfterExport,
    /// A turn that was not exported; then a crash.
    CrashBeforeExport,
    /// The system file names the files.
    Want(bool),
    /// It does not any more.
    WantNothing,
}
use Do::*;

struct World {
    folder: tempfile::TempDir,
    files: Files,
    wanted: Vec<Wanted>,
    now: Now,
    /// What the store has: bodies of requests, and the lines in them.
    known: HashSet<Bytes>,
    lines: Vec<String>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::open(folder.path().join("offsets.json"), 0);
        let now = Now { wall_ns: 1_700_000_000 * SECOND, mono_ns: SECOND };
        Self { folder, files, wanted: Vec::new(), now, known: HashSet::new(), lines: Vec::new() }
    }

    fn pass(&mut self, ns: u64) {
        self.now = Now { wall_ns: self.now.wall_ns + ns, mono_ns: self.now.mono_ns + ns };
    }

    fn restart(&mut self) {
        self.files = Files::open(self.folder.path().join("offsets.json"), 0);
        // Another process, another clock.
        self.now.mono_ns = SECOND;
    }

    fn export(&mut self) -> Vec<Id> {
        let exports = self.files.read(&self.wanted, self.now);
        let of = exports.iter().map(|export| export.of).collect();
        for Export { body, .. } in exports {
            if self.known.insert(body.clone()) {
                self.lines.extend(lines(&body));
            }
        }
        of
    }

    fn turn(&mut self) {
        loop {
            let of = self.export();
            for of in &of {
                self.files.kept(*of);
            }
            if of.is_empty() {
                return;
            }
        }
    }

    fn run(&mut self, step: Do) {
        let at = |name: &str| self.folder.path().join(name);
        match step {
            Write(name, text) => {
                let mut file = OpenOptions::new().append(true).create(true).open(at(name)).expect("opened");
                file.write_all(text.as_bytes()).expect("written");
            }
            Rename(from, to) => fs::rename(at(from), at(to)).expect("renamed"),
            Truncate(name) => drop(fs::File::create(at(name)).expect("truncated")),
            Delete(name) => fs::remove_file(at(name)).expect("deleted"),
            Want(from_start) => {
                let pattern = self.folder.path().join("*.log").display().to_string();
                self.wanted = vec![Wanted { pattern, service: "pay".to_owned(), instance: None, from_start }];
            }
            WantNothing => self.wanted.clear(),
            Turn => {
                self.pass(LOOK_NS);
                self.turn();
            }
            Wait(seconds) => {
                for _ in 0..seconds {
                    self.pass(SECOND);
                    self.turn();
                }
            }
            Restart => self.restart(),
            CrashAfterExport => {
                self.pass(LOOK_NS);
                self.export();
                self.restart();
            }
            CrashBeforeExport => {
                self.pass(LOOK_NS);
                self.files.read(&self.wanted, self.now);
                self.restart();
            }
        }
    }
}

fn lines(body: &Bytes) -> Vec<String> {
    let request = ExportLogsServiceRequest::decode(body.clone()).expect("OTLP");
    let scopes = request.resource_logs.into_iter().flat_map(|resource| resource.scope_logs);
    let records = scopes.flat_map(|scope| scope.log_records);
    let text = |value| match value {
        Some(Value::StringValue(text)) => text,
        other => panic!("{other:?}"),
    };
    records.map(|record| text(record.body.expect("a body").value)).collect()
}

/// What is done, and the lines that must come of it.
const TABLE: &[(&str, &[Do], &[&str])] = &[
    (
        "files that are there are followed from their end, later ones from their start",
        &[
            Write("a.log", "old\n"),
            Want(false),
            Turn,
            Write("a.log", "new\n"),
            Write("b.log", "b\n"),
            Wait(4),
        ],
        &["b", "new"],
    ),
    ("or from their start", &[Write("a.log", "old\n"), Want(true), Turn, Wait(2)], &["old"]),
    (
        "of a line that is half there, the rest is no line",
        &[Write("a.log", "ol"), Want(false), Turn, Write("a.log", "d\nnew\n"), Wait(2)],
        &["new"],
    ),
    (
        "a line is not read before its end",
        &[Want(false), Turn, Write("a.log", "one\ntw"), Wait(5), Write("a.log", "o\n"), Wait(3)],
        &["one", "two"],
    ),
    (
        "but after a while",
        &[Want(false), Turn, Write("a.log", "one\nand last words"), Wait(70)],
        &["one", "and last words"],
    ),
    (
        "a stack trace is one record, however it comes",
        &[
            Want(false),
            Turn,
            Write("a.log", "ERROR it failed\njava.lang.Exception: no\n"),
            Turn,
            Write("a.log", "\tat a.B.c(B.java:1)\n"),
            Wait(3),
            Write("a.log", "done\n"),
            Wait(3),
        ],
        &["it failed\njava.lang.Exception: no\n\tat a.B.c(B.java:1)", "done"],
    ),
    (
        "rotated by renaming, with a writer that is late",
        &[
            Want(false),
            Turn,
            Write("a.log", "1\n"),
            Turn,
            Write("a.log", "2\n"),
            Rename("a.log", "a.log.1"),
            Write("a.log.1", "3\n"),
            Write("a.log", "4\n"),
            Wait(5),
            Write("a.log.1", "5\n"),
            Write("a.log", "6\n"),
            Wait(5),
        ],
        &["1", "2", "3", "4", "5", "6"],
    ),
    (
        "rotated under a name that is looked for, too",
        &[
            Want(false),
            Turn,
            Write("a.log", "1\n"),
            Wait(3),
            Rename("a.log", "b.log"),
            Write("a.log", "2\n"),
            Wait(5),
        ],
        &["1", "2"],
    ),
    (
        "truncated, and written anew to less and to more",
        &[
            Want(false),
            Turn,
            Write("a.log", "a long first line\n"),
            Wait(3),
            Truncate("a.log"),
            Write("a.log", "less\n"),
            Wait(3),
            Truncate("a.log"),
            Write("a.log", "this is a lot more than it had been before\n"),
            Wait(3),
        ],
        &["a long first line", "less", "this is a lot more than it had been before"],
    ),
    (
        "deleted with a last line that has no end",
        &[Want(false), Turn, Write("a.log", "1\n"), Turn, Write("a.log", "last"), Delete("a.log"), Wait(130)],
        &["1", "last"],
    ),
    (
        "a restart, with lines written meanwhile",
        &[
            Want(false),
            Turn,
            Write("a.log", "1\n2\n"),
            Wait(3),
            Restart,
            Write("a.log", "3\n"),
            Write("b.log", "4\n"),
            Wait(3),
        ],
        &["1", "2", "4", "3"],
    ),
    (
        "a restart, with a rotation meanwhile",
        &[
            Want(false),
            Turn,
            Write("a.log", "1\n"),
            Wait(3),
            Restart,
            Write("a.log", "2\n"),
            Rename("a.log", "a.log.1"),
            Write("a.log", "3\n"),
            Wait(5),
        ],
        &["3", "1", "2"],
    ),
    (
        "a restart, with a truncation meanwhile",
        &[
            Want(false),
            Turn,
            Write("a.log", "one\n"),
            Wait(3),
            Restart,
            Truncate("a.log"),
            Write("a.log", "two and more\n"),
            Wait(3),
        ],
        &["one", "two and more"],
    ),
    (
        "crashes in the middle",
        &[
            Want(false),
            Turn,
            Write("a.log", "1\n2\n3\n"),
            CrashBeforeExport,
            Write("a.log", "4\n"),
            CrashAfterExport,
            Write("a.log", "5\n"),
            CrashAfterExport,
            CrashAfterExport,
            Wait(3),
        ],
        &["1", "2", "3", "4", "5"],
    ),
    (
        "named no more, and named again",
        &[
            Want(false),
            Turn,
            Write("a.log", "1\n"),
            Wait(3),
            WantNothing,
            Wait(3),
            Write("a.log", "2\n"),
            Want(false),
            Turn,
            Write("a.log", "3\n"),
            Wait(3),
        ],
        &["1", "3"],
    ),
    (
        "what is no text stops nothing",
        &[Want(false), Turn, Write("a.log", "\0\u{1}\u{fffd}\n\n\nend\n"), Write("a.log.gz", "x\n"), Wait(3)],
        &["\0\u{1}\u{fffd}", "end"],
    ),
];

#[test]
fn no_line_is_lost_and_none_doubled() {
    for (name, steps, expected) in TABLE {
        let mut world = World::new();
        for step in *steps {
            world.run(*step);
        }
        let (mut got, mut wanted) = (world.lines.clone(), expected.to_vec());
        if name.contains("restart") || name.contains("from their end") {
            // Two files, in any order.
            got.sort();
            wanted.sort_unstable();
        }
        assert_eq!(got, wanted, "{name}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_read_when_it_can() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut world = World::new();
    world.run(Want(true));
    world.run(Write("a.log", "1\n"));
    let path = world.folder.path().join("a.log");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("set");
    world.run(Wait(3));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
    world.run(Wait(3));
    assert_eq!(world.lines, ["1"]);
}

#[test]
fn long_files_are_read_in_pieces_and_long_lines_cut() {
    let mut world = World::new();
    world.run(Want(true));
    let mut text = String::new();
    for line in 0..50_000 {
        writeln!(text, "line {line} of many").expect("a string");
    }
    text.push_str(&"x".repeat(3 * CHUNK_BYTES));
    text.push_str("\nend\n");
    fs::write(world.folder.path().join("a.log"), &text).expect("written");
    world.run(Wait(3));
    assert_eq!(world.lines.len(), 50_002);
    assert_eq!(world.lines[49_999], "line 49999 of many");
    assert_eq!(world.lines[50_000].len(), crate::lines::RECORD_BYTES_MAX);
    assert_eq!(world.lines[50_001], "end");
}

#[test]
fn damaged_offsets_begin_anew() {
    let mut world = World::new();
    world.run(Want(false));
    world.run(Write("a.log", "1\n"));
    fs::write(world.folder.path().join("offsets.json"), b"{").expect("written");
    world.run(Restart);
    world.run(Turn);
    world.run(Write("a.log", "2\n"));
    world.run(Wait(3));
    assert_eq!(world.lines, ["2"]);
}

proptest! {
    /// What a cut is done with is, alone, the same records: on that stands that a crash doubles nothing.
    #[test]
    fn the_same_bytes_are_the_same_records(
        pieces in prop::collection::vec(prop_oneof![
            Just("one"), Just("\n"), Just("\n\n"), Just("ERROR no\n"), Just("\tat a.B(C.java:1)\n"),
            Just("java.lang.Exception: x\n"), Just("  indented\n"), Just("{\"msg\":\"m\"}\n"), Just("\r\n"),
        ], 0..24),
        mid_line: bool,
        end in prop_oneof![Just(End::More), Just(End::Closed), Just(End::Quiet(0)), Just(End::Quiet(SETTLED_NS)), Just(End::Quiet(PARTIAL_NS))],
    ) {
        let text = pieces.concat();
        let here = Here { at_ns: 1_700_000_000 * SECOND, offset_s: 0 };
        let Cut { records, bytes, mid_line: _ } = cut(text.as_bytes(), mid_line, end, here);
        let again = cut(&text.as_bytes()[..bytes], mid_line, End::Closed, here);
        prop_assert_eq!(&again.records, &records);
        prop_assert_eq!(again.bytes, bytes);
    }
}
