//! A service that does nothing: answers every request with 200 and a small JSON body, or, with `--busy`, with 503 and a
//! `Retry-After` of ten minutes. The first line it prints is its address.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use clap::Parser;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 picks one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Answer 503 with `Retry-After: 600`.
    #[arg(long)]
    busy: bool,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?
        .block_on(serve(arguments))
}

async fn serve(arguments: Arguments) -> std::io::Result<()> {
    let listener = TcpListener::bind(arguments.listen).await?;
    println!(r#"{{"listening":"{}"}}"#, listener.local_addr()?);
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let busy = arguments.busy;
        let answer = service_fn(move |request: Request<Incoming>| async move {
            // The body is read to its end, as a real service would.
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(response(busy))
        });
        connections.spawn(async move {
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn response(busy: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(br#"{"ok":true,"n":12345}"#)));
    if busy {
        *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("600"));
    }
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
