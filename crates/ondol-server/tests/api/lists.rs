//! Lists and search.

use serde_json::{Value, json};

use crate::support::Server;

fn ids(list: &Value) -> Vec<&str> {
    list["sagas"].as_array().unwrap().iter().map(|saga| saga["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lists_follow_and_are_filtered() {
    let server = Server::start().await;
    for (id, definition) in [("a-1", "buy"), ("b-2", "refused"), ("c-3", "buy"), ("d-4", "stuck")] {
        server.run(id, definition).await;
    }
    server.until("/v1/sagas", |list| ids(list).len() == 4 && list["sagas"][0]["status"] == "parked").await;
    #[rustfmt::skip]
    let table: [(&str, &[&str]); 20] = [
        ("",                                            &["d-4", "c-3", "b-2", "a-1"]),
        ("status=completed",                            &["c-3", "a-1"]),
        ("status=parked,compensated",                   &["d-4", "b-2"]),
        ("status=open",                                 &["d-4"]),
        ("definition=buy",                              &["c-3", "a-1"]),
        ("definition=buy&status=parked",                &[]),
        ("q=SEAT",                                      &["d-4", "b-2"]),
        ("q=c-",                                        &["c-3"]),
        ("q=stuck",                                     &["d-4"]),
        ("service=shop",                                &["d-4", "b-2"]),
        ("service=shop&step=confirm",                   &["d-4"]),
        ("step=pay&status=open",                        &[]),
        ("step=pay",                                    &["b-2"]),
        ("service=none",                                &[]),
        ("cause=0000000000000000",                      &[]),
        ("limit=2",                                     &["d-4", "c-3"]),
        ("from=2000-01-01T00:00:00Z",                   &["d-4", "c-3", "b-2", "a-1"]),
        ("to=2000-01-01T00:00:00Z",                     &[]),
        ("from=2100-01-01T00:00:00Z",                   &[]),
        ("to=2100-01-01T00:00:00%2B09:00&limit=1",      &["d-4"]),
    ];
    for (query, expected) in table {
        let list = server.get(&format!("/v1/sagas?{query}")).await;
        assert_eq!(ids(&list.json()), expected, "{query}");
    }
    for query in ["status=lost", "limit=0", "limit=501", "from=yesterday", "cursor=x", "state=open"] {
        assert_eq!(server.get(&format!("/v1/sagas?{query}")).await.code(), "bad_request", "{query}");
    }
    let failed = &server.get("/v1/sagas?q=b-2").await.json()["sagas"][0]["failed"];
    assert_eq!(
        *failed,
        json!({ "step": "pay", "service": "shop", "reason": "shop answered 409 Conflict: the seat is taken" })
    );
    let listed = server.get("/v1/sagas").await.json();
    assert_eq!(listed["sagas"][1]["stuck"], Value::Null, "a saga that completed");
    assert_eq!(listed["sagas"][2]["stuck"], Value::Null, "a saga that turned back by itself");
    let stuck = &listed["sagas"][0]["stuck"];
    let expected = json!({
        "step": "confirm", "half": "action", "service": "shop", "trouble": "refused",
        "reason": "shop answered 409 Conflict: the seat is taken",
        "since": stuck["since"], "cause": stuck["cause"],
    });
    assert_eq!(*stuck, expected);
    assert!(stuck["since"].as_str() <= listed["sagas"][0]["updated_at"].as_str(), "{stuck}");
    let status = server.get("/v1/status").await.json();
    assert_eq!(
        status["sagas"],
        json!({ "running": 0, "compensating": 0, "parked": 1, "completed": 2, "compensated": 1 })
    );
    assert_eq!(status["log"]["view_lag"], 0);
    pages(&server).await;
    let server = Server::again(server, |_| {}).await;
    assert_eq!(ids(&server.get("/v1/sagas").await.json()).len(), 4, "lists are there after a start");
    std::fs::remove_dir_all(server.directory.path().join("data").join("view")).ok();
    let server = Server::again(server, |_| {}).await;
    let list = server.until("/v1/sagas", |list| ids(list).len() == 4).await;
    assert_eq!(ids(&list), ["d-4", "c-3", "b-2", "a-1"], "and are filled again where they were dropped");
    server.stop().await;
}

async fn pages(server: &Server) {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let after = cursor.map_or(String::new(), |cursor: String| format!("&cursor={cursor}"));
        let page = server.get(&format!("/v1/sagas?limit=1{after}")).await.json();
        found.extend(ids(&page).into_iter().map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(found, ["d-4", "c-3", "b-2", "a-1"]);
}

#[tokio::test]
async fn what_needs_a_person_is_told_by_cause() {
    let server = Server::start().await;
    for (id, definition) in
        [("a-1", "buy"), ("s-1", "stuck"), ("s-2", "stuck"), ("s-3", "stuck"), ("s-4", "stuck")]
    {
        server.run(id, definition).await;
    }
    let causes = server.get("/v1/sagas/causes").await.json();
    let cause = &causes["causes"][0];
    let expected = json!({
        "cause": cause["cause"], "definition": "stuck", "step": "confirm", "half": "action", "service": "shop",
        "trouble": "refused", "reason": "shop answered 409 Conflict: the seat is taken", "sagas": 4,
        "oldest_at": cause["oldest_at"], "newest_at": cause["newest_at"], "examples": ["s-4", "s-3", "s-2"],
    });
    assert_eq!(causes, json!({ "causes": [expected], "looked_at": 4, "more": false }));
    assert!(cause["oldest_at"].as_str() <= cause["newest_at"].as_str(), "{cause}");
    let key = cause["cause"].as_str().unwrap();
    let listed = server.get(&format!("/v1/sagas?cause={key}&limit=3")).await.json();
    assert_eq!(ids(&listed), ["s-4", "s-3", "s-2"]);
    let cursor = listed["next_cursor"].as_str().unwrap();
    let rest = server.get(&format!("/v1/sagas?cause={key}&cursor={cursor}")).await.json();
    assert_eq!(ids(&rest), ["s-1"]);
    #[rustfmt::skip]
    let table = [
        ("status=parked",               1),
        ("status=running",              0),
        ("definition=stuck",            1),
        ("definition=buy",              0),
        ("service=shop",                1),
        ("service=none",                0),
        ("from=2100-01-01T00:00:00Z",   0),
        ("to=2000-01-01T00:00:00Z",     0),
    ];
    for (query, expected) in table {
        let causes = server.get(&format!("/v1/sagas/causes?{query}")).await.json();
        assert_eq!(causes["causes"].as_array().unwrap().len(), expected, "{query}");
    }
    // All of one cause are acted on at once.
    let body = json!({ "verb": "skip", "half": "action", "note": "drill", "query": { "cause": key } });
    let dry = server.post("/v1/batches?dry_run=true", &body).await.json();
    assert_eq!(dry["total"], 4, "{dry}");
    let completed = json!({ "step": "confirm", "output": {}, "note": "seen at the desk" });
    assert_eq!(server.post("/v1/sagas/s-2/complete", &completed).await.status, 200);
    let causes = server.get("/v1/sagas/causes").await.json();
    assert_eq!((&causes["causes"][0]["sagas"], &causes["looked_at"]), (&json!(3), &json!(3)));
    let left = server.get(&format!("/v1/sagas?cause={key}")).await.json();
    assert_eq!(ids(&left), ["s-4", "s-3", "s-1"]);
    for id in ["causes", "figures"] {
        let taken = server.post("/v1/sagas", &json!({ "id": id, "definition": "buy", "input": {} })).await;
        assert_eq!(taken.code(), "bad_saga_id");
    }
    server.stop().await;
}

/// What a window counted: started, completed, compensated, parked.
fn sums(figures: &Value) -> [u64; 4] {
    ["started", "completed", "compensated", "parked"].map(|name| {
        let counts = figures["counts"].as_array().unwrap();
        counts.iter().map(|count| count[name].as_u64().unwrap()).sum()
    })
}

#[tokio::test]
async fn figures_count_each_saga_once() {
    let server = Server::start().await;
    for (id, definition) in [("a-1", "buy"), ("b-2", "refused"), ("c-3", "buy"), ("d-4", "stuck")] {
        server.run(id, definition).await;
    }
    // Parked once more.
    server.post("/v1/sagas/d-4/retry", &json!({})).await;
    server.until("/v1/sagas/d-4", |saga| saga["status"] == "parked" && saga["seq"].as_u64() > Some(9)).await;
    let expected = [4, 2, 1, 2];
    let figures = server.get("/v1/sagas/figures").await.json();
    assert_eq!((&figures["step_ms"], figures["counts"].as_array().unwrap().len()), (&json!(60_000), 60));
    assert_eq!(sums(&figures), expected, "{figures}");
    #[rustfmt::skip]
    let table = [
        ("step=1h",                                                    expected),
        ("step=1h&definition=buy",                                     [2, 2, 0, 0]),
        ("definition=stuck",                                           [1, 0, 0, 2]),
        ("definition=none",                                            [0; 4]),
        ("from=2000-01-01T00:00:00Z&to=2000-01-01T01:00:00Z",          [0; 4]),
    ];
    for (query, expected) in table {
        assert_eq!(
            sums(&server.get(&format!("/v1/sagas/figures?{query}")).await.json()),
            expected,
            "{query}"
        );
    }
    for query in ["step=10s", "from=2000-01-01T00:00:00Z", "to=soon", "limit=3"] {
        assert_eq!(server.get(&format!("/v1/sagas/figures?{query}")).await.code(), "bad_request", "{query}");
    }
    let server = Server::again(server, |_| {}).await;
    assert_eq!(sums(&server.get("/v1/sagas/figures").await.json()), expected, "a start counts nothing twice");
    std::fs::remove_dir_all(server.directory.path().join("data").join("view")).ok();
    let server = Server::again(server, |_| {}).await;
    server.until("/v1/sagas/figures", |figures| sums(figures) == expected).await;
    server.stop().await;
}
