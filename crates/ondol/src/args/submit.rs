//! The verbs that give the server something: a saga, a system file.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use serde_json::value::RawValue;

use super::Remote;
use crate::output::time;

/// Largest JSON value taken, in bytes: the API's bound of a body.
const JSON_BYTES_MAX: u64 = 1 << 20;

/// JSON from the command line, from a file (`@file`) or from standard input (`-`), digit by digit as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Json(pub(crate) Box<RawValue>);

impl FromStr for Json {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let text = match given.strip_prefix('@') {
            _ if given == "-" => read(None)?,
            Some(path) => read(Some(Path::new(path)))?,
            None => given.to_owned(),
        };
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(format!(
                "this is no JSON: {error}; write it in quotes, or give @file, or - for standard input"
            )),
        }
    }
}

/// The text of a file, or of standard input.
pub(crate) fn read(path: Option<&Path>) -> Result<String, String> {
    use std::io::Read as _;
    let mut text = String::new();
    let read = match path {
        Some(path) => {
            std::fs::File::open(path).and_then(|file| file.take(JSON_BYTES_MAX + 1).read_to_string(&mut text))
        }
        None => std::io::stdin().take(JSON_BYTES_MAX + 1).read_to_string(&mut text),
    };
    let name = path.map_or("standard input".to_owned(), |path| path.display().to_string());
    match read {
        Err(error) => Err(format!("cannot read {name}: {error}")),
        Ok(length) if length as u64 > JSON_BYTES_MAX => {
            Err(format!("{name} is longer than {JSON_BYTES_MAX} bytes"))
        }
        Ok(_) => Ok(text),
    }
}

/// `ondol run`
#[derive(Args)]
pub(crate) struct Run {
    /// The definition, as it is called in the system file
    pub(crate) definition: String,
    /// The input: JSON, @file, or - for standard input
    #[arg(long, short, default_value = "null", value_name = "JSON")]
    pub(crate) input: Json,
    /// The saga's id; a new one where none is given. The same id never starts anything twice
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// This version of the definition instead of the newest
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u32>,
    /// Wait until the saga is over, or so long at most: --wait=30s
    #[arg(
        long,
        value_name = "LENGTH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "365d",
        value_parser = time::parse_length
    )]
    pub(crate) wait: Option<Duration>,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

/// `ondol apply`
#[derive(Args)]
pub(crate) struct Apply {
    /// The system file
    #[arg(default_value = "ondol.yaml")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) remote: Remote,
}
