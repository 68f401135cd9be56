//! Which server, and with which right.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::Error;

/// What every verb that asks a server takes.
#[derive(Args, Clone)]
#[command(next_help_heading = "Server")]
pub(crate) struct Remote {
    /// The server's address
    #[arg(long, env = "ONDOL_SERVER", default_value = "http://127.0.0.1:7070", value_name = "URL")]
    pub(crate) server: String,
    /// The token, where the server asks for one; others on this machine may see it: prefer the file
    #[arg(long, env = "ONDOL_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// A file with the token
    #[arg(long, env = "ONDOL_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Print the API's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
}

impl Remote {
    /// The token, if there is one; --token before the file.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read.
    pub(crate) fn token(&self) -> Result<Option<String>, Error> {
        token(self.token.as_deref(), self.token_file.as_deref())
    }
}

/// The token, if there is one; the one that was given before the file.
///
/// # Errors
/// [`Error::File`] if the file cannot be read.
pub(crate) fn token(given: Option<&str>, file: Option<&Path>) -> Result<Option<String>, Error> {
    if let Some(token) = given {
        return Ok(Some(token.to_owned()));
    }
    let Some(path) = file else { return Ok(None) };
    match std::fs::read_to_string(path) {
        Ok(token) => Ok(Some(token.trim().to_owned())),
        Err(source) => Err(Error::File { doing: "read the token file", path: path.to_owned(), source }),
    }
}
