//! A notice in the user's words, English and Korean.

use super::Notice;
use crate::auth::user_of;
use serde_json::Value;

/// What one user is told about one booking.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) user: String,
    pub(super) en: String,
    pub(super) ko: String,
}

pub(super) fn words(phase: &str, notice: &Notice) -> Message {
    let input = |name: &str| match notice.input.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "?".to_owned(),
    };
    let (saga, flight, seat) = (&notice.saga, input("flight"), input("seat"));
    let named = notice.input.get("user").and_then(Value::as_str);
    let by_token = || notice.input.get("token").and_then(Value::as_str).and_then(user_of);
    let user = named.or_else(by_token).unwrap_or("unknown").to_owned();
    let failed = notice.failed.as_ref();
    let reason = match failed.map(|failed| failed.reason.trim_end_matches('.')) {
        Some("") | None => {
            failed.and_then(|failed| failed.step.as_deref()).unwrap_or("it could not be carried out")
        }
        Some(reason) => reason,
    };
    let (en, ko) = match phase {
        "completed" => (
            format!("Your booking {saga} is confirmed: flight {flight}, seat {seat}."),
            format!("예약 {saga}이(가) 확정되었습니다: {flight}편 {seat} 좌석."),
        ),
        "compensated" => (
            format!(
                "Your booking {saga} failed finally because {reason}. You hold no seat, and nothing was charged."
            ),
            format!(
                "예약 {saga}이(가) 최종 실패했습니다. 사유: {reason}. 확보된 좌석과 결제된 금액은 없습니다."
            ),
        ),
        "parked" => (
            format!(
                "Your booking {saga} needs one of us to look at it; you need do nothing and will hear from us."
            ),
            format!(
                "예약 {saga}은(는) 담당자가 확인하고 있습니다. 따로 하실 일은 없으며, 결과를 알려 드리겠습니다."
            ),
        ),
        other => (format!("Your booking {saga} is now {other}."), format!("예약 {saga}의 상태: {other}.")),
    };
    Message { user, en, ko }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(notice: Value, user: &str, en: &str, ko: &str) {
        let notice: Notice = serde_json::from_value(notice).unwrap();
        let phase = notice.kind.strip_prefix("saga.").unwrap();
        assert_eq!(words(phase, &notice), Message { user: user.into(), en: en.into(), ko: ko.into() });
    }

    #[test]
    fn users_read_what_happened() {
        let input = json!({ "token": "user-07-token", "flight": "KE902", "seat": "12A", "price": 100 });
        check(
            json!({ "type": "saga.completed", "saga": "b1", "seq": 9, "input": input }),
            "user-07",
            "Your booking b1 is confirmed: flight KE902, seat 12A.",
            "예약 b1이(가) 확정되었습니다: KE902편 12A 좌석.",
        );
        check(
            json!({ "type": "saga.compensated", "saga": "b1", "seq": 9, "input": input,
                    "failed": { "step": "pay", "service": "payment", "reason": "the card was declined." } }),
            "user-07",
            "Your booking b1 failed finally because the card was declined. You hold no seat, and nothing was charged.",
            "예약 b1이(가) 최종 실패했습니다. 사유: the card was declined. 확보된 좌석과 결제된 금액은 없습니다.",
        );
        check(
            json!({ "type": "saga.parked", "saga": "b1", "seq": 9, "input": { "user": "kim" } }),
            "kim",
            "Your booking b1 needs one of us to look at it; you need do nothing and will hear from us.",
            "예약 b1은(는) 담당자가 확인하고 있습니다. 따로 하실 일은 없으며, 결과를 알려 드리겠습니다.",
        );
    }
}
