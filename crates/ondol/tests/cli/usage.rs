//! What is said to somebody who said it wrong.

use crate::support::{run, seen};

#[test]
fn wrong_command_lines_are_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("taken.yaml"), "mine").expect("written");
    std::fs::write(folder.path().join("bad.json"), "{").expect("written");
    let table: &[(&str, &[&str])] = &[
        ("nothing", &[]),
        ("unknown-verb", &["undo", "x"]),
        ("exit-codes", &["help", "exit-codes"]),
        ("version", &["version"]),
        ("init-exists", &["init", "taken.yaml"]),
        ("run-without-definition", &["run"]),
        ("run-bad-json", &["run", "book", "--input", "{a:1}"]),
        ("run-bad-json-file", &["run", "book", "--input", "@bad.json"]),
        ("run-no-file", &["run", "book", "--input", "@missing.json"]),
        ("run-bad-wait", &["run", "book", "--wait=soon"]),
        ("list-bad-from", &["list", "--from", "yesterday"]),
        ("act-on-nothing", &["cancel"]),
        ("act-on-both", &["cancel", "a", "--query", "status=parked"]),
        ("act-bad-query", &["retry", "--query", "state=parked"]),
        ("act-on-everything", &["retry", "--query", ""]),
        ("act-bad-rate", &["retry", "--query", "status=parked", "--rate", "fast"]),
        ("act-bad-half", &["retry", "a", "--half", "both"]),
        ("act-if-seq-of-many", &["cancel", "a", "b", "--if-seq", "3"]),
        ("edit-without-input", &["edit", "a"]),
        ("serve-bad-otlp", &["serve", "--otlp-grpc", "4317"]),
        ("serve-bad-size", &["serve", "--telemetry-bytes", "8GB"]),
        ("serve-bad-address", &["serve", "--listen", "localhost"]),
        ("exec-nothing", &["exec", "--service", "payment"]),
        ("exec-without-service", &["exec", "--", "true"]),
        ("exec-no-program", &["exec", "--service", "payment", "--", "no-such-program"]),
        ("exec-a-folder", &["exec", "--service", "payment", "--", "./"]),
        ("exec-grpc", &["exec", "--service", "payment", "--otlp", "127.0.0.1:4317", "--", "true"]),
        ("tls", &["get", "a", "--server", "https://example.org"]),
        ("token-in-the-clear", &["list", "--server", "http://10.0.0.5:7070", "--token", "0123456789abcdef"]),
        ("no-token-file", &["get", "a", "--token-file", "missing"]),
        ("why-language", &["why", "a", "--lang", "fr"]),
    ];
    for (name, args) in table {
        let output = run(folder.path(), args);
        insta::assert_snapshot!(
            format!("usage-{name}"),
            format!("$ ondol {}\n{}", args.join(" "), seen(&output))
        );
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("taken.yaml")).expect("read"), "mine");
}

#[test]
fn init_writes_a_file_that_lint_likes() {
    let folder = tempfile::tempdir().expect("a folder");
    for (args, code) in
        [(&["init"][..], 0), (&["lint"], 0), (&["init"], 9), (&["init", "--force"], 0), (&["lint"], 0)]
    {
        let output = run(folder.path(), args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", seen(&output));
    }
}

#[test]
fn a_server_that_is_away_is_said_to_be() {
    let folder = tempfile::tempdir().expect("a folder");
    // A port that was free a moment ago and on which nobody listens.
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("bound").local_addr().expect("address").port();
    let output = run(folder.path(), &["get", "a", "--server", &format!("http://127.0.0.1:{port}")]);
    let said = seen(&output).replace(&port.to_string(), "PORT");
    insta::assert_snapshot!("server-away", said);
}
