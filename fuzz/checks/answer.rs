//! An answer of a service from anywhere: always one verdict, the one that its status asks for, and a short reason.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use ondol_call::{Answer, Rules, Sent, Try, Verdict, classify};
use serde_json::value::RawValue;

const STATUSES: [u16; 12] = [200, 202, 204, 302, 400, 404, 408, 409, 423, 429, 500, 503];

/// 200 bytes of the callee's words, each at worst a replacement character of 3, and the sentence around them.
const REASON_BYTES_MAX: usize = 1_000;

/// The longest wait a callee can ask for, in milliseconds.
const WAIT_MS_MAX: u64 = 600_000;

/// Any bytes as a body; as a header too, where they can be one.
pub(crate) fn check(data: &[u8]) {
    let body = Bytes::copy_from_slice(data);
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(data) {
        for name in [header::RETRY_AFTER, header::LOCATION] {
            headers.insert(name, value.clone());
        }
        headers.insert("ondol-barrier", value.clone());
        headers.insert("ondol-effect", value);
    }
    for status in STATUSES {
        for compensation in [false, true] {
            let rules = Rules { compensation, accept: &[404], retry_on: &[423] };
            let answer = Answer {
                status: StatusCode::from_u16(status).expect("a status"),
                headers: headers.clone(),
                body: body.clone(),
                over_limit: false,
                endpoint: "http://127.0.0.1:1".parse().expect("an origin"),
            };
            let sent = Sent { unsent: Vec::new(), result: Try::Answered(answer) };
            verdict(status, &rules, &classify("pay", &sent, &rules, 784_111_777_000));
        }
    }
}

fn verdict(status: u16, rules: &Rules<'_>, verdict: &Verdict) {
    let gone = status == 404 && rules.compensation;
    match verdict {
        Verdict::Done { body } => {
            assert!(status < 300 || gone, "{status} is done");
            let raw: &RawValue = serde_json::from_slice(body).expect("an output is JSON");
            assert_eq!(raw.get().len(), body.len(), "nothing stands around it");
        }
        Verdict::DoneUnusable { reason } => {
            assert!(status < 300 && !rules.compensation, "{status} is done");
            short(reason);
        }
        Verdict::Refused { reason, .. } => {
            assert!((300..500).contains(&status) && !gone && ![408, 423, 429].contains(&status), "{status}");
            short(reason);
        }
        Verdict::Unclear { reason, retry_after_ms } => {
            assert!([408, 409, 423, 429].contains(&status) || status >= 500, "{status} is unclear");
            assert!(retry_after_ms.is_none_or(|wait| wait <= WAIT_MS_MAX), "a wait is bounded");
            short(reason);
        }
        Verdict::NotSent { .. } => panic!("what was answered was sent"),
    }
}

fn short(reason: &str) {
    assert!(reason.len() <= REASON_BYTES_MAX && !reason.chars().any(char::is_control), "{reason:?}");
}
