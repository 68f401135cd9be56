//! The words for levels.

/// The severity (OTLP's 1 to 24) that a word stands for, in any case. Numbers between the levels are as OpenTelemetry's
/// Logs Data Model maps syslog's.
pub(crate) fn severity(word: &str) -> Option<u8> {
    const WORDS: [(&str, u8); 20] = [
        ("info", 9),
        ("error", 17),
        ("warn", 13),
        ("debug", 5),
        ("trace", 1),
        ("fatal", 21),
        ("warning", 13),
        ("information", 9),
        ("err", 17),
        ("critical", 21),
        ("crit", 21),
        ("notice", 10),
        ("alert", 19),
        ("emerg", 21),
        ("emergency", 21),
        ("panic", 21),
        ("severe", 17),
        ("verbose", 1),
        ("inf", 9),
        ("wrn", 13),
    ];
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, severity)| *severity)
}

/// pino's and bunyan's numbers: 10 is trace, 60 is fatal.
pub(super) fn numbered(number: u64) -> Option<u8> {
    match number {
        10 => Some(1),
        20 => Some(5),
        30 => Some(9),
        40 => Some(13),
        50 => Some(17),
        60 => Some(21),
        _ => None,
    }
}
