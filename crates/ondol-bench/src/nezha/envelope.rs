//! What a container's runtime wraps around a line of a log, taken off.

use serde::Deserialize;

/// How bad a line says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not say.
    Unset,
    /// `DEBUG`
    Debug,
    /// `INFO`
    Info,
    /// `WARN`
    Warn,
    /// `ERROR`
    Error,
}

impl Severity {
    /// OTLP's number.
    pub const fn number(self) -> i32 {
        match self {
            Self::Unset => 0,
            Self::Debug => 5,
            Self::Info => 9,
            Self::Warn => 13,
            Self::Error => 17,
        }
    }

    /// The word in the line; empty where there is none.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unset => "",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }

    /// By the second word of a line, which stands behind the time.
    fn of(line: &str) -> Self {
        let word = line.split_ascii_whitespace().nth(1).unwrap_or_default();
        let all = [Self::Debug, Self::Info, Self::Warn, Self::Error];
        all.into_iter().find(|severity| severity.word() == word).unwrap_or(Self::Unset)
    }
}

/// `{"log":"…\n","stream":"stdout","time":"…"}`
#[derive(Deserialize)]
struct Envelope {
    log: String,
}

/// The line within, and how bad it is. What stands behind an envelope is the end of another row, written over: in two
/// of the day's rows. Something that is no envelope stays as it is.
pub(super) fn open(text: &str) -> (String, Severity) {
    let first = serde_json::Deserializer::from_str(text).into_iter().next();
    let Some(Ok(Envelope { log })) = first else {
        return (text.to_owned(), Severity::Unset);
    };
    let line = log.strip_suffix('\n').unwrap_or(&log);
    (line.to_owned(), Severity::of(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_out_of_its_envelope() {
        let cases = [
            (
                r#"{"log":"16:42:22.382 INFO  a#1 b\n","stream":"stdout"}"#,
                "16:42:22.382 INFO  a#1 b",
                Severity::Info,
            ),
            (r#"{"log":"16:42:22.382 WARN c"}"#, "16:42:22.382 WARN c", Severity::Warn),
            (r#"{"log":"16:42:22.382 ERROR d\ne\n"}"#, "16:42:22.382 ERROR d\ne", Severity::Error),
            (r#"{"log":"16:42:22.382 INFO f\n"}ulate]\n""#, "16:42:22.382 INFO f", Severity::Info),
            (r#"{"log":"no level\n"}"#, "no level", Severity::Unset),
            (r#"{"log":"18:06 INFO cut off]"#, r#"{"log":"18:06 INFO cut off]"#, Severity::Unset),
        ];
        for (text, line, severity) in cases {
            assert_eq!(open(text), (line.to_owned(), severity), "{text}");
        }
    }
}
