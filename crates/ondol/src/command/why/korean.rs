//! The words, in Korean. Names are followed by a noun (단계, 서비스), so that the particle behind it is always right.

use super::said::{Deed, How, Part, Said, State, Topic, Trouble, Vouch, When};

/// What a section is called.
pub(super) const fn heading(topic: Topic) -> &'static str {
    match topic {
        Topic::Outcome => "결과",
        Topic::Why => "원인",
        Topic::Trail => "진행 상황",
        Topic::Waiting => "기다리는 것",
        Topic::Vouched => "사람이 보증한 것",
        Topic::Told => "아직 알리지 못한 것",
        Topic::Next => "할 일",
    }
}

/// One sentence.
pub(super) fn say(said: &Said) -> String {
    match said {
        Said::State { id, definition, version, state, length_ms } => {
            format!("{id} ({definition}, 버전 {version}): {}", state_words(*state, &length(*length_ms)))
        }
        Said::Asked { input, at } => format!("요청 시각 {}, 입력 {input}", when(at)),
        Said::Answered { output } => format!("출력: {output}"),
        Said::NoOutput { reason } => format!("출력을 계산하지 못했습니다: {reason}"),
        Said::Failed { part, how, reason, first } => failed(part, *how, reason, *first),
        Said::TimedOut { deadline } => format!("제한 시간이 지나 되돌리기로 했습니다: {}", when(deadline)),
        Said::Cancelled => "사람이 취소하여 되돌리기로 했습니다.".to_owned(),
        Said::TurnsBackAfterPivot => {
            "되돌려야 하지만, 돌이킬 수 없는 단계의 결과를 먼저 알아야 합니다.".to_owned()
        }
        Said::NothingFailed => "실패한 것이 없습니다.".to_owned(),
        Said::Done { steps } => format!("적용됨: {}", steps.join(", ")),
        Said::Undone { steps } => format!("되돌림: {}", steps.join(", ")),
        Said::NotUndoable { steps } => format!("적용됨, 되돌릴 것 없음: {}", steps.join(", ")),
        Said::NoEffect { steps } => format!("적용되지 않음이 확실함: {}", steps.join(", ")),
        Said::Unclear { steps } => format!("적용되었을 수 있음: {}", steps.join(", ")),
        Said::Skipped { steps } => format!("조건에 따라 건너뜀: {}", steps.join(", ")),
        Said::NotBegun { steps } => format!("시작하지 않음: {}", steps.join(", ")),
        Said::Retried { part, attempts, reason } => {
            format!("{}: {attempts}번 시도했습니다. 마지막 응답: {reason}", half(part))
        }
        Said::WaitsForAnswer { part, attempt, since } => {
            format!("{}: {attempt}번째 시도의 응답을 기다립니다. 보낸 시각 {}", half(part), when(since))
        }
        Said::WaitsForService { part, length_ms, reason, waiting } => format!(
            "{}: 서비스에 {} 동안 연결되지 않아 기다립니다({reason}). 이 서비스를 기다리는 요청은 {waiting}개이고, \
             연결되는 대로 자동으로 이어집니다.",
            half(part),
            length(*length_ms)
        ),
        Said::WaitsForRemoved { part } => {
            format!("{}: 시스템 파일에서 빠진 서비스를 기다립니다.", half(part))
        }
        Said::WaitsForRetry { part, attempt, when: at } => {
            format!("{}: 다시 시도합니다({attempt}번째). 시각 {}", half(part), when(at))
        }
        Said::WaitsForPerson { part, trouble } => {
            format!("{}: 사람의 판단을 기다립니다. {}", half(part), trouble_words(*trouble))
        }
        Said::WaitsForResume => "일시 정지되어 있습니다. 사람이 재개할 때까지 기다립니다.".to_owned(),
        Said::GivesUp { when: at } => format!("앞으로 진행할 수 있는 시한: {}", when(at)),
        Said::Then { what } => format!("다음: {what}"),
        Said::Vouched { step, vouch, note, at } => {
            format!("{step} 단계: {}, {}: {note}", vouch_words(*vouch), when(at))
        }
        Said::NoticeDue { news, failures, when: at } => {
            let news = news_word(news);
            format!("{news} 알림: {failures}번 실패했고 다시 보냅니다. 시각 {}", when(at))
        }
        Said::Undelivered { news, failures } => {
            let news = news_word(news);
            format!("{news} 알림: {failures}번 실패하여 더 보내지 않습니다.")
        }
        Said::Add { service } => {
            format!("시스템 파일에 {service} 서비스를 다시 추가합니다. 그 뒤에는 자동으로 이어집니다:")
        }
        Said::Do { command, deed } => format!("{command}\n      {}", deed_words(*deed)),
        Said::SubmitAgain => {
            "없습니다. 끝난 사가입니다. 아직 필요하다면 다른 id로 다시 요청합니다.".to_owned()
        }
        Said::DoNothing { over: true } => "없습니다. 끝난 사가입니다.".to_owned(),
        Said::DoNothing { over: false } => "없습니다. 자동으로 진행합니다. 지켜보려면:".to_owned(),
    }
}

