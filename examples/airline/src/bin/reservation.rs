//! The reservation service; see `airline::reservation`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    airline::server::exit(airline::reservation::main().await)
}
