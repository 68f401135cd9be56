//! The table of the design, row by row.

use super::*;
use crate::answer::{NotSent, NotSentReason, Unclear, UnclearReason};
use http::{HeaderMap, HeaderName, HeaderValue};

type Headers<'a> = &'a [(&'static str, &'a str)];

const ACTION: Rules<'_> = Rules { compensation: false, accept: &[404], retry_on: &[423] };
const UNDO: Rules<'_> = Rules { compensation: true, accept: &[404], retry_on: &[423] };

fn answer(status: u16, headers: Headers<'_>, body: &str) -> Try {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    Try::Answered(Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: Bytes::copy_from_slice(body.as_bytes()),
        over_limit: false,
        endpoint: "http://127.0.0.1:1".parse().unwrap(),
    })
}

/// A verdict as one word, its body or wait, and its reason.
fn told(result: Try, rules: &Rules<'_>) -> (String, String) {
    match classify("pay", &Sent { unsent: Vec::new(), result }, rules, 0) {
        Verdict::Done { body } => (format!("Done {}", String::from_utf8_lossy(&body)), String::new()),
        Verdict::DoneUnusable { reason } => ("DoneUnusable".to_owned(), reason),
        Verdict::Refused { reason, sealed: false } => ("Refused".to_owned(), reason),
        Verdict::Refused { reason, sealed: true } => ("Refused sealed".to_owned(), reason),
        Verdict::Unclear { reason, retry_after_ms: None } => ("Unclear".to_owned(), reason),
        Verdict::Unclear { reason, retry_after_ms: Some(ms) } => (format!("Unclear {ms}"), reason),
        Verdict::NotSent { reason } => ("NotSent".to_owned(), reason),
    }
}

