//! Events: pages, streams, and going on from where a stream broke.

use serde_json::{Value, json};

use crate::support::{Server, Stream};

#[tokio::test]
async fn the_events_of_a_saga_are_followed_and_gone_on_with() {
    let server = Server::start().await;
    server.post("/v1/sagas", &json!({ "id": "one", "definition": "held", "input": {} })).await;
    let mut stream = Stream::open(&server, "/v1/sagas/one/events", None).await;
    let (first, second) = (stream.next().await.unwrap(), stream.next().await.unwrap());
    assert_eq!((first.0.as_str(), first.1["type"].as_str()), ("1", Some("submitted")));
    assert_eq!((second.0.as_str(), second.1["type"].as_str()), ("2", Some("started")));
    drop(stream);
    let mut stream = Stream::open(&server, "/v1/sagas/one/events", Some("2")).await;
    server.service.release.notify_one();
    let mut types = Vec::new();
    while let Some((id, event)) = stream.next().await {
        assert_eq!(id, event["seq"].to_string());
        types.push(event["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(types, ["finished", "completed"], "and then the stream ends");
    let page = server.get("/v1/sagas/one/events?after=3").await.json();
    assert_eq!(page["events"].as_array().unwrap().len(), 1);
    assert_eq!(server.get("/v1/sagas/one/events?after=x").await.code(), "bad_request");
    server.stop().await;
}

/// Every event as (saga, seq).
fn places<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<(String, u64)> {
    let place =
        |event: &Value| (event["saga"].as_str().unwrap().to_owned(), event["event"]["seq"].as_u64().unwrap());
    events.into_iter().map(place).collect()
}

#[tokio::test]
async fn all_events_come_once_and_in_order_wherever_one_begins() {
    let server = Server::start().await;
    for number in 0..5 {
        server.run(&format!("saga-{number}"), if number % 2 == 0 { "buy" } else { "refused" }).await;
    }
    let mut all = Vec::new();
    let mut cursor = "0".to_owned();
    loop {
        let page = server.get(&format!("/v1/events?after={cursor}")).await.json();
        let events = page["events"].as_array().unwrap().clone();
        if events.is_empty() {
            break;
        }
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
        all.extend(events);
    }
    assert_eq!(all.len(), 3 * 6 + 2 * 9, "{:?}", places(&all));
    for number in 0..5 {
        let id = format!("saga-{number}");
        let seqs: Vec<u64> =
            places(&all).into_iter().filter(|(saga, _)| *saga == id).map(|(_, seq)| seq).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "gap-free");
    }
    for at in [0, 1, all.len() / 2, all.len() - 2] {
        let after = all[at]["cursor"].as_str().unwrap();
        let page = server.get(&format!("/v1/events?after={after}")).await.json();
        assert_eq!(places(page["events"].as_array().unwrap()), places(&all[at + 1..]), "after {after}");
    }
    let after = all[all.len() - 3]["cursor"].as_str().unwrap();
    let mut stream = Stream::open(&server, "/v1/events?after=0", Some(after)).await;
    let (_, last_but_one) = stream.next().await.unwrap();
    assert_eq!(last_but_one, all[all.len() - 2]);
    let (id, last) = stream.next().await.unwrap();
    assert_eq!((&last, id.as_str()), (all.last().unwrap(), last["cursor"].as_str().unwrap()));
    server.post("/v1/sagas", &json!({ "id": "later", "definition": "buy", "input": { "amount": 1 } })).await;
    let (_, next) = stream.next().await.unwrap();
    assert_eq!(
        (next["saga"].as_str(), next["event"]["type"].as_str(), next["definition"].as_str()),
        (Some("later"), Some("submitted"), Some("buy"))
    );
    assert_eq!(server.get("/v1/events?after=x").await.code(), "bad_request");
    server.stop().await;
}

#[tokio::test]
async fn what_ended_long_ago_leaves_its_outcome() {
    let server = Server::start().await;
    server.run("old", "refused").await;
    server.until("/v1/sagas", |list| list["sagas"][0]["status"] == "compensated").await;
    let server = Server::again(server, |options| options.retention = std::time::Duration::ZERO).await;
    server.until("/v1/sagas", |list| list["sagas"].as_array().unwrap().is_empty()).await;
    let gone = async {
        while server.get("/v1/sagas/old").await.status != 410 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, gone).await.unwrap();
    let dropped = server.get("/v1/sagas/old").await;
    assert_eq!(
        (dropped.code().as_str(), &dropped.json()["saga"]["status"]),
        ("saga_dropped", &json!("compensated"))
    );
    let again = server.run("old", "refused").await;
    assert_eq!(
        (again.status, again.json()["status"].as_str(), &again.json()["dropped"]),
        (200, Some("compensated"), &json!(true))
    );
    let other = server.run("old", "buy").await;
    assert_eq!(other.code(), "id_taken");
    assert_eq!(server.service.seen().len(), 3, "nothing was sent again");
    server.stop().await;
}

#[tokio::test]
async fn a_cursor_in_front_of_what_was_dropped_is_gone() {
    let server = Server::start().await;
    server.run("open", "stuck").await;
    server.run("old", "refused").await;
    let page = server.get("/v1/events?after=0").await.json();
    let cursors: Vec<(String, String)> = page["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            (event["saga"].as_str().unwrap().to_owned(), event["cursor"].as_str().unwrap().to_owned())
        })
        .collect();
    server.run("young", "stuck").await;
    let server = Server::again(server, |options| options.retention = std::time::Duration::ZERO).await;
    let gone = async {
        while server.get("/v1/sagas/old").await.status != 410 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, gone).await.unwrap();
    // Twice: what was dropped is known after a start, too.
    let server = Server::again(server, |_| {}).await;
    let of = |saga: &'static str| {
        cursors.iter().filter(move |(of, _)| of == saga).map(|(_, cursor)| cursor.clone())
    };
    for cursor in ["0".to_owned(), "1".to_owned()].into_iter().chain(of("open")).chain(of("old").take(8)) {
        let gone = server.get(&format!("/v1/events?after={cursor}")).await;
        assert_eq!((gone.status, gone.code().as_str()), (410, "cursor_gone"), "{cursor}");
        let oldest = gone.json()["oldest"].as_str().unwrap().to_owned();
        assert_eq!(Some(oldest), of("old").next_back(), "the first that works is the last one dropped");
    }
    let last = of("old").next_back().unwrap();
    for address in [format!("/v1/events?after={last}"), "/v1/events".to_owned()] {
        let page = server.get(&address).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(page.json()["events"][0]["saga"], "young", "{address}");
    }
    server.stop().await;
}
