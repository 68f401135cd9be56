//! The payment service; see `airline::payment`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    airline::server::exit(airline::payment::main().await)
}
