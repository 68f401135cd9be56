//! What container engines write around each line: Docker's `json-file`, and the format of CRI (containerd, CRI-O).

use std::borrow::Cow;

use serde::Deserialize;

use super::clean;
use super::stamp::{self, Here};

/// A line without its wrapper.
pub(super) struct Unwrapped<'t> {
    pub(super) text: Cow<'t, str>,
    /// When the engine read it.
    pub(super) time_ns: Option<u64>,
    /// `stdout` or `stderr`.
    pub(super) stream: Option<&'static str>,
    /// Does the line go on in the next one? Engines cut at 16 KiB.
    pub(super) partial: bool,
}

pub(super) fn unwrap(text: &str, here: Here) -> Unwrapped<'_> {
    docker(text, here).or_else(|| cri(text, here)).unwrap_or(Unwrapped {
        text: Cow::Borrowed(text),
        time_ns: None,
        stream: None,
        partial: false,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Docker<'t> {
    log: String,
    #[serde(borrow)]
    stream: Cow<'t, str>,
    time: String,
    #[expect(dead_code, reason = "it may be there")]
    attrs: Option<serde::de::IgnoredAny>,
}

fn docker(text: &str, here: Here) -> Option<Unwrapped<'_>> {
    if !text.starts_with("{\"log\":") {
        return None;
    }
    let Docker { mut log, stream, time, .. } = serde_json::from_str(text).ok()?;
    let partial = !log.ends_with('\n');
    log.truncate(log.trim_end_matches(['\r', '\n']).len());
    Some(Unwrapped {
        text: Cow::Owned(clean::colourless(log)),
        time_ns: stamp::whole(&time, here),
        stream: named(&stream),
        partial,
    })
}

fn cri(text: &str, here: Here) -> Option<Unwrapped<'_>> {
    let mut parts = text.splitn(4, ' ');
    let (time, stream) = (parts.next()?, named(parts.next()?)?);
    let partial = match parts.next()? {
        "F" => false,
        "P" => true,
        _ => return None,
    };
    let time_ns = Some(stamp::whole(time, here)?);
    Some(Unwrapped {
        text: Cow::Borrowed(parts.next().unwrap_or_default()),
        time_ns,
        stream: Some(stream),
        partial,
    })
}

fn named(stream: &str) -> Option<&'static str> {
    match stream {
        "stdout" => Some("stdout"),
        "stderr" => Some("stderr"),
        _ => None,
    }
}
