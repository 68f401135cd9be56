//! A verb on many.

use serde_json::{Value, json};

use crate::support::Server;

async fn hold(server: &Server, count: usize) {
    for number in 0..count {
        let body = json!({ "id": format!("held-{number}"), "definition": "held", "input": {} });
        assert_eq!(server.post("/v1/sagas", &body).await.status, 201);
    }
}

async fn paused(server: &Server, count: usize) -> usize {
    let mut paused = 0;
    for number in 0..count {
        let saga = server.get(&format!("/v1/sagas/held-{number}")).await.json();
        paused += usize::from(saga["paused"] == true);
    }
    paused
}

#[tokio::test]
async fn a_batch_reaches_every_saga_that_matches() {
    let server = Server::start().await;
    hold(&server, 5).await;
    server.post("/v1/sagas/held-3/pause", &json!({})).await;
    let body = json!({ "verb": "pause", "query": { "definition": "held", "status": "open" }, "note": "drill", "rate_per_second": 1000 });
    let dry = server.post("/v1/batches?dry_run=true", &body).await;
    assert_eq!(dry.status, 200, "{dry:?}");
    assert_eq!((&dry.json()["total"], dry.json()["sagas"].as_array().unwrap().len()), (&json!(5), 5));
    assert_eq!(server.get("/v1/batches").await.json()["batches"], json!([]), "nothing was begun");
    assert_eq!(paused(&server, 5).await, 1, "nothing was done");
    let begun = server.post("/v1/batches", &body).await;
    assert_eq!((begun.status, &begun.json()["total"]), (201, &json!(5)), "{begun:?}");
    let location = begun.headers["location"].to_str().unwrap().to_owned();
    let batch = server.until(&location, |batch| batch["state"] == "completed").await;
    assert_eq!(
        (&batch["done"], &batch["acted"], &batch["refused"]),
        (&json!(5), &json!(4), &json!(1)),
        "{batch}"
    );
    assert_eq!(batch["refusals"], json!([{ "id": "held-3", "reason": "the saga is paused already" }]));
    assert_eq!(paused(&server, 5).await, 5);
    let listed = server.until("/v1/batches", |list| list["batches"][0]["state"] == "completed").await;
    assert_eq!(listed["batches"][0]["id"], batch["id"]);
    #[rustfmt::skip]
    let table = [
        json!({ "verb": "explode", "query": { "status": "open" } }),
        json!({ "verb": "pause",   "query": {} }),
        json!({ "verb": "pause",   "query": { "status": "lost" } }),
        json!({ "verb": "pause",   "query": { "status": "open" }, "rate_per_second": 0 }),
        json!({ "verb": "skip",    "query": { "status": "open" } }),
        json!({ "verb": "pause",   "query": { "ids": [] } }),
        json!({ "verb": "pause",   "query": { "ids": vec!["held-1"; 1_001] } }),
    ];
    for body in table {
        assert_eq!(server.post("/v1/batches", &body).await.code(), "bad_request", "{body}");
    }
    assert_eq!(server.get("/v1/batches/none").await.code(), "batch_not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_batch_survives_a_restart_and_is_cancelled() {
    let server = Server::start().await;
    hold(&server, 8).await;
    let body = json!({ "verb": "pause", "query": { "definition": "held" }, "rate_per_second": 4 });
    let location = server.post("/v1/batches", &body).await.headers["location"].to_str().unwrap().to_owned();
    server.until(&location, |batch| batch["done"].as_u64() >= Some(2)).await;
    let server = Server::again(server, |_| {}).await;
    let batch = server.get(&location).await.json();
    assert_eq!((&batch["state"], &batch["total"]), (&json!("running"), &json!(8)), "{batch}");
    let batch = server.until(&location, |batch| batch["state"] == "completed").await;
    assert_eq!(batch["done"], 8);
    assert_eq!(paused(&server, 8).await, 8);

    let body = json!({ "verb": "resume", "query": { "definition": "held" }, "rate_per_second": 1 });
    let location = server.post("/v1/batches", &body).await.headers["location"].to_str().unwrap().to_owned();
    let request = server.request(http::Method::DELETE, &location);
    assert_eq!(server.send(request, bytes::Bytes::new()).await.status, 202);
    let batch = server.until(&location, |batch| batch["state"] == "cancelled").await;
    assert!(batch["done"].as_u64() < Some(8), "{batch}");
    let over: fn(&Value) -> bool = |batch| batch["state"] == "cancelled";
    let server = Server::again(server, |_| {}).await;
    server.until(&location, over).await;
    server.stop().await;
}

#[tokio::test]
async fn a_batch_that_is_sent_twice_is_one() {
    let server = Server::start().await;
    for id in ["one", "two", "three"] {
        assert_eq!(server.run(id, "stuck").await.json()["status"], "parked");
    }
    let body =
        json!({ "id": "drill-1", "verb": "pause", "query": { "definition": "stuck" }, "rate_per_second": 1 });
    let begun = server.post("/v1/batches", &body).await;
    assert_eq!((begun.status, begun.json()["id"].as_str()), (201, Some("drill-1")), "{begun:?}");
    let again = server.post("/v1/batches", &body).await;
    assert_eq!((again.status, &again.json()["created_at"]), (200, &begun.json()["created_at"]), "{again:?}");
    let other = json!({ "id": "drill-1", "verb": "resume", "query": { "definition": "stuck" } });
    assert_eq!(server.post("/v1/batches", &other).await.code(), "id_taken");
    let mut bad = body.clone();
    bad["id"] = json!("a/b");
    assert_eq!(server.post("/v1/batches", &bad).await.code(), "bad_saga_id");

    let request = server.request(http::Method::DELETE, "/v1/batches/drill-1");
    let cancelled = server.send(request, bytes::Bytes::new()).await;
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (202, &json!("cancelled")), "{cancelled:?}");
    let server = Server::again(server, |_| {}).await;
    assert_eq!(server.get("/v1/batches/drill-1").await.json()["state"], "cancelled", "it was durable");
    let again = server.post("/v1/batches", &body).await;
    assert_eq!((again.status, &again.json()["state"]), (200, &json!("cancelled")));
    let request = server.request(http::Method::DELETE, "/v1/batches/drill-2");
    assert_eq!(server.send(request, bytes::Bytes::new()).await.code(), "batch_not_found");
    server.stop().await;
}

