//! Log files of the system file, from the disk to the answer of a question.

use std::io::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::support::{PATIENCE, Server};

const SYSTEM: &str = r#"
ondol: 1
services: { shop: { url: "http://127.0.0.1:1" } }
logs:
  - { files: "logs/*.log", service: payment }
"#;

fn write(server: &Server, name: &str, text: &str) {
    let folder = server.config().parent().unwrap().join("logs");
    std::fs::create_dir_all(&folder).unwrap();
    let file = std::fs::OpenOptions::new().append(true).create(true).open(folder.join(name));
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

/// Asks until there are so many lines; oldest first.
async fn lines(server: &Server, service: &str, count: usize) -> Vec<Value> {
    let asking = async {
        loop {
            let answer = server.get(&format!("/v1/telemetry/logs?q=service:{service}")).await.json();
            let lines = answer["logs"].as_array().unwrap();
            if lines.len() >= count {
                return lines.iter().rev().cloned().collect();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("the lines are found")
}

fn bodies(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["body"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lines_of_files_are_found_with_their_traces_and_counted() {
    let server = Server::running(SYSTEM, |_| {}).await;
    // It has looked once, and what comes now is new.
    tokio::time::sleep(Duration::from_secs(1)).await;
    write(
        &server,
        "a.log",
        "ERROR trace_id=0af7651916cd43dd8448eb211c80319c the card was declined\nINFO on\n",
    );
    let found = lines(&server, "payment", 2).await;
    assert!(found[0].to_string().contains("0af7651916cd43dd8448eb211c80319c"), "{found:?}");
    assert!(found[0]["attributes"]["log.file.path"].as_str().unwrap().ends_with("/logs/a.log"), "{found:?}");
    assert_eq!(found[0]["attributes"]["log.file.name"], "a.log");
    let ledger = server.get("/v1/telemetry/ledger").await.json();
    let account = ledger["accounts"].as_array().unwrap().iter().find(|of| of["service"] == "payment");
    assert_eq!(account.unwrap()["stored"], 2, "{ledger}");
    assert!(account.unwrap()["instance"].as_str().unwrap().ends_with("/logs/a.log"), "{ledger}");

    // A reload holds at once: the same files, another service.
    std::fs::write(server.config(), SYSTEM.replace("service: payment", "service: charges")).unwrap();
    server.reload().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    write(&server, "a.log", "WARN slow\n");
    assert_eq!(bodies(&lines(&server, "charges", 1).await), ["slow"]);

    // A restart goes on where it stood.
    let server = {
        write(&server, "a.log", "WARN while it stops\n");
        Server::again(server, |_| {}).await
    };
    write(&server, "b.log", "WARN a new file\n");
    let found = lines(&server, "charges", 3).await;
    let mut found = bodies(&found);
    found.sort_unstable();
    assert_eq!(found, ["a new file", "slow", "while it stops"]);
    server.stop().await;
}
