//! The words, in Korean. Names are followed by a noun (단계, 서비스), so that the particle behind it is always right.

use super::case::{Doubt, Half, Verb};
use super::sentence::{
    Answer, Asked, Failing, Heading, Headline, Left, Next, Part, Progress, Retried, Sentence, Stand, Stopped,
    Unknown, Went,
};
use super::units::{Length, moment};
use crate::trace::Choice;

pub(super) const fn heading(heading: Heading) -> &'static str {
    match heading {
        Heading::Asked => "요청",
        Heading::Failing => "실패한 곳과 원인",
        Heading::Progress => "진행 상황",
        Heading::Retried => "다시 시도한 것",
        Heading::Undone => "되돌린 것",
        Heading::Left => "남은 것",
        Heading::Logs => "관련 로그",
        Heading::Unknown => "알 수 없는 것",
        Heading::Next => "할 일",
    }
}

pub(super) fn say(sentence: &Sentence) -> String {
    match sentence {
        Sentence::Headline(said) => headline(said),
        Sentence::Asked(said) => asked(said),
        Sentence::Progress(said) => progress(said),
        Sentence::Failing(said) => failing(said),
        Sentence::Retried(said) => retried(said),
        Sentence::Left(said) => left(said),
        Sentence::Unknown(said) => unknown(said),
        Sentence::Next(said) => next(said),
    }
}

fn headline(said: &Headline) -> String {
    match said {
        Headline::Saga { id, definition, stand, took_ns } => {
            let took = length(*took_ns);
            match stand {
                Stand::Completed => format!("{id} ({definition}): {took} 만에 완료되었습니다."),
                Stand::Undone => format!("{id} ({definition}): {took} 만에 되돌렸습니다."),
                Stand::Undoing => {
                    format!("{id} ({definition}): 되돌리는 중입니다. {took} 전에 요청되었습니다.")
                }
                Stand::TimedOut => format!("{id} ({definition}): 제한 시간이 지나 되돌리기로 했습니다."),
                Stand::Cancelled => format!("{id} ({definition}): 사람이 취소했습니다."),
                Stand::Parked => format!("{id} ({definition}): 멈추어 있고 사람의 판단이 필요합니다."),
                Stand::Running => format!("{id} ({definition}): 진행 중입니다. {took} 전에 요청되었습니다."),
            }
        }
        Headline::SagaStopped { id, definition, stopped, part, took_ns } => {
            let (part, took) = (named(part), length(*took_ns));
            match stopped {
                Stopped::Undone => {
                    format!("{id} ({definition}): {part}에 실패하여 {took} 만에 되돌렸습니다.")
                }
                Stopped::Undoing => format!("{id} ({definition}): {part}에 실패하여 되돌리는 중입니다."),
                Stopped::Parked => {
                    format!("{id} ({definition}): {part}에 실패하여 멈추어 있고, 사람의 판단이 필요합니다.")
                }
                Stopped::HeldUp => {
                    format!("{id} ({definition}): {part}에 아직 성공하지 못해 {took}째 기다리고 있습니다.")
                }
            }
        }
        Headline::Trace { name, service, went: Went::Healthy, took_ns } => {
            format!(
                "{service} 서비스의 {name} 요청은 {} 만에 정상 처리되었습니다. 실패한 스팬이 없습니다.",
                length(*took_ns)
            )
        }
        Headline::Trace { name, service, went: Went::Repaired, took_ns } => format!(
            "{service} 서비스의 {name} 요청은 내부 호출을 다시 시도한 끝에 {} 만에 정상 처리되었습니다.",
            length(*took_ns)
        ),
        Headline::TraceLogged { name, service, writer, took_ns } => format!(
            "{service} 서비스의 {name} 요청은 {} 걸렸습니다. 실패를 알린 스팬은 없지만 {writer} 서비스의 로그에 오류가 있습니다.",
            length(*took_ns)
        ),
        Headline::TraceFailed { name, service, culprit, took_ns } => format!(
            "{service} 서비스의 {name} 요청이 {} 만에 실패했습니다. 살펴볼 곳: {culprit}",
            length(*took_ns)
        ),
        Headline::TraceTolerated { name, service, culprit, took_ns } => format!(
            "{service} 서비스의 {name} 요청은 {} 만에 오류 없이 끝났지만 그 안에서 실패한 것이 있습니다. 살펴볼 곳: {culprit}",
            length(*took_ns)
        ),
        Headline::OnlyLogs { id, lines } => {
            format!("{id}: 사가도 스팬도 없고 로그 {lines}줄만 있습니다.")
        }
        Headline::NothingKnown { id } => {
            format!("{id}: 아는 것이 없습니다. 이 id를 가진 사가, 스팬, 로그가 모두 없습니다.")
        }
    }
}

