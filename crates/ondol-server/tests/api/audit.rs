//! Who did what.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Server;

/// Each act as one line: saga, verb, half, who, why.
fn lines(audit: &Value) -> Vec<String> {
    let acts = audit["acts"].as_array().unwrap().iter();
    acts.map(|act| {
        let word = |name: &str| act[name].as_str().unwrap_or("-").to_owned();
        ["saga", "definition", "verb", "step", "half", "by", "note", "batch"].map(word).join(" ")
    })
    .collect()
}

async fn act(server: &Server, path: &str, body: Value) {
    let reply = server.post(&format!("/v1/sagas/{path}"), &body).await;
    assert_eq!(reply.status, 200, "{path} {body}: {reply:?}");
}

#[tokio::test]
async fn who_did_what_is_told_newest_first() {
    let server = Server::start().await;
    for id in ["s-1", "s-2"] {
        server.run(id, "stuck").await;
    }
    act(&server, "s-1/pause", json!({ "by": "ann", "note": "look" })).await;
    act(&server, "s-1/resume", json!({})).await;
    act(&server, "s-1/complete", json!({ "by": "ann", "note": "seen at the desk", "output": {} })).await;
    let refused = server.post("/v1/sagas/s-1/cancel", &json!({ "by": "ann" })).await;
    assert_eq!(refused.code(), "not_allowed", "what is refused leaves nothing");
    let body = json!({ "id": "drill", "verb": "pause", "by": "bob", "note": "all", "query": { "status": "parked" } });
    let begun = server.post("/v1/batches", &body).await;
    assert_eq!((begun.status, &begun.json()["by"]), (201, &json!("bob")));
    server.until("/v1/batches/drill", |batch| batch["state"] == "completed").await;

    let all = [
        "s-2 stuck pause - - bob all drill",
        "s-1 stuck complete confirm action ann seen at the desk -",
        "s-1 stuck resume - - -  -",
        "s-1 stuck pause - - ann look -",
    ];
    let audit = server.get("/v1/audit").await.json();
    assert_eq!(lines(&audit), all);
    let first = &audit["acts"][3];
    let event = &server.get("/v1/sagas/s-1/events").await.json()["events"]
        [first["seq"].as_u64().unwrap() as usize - 1];
    assert_eq!(
        *event,
        json!({ "seq": first["seq"], "at": first["at"], "type": "acted", "verb": "pause", "by": "ann", "note": "look" })
    );
    #[rustfmt::skip]
    let table: [(&str, &[usize]); 8] = [
        ("saga=s-1",                      &[1, 2, 3]),
        ("saga=s",                        &[]),
        ("verb=pause",                    &[0, 3]),
        ("by=ann",                        &[1, 3]),
        ("by=ann&verb=pause&saga=s-1",    &[3]),
        ("from=2100-01-01T00:00:00Z",     &[]),
        ("to=2000-01-01T00:00:00Z",       &[]),
        ("to=2100-01-01T00:00:00Z",       &[0, 1, 2, 3]),
    ];
    for (query, expected) in table {
        let expected: Vec<&str> = expected.iter().map(|at| all[*at]).collect();
        assert_eq!(lines(&server.get(&format!("/v1/audit?{query}")).await.json()), expected, "{query}");
    }
    pages(&server, &all).await;
    for query in ["verb=explode", "limit=0", "cursor=x", "from=soon", "who=ann"] {
        assert_eq!(server.get(&format!("/v1/audit?{query}")).await.code(), "bad_request", "{query}");
    }
    for by in [String::new(), " ".to_owned(), "a".repeat(129)] {
        let reply = server.post("/v1/sagas/s-2/resume", &json!({ "by": by })).await;
        assert_eq!(reply.code(), "bad_request", "{by:?}");
    }
    let dry = server.post("/v1/sagas/s-2/resume?dry_run=true", &json!({ "by": "ann" })).await.json();
    assert_eq!(
        (&dry["events"][0]["type"], &dry["events"][0]["by"]),
        (&json!("acted"), &json!("ann")),
        "{dry}"
    );
    server.stop().await;
}

async fn pages(server: &Server, all: &[&str]) {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&format!("/v1/audit?limit=1{cursor}")).await.json();
        found.extend(lines(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, all);
}

#[tokio::test]
async fn entries_outlive_their_saga_and_the_index() {
    let server = Server::start().await;
    server.run("old", "stuck").await;
    act(&server, "old/complete", json!({ "by": "ann", "note": "seen", "output": {} })).await;
    let expected = ["old stuck complete confirm action ann seen -"];
    let server = Server::again(server, |options| options.retention = Duration::ZERO).await;
    let gone = async {
        while server.get("/v1/sagas/old").await.status != 410 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, gone).await.unwrap();
    assert_eq!(lines(&server.get("/v1/audit").await.json()), expected);
    for folder in ["view", "lists"] {
        std::fs::remove_dir_all(server.directory.path().join("data").join(folder)).ok();
    }
    let server = Server::again(server, |_| {}).await;
    let audit = server.until("/v1/audit", |audit| audit["acts"] != json!([])).await;
    assert_eq!(lines(&audit), expected, "the tombstone has them");
    server.stop().await;
}
