//! Services called through the proxy: a real one, and stubs where the words must always be the same.

use std::io::Write as _;
use std::process::Stdio;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::support::{run, seen};
use crate::world::World;

type Headers = [(&'static str, &'static str)];

/// A proxy, or a server, that answers everything with this.
fn stub(status: u16, headers: &Headers, body: &Value) -> (tokio::runtime::Runtime, String) {
    let mut response = (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response.headers_mut().remove(header::CONTENT_LENGTH);
    let (parts, body) = (response.headers().clone(), body.to_string());
    let answer = move || std::future::ready((StatusCode::from_u16(status).expect("a status"), parts, body));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("bound");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    drop(runtime.spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await }));
    (runtime, address)
}

const TOLD: &str = "chose http://10.0.0.3:80 over http://10.0.0.4:80; http://10.0.0.3:80 answered 503 after 1.2 ms; \
                    tried again at once elsewhere (retry budget left: 99); chose http://10.0.0.4:80";

#[test]
fn what_a_call_came_to_is_said() {
    let problem = |status: u16, code: &str| {
        json!({
            "type": format!("/docs/codes/{code}"), "title": "A title", "status": status, "code": code,
            "detail": "payment: a detail", "service": "payment",
        })
    };
    let fine = json!({ "price": 1 });
    let explained: &Headers = &[("ondol-decisions", TOLD), ("date", "now")];
    let instead: &Headers = &[("ondol-fallback", "static"), ("ondol-decisions", "no fallback: \u{9b}31mé")];
    let dated: &Headers = &[("date", "now")];
    #[rustfmt::skip]
    // Name, status, headers and body of the answer, arguments.
    let table: &[(&str, u16, &Headers, Value, &[&str])] = &[
        ("plain",            200, dated,     fine.clone(),                           &[]),
        ("explained",        200, explained, fine.clone(),                           &["--explain"]),
        ("nothing-told",     200, dated,     fine.clone(),                           &["--explain"]),
        ("fallback",         200, instead,   fine.clone(),                           &["--explain"]),
        ("headers",          404, explained, fine.clone(),                           &["-i"]),
        ("redirect",         302, dated,     fine.clone(),                           &[]),
        ("json",             503, explained, fine,                                   &["--json"]),
        ("not-sent",         502, &[("ondol-code", "call_not_sent"), ("ondol-decisions", TOLD)], problem(502, "call_not_sent"), &["--explain"]),
        ("unclear",          502, &[("ondol-code", "call_unclear")],       problem(502, "call_unclear"),       &[]),
        ("timeout",          504, &[("ondol-code", "call_timeout")],       problem(504, "call_timeout"),       &[]),
        ("expired",          504, &[("ondol-code", "call_expired")],       problem(504, "call_expired"),       &[]),
        ("rejected",         503, &[("ondol-code", "call_rejected")],      problem(503, "call_rejected"),      &[]),
        ("unauthorized",     407, &[("ondol-code", "proxy_unauthorized")], problem(407, "proxy_unauthorized"), &[]),
        ("json-unclear",     502, &[("ondol-code", "call_unclear"), ("date", "now")], problem(502, "call_unclear"), &["--json"]),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    for (name, status, headers, body, args) in table {
        let (_runtime, proxy) = stub(*status, headers, body);
        let call = ["call", "payment", "GET", "/charges", "--proxy", &proxy];
        let said = seen(&run(folder.path(), &[&call, *args].concat()));
        insta::assert_snapshot!(format!("call-{name}"), said);
    }
}

#[test]
fn a_service_is_explained_in_tables() {
    let body = json!({ "services": [{
        "name": "quote", "retry_budget": 97, "throttle": { "limit": 46, "in_flight": 3, "queued": 0 },
        "endpoints": [
            { "address": "http://10.0.0.3:80", "usable": true, "latency_ms": 1.234, "in_flight": 3 },
            { "address": "http://10.0.0.4:80", "usable": false, "why": "5 failures in a row", "again_in_ms": 1_900,
              "latency_ms": 2_417.0, "in_flight": 0, "last_error": "answered 503" },
            { "address": "http://10.0.0.5:80", "usable": false, "why": "its health check failed: warming up", "in_flight": 0 },
        ],
        "counts": {
            "answered_2xx": 40, "answered_3xx": 0, "answered_4xx": 1, "answered_5xx": 2, "answered_other": 0,
            "not_sent": 0, "unclear": 0, "rejected": 3, "attempts": 47, "retries": 4, "hedges": 0,
            "fallbacks": { "static": 0, "cached": 2, "alternate": 0 },
        },
        "calls": [
            { "age_ms": 3_000, "method": "GET", "path": "/quotes", "ended": "200 OK",
              "decisions": TOLD.split("; ").collect::<Vec<_>>() },
            { "age_ms": 61_000, "method": "POST", "path": "/quotes", "ended": "503 Service Unavailable", "decisions": [] },
        ],
    }]});
    let (_runtime, server) = stub(200, &[], &body);
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["call", "--explain", "quote", "--server", &server]);
    insta::assert_snapshot!("call-explain", seen(&output));
}

