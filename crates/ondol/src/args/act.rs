//! The verbs that act on sagas.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use clap::{ArgGroup, Args, ValueEnum};
use serde::Serialize;

use super::{Json, Remote};

/// What every such verb takes.
#[derive(Args)]
pub(crate) struct Act {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// The step it is about; may be left out where only one can be meant
    #[arg(long)]
    pub(crate) step: Option<String>,
    /// The half it is about; where it is left out, the one that is being tried
    #[arg(long, value_enum)]
    pub(crate) half: Option<Half>,
    /// Number of the notice (`resend`), from 0
    #[arg(long, value_name = "N")]
    pub(crate) notice: Option<u16>,
    /// Why; kept in the saga's journal
    #[arg(long, default_value = "")]
    pub(crate) note: String,
    /// Who acts, as the journal is to say; nobody verifies it
    #[arg(long, env = "USER", hide_env_values = true, value_name = "NAME")]
    by: Option<OsString>,
    /// Only if this is still the saga's last event
    #[arg(long, value_name = "SEQ", conflicts_with = "query")]
    pub(crate) if_seq: Option<u64>,
    /// Only say what it would do; of a batch, how many sagas it would be about
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) remote: Remote,
}

impl Act {
    /// Who acts, where somebody is named.
    pub(crate) fn by(&self) -> Option<Cow<'_, str>> {
        self.by.as_deref().map(OsStr::to_string_lossy).filter(|name| !name.trim().is_empty())
    }
}

/// On which sagas.
#[derive(Args)]
#[command(group = ArgGroup::new("which").required(true).args(["ids", "query"]))]
pub(crate) struct Selection {
    /// The sagas
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// All sagas that match, as a batch on the server: status=parked,definition=book-flight; status may be several
    #[arg(long, value_name = "NAME=VALUE,…")]
    pub(crate) query: Option<Query>,
    /// How many of a batch to begin in a second, such as 10/s; the server's own pace where it is left out
    #[arg(long, requires = "query", value_parser = parse_rate)]
    pub(crate) rate: Option<u32>,
}

/// `ondol complete`
#[derive(Args)]
pub(crate) struct Complete {
    /// The output that later steps shall see: JSON, @file, or - for standard input
    #[arg(long, default_value = "null", value_name = "JSON")]
    pub(crate) output: Json,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// `ondol edit`
#[derive(Args)]
pub(crate) struct Edit {
    /// The new input: JSON, @file, or - for standard input
    #[arg(long, short, value_name = "JSON")]
    pub(crate) input: Json,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// One half of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Half {
    /// What the step does
    Action,
    /// What undoes it
    Compensation,
}

/// Which sagas a batch is about; the same names as the filters of `ondol list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Query {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

impl std::str::FromStr for Query {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut query = Self::default();
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            match (part.split_once('='), pairs.last_mut()) {
                (Some((name, value)), _) => pairs.push((name, value.to_owned())),
                // status=parked,compensating: a status more. No status has a comma in it.
                (None, Some(("status", statuses))) => {
                    statuses.push(',');
                    statuses.push_str(part);
                }
                (None, _) => return Err(format!("{part:?} is not NAME=VALUE")),
            }
        }
        for (name, value) in pairs {
            let value = value.as_str();
            let moment = || crate::output::time::parse_moment(value);
            let (place, value) = match name {
                "status" => (&mut query.status, value.to_owned()),
                "definition" => (&mut query.definition, value.to_owned()),
                "service" => (&mut query.service, value.to_owned()),
                "step" => (&mut query.step, value.to_owned()),
                "cause" => (&mut query.cause, value.to_owned()),
                "q" => (&mut query.q, value.to_owned()),
                "from" => (&mut query.from, moment()?),
                "to" => (&mut query.to, moment()?),
                _ => {
                    let filters = "status, definition, service, step, cause, q, from, to";
                    return Err(format!("{name:?} is no filter; use {filters}"));
                }
            };
            if place.replace(value).is_some() {
                return Err(format!("{name} is given twice; one batch has one value for each filter"));
            }
        }
        if query == Self::default() {
            return Err(
                "a batch on every saga there is must be asked for by a filter, such as status=parked".into(),
            );
        }
        Ok(query)
    }
}

fn parse_rate(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    match number.parse() {
        Ok(rate) if rate > 0 => Ok(rate),
        Ok(_) | Err(_) => Err(format!("{text:?} is not a rate; write how many a second, such as 10/s")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, parse_rate};

    #[test]
    fn queries_and_rates_are_read() {
        let query =
            |text: &str| text.parse::<Query>().map(|query| serde_json::to_string(&query).expect("plain"));
        let table = [
            ("status=parked", Ok(r#"{"status":"parked"}"#)),
            ("status=parked,definition=a,", Ok(r#"{"status":"parked","definition":"a"}"#)),
            ("status=parked,compensating,q=a", Ok(r#"{"status":"parked,compensating","q":"a"}"#)),
            ("cause=9f,service=pay,step=charge", Ok(r#"{"service":"pay","step":"charge","cause":"9f"}"#)),
            ("q=a,b", Err("is not NAME=VALUE")),
            ("", Err("a batch on every saga")),
            ("status", Err("is not NAME=VALUE")),
            ("state=parked", Err("is no filter")),
            ("q=a,q=b", Err("q is given twice")),
        ];
        for (text, expected) in table {
            match (query(text), expected) {
                (Ok(json), Ok(expected)) => assert_eq!(json, expected, "{text:?}"),
                (Err(error), Err(part)) => assert!(error.contains(part), "{text:?}: {error}"),
                (got, _) => panic!("{text:?}: {got:?}"),
            }
        }
        assert_eq!((parse_rate("10/s"), parse_rate("3")), (Ok(10), Ok(3)));
        assert!(parse_rate("0").is_err() && parse_rate("fast").is_err());
    }
}
