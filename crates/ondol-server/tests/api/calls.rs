//! What is told of calls: explained for a person, counted for Prometheus.

use ondol_server::Listen;
use serde_json::{Value, json};

use crate::support::{SYSTEM, Server};

/// The usual system, with a service that is away and has something to answer all the same.
async fn server() -> Server {
    let away = "services:\n  away: { url: \"http://127.0.0.1:1\", fallback: { static: { status: 203, body: 7 } } }\n";
    let system = SYSTEM.replacen("services:\n", away, 1);
    Server::running(&system, |options| options.proxy = Listen::At(([127, 0, 0, 1], 0).into())).await
}

/// Without what is never the same: times and what follows from them, addresses, and the words of decisions.
fn redacted(mut value: Value, server: &Server) -> Value {
    fn walk(value: &mut Value, address: &str) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match (key.as_str(), &mut *value) {
                        ("age_ms" | "latency_ms" | "again_in_ms" | "limit", Value::Number(_)) => {
                            *value = json!("…");
                        }
                        ("decisions", Value::Array(told)) => {
                            *value = json!(format!("{} of them", told.len()));
                        }
                        _ => walk(value, address),
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|value| walk(value, address)),
            Value::String(text) => *text = text.replace(address, "SERVICE"),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    walk(&mut value, &server.service_address.to_string());
    value
}

#[tokio::test]
async fn calls_of_sagas_and_of_the_proxy_are_explained_together() {
    let server = server().await;
    server.run("one", "buy").await;
    assert_eq!(server.call("/shop/ok/quotes?who=ann").await.status, 200);
    assert_eq!(server.call("/shop/fail/quotes?who=ann").await.status, 503);
    let all = server.get("/v1/calls/explain").await.json();
    insta::assert_json_snapshot!("calls_explained", redacted(all.clone(), &server));
    let told = &all["services"][1]["calls"][0]["decisions"];
    let words =
        told.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect::<Vec<_>>().join("\n");
    let address = server.service_address.to_string();
    assert!(words.contains(&address) && words.contains("answered 503"), "{words}");
    assert!(!all.to_string().contains("ann"), "a query is nobody's business: {all}");

    let one = server.get("/v1/calls/explain?service=shop&limit=0").await.json();
    assert_eq!(one["services"].as_array().unwrap().len(), 1, "{one}");
    assert_eq!(one["services"][0]["calls"], json!([]), "{one}");
    for (query, code) in [
        ("service=hotel", "service_unknown"),
        ("service=", "service_unknown"),
        ("limit=65", "bad_request"),
        ("limit=-1", "bad_request"),
        ("name=shop", "bad_request"),
    ] {
        assert_eq!(server.get(&format!("/v1/calls/explain?{query}")).await.code(), code, "{query}");
    }
    let unknown = server.get("/v1/calls/explain?service=hotel").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.json()["detail"], "the system has no service `hotel`; it has away, shop");
    server.stop().await;
}

#[tokio::test]
async fn an_address_that_is_away_is_explained() {
    let server = server().await;
    let mut explained = Value::Null;
    // It is looked at again soon, and for that moment it may be called.
    for _ in 0..100 {
        let instead = server.call("/away/quotes").await;
        assert_eq!((instead.status, instead.text.as_str()), (203, "7"));
        assert_eq!(instead.headers["ondol-fallback"], "static");
        explained = server.get("/v1/calls/explain?service=away&limit=1").await.json();
        if explained["services"][0]["endpoints"][0]["usable"] == false {
            break;
        }
    }
    let away = &explained["services"][0];
    insta::assert_json_snapshot!("address_away", redacted(away["endpoints"].clone(), &server));
    assert_eq!(away["calls"].as_array().unwrap().len(), 1, "{away}");
    assert!(away["counts"]["fallbacks"]["static"].as_u64().unwrap() > 0, "{away}");
    server.stop().await;
}

#[tokio::test]
async fn metrics_tell_who_called() {
    let server = server().await;
    server.run("one", "buy").await;
    for path in ["/shop/ok/quotes", "/shop/fail/quotes", "/away/quotes"] {
        server.call(path).await;
    }
    let address = server.service_address.to_string();
    let metrics = server.get("/metrics").await.text;
    for line in [
        r#"ondol_calls_total{target="shop",answer="2xx"} 2"#,
        r#"ondol_service_calls_total{service="shop",by="saga",result="2xx"} 2"#,
        r#"ondol_service_calls_total{service="shop",by="proxy",result="2xx"} 1"#,
        r#"ondol_service_calls_total{service="shop",by="proxy",result="5xx"} 1"#,
        r#"ondol_service_calls_total{service="away",by="proxy",result="fallback"} 1"#,
        r#"ondol_service_fallbacks_total{service="away",by="proxy",kind="static"} 1"#,
        r#"ondol_service_attempts_total{service="shop",by="saga"} 2"#,
        r#"ondol_service_attempts_total{service="shop",by="proxy"} 4"#,
        r#"ondol_service_retries_total{service="shop",by="proxy"} 2"#,
        r#"ondol_service_hedges_total{service="shop",by="proxy"} 0"#,
        r#"ondol_service_calls_in_flight{service="shop",by="proxy"} 0"#,
        r#"ondol_service_call_duration_seconds_bucket{service="shop",by="proxy",le="+Inf"} 2"#,
        r#"ondol_service_call_duration_seconds_count{service="shop",by="proxy"} 2"#,
        r#"ondol_service_calls_queued{service="shop"} 0"#,
        r#"ondol_service_endpoint_usable{service="shop",endpoint="http://ADDRESS"} 1"#,
    ] {
        let line = line.replace("ADDRESS", &address);
        assert!(metrics.lines().any(|found| found == line), "{line} is missing in\n{metrics}");
    }
    for gauge in ["ondol_service_retry_budget", "ondol_service_throttle_limit"] {
        let shop = format!("{gauge}{{service=\"shop\"}} ");
        let value = metrics.lines().find_map(|line| line.strip_prefix(&shop)).expect(gauge);
        assert!(value.parse::<u32>().is_ok_and(|value| value > 0), "{gauge} {value}");
    }
    server.stop().await;
}
