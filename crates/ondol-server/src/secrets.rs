//! The values of secrets. The only module that reads an environment variable or a secret's file.
//!
//! Values are never logged, journaled or answered.

use std::collections::BTreeMap;
use std::env::VarError;
use std::io::{ErrorKind, Read as _};

use ondol_spec::{SecretPlace, SecretSource, Secrets, System};

/// Bytes of a secret's file. A larger file is something else.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Secrets that are used and have no value, and places of secrets that are there and cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub(crate) struct NoValue(pub(crate) Vec<Missing>);

/// Why one secret has no value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Missing {
    #[error(
        "the secret `{name}` has no value; set the environment variable {variable}, or give it a default"
    )]
    Variable { name: String, variable: String },
    #[error("the secret `{name}` has no value; put it into the file {path}, or give it a default")]
    File { name: String, path: String },
    /// Its default would be the wrong value: somebody put another one there.
    #[error("the secret `{name}` cannot be read from {place}: {cause}; mend that, or remove it")]
    Unreadable { name: String, place: String, cause: String },
}

/// Reads every secret of a system. The default of a secret is for a place where nothing is.
///
/// # Errors
/// Those that are used and have no value, and those whose place cannot be read, used or not.
pub(crate) fn read(system: &System) -> Result<Secrets, NoValue> {
    let used = system.secrets_used();
    let (mut values, mut missing) = (BTreeMap::new(), Vec::new());
    for (name, source) in &system.secrets {
        match value(name, source) {
            Ok(Some(value)) => drop(values.insert(name.clone(), value)),
            Ok(None) if !used.contains(name.as_str()) => {}
            Ok(None) => missing.push(match &source.from {
                SecretPlace::Env(variable) => {
                    Missing::Variable { name: name.clone(), variable: variable.clone() }
                }
                SecretPlace::File(path) => Missing::File { name: name.clone(), path: path.clone() },
            }),
            Err(unreadable) => missing.push(unreadable),
        }
    }
    if missing.is_empty() { Ok(Secrets::new(values)) } else { Err(NoValue(missing)) }
}

fn value(name: &str, source: &SecretSource) -> Result<Option<String>, Missing> {
    let (place, found) = match &source.from {
        SecretPlace::Env(variable) => {
            (format!("the environment variable {variable}"), variable_value(variable))
        }
        SecretPlace::File(path) => (format!("the file {path}"), file_value(path)),
    };
    let unreadable = |cause| Missing::Unreadable { name: name.to_owned(), place, cause };
    Ok(found.map_err(unreadable)?.or_else(|| source.default.clone()))
}

#[expect(clippy::disallowed_methods, reason = "this module is the one reader of secrets")]
fn variable_value(variable: &str) -> Result<Option<String>, String> {
    match std::env::var(variable) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        // Its text holds the value.
        Err(VarError::NotUnicode(_)) => Err("it is not UTF-8".to_owned()),
    }
}

fn file_value(path: &str) -> Result<Option<String>, String> {
    let text = match std::fs::File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(file) => text(file).map_err(|error| error.to_string())?,
    };
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("it has more than {FILE_BYTES_MAX} bytes"));
    }
    Ok(Some(text.trim_end().to_owned()))
}

fn text(file: std::fs::File) -> std::io::Result<String> {
    std::io::read_to_string(file.take(FILE_BYTES_MAX + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_only_for_where_nothing_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(at("good"), "swordfish\n").expect("written");
        std::fs::write(at("bytes"), b"\xff").expect("written");
        std::fs::write(at("large"), vec![b'x'; 65_537]).expect("written");
        #[rustfmt::skip]
        let table = [
            ("good",        Ok("swordfish")),
            ("none",        Ok("default")),
            ("",            Err("directory")),
            ("bytes",       Err("UTF-8")),
            ("large",       Err("more than 65536 bytes")),
            ("good/under",  Err("ot a directory")),
        ];
        for (name, expected) in table {
            let source =
                SecretSource { from: SecretPlace::File(at(name)), default: Some("default".to_owned()) };
            match (value("KEY", &source), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found.as_deref(), Some(expected), "{name}"),
                (Err(missing), Err(part)) => {
                    let missing = missing.to_string();
                    assert!(missing.contains("`KEY`") && missing.contains(part), "{missing}");
                }
                (got, expected) => panic!("{name}: got {got:?}, expected {expected:?}"),
            }
        }
    }
}
