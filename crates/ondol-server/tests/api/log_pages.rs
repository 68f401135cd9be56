//! Log lines page by page, and the lines around one of several that were written at the same nanosecond.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::otlp::{post, server};
use crate::support::Server;

/// Lines from `start` on, `together` of them at each nanosecond.
async fn logs(server: &Server, start: u64, lines: std::ops::Range<u64>, together: u64) {
    let line = |at: u64| {
        json!({
            "timeUnixNano": (start + at / together).to_string(), "severityNumber": 9,
            "body": { "stringValue": format!("line {at}") },
        })
    };
    let lines: Vec<Value> = lines.map(line).collect();
    let resource =
        json!({ "attributes": [{ "key": "service.name", "value": { "stringValue": "payment" } }] });
    let body = json!({ "resourceLogs": [{ "resource": resource, "scopeLogs": [{ "logRecords": lines }] }] });
    let reply = post(server, "/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!((reply.status, reply.json()), (200, json!({})));
}

fn now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap()
}

fn bodies(lines: &Value) -> Vec<String> {
    let lines = lines.as_array().unwrap();
    lines.iter().map(|line| line["body"].as_str().unwrap().to_owned()).collect()
}

/// All pages, and what is done after each.
async fn pages(server: &Server, query: &str, mut after: impl AsyncFnMut(usize)) -> Vec<Vec<String>> {
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let reply = server.get(&format!("/v1/telemetry/logs?{query}{cursor}")).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let page = reply.json();
        pages.push(bodies(&page["logs"]));
        let Some(next) = page["next_cursor"].as_str() else { return pages };
        cursor = format!("&cursor={next}");
        after(pages.len()).await;
    }
}

#[tokio::test]
async fn pages_show_every_line_once_while_others_come_and_files_are_made() {
    let server = server().await;
    // Ahead of the clock, too: a page must not lose what the one before counted.
    let start = now() + 600_000_000_000;
    logs(&server, start, 0..10, 10).await;
    logs(&server, start - 700_000_000_000, 10..20, 5).await;
    let pages = pages(&server, "limit=3&from=-15m", async |page| {
        let reply = server.post("/v1/telemetry/flush", &json!({})).await;
        assert!(reply.status < 300, "{}", reply.text);
        let late = 1_000 + page as u64;
        logs(&server, start, late..late + 1, u64::MAX).await;
    });
    let mut seen: Vec<String> = pages.await.concat();
    seen.retain(|body| !body.starts_with("line 1") || body.len() <= "line 19".len());
    assert_eq!(seen.len(), 20, "{seen:?}");
    assert_eq!(seen.into_iter().collect::<HashSet<_>>(), (0..20).map(|at| format!("line {at}")).collect());
    server.stop().await;
}

#[tokio::test]
async fn pages_have_no_end() {
    let server = server().await;
    logs(&server, now() - 60_000_000_000, 0..12_000, 100).await;
    for (limit, sizes) in [(3_000, vec![3_000; 4]), (10_000, vec![10_000, 2_000])] {
        let pages = pages(&server, &format!("limit={limit}"), async |_| ()).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{limit} a page");
        assert_eq!(pages.into_iter().flatten().collect::<HashSet<_>>().len(), 12_000);
    }
    server.stop().await;
}

#[tokio::test]
async fn of_lines_written_at_once_the_key_says_which_is_meant() {
    let server = server().await;
    let at = now() - 60_000_000_000;
    logs(&server, at, 0..4, 4).await;
    let list = server.get("/v1/telemetry/logs").await.json();
    let order: Vec<String> = bodies(&list["logs"]).into_iter().rev().collect();
    for line in list["logs"].as_array().unwrap() {
        let (body, key) = (line["body"].as_str().unwrap(), line["key"].as_str().unwrap());
        let context =
            server.get(&format!("/v1/telemetry/logs/context?service=payment&at={at}&key={key}")).await.json();
        assert_eq!(context["line"], *line);
        let all = [bodies(&context["before"]), vec![body.to_owned()], bodies(&context["after"])].concat();
        assert_eq!(all, order, "around {body}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_out_of_bounds_is_answered_and_not_cut() {
    let server = server().await;
    let ever = u64::MAX;
    #[rustfmt::skip]
    let table = [
        ("/v1/telemetry/logs/histogram?from=0&to=2000000000000&step=1s".to_owned(),  200),
        // As long, but begun within a step: one more is touched.
        ("/v1/telemetry/logs/histogram?from=1&to=2000000000001&step=1s".to_owned(),  400),
        (format!("/v1/telemetry/logs/context?service=payment&at={ever}"),            200),
        ("/v1/telemetry/logs/context?service=payment&at=0".to_owned(),               200),
        ("/v1/telemetry/logs/context?service=payment&at=0&key=7".to_owned(),         400),
        ("/v1/telemetry/logs?cursor=1.2".to_owned(),                                 400),
        (format!("/v1/telemetry/logs?cursor={ever}.{ever}.ffffffffffffffff.{ever}"), 200),
        (format!("/v1/telemetry/logs?from=-1h&cursor=0.0.0000000000000000.{ever}"),  200),
    ];
    for (path, status) in table {
        let reply = server.get(&path).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text);
    }
    server.stop().await;
}
