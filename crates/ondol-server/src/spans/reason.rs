//! What a reason in the journal says in the words of the semantic conventions.
//!
//! A reason is a sentence that `ondol-call` wrote for a person. The status in it, and whether it was time that ran out,
//! are read back from the sentence: a journal of any age has them, and no record grows for it.

/// `http.response.status_code`: what the service answered, where it answered.
pub(crate) fn status(reason: &str) -> Option<u16> {
    let (_, rest) = reason.split_once(" answered ").or_else(|| reason.split_once(": answered "))?;
    let digits = rest.get(..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    digits.parse().ok()
}

/// `error.type`: the status where there is one, else a word.
pub(crate) fn error_type(reason: &str) -> String {
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    // An answer that was cut off has a status, and that is not what went wrong.
    if says(&["no answer within", "stopped for", "the deadline passed"]) {
        return "timeout".to_owned();
    }
    if says(&["the connection failed"]) {
        return "connection_lost".to_owned();
    }
    status(reason).map_or_else(|| "unclear".to_owned(), |status| status.to_string())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use ondol_call::{Answer, Rules, Sent, Try, Unclear, UnclearReason, Verdict, classify};

    use super::*;

    /// The sentence as `ondol-call` writes it today.
    fn reason(result: Try) -> String {
        let sent = Sent { unsent: Vec::new(), result };
        match classify("payment", &sent, &Rules::default(), 0) {
            Verdict::Refused { reason, .. }
            | Verdict::Unclear { reason, .. }
            | Verdict::DoneUnusable { reason } => reason,
            other => panic!("no reason in {other:?}"),
        }
    }

    fn answered(status: StatusCode, body: &'static str) -> Try {
        let endpoint = "http://10.0.0.7:80".parse().unwrap();
        let (headers, body) = (HeaderMap::new(), Bytes::from_static(body.as_bytes()));
        Try::Answered(Answer { status, headers, body, over_limit: false, endpoint })
    }

    fn unclear(why: UnclearReason) -> Try {
        Try::Unclear(Unclear { endpoint: "http://10.0.0.7:80".parse().unwrap(), why })
    }

    #[test]
    fn a_status_is_read_back_from_the_sentence() {
        let cut = UnclearReason::BodyTimeout { status: StatusCode::OK, waited_ms: 20 };
        let table = [
            (answered(StatusCode::PAYMENT_REQUIRED, r#"{"detail":"it answered 500"}"#), Some(402), "402"),
            (answered(StatusCode::SERVICE_UNAVAILABLE, ""), Some(503), "503"),
            (answered(StatusCode::FOUND, ""), Some(302), "302"),
            (answered(StatusCode::OK, "<html>"), Some(200), "200"),
            (unclear(UnclearReason::ResponseTimeout { waited_ms: 2_000 }), None, "timeout"),
            (unclear(cut), Some(200), "timeout"),
            (unclear(UnclearReason::Injected), None, "unclear"),
        ];
        for (result, status, kind) in table {
            let reason = reason(result);
            assert_eq!(super::status(&reason), status, "{reason}");
            assert_eq!(error_type(&reason), kind, "{reason}");
        }
    }
}
