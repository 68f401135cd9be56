//! Sends one request again and again over kept connections, and reads what a proxy's process spends on it meanwhile.
//! Prints one JSON line.

use std::net::SocketAddr;

use clap::Parser;
use ondol_bench::{MESSAGE_BYTES_MAX, Requests};

#[derive(Parser)]
struct Arguments {
    /// Whom to ask; connections are spread over several.
    #[arg(long, required = true, num_args = 1..)]
    to: Vec<SocketAddr>,
    /// The `host` header, by which a proxy may find the service.
    #[arg(long, default_value = "upstream")]
    host: String,
    /// POST a body of so many bytes instead of GET; 0 for GET.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=(MESSAGE_BYTES_MAX / 2) as i64))]
    body_bytes: u32,
    /// Connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Requests a second, planned without waiting for answers. Default: the next on a connection when the last has ended.
    #[arg(long)]
    per_second: Option<u32>,
    /// Seconds before the counted ones.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Counted seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// The process whose CPU is read.
    #[arg(long)]
    watch: Option<u32>,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let requests = Requests {
        request: request(&arguments.host, arguments.body_bytes as usize),
        to: arguments.to,
        connections: arguments.connections,
        per_second: arguments.per_second,
        warm_up_seconds: arguments.warm_up,
        seconds: arguments.seconds,
        watched: arguments.watch,
    };
    // One thread, so that pinned to a core it never waits for itself.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("{}", runtime.block_on(requests.run())?.to_json());
    Ok(())
}

/// A request as an ordinary client writes it.
fn request(host: &str, body_bytes: usize) -> Vec<u8> {
    let common = format!("host: {host}\r\nuser-agent: ondol-bench\r\naccept: application/json\r\n");
    if body_bytes == 0 {
        return format!("GET /items/12345?view=full HTTP/1.1\r\n{common}\r\n").into_bytes();
    }
    let body = "x".repeat(body_bytes);
    let entity = format!("content-type: application/json\r\ncontent-length: {body_bytes}\r\n");
    format!("POST /items HTTP/1.1\r\n{common}{entity}\r\n{body}").into_bytes()
}
