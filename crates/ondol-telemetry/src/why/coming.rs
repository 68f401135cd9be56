//! What happens next with a saga, in each language.

use super::case::Half;

/// What happens next by itself, or by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coming {
    /// A service answers what was sent.
    Answer {
        /// Which service.
        service: String,
        /// About which step.
        step: String,
        /// Which half of it.
        half: Half,
    },
    /// A half is tried again.
    Again {
        /// Of which step.
        step: String,
        /// Which half.
        half: Half,
    },
    /// A person decides about a half.
    Decision {
        /// Of which step.
        step: String,
        /// Which half.
        half: Half,
        /// Why it needs one: a word of the API.
        trouble: &'static str,
    },
    /// A person has it go on after a pause.
    Resume,
    /// The next request is sent.
    Request,
    /// A notice is sent.
    Notice {
        /// Its number on the saga.
        number: usize,
    },
}

impl Coming {
    /// In English, as a sentence without its beginning and end.
    pub fn english(&self) -> String {
        let of = |half: &Half| match half {
            Half::Action => "action",
            Half::Compensation => "compensation",
        };
        match self {
            Self::Answer { service, step, half } => format!("{service} answers the {} of {step}", of(half)),
            Self::Again { step, half } => format!("the {} of {step} is tried again", of(half)),
            Self::Decision { step, half, trouble } => {
                format!("a person decides about the {} of {step} ({trouble})", of(half))
            }
            Self::Resume => "a person resumes it".to_owned(),
            Self::Request => "its next request is sent".to_owned(),
            Self::Notice { number } => format!("notice {number} is sent"),
        }
    }

    /// In Korean.
    pub fn korean(&self) -> String {
        let of = |step: &str, half: &Half| match half {
            Half::Action => step.to_owned(),
            Half::Compensation => format!("{step} 되돌리기"),
        };
        match self {
            Self::Answer { service, step, half } => {
                format!("{} 요청에 대한 {service} 서비스의 응답을 기다립니다", of(step, half))
            }
            Self::Again { step, half } => format!("다시 시도: {}", of(step, half)),
            Self::Decision { step, half, .. } => format!("사람의 판단이 필요합니다: {}", of(step, half)),
            Self::Resume => "사람이 재개할 때까지 기다립니다".to_owned(),
            Self::Request => "다음 요청을 보냅니다".to_owned(),
            Self::Notice { number } => format!("알림 {number}번을 보냅니다"),
        }
    }
}