fn asked(said: &Asked) -> String {
    match said {
        Asked::Saga { at_ns, input } => format!("시각 {}, 입력 {input}", moment(*at_ns)),
        Asked::Trace { at_ns, name, service } => {
            format!("시각 {}, {service} 서비스의 {name}", moment(*at_ns))
        }
    }
}

fn progress(said: &Progress) -> String {
    match said {
        Progress::Done { steps } => format!("완료한 단계: {}", steps.join(", ")),
        Progress::Skipped { steps } => format!("조건에 따라 건너뛴 단계: {}", steps.join(", ")),
        Progress::NotBegun { steps } => format!("시작하지 않은 단계: {}", steps.join(", ")),
        Progress::NoEffect { steps } => format!("적용되지 않은 것이 확실한 단계: {}", steps.join(", ")),
        Progress::InFlight { part, attempt, since_ns } => format!(
            "{}: {attempt}번째 시도의 응답을 기다립니다. 보낸 시각 {}",
            named(part),
            moment(*since_ns)
        ),
        Progress::Through { services, spans, errors } => {
            format!("거쳐 간 서비스: {} (스팬 {spans}개, 그중 실패 {errors}개)", services.join(", "))
        }
        Progress::Slowest { service, name, took_ns, whole_ns } => format!(
            "시간을 가장 많이 쓴 곳: {service} 서비스의 {name} (전체 {} 중 {})",
            length(*whole_ns),
            length(*took_ns)
        ),
    }
}

fn failing(said: &Failing) -> String {
    match said {
        Failing::Span { service, name } => format!("{service} 서비스의 {name} 작업이 실패했습니다."),
        Failing::Refused { service, answer } => {
            format!("{service} 서비스가 요청을 받고 거절했습니다. 응답: {}", answered(answer))
        }
        Failing::Failed { service, answer } => {
            format!("{service} 서비스가 요청을 받았지만 처리하지 못했습니다. 응답: {}", answered(answer))
        }
        Failing::MayHaveDone { service } => {
            format!("이 응답만으로는 {service} 서비스에 적용되었는지 알 수 없습니다.")
        }
        Failing::AnswerLost { service, reason } => format!(
            "{service} 서비스는 일을 끝냈고 성공했지만 그 응답이 도중에 사라졌습니다. 호출한 쪽이 본 것: {reason}. 문제는 {service} \
             서비스가 아니라 둘 사이에 있습니다."
        ),
        Failing::NotReached { service, reason } => format!(
            "요청이 {service} 서비스에 도달하지 못했습니다: {reason}. {service} 서비스는 아무것도 하지 않았습니다."
        ),
        Failing::NoSpan { service, reason } => format!(
            "이 호출에 대한 {service} 서비스의 스팬이 없습니다. 요청이 도달하지 못했거나, 스팬을 보내기 전에 프로세스가 죽었거나, \
             텔레메트리를 보내지 않는 서비스입니다. 호출한 쪽이 본 것: {reason}"
        ),
        Failing::Slow { service, reason, late_ns } => format!(
            "{service} 서비스가 너무 느렸습니다. 호출한 쪽이 포기한 뒤에도 {} 동안 더 일했습니다. 호출한 쪽이 본 것: {reason}",
            length(*late_ns)
        ),
        Failing::Own { service, reason } => format!(
            "{service} 서비스 자신의 작업이 실패했습니다. 실패한 외부 호출은 없습니다. 남긴 말: {reason}"
        ),
        Failing::Unclear { service, doubt, reason } => format!(
            "{service} 서비스에 적용되었는지 알 수 없습니다. {} 호출한 쪽이 본 것: {reason}",
            doubt_words(*doubt)
        ),
        Failing::Unusable { service, reason } => {
            format!("{service} 서비스에 적용되었지만 그 응답을 쓸 수 없습니다: {reason}")
        }
        Failing::Expression { reason } => format!("정의와 입력으로부터 요청을 만들 수 없습니다: {reason}"),
        Failing::RenderChanged { reason } => {
            format!("요청이 같은 키로 앞서 보낸 요청과 달라집니다: {reason}")
        }
        Failing::TimedOut { reason } => format!("앞으로 진행할 수 있는 시한이 지났습니다: {reason}"),
        Failing::Cancelled { reason } => format!("사람이 취소했습니다: {reason}"),
        Failing::Deeper { service, name, reason } => {
            format!("시작된 곳은 {service} 서비스의 {name}입니다: {reason}")
        }
        Failing::Chosen { choice, others } => chosen(*choice, *others),
    }
}

