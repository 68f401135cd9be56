//! The verbs that look at traces and logs.

use clap::{Args, Subcommand};

use super::Remote;
use crate::output::time;

/// The most records that one answer of the server holds.
pub(crate) const LIMIT_MAX: u32 = 10_000;

/// What a query is, for the help of those who take one.
const QUERY: &str = "A query is words and fields: service:payment level:error \"timed out\" user.id:u1, with AND, OR, NOT, \
                     brackets, * and ranges. Quote it for your shell: '\"timed out\" status:error'.";

/// `ondol traces`
#[derive(Args)]
#[command(after_help = QUERY, args_conflicts_with_subcommands = true)]
pub(crate) struct Traces {
    #[command(subcommand)]
    pub(crate) which: Option<Which>,
    #[command(flatten)]
    pub(crate) search: Search,
    /// How many at most
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(LIMIT_MAX)))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// One trace.
#[derive(Subcommand)]
pub(crate) enum Which {
    /// Show one trace: what called what, where the time went, what failed and why
    Show(Show),
}

/// `ondol traces show`
#[derive(Args)]
pub(crate) struct Show {
    /// The trace's id
    pub(crate) id: String,
    /// How many spans at most
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol logs`
#[derive(Args)]
#[command(after_help = QUERY)]
pub(crate) struct Logs {
    #[command(flatten)]
    pub(crate) search: Search,
    /// How many at most, the newest
    #[arg(long, short = 'n', default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(LIMIT_MAX)))]
    pub(crate) limit: u32,
    /// Go on as lines come, until Ctrl-C
    #[arg(long, short)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol tail`
#[derive(Args)]
#[command(after_help = QUERY)]
pub(crate) struct Tail {
    /// Only what matches this
    pub(crate) query: Vec<String>,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol map`
#[derive(Args)]
pub(crate) struct Map {
    /// From this moment on: 2026-11-23T09:00:00Z, or so long ago: 15m
    #[arg(long, default_value = "1h", value_name = "WHEN", value_parser = time::parse_moment)]
    pub(crate) since: String,
    /// Only before this moment
    #[arg(long, value_name = "WHEN", value_parser = time::parse_moment)]
    pub(crate) until: Option<String>,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// A query and its window.
#[derive(Args)]
pub(crate) struct Search {
    /// Only what matches this
    pub(crate) query: Vec<String>,
    /// Only from this moment on: 2026-11-23T09:00:00Z, or so long ago: 15m
    #[arg(long, value_name = "WHEN", value_parser = time::parse_moment)]
    pub(crate) since: Option<String>,
    /// Only before this moment
    #[arg(long, value_name = "WHEN", value_parser = time::parse_moment)]
    pub(crate) until: Option<String>,
}

impl Search {
    /// The query, from the words of the command line; none where there are none.
    pub(crate) fn query(&self) -> Option<String> {
        query(&self.query)
    }
}

/// The query of these words.
pub(crate) fn query(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(" "))
}
