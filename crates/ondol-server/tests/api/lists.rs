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
    let table: [(&str, &[&str]); 14] = [
        ("",                                            &["d-4", "c-3", "b-2", "a-1"]),
        ("status=completed",                            &["c-3", "a-1"]),
        ("status=parked,compensated",                   &["d-4", "b-2"]),
        ("status=open",                                 &["d-4"]),
        ("definition=buy",                              &["c-3", "a-1"]),
        ("definition=buy&status=parked",                &[]),
        ("q=SEAT",                                      &["d-4", "b-2"]),
        ("q=c-",                                        &["c-3"]),
        ("q=stuck",                                     &["d-4"]),
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