fn chosen(choice: Choice, others: u64) -> String {
    match choice {
        Choice::Only => "실패한 곳은 여기뿐입니다.".to_owned(),
        Choice::OnPath => {
            format!(
                "루트의 오류를 따라가면 이곳입니다. 다른 {others}곳의 오류는 이미 처리되었거나 이 오류와 이어지지 않습니다."
            )
        }
        Choice::EndedLast => {
            format!("다른 {others}곳에서도 오류가 시작되었지만, 루트가 실패하기 직전에 끝난 것은 이것입니다.")
        }
        Choice::RootItself => {
            format!(
                "다른 {others}곳의 오류는 이미 처리되었습니다. 루트 아래에는 루트의 오류를 설명하는 것이 없습니다."
            )
        }
        Choice::NearestToRoot => format!(
            "다른 {others}곳에서도 오류가 시작되었지만 루트에 가장 가까운 것은 이것입니다. 루트 자신은 오류를 알리지 않았습니다."
        ),
    }
}

fn retried(said: &Retried) -> String {
    match said {
        Retried::Ok { part, attempts, reason } => {
            format!("{}: {attempts}번 시도하여 마지막에 성공했습니다. 첫 시도의 결과: {reason}", named(part))
        }
        Retried::InVain { part, attempts, reason } => {
            format!("{}: {attempts}번 시도했지만 실패했습니다. 마지막 시도의 결과: {reason}", named(part))
        }
        Retried::Open { part, attempts, reason } => {
            format!("{}: {attempts}번째 시도 중입니다. 바로 앞 시도의 결과: {reason}", named(part))
        }
        Retried::Waiting { part, attempts, reason } => format!(
            "{}: {attempts}번 시도했고 다시 시도할 예정입니다. 마지막 시도의 결과: {reason}",
            named(part)
        ),
        Retried::CameBack { part, attempts, reason } => format!(
            "{}: 서비스에 연결되지 않다가({reason}) 서비스가 돌아와 {attempts}번째 시도에 성공했습니다.",
            named(part)
        ),
        Retried::LostThenReplayed { part, doubt, reason } => format!(
            "{}: 서비스는 일을 끝냈지만 응답이 도중에 사라졌습니다. {} ({reason}) 온돌이 같은 키로 다시 물었고, 서비스는 이미 한 일의 \
             결과로 응답했습니다. 일은 한 번만 처리되었습니다.",
            named(part),
            doubt_words(*doubt)
        ),
        Retried::LostThenAnswered { part, doubt, reason } => format!(
            "{}: 서비스는 일을 끝냈지만 응답이 도중에 사라졌습니다. {} ({reason}) 온돌이 같은 키로 다시 물었고, 서비스가 응답했습니다.",
            named(part),
            doubt_words(*doubt)
        ),
        Retried::CallOk { caller, called, name, attempts, reason } => format!(
            "{caller} → {called} ({name}): {attempts}번 호출하여 마지막에 성공했습니다. 첫 호출의 결과: {reason}"
        ),
        Retried::CallInVain { caller, called, name, attempts, reason } => {
            format!(
                "{caller} → {called} ({name}): {attempts}번 호출했지만 실패했습니다. 첫 호출의 결과: {reason}"
            )
        }
        Retried::CallReplayed { caller, called, name, reason } => format!(
            "{caller} → {called} ({name}): {called} 서비스는 일을 끝냈지만 응답이 도중에 사라졌습니다({reason}). 다시 묻자 이미 한 \
             일의 결과로 응답했습니다. 일은 한 번만 처리되었습니다."
        ),
    }
}

