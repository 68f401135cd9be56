//! The values of secrets. The only module that reads an environment variable or a secret's file.
//!
//! Values are never logged, journaled or answered.

use std::collections::BTreeMap;

use ondol_spec::{SecretPlace, SecretSource, Secrets, System};

/// Bytes of a secret's file. A larger file is something else.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Secrets that something uses and that have no value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", missing(.0))]
pub(crate) struct NoValue(pub(crate) Vec<(String, SecretPlace)>);

fn missing(secrets: &[(String, SecretPlace)]) -> String {
    let one = |(name, place): &(String, SecretPlace)| match place {
        SecretPlace::Env(variable) => {
            format!(
                "the secret `{name}` has no value; set the environment variable {variable}, or give it a default"
            )
        }
        SecretPlace::File(path) => {
            format!("the secret `{name}` has no value; put it into the file {path}, or give it a default")
        }
    };
    secrets.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// Reads every secret of a system.
///
/// # Errors
/// Those that are used and have no value.
pub(crate) fn read(system: &System) -> Result<Secrets, NoValue> {
    let values: BTreeMap<String, String> =
        system.secrets.iter().filter_map(|(name, source)| Some((name.clone(), value(source)?))).collect();
    let used = system.secrets_used();
    let without = used.iter().filter(|name| !values.contains_key(**name)).filter_map(|name| {
        let source = system.secrets.get(*name)?;
        Some(((*name).to_owned(), source.from.clone()))
    });
    let without: Vec<_> = without.collect();
    if without.is_empty() { Ok(Secrets::new(values)) } else { Err(NoValue(without)) }
}

fn value(source: &SecretSource) -> Option<String> {
    let found = match &source.from {
        SecretPlace::Env(variable) => variable_value(variable),
        SecretPlace::File(path) => file_value(path),
    };
    found.or_else(|| source.default.clone())
}

#[expect(clippy::disallowed_methods, reason = "this module is the one reader of secrets")]
fn variable_value(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

fn file_value(path: &str) -> Option<String> {
    let file = std::fs::File::open(path).ok()?;
    if file.metadata().ok()?.len() > FILE_BYTES_MAX {
        return None;
    }
    let text = std::io::read_to_string(file).ok()?;
    Some(text.trim_end().to_owned())
}
