//! The inbox service; see `airline::inbox`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    airline::server::exit(airline::inbox::main().await)
}