#[tokio::test]
async fn a_batch_is_about_the_sagas_that_were_selected() {
    let server = Server::start().await;
    hold(&server, 4).await;
    #[rustfmt::skip]
    let table = [
        (json!({ "ids": ["held-2", "held-0", "held-2"] }),                        vec!["held-2", "held-0"]),
        (json!({ "ids": ["held-2", "none"] }),                                    vec!["held-2", "none"]),
        (json!({ "ids": ["held-2", "none"], "definition": "held" }),              vec!["held-2"]),
        (json!({ "ids": ["held-2", "held-0"], "status": "completed" }),           vec![]),
        (json!({ "step": "wait" }),                                               vec![]),
    ];
    for (query, expected) in table {
        let body = json!({ "verb": "pause", "query": query });
        let dry = server.post("/v1/batches?dry_run=true", &body).await.json();
        assert_eq!((&dry["total"], &dry["sagas"]), (&json!(expected.len()), &json!(expected)), "{body}");
    }
    let body = json!({ "verb": "pause", "query": { "ids": ["a/b"] } });
    assert_eq!(server.post("/v1/batches", &body).await.code(), "bad_saga_id");
    let body = json!({ "id": "two", "verb": "pause", "query": { "ids": ["held-1", "none"] } });
    let location = server.post("/v1/batches", &body).await.headers["location"].to_str().unwrap().to_owned();
    let batch = server.until(&location, |batch| batch["state"] == "completed").await;
    assert_eq!((&batch["acted"], &batch["refused"]), (&json!(1), &json!(1)), "{batch}");
    assert_eq!(server.get("/v1/sagas/held-1").await.json()["paused"], true);
    let other = json!({ "id": "two", "verb": "pause", "query": { "ids": ["held-2"] } });
    assert_eq!(server.post("/v1/batches", &other).await.code(), "id_taken");
    server.stop().await;
}