/// What a notice tells; a word of a newer server stays as it is.
fn news_word(news: &str) -> &str {
    match news {
        "completed" => "완료",
        "compensated" => "되돌림",
        "parked" => "보류",
        news => news,
    }
}

fn when(when: &When) -> String {
    let clock = &when.clock;
    match when.away_ms {
        None => "기록 없음".to_owned(),
        Some(ms) if ms > 0 => format!("{clock} ({} 뒤)", length(ms)),
        Some(ms) => format!("{clock} ({} 전)", length(-ms)),
    }
}

/// A length of time in its two largest units.
fn length(ms: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400_000, "일"), (3_600_000, "시간"), (60_000, "분"), (1_000, "초")];
    let Some(first) = UNITS.iter().position(|(unit_ms, _)| ms >= *unit_ms) else {
        return format!("{:.2}초", ms.max(0) as f64 / 1_000.0);
    };
    let mut left_ms = ms;
    let parts = UNITS[first..].iter().take(2).filter_map(|(unit_ms, word)| {
        let count = left_ms / unit_ms;
        left_ms %= unit_ms;
        (count > 0).then(|| format!("{count}{word}"))
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn half(part: &Part) -> String {
    let Part { step, undoing, service } = part;
    let what = if *undoing { "되돌리기" } else { "실행" };
    format!("{step} 단계 {what} ({service} 서비스)")
}

fn state_words(state: State, length: &str) -> String {
    match state {
        State::Running => format!("{length}째 진행 중입니다."),
        State::Compensating => format!("되돌리는 중입니다. {length} 전에 시작했습니다."),
        State::Completed => format!("{length} 만에 완료되었습니다."),
        State::Compensated => format!("{length} 만에 모두 되돌렸습니다."),
        State::CompensatedInPart => format!("{length} 만에 되돌릴 수 있는 것을 되돌렸습니다."),
        State::Parked => format!("멈추어 있고 사람의 도움이 필요합니다. {length} 전에 시작했습니다."),
        State::Paused => format!("일시 정지되어 있습니다. {length} 전에 시작했습니다."),
        State::Unknown => format!("이 프로그램이 모르는 상태입니다. {length} 전에 시작했습니다."),
    }
}

fn failed(part: &Part, how: How, reason: &str, first: bool) -> String {
    let also = if first { "" } else { "또한 " };
    let how = match how {
        How::Refused => "서비스가 거절했습니다",
        How::Unclear => "시도 횟수를 모두 썼고, 적용되었는지 알 수 없습니다",
        How::Unusable => "적용되었지만 응답을 쓸 수 없습니다",
        How::Expression => "정의로부터 요청을 만들 수 없습니다",
        How::RenderChanged => "요청이 앞서 보낸 요청과 달라집니다",
        How::Other => "실패했습니다",
    };
    let step = if part.step.is_empty() { "사가 전체".to_owned() } else { half(part) };
    format!("{also}{step} 실패: {how}: {reason}")
}

const fn trouble_words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Refused => "서비스가 거절했지만, 이제는 되돌릴 수 없습니다.",
        Trouble::RefusedRepeatedly => "서비스가 잇달아 거절했습니다.",
        Trouble::Exhausted => "시도 횟수를 모두 썼습니다.",
        Trouble::TooLong => "너무 오랫동안 실패하고 있습니다.",
        Trouble::Unusable => "적용되었지만, 이후 단계에 필요한 출력을 쓸 수 없습니다.",
        Trouble::Expression => "정의와 입력으로부터 요청을 만들 수 없습니다.",
        Trouble::RenderChanged => "요청이 앞서 보낸 요청과 달라집니다.",
        Trouble::Other => "이 프로그램이 모르는 이유입니다.",
    }
}

const fn vouch_words(vouch: Vouch) -> &'static str {
    match vouch {
        Vouch::Completed => "적용되었음을 사람이 보증했습니다",
        Vouch::NotNeeded => "되돌릴 필요가 없음을 사람이 보증했습니다",
        Vouch::NoEffect => "적용되지 않았고 앞으로도 적용되지 않을 것임을 사람이 보증했습니다",
    }
}

const fn deed_words(deed: Deed) -> &'static str {
    match deed {
        Deed::Retry => "원인을 고친 뒤 같은 키로 다시 시도합니다",
        Deed::Complete => "적용된 것을 확인했다면 그 출력과 함께 보증합니다",
        Deed::Skip => "필요 없음을 확인했다면 건너뜁니다",
        Deed::Edit => "입력이 잘못되었다면 아직 보내지 않은 요청에 새 입력을 줍니다",
        Deed::Cancel => "그만두고 이미 한 것을 되돌립니다",
        Deed::Resume => "다시 진행하게 합니다",
        Deed::Resend => "알림을 다시 보냅니다",
        Deed::Follow => "이벤트가 생기는 대로 봅니다",
        Deed::Apply => "그 파일을 서버에 적용합니다",
    }
}