#[test]
#[rustfmt::skip]
fn an_answer_means_one_thing_for_each_half() {
    let table: &[(u16, Headers<'_>, &str, &str, &str)] = &[
        // status, headers,                              body,                            action,           compensation
        (200, &[],                                       r#"{"seat":"12A"}"#,             r#"Done {"seat":"12A"}"#, r#"Done {"seat":"12A"}"#),
        (200, &[],                                       " [1.10] ",                      "Done [1.10]",    "Done [1.10]"),
        (200, &[],                                       "",                              "Done null",      "Done null"),
        (201, &[],                                       "7",                             "Done 7",         "Done 7"),
        (202, &[],                                       "",                              "Done {}",        "Done {}"),
        (202, &[],                                       r#"{"id":1}"#,                   r#"Done {"id":1}"#, r#"Done {"id":1}"#),
        (204, &[],                                       "",                              "Done null",      "Done null"),
        (205, &[],                                       "",                              "Done null",      "Done null"),
        (200, &[],                                       "<html>",                        "DoneUnusable",   "Done null"),
        (200, &[("ondol-effect", "none")],               "{}",                            "Done {}",        "Done {}"),
        (301, &[("location", "/new")],                   "",                              "Refused",        "Refused"),
        (307, &[("ondol-effect", "none")],               "",                              "Refused",        "Refused"),
        (304, &[],                                       "",                              "Refused",        "Refused"),
        (400, &[],                                       "{}",                            "Refused",        "Refused"),
        (404, &[],                                       "",                              "Refused",        "Done null"),
        (404, &[],                                       r#"{"gone":true}"#,              "Refused",        r#"Done {"gone":true}"#),
        (404, &[],                                       "no such page",                  "Refused",        "Done null"),
        (402, &[("ondol-effect", "none")],               "{}",                            "Refused sealed", "Refused sealed"),
        (402, &[("ondol-effect", "some")],               "{}",                            "Refused",        "Refused"),
        (408, &[],                                       "",                              "Unclear",        "Unclear"),
        (409, &[],                                       "{}",                            "Refused",        "Refused"),
        (409, &[("ondol-barrier", "in-progress")],       "",                              "Unclear",        "Unclear"),
        (409, &[("ondol-barrier", "compensated"), ("ondol-effect", "none")], "",          "Refused sealed", "Refused sealed"),
        (409, &[],                                       r#"{"code":"in_progress"}"#,     "Unclear",        "Unclear"),
        (409, &[],                                       r#"{"type":"https://x/in_progress"}"#, "Unclear",   "Unclear"),
        (409, &[],                                       r#"{"type":"urn:x:in_progress"}"#, "Unclear",      "Unclear"),
        (409, &[],                                       r#"{"type":"in_progress"}"#,     "Unclear",        "Unclear"),
        (409, &[],                                       r#"{"code":"shipment_in_progress"}"#, "Refused",   "Refused"),
        (409, &[],                                       r#"{"type":"https://x/shipment_in_progress"}"#, "Refused", "Refused"),
        (409, &[],                                       r#"{"type":"https://x/in_progress/of-a-shipment"}"#, "Refused", "Refused"),
        (409, &[],                                       r#"{"code":"taken"}"#,           "Refused",        "Refused"),
        (423, &[],                                       "",                              "Unclear",        "Unclear"),
        (425, &[("retry-after", "2")],                   "",                              "Unclear 2000",   "Unclear 2000"),
        (429, &[("retry-after", "86400")],               "",                              "Unclear 600000", "Unclear 600000"),
        (429, &[],                                       "",                              "Unclear",        "Unclear"),
        (499, &[],                                       "",                              "Refused",        "Refused"),
        (500, &[("ondol-effect", "none")],               "{}",                            "Unclear",        "Unclear"),
        (501, &[],                                       "",                              "Unclear",        "Unclear"),
        (503, &[("retry-after", "x")],                   "",                              "Unclear",        "Unclear"),
        (101, &[],                                       "",                              "Unclear",        "Unclear"),
        (600, &[],                                       "",                              "Unclear",        "Unclear"),
    ];
    for (status, headers, body, action, compensation) in table {
        let got = [&ACTION, &UNDO].map(|rules| told(answer(*status, headers, body), rules).0);
        assert_eq!(got, [*action, *compensation], "{status} {headers:?} {body}");
    }
}

#[test]
fn an_output_over_the_limit_is_unusable_for_an_action_only() {
    let over = || match answer(200, &[], "{}") {
        Try::Answered(answer) => Try::Answered(Answer { over_limit: true, ..answer }),
        other @ (Try::NotSent(_) | Try::Unclear(_)) => other,
    };
    assert_eq!(told(over(), &ACTION).0, "DoneUnusable");
    assert_eq!(told(over(), &UNDO).0, "Done null");
}

#[test]
#[rustfmt::skip]
fn a_reason_is_a_sentence_for_a_person() {
    let endpoint = || "http://127.0.0.1:1".parse().unwrap();
    let unclear = |why| Try::Unclear(Unclear { endpoint: endpoint(), why });
    let unsent = |endpoint, why| Try::NotSent(NotSent { endpoint, why });
    let refused = || NotSentReason::Connect(std::io::ErrorKind::ConnectionRefused.into());
    let table = [
        (answer(402, &[], r#"{"title":"Declined","detail":"the card\nhas expired"}"#),
            "pay answered 402 Payment Required: the card has expired"),
        (answer(402, &[], r#"{"title":"Declined"}"#),
            "pay answered 402 Payment Required: Declined"),
        (answer(402, &[], r#"{"error":"declined"}"#),
            r#"pay answered 402 Payment Required: {"error":"declined"}"#),
        (answer(503, &[], ""),
            "pay answered 503 Service Unavailable"),
        (answer(302, &[("location", "/login")], "moved"),
            "pay answered 302 Found, pointing to /login; redirects are not followed, call the final address"),
        (answer(200, &[], "hello"),
            "pay answered 200 OK with a body that is not JSON (expected value at line 1 column 1); answer JSON of at most 1 MiB"),
        (unclear(UnclearReason::ResponseTimeout { waited_ms: 2_000 }),
            "pay at http://127.0.0.1:1: no answer within 2000 ms"),
        (unclear(UnclearReason::BodyTimeout { status: StatusCode::OK, waited_ms: 9 }),
            "pay at http://127.0.0.1:1: answered 200 OK, then its body stopped for 9 ms"),
        (unsent(Some(endpoint()), refused()),
            "pay at http://127.0.0.1:1 was sent nothing: connecting: connection refused"),
        (unsent(None, NotSentReason::NoEndpoint),
            "pay was sent nothing: the service has no address; give it a url"),
    ];
    for (result, expected) in table {
        assert_eq!(told(result, &ACTION).1, expected);
    }
}
