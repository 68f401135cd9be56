//! `ondol exec`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// Run a program and send what it prints as logs
#[derive(Args)]
#[command(
    after_help = "The program's output passes through unchanged, and it never waits for Ondol. It ends as the program \
                        ends: with its exit code, or 128 and the number of the signal that ended it."
)]
pub(crate) struct Exec {
    /// The service whose logs they are
    #[arg(long, env = "OTEL_SERVICE_NAME", value_name = "NAME", value_parser = parse_name)]
    pub(crate) service: String,
    /// Which instance of it. Default: this machine's name and the number of the program's process
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    pub(crate) instance: Option<String>,
    /// Where logs are sent: OTLP over HTTP
    #[arg(long, env = "ONDOL_OTLP_URL", default_value = "http://127.0.0.1:4318", value_name = "URL")]
    pub(crate) otlp: String,
    /// The token, where the server asks for one; others on this machine may see it: prefer the file
    #[arg(long, env = "ONDOL_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// A file with the token
    #[arg(long, env = "ONDOL_TOKEN_FILE", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The program and its arguments, behind `--`
    #[arg(required = true, trailing_var_arg = true, value_name = "PROGRAM")]
    pub(crate) program: Vec<OsString>,
}

/// Bytes of a name: as much as a system file may say.
const NAME_BYTES_MAX: usize = ondol_spec::bounds::SOURCE_NAME_BYTES_MAX;

fn parse_name(name: &str) -> Result<String, String> {
    if (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(format!("a name has 1 to {NAME_BYTES_MAX} bytes and no control characters"))
}
