//! A service for measuring what stands before it: answers every request with the same 200 and 200 bytes of JSON.
//! The first line it prints is its address.

use std::net::SocketAddr;

use clap::Parser;
use ondol_bench::Wire;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 picks one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// Bytes of the answer's body: an ordinary small record.
const BODY_BYTES: usize = 200;

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    // One thread: it shares its core with the client and the other instance.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(arguments.listen))
}

async fn serve(listen: SocketAddr) -> std::io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    println!(r#"{{"listening":"{}"}}"#, listener.local_addr()?);
    let answer: &'static [u8] = answer().leak();
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        connections.spawn(async move {
            if let Err(error) = connection(stream, answer).await {
                eprintln!("a connection ended: {error}");
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut wire = Wire::new(stream)?;
    while wire.receive().await?.is_some() {
        wire.send(answer).await?;
    }
    Ok(())
}

/// Head and body, as an ordinary service writes them.
fn answer() -> Vec<u8> {
    let frame = r#"{"id":12345,"state":"ready","note":""}"#;
    let note = "x".repeat(BODY_BYTES - frame.len());
    let body = format!(r#"{{"id":12345,"state":"ready","note":"{note}"}}"#);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n";
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
