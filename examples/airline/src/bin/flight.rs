//! The flight service; see `airline::flight`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    airline::server::exit(airline::flight::main().await)
}
