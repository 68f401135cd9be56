//! The auth service; see `airline::auth`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    airline::server::exit(airline::auth::main().await)
}