fn left(said: &Left) -> String {
    match said {
        Left::Undone { steps } => format!("되돌린 단계: {}", steps.join(", ")),
        Left::NeverUndone { steps } => format!("적용되어 있고 되돌릴 것이 없는 단계: {}", steps.join(", ")),
        Left::MayBeInEffect { steps } => format!("적용되었을 수 있는 단계: {}", steps.join(", ")),
        Left::UndoPending { steps } => format!("아직 되돌려야 하는 단계: {}", steps.join(", ")),
        Left::UndoStuck { steps } => format!("되돌리는 데 사람의 판단이 필요한 단계: {}", steps.join(", ")),
        Left::Nothing => "남은 것이 없습니다.".to_owned(),
        Left::Then { what, at_ns: Some(at_ns) } => {
            format!("다음({}): {}", moment(*at_ns), what.korean())
        }
        Left::Then { what, at_ns: None } => format!("다음: {}", what.korean()),
    }
}

fn unknown(said: &Unknown) -> String {
    match said {
        Unknown::NoTrace => {
            "이 사가의 스팬이 없어 서비스 쪽에서 본 것은 알 수 없습니다. 사가의 저널만으로 설명합니다."
                .to_owned()
        }
        Unknown::NoLogs => "관련된 로그가 없습니다.".to_owned(),
        Unknown::Unrooted => {
            "트레이스의 루트가 없습니다. 스팬이 없는 다른 서비스에서 시작된 요청입니다.".to_owned()
        }
        Unknown::Orphans { count } => format!("부모 스팬이 없어 이어지지 않는 부분이 {count}곳 있습니다."),
        Unknown::Cycles { count } => {
            format!("자기 자신의 조상인 스팬이 {count}개 있습니다. 그곳의 트레이서가 잘못되었습니다.")
        }
        Unknown::Shifted { service, by_ns } => format!(
            "{service} 서비스의 시계가 {} {}. 스팬의 시각을 바로잡아 보여 줍니다.",
            length(by_ns.unsigned_abs()),
            if *by_ns < 0 { "빨랐습니다" } else { "늦었습니다" }
        ),
        Unknown::ShiftedMore { count } => format!("그 밖에 스팬 {count}개에서 시계를 바로잡았습니다."),
        Unknown::Duplicates { count } => format!("스팬 {count}개가 거듭 도착했습니다. 한 번씩만 셉니다."),
        Unknown::Rejected { spans, logs } => format!(
            "이 서비스들의 스팬 {spans}개와 로그 {logs}줄을 받지 못했습니다. 빠진 것이 있을 수 있습니다."
        ),
        Unknown::Silent { services } => {
            format!("텔레메트리가 전혀 오지 않은 서비스: {}", services.join(", "))
        }
    }
}