#[test]
fn a_real_proxy_is_called_through() {
    let world = World::with_proxy();
    std::fs::write(world.folder().join("body.bin"), [0xff, 0x00]).expect("written");
    let echo = |args: &[&str]| {
        let text = world.check(&[&["call", "shop"], args].concat(), 0);
        serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{args:?}: {error}: {text}"))
    };
    let said = echo(&["get", "/echo?a=%20b", "-H", "x-a: 1", "--explain", "--token", "0123456789abcdef"]);
    let expected =
        json!({ "call": "GET /echo?a=%20b", "type": null, "x": "1", "left": [null, null, null], "body": "" });
    assert_eq!(said, expected, "what is the proxy's is not passed on");
    let said = echo(&["POST", "/echo", "-d", "{\"a\": 1.10}"]);
    assert_eq!((&said["type"], &said["body"]), (&"application/json".into(), &"{\"a\": 1.10}".into()));
    let said = echo(&["PUT", "/echo", "-d", "@body.bin", "-H", "Content-Type: x/y", "-H", "x-a:"]);
    assert_eq!((&said["type"], &said["x"], &said["body"]), (&"x/y".into(), &"".into(), &"\u{fffd}\0".into()));
    let mut child = world.command(&["call", "shop", "POST", "/echo", "-d", "-"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(b"from a pipe").expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert!(seen(&output).contains("from a pipe"), "{}", seen(&output));
    // Through a pipe a body is what it is, whatever a terminal would make of it.
    assert_eq!(world.output(&["call", "shop", "GET", "/bytes"]).stdout, b"\x1b[31m\xff\0");
}

#[test]
fn a_real_proxy_says_why() {
    let world = World::with_proxy();
    let said = seen(&world.output(&["call", "shop", "GET", "/broken", "--explain"]));
    assert!(
        said.starts_with("exit: 1\n--- stdout\n{}\n--- stderr\n503 Service Unavailable\n   1  "),
        "{said}"
    );
    assert!(said.contains("answered 503") && said.contains("budget"), "{said}");
    let told = world.json(&["call", "instead", "GET", "/quotes", "--explain"], 0);
    assert_eq!(
        (&told["status"], &told["fallback"], &told["body"]["price"]),
        (&200.into(), &"static".into(), &100.into())
    );
    assert!(told["decisions"].as_array().is_some_and(|told| told.len() > 1), "{told}");
    assert_eq!(world.json(&["call", "shop", "POST", "/refused"], 1)["body"]["code"], "sold_out");
    let told = world.json(&["call", "away", "GET", "/quotes"], 5);
    assert_eq!(told["body"]["code"], "call_not_sent", "{told}");
    assert_eq!(told["decisions"], json!([]), "they are told where they are asked for");

    let explained = world.check(&["call", "--explain", "shop"], 0);
    for part in ["GET /broken: 503 Service Unavailable", "2: 1 4xx, 1 5xx", "4: 2 retries", "answered 503"] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    let explained = world.json(&["call", "--explain", "shop"], 0);
    assert_eq!(explained["services"][0]["name"], "shop", "the API's JSON as it came");
    for args in [&["call", "hotel", "GET", "/"][..], &["call", "--explain", "hotel"]] {
        let output = world.output(args);
        let said = seen(&output);
        assert_eq!(output.status.code(), Some(3), "{args:?}: {said}");
        assert!(said.contains("[service_unknown]") && said.contains("it has away, instead, shop"), "{said}");
    }
}

#[test]
fn wrong_calls_are_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("bound").local_addr().expect("address").port();
    let nobody = format!("http://127.0.0.1:{port}");
    let table: &[(&str, &[&str])] = &[
        ("help", &["call", "--help"]),
        ("nothing", &["call"]),
        ("service-alone", &["call", "shop"]),
        ("no-path", &["call", "shop", "GET"]),
        ("no-path-explain", &["call", "--explain", "shop", "GET"]),
        ("data-without-method", &["call", "--explain", "shop", "-d", "x"]),
        ("bad-path", &["call", "shop", "GET", "charges"]),
        ("bad-method", &["call", "shop", "CONNECT", "/"]),
        ("bad-header", &["call", "shop", "GET", "/", "-H", "nothing"]),
        ("own-header", &["call", "shop", "GET", "/", "-H", "host: other"]),
        ("bad-service", &["call", "sh\nop", "GET", "/", "--proxy", &nobody]),
        ("missing-file", &["call", "shop", "POST", "/", "-d", "@missing"]),
        ("bad-proxy", &["call", "shop", "GET", "/", "--proxy", "127.0.0.1:7071"]),
        (
            "token-in-the-clear",
            &["call", "shop", "GET", "/", "--proxy", "http://10.0.0.5:7071", "--token", "0123456789abcdef"],
        ),
        ("proxy-away", &["call", "shop", "GET", "/", "--proxy", &nobody]),
        ("server-away", &["call", "--explain", "shop", "--server", &nobody]),
    ];
    for (name, args) in table {
        let said = format!("$ ondol {}\n{}", args.join(" "), seen(&run(folder.path(), args)));
        insta::assert_snapshot!(format!("call-usage-{name}"), said.replace(&port.to_string(), "PORT"));
    }
}

#[test]
fn a_call_that_breaks_off_may_have_happened() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let address = listener.local_addr().expect("an address").to_string();
    let broken = std::thread::spawn(move || {
        for answer in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
            use std::io::Read as _;
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.read(&mut [0; 1_024]).expect("a request");
            stream.write_all(answer).expect("written");
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["before", "within"] {
        let output =
            run(folder.path(), &["call", "shop", "GET", "/", "--proxy", &format!("http://{address}")]);
        insta::assert_snapshot!(format!("call-broken-{name}"), seen(&output).replace(&address, "PROXY"));
    }
    broken.join().expect("it ends");
}
