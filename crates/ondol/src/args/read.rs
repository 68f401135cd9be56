//! The verbs that only look.

use clap::{Args, ValueEnum};

use super::Remote;
use crate::output::time;

/// `ondol get`
#[derive(Args)]
pub(crate) struct Get {
    /// The saga
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol list`
#[derive(Args)]
pub(crate) struct List {
    /// Only with this status, or these: running, compensating, parked, completed, compensated; `open` is the first three
    #[arg(long)]
    pub(crate) status: Option<String>,
    /// Only of this definition
    #[arg(long, value_name = "NAME")]
    pub(crate) definition: Option<String>,
    /// Only with this text in the id, the definition or the reason of the failure
    #[arg(long, value_name = "TEXT")]
    pub(crate) q: Option<String>,
    /// Only from this moment on: 2026-11-23T09:00:00Z, or so long ago: 2h
    #[arg(long, value_name = "WHEN", value_parser = time::parse_moment)]
    pub(crate) from: Option<String>,
    /// Only up to this moment
    #[arg(long, value_name = "WHEN", value_parser = time::parse_moment)]
    pub(crate) to: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol batches`
#[derive(Args)]
pub(crate) struct Batches {
    /// The batch; all of them where none is given
    pub(crate) id: Option<String>,
    /// End it; what was done stays done
    #[arg(long, requires = "id")]
    pub(crate) cancel: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol events`
#[derive(Args)]
pub(crate) struct Events {
    /// The saga
    pub(crate) id: String,
    /// Go on as events happen, until the saga is over
    #[arg(long, short)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol why`
#[derive(Args)]
pub(crate) struct Why {
    /// The saga, the trace, or the request by the id that a service wrote down
    pub(crate) id: String,
    /// In which language [default: that of LANG, else English]
    #[arg(long, value_enum)]
    lang: Option<Language>,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

impl Why {
    /// The language that was asked for, else the one that the terminal speaks.
    pub(crate) fn language(&self) -> Language {
        let spoken = || {
            let lang = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(|name| std::env::var_os(name).filter(|lang| !lang.is_empty()));
            lang.map_or(Language::En, |lang| Language::spoken(&lang.to_string_lossy()))
        };
        self.lang.unwrap_or_else(spoken)
    }
}

/// A language that `ondol why` speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    En,
    /// 한국어
    Ko,
}

impl Language {
    /// The language of a locale such as `ko_KR.UTF-8`.
    fn spoken(locale: &str) -> Self {
        if locale == "ko" || locale.starts_with("ko_") || locale.starts_with("ko.") {
            Self::Ko
        } else {
            Self::En
        }
    }

    /// As the API names it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_terminal_says_which_language() {
        for (locale, code) in
            [("ko_KR.UTF-8", "ko"), ("ko", "ko"), ("kok_IN", "en"), ("C.UTF-8", "en"), ("", "en")]
        {
            assert_eq!(Language::spoken(locale).code(), code, "{locale}");
        }
    }
}