fn next(said: &Next) -> String {
    match said {
        Next::Deed { verb } => match verb {
            Verb::Retry => "원인을 고친 뒤 같은 키로 다시 시도합니다:".to_owned(),
            Verb::Complete => "적용된 것을 확인했다면 그 출력과 함께 보증합니다:".to_owned(),
            Verb::Skip => "필요 없음을 확인했다면 건너뜁니다:".to_owned(),
            Verb::Edit => "입력이 잘못되었다면 아직 보내지 않은 요청에 새 입력을 줍니다:".to_owned(),
            Verb::Cancel => "그만두고 이미 한 것을 되돌립니다:".to_owned(),
            Verb::Pause => "당분간 새로 시작하지 않게 합니다:".to_owned(),
            Verb::Resume => "다시 진행하게 합니다:".to_owned(),
            Verb::Resend => "알림을 다시 보냅니다:".to_owned(),
        },
        Next::SubmitAgain => "끝난 사가입니다. 아직 필요하다면 다른 id로 다시 요청합니다.".to_owned(),
        Next::Nothing => "없습니다.".to_owned(),
        Next::GoesOn => "자동으로 진행합니다. 지켜보려면:".to_owned(),
        Next::CheckUp { service } => {
            format!("{service} 서비스가 떠 있고 연결할 수 있는지 확인합니다:")
        }
        Next::CheckTelemetry { service } => format!(
            "{service} 서비스가 떠 있었다면 스팬을 보내게 합니다. 그러면 다음에는 원인을 구별할 수 있습니다."
        ),
        Next::ReadLogs { service } => format!("{service} 서비스가 남긴 로그를 봅니다:"),
        Next::FindSlow { service } => format!(
            "{service} 서비스가 무엇을 기다렸는지 찾거나 제한 시간을 늘립니다. 가장 느린 요청을 보려면:"
        ),
        Next::CheckNetwork { service } => {
            format!("호출한 쪽과 {service} 서비스 사이를 살펴봅니다: 제한 시간, 프록시, 응답 도중의 재시작")
        }
        Next::CheckId { id } => {
            format!("{id} 표기가 맞는지, 텔레메트리가 그때까지 보관되어 있는지 확인합니다.")
        }
    }
}

const fn doubt_words(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Timeout => "제때 응답이 오지 않았습니다.",
        Doubt::Reset => "응답이 오기 전에 연결이 끊겼습니다.",
        Doubt::Status(_) => "돌아온 상태 코드만으로는 알 수 없습니다.",
        Doubt::Stopped => "응답이 오기 전에 온돌이 멈추었습니다.",
        Doubt::Other => "응답이 오지 않았습니다.",
    }
}

fn answered(answer: &Answer) -> String {
    match (answer.status, answer.words.as_str()) {
        (Some(status), "") => status.to_string(),
        (Some(status), words) => format!("{status}, {words}"),
        (None, words) => words.to_owned(),
    }
}

/// `pay 단계 실행(payment 서비스)`, `hold-seat 단계 되돌리기(flight 서비스)`.
fn named(part: &Part) -> String {
    let Part { step, half, service } = part;
    match half {
        Half::Action => format!("{step} 단계 실행({service} 서비스)"),
        Half::Compensation => format!("{step} 단계 되돌리기({service} 서비스)"),
    }
}

fn length(ns: u64) -> String {
    match Length::of(ns) {
        Length::Micros(us) => format!("{us}µs"),
        Length::Millis(ms) => format!("{ms}ms"),
        Length::Seconds(seconds) => format!("{seconds}초"),
        Length::Minutes(minutes, seconds) => format!("{minutes}분 {seconds}초"),
        Length::Hours(hours, minutes) => format!("{hours}시간 {minutes}분"),
        Length::Days(days, hours) => format!("{days}일 {hours}시간"),
    }
}
