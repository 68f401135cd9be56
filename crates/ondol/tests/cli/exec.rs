//! A program run by `ondol exec`: for whoever started it, as if it had been run alone.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use crate::support::{ondol, seen};
use crate::world::World;

/// A port on which nobody listens: nothing is sent, and that is said.
const NOBODY: &str = "http://127.0.0.1:1";

fn exec(folder: &std::path::Path, otlp: &str, script: &str) -> Command {
    let mut command = ondol(folder);
    command.args(["exec", "--service", "payment", "--otlp", otlp, "--", "/bin/sh", "-c", script]);
    command
}

#[test]
fn output_and_exit_codes_are_the_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let table: &[(&str, i32, &str, &str)] = &[
        ("exit 0", 0, "", ""),
        ("printf 'no end'; exit 3", 3, "no end", ""),
        ("printf 'a\\0\\033[31mb\\n'; echo bad >&2; exit 255", 255, "a\0\x1b[31mb\n", "bad\n"),
        ("kill -9 $$", 137, "", ""),
        ("exec no-such-program 2>/dev/null", 127, "", ""),
        (
            "echo $OTEL_SERVICE_NAME $OTEL_EXPORTER_OTLP_ENDPOINT $OTEL_EXPORTER_OTLP_PROTOCOL",
            0,
            "payment http://127.0.0.1:1 http/protobuf\n",
            "",
        ),
    ];
    for (script, code, stdout, stderr) in table {
        let output = exec(folder.path(), NOBODY, script).output().expect("it runs");
        assert_eq!(output.status.code(), Some(*code), "{script}: {}", seen(&output));
        assert_eq!(output.stdout, stdout.as_bytes(), "{script}");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(said.starts_with(stderr), "{script}: {said}");
    }
    let output = exec(folder.path(), NOBODY, "echo $OTEL_SERVICE_NAME $OTEL_EXPORTER_OTLP_ENDPOINT")
        .env("OTEL_SERVICE_NAME", "own")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://elsewhere:4318")
        .output()
        .expect("it runs");
    assert_eq!(output.stdout, b"own http://elsewhere:4318\n");
}

#[test]
fn what_is_not_kept_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = exec(folder.path(), NOBODY, "echo one; echo two; exit 1").output().expect("it runs");
    insta::assert_snapshot!("exec-away", seen(&output));
}

#[test]
fn standard_input_is_the_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = exec(folder.path(), NOBODY, "cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"through\n").expect("written");
    assert_eq!(child.wait_with_output().expect("waited for").stdout, b"through\n");
}

#[test]
fn signals_are_passed_on() {
    let folder = tempfile::tempdir().expect("a folder");
    for signal in ["TERM", "HUP", "INT", "USR1"] {
        let script = format!("trap 'echo told; exit 7' {signal}; echo ready; while :; do sleep 0.05; done");
        let mut child = exec(folder.path(), NOBODY, &script)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let told = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        lines.read_to_string(&mut line).expect("the rest");
        assert_eq!(
            (line.as_str(), child.wait().expect("waited for").code()),
            ("ready\ntold\n", Some(7)),
            "{signal}"
        );
    }
}

/// `head` goes away, and so does the program, as it would alone.
#[test]
fn a_program_that_nobody_reads_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = exec(folder.path(), NOBODY, "while :; do echo on; done")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert_eq!(child.wait().expect("waited for").code(), Some(141), "SIGPIPE");
}

#[test]
fn lines_are_found() {
    let world = World::with_otlp();
    let otlp = format!("http://{}", world.otlp().expect("it takes OTLP"));
    let script = "echo 'ERROR it failed'; echo 'java.lang.Exception: no'; printf '\\tat a.B.c(B.java:1)\\n'; \
                  echo 'WARN trace_id=0af7651916cd43dd8448eb211c80319c slow' >&2; printf 'INFO the end'";
    let mut command = world.command(&["exec", "--service", "payment", "--instance", "p1", "--otlp", &otlp]);
    let output = command.args(["--", "/bin/sh", "-c", script]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", seen(&output));
    assert!(!seen(&output).contains("not kept"), "{}", seen(&output));
    let found = world.json(&["logs", "service:payment"], 0);
    let lines = found["logs"].as_array().expect("lines");
    let of = |body: &str| {
        let line = lines.iter().find(|line| line["body"].as_str().is_some_and(|text| text.contains(body)));
        line.unwrap_or_else(|| panic!("no {body:?} in {found}"))
    };
    assert_eq!(lines.len(), 3, "{found}");
    assert_eq!(of("it failed")["body"], "it failed\njava.lang.Exception: no\n\tat a.B.c(B.java:1)");
    assert_eq!(of("slow")["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(of("slow")["attributes"]["log.iostream"], "stderr");
    assert_eq!(of("the end")["instance"], "p1");
}
