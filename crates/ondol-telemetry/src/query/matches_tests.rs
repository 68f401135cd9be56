//! One log record and one span, and which queries hold for them.

use std::sync::Arc;

use super::*;
use crate::model::Attributes;

fn attributes(pairs: &[(&str, &str)]) -> Attributes {
    Attributes::from_pairs(
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    )
}

fn source() -> Source {
    let resource = attributes(&[("env", "prod"), ("region", "eu")]);
    Source { service: "checkout".to_owned(), instance: "checkout-7".to_owned(), resource: Arc::new(resource) }
}

fn log() -> Log {
    Log {
        time_ns: 7,
        trace_id: Some(TraceId([0xab; 16])),
        span_id: None,
        severity: 18,
        source: source(),
        scope: "app.Pay".to_owned(),
        body: "Payment timed out after 3 tries: connection refused".to_owned(),
        attributes: attributes(&[("user.id", "U1"), ("code", "503"), ("region", "us"), ("empty", "")]),
    }
}

fn span() -> Span {
    Span {
        trace_id: TraceId([0xab; 16]),
        span_id: SpanId([0xcd; 8]),
        parent: None,
        name: "POST /charges".to_owned(),
        kind: Kind::Server,
        source: source(),
        scope: String::new(),
        start_ns: 7,
        duration_ns: 500_000_000,
        status: Status::Unset,
        status_message: "card declined".to_owned(),
        attributes: attributes(&[("http.response.status_code", "402")]),
        events: Vec::new(),
        links: Vec::new(),
    }
}

/// A query, and whether it holds for the record and for the span.
fn check(query: &str, of_log: bool, of_span: bool) {
    let filter = Filter::parse(query).expect(query);
    assert_eq!(filter.holds_log(&log()), of_log, "log: {query}");
    assert_eq!(filter.holds_span(&span()), of_span, "span: {query}");
}

#[test]
fn every_kind_of_test_holds_for_what_it_says() {
    check("*", true, true);
    check("\"TIMED out\"", true, false);
    check("time", false, false);
    check("time*", true, false);
    check("*lined", false, true);
    check("charges declined", false, true);
    check("text:*", true, true);
    check("service:Checkout instance:*-7", true, true);
    check("level:error", true, false);
    check("level:>=warn", true, false);
    check("level:<=warn", false, false);
    check("level:err*", true, false);
    check("level:unset", false, false);
    check("status:unset", false, true);
    check("status:*", false, false);
    check("kind:server kind:*", false, true);
    check("name:POST\\ *", false, true);
    check("name:post", false, false);
    check("duration:500ms", false, true);
    check("duration:>500ms", false, false);
    check("-duration:>500ms", true, true);
    check("trace:ABABABABABABABABABABABABABABABAB", true, true);
    check("trace:abab*", true, true);
    check("span:*", false, true);
    check("scope:app.pay", true, false);
    check("scope:*", true, false);
    check("user.id:u1", true, false);
    check("user.id:u", false, false);
    check("env:prod", true, true);
    check("region:eu", false, true);
    check("region:(us OR eu)", true, true);
    check("code:>=500", true, false);
    check("code:503.0", false, false);
    check("code:[503.0 TO 503.0]", true, false);
    check("env:>0", false, false);
    check("empty:* empty:\"\"", true, false);
    check("absent:*", false, false);
    check("-absent:*", true, true);
    check("service:checkout (level:error OR http.response.status_code:402)", true, true);
}

#[test]
fn a_record_without_a_level_is_in_no_range() {
    let silent = Log { severity: 0, ..log() };
    for (query, holds) in
        [("level:unset", true), ("level:*", false), ("level:<=fatal", false), ("-level:>=trace", true)]
    {
        assert_eq!(Filter::parse(query).expect(query).holds_log(&silent), holds, "{query}");
    }
}
