//! `ondol demo`: the shortest way to see it work. One process holds a server and two services; one booking completes,
//! the other is refused by the payments service and undone. Everything it wrote is gone when it ends.
//!
//! It is no load test and no example to copy: five services with databases and faults are in `examples/airline`.

mod server;
mod services;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::run::{self, Submit};
use super::serve;
use crate::args::{Demo, Remote};
use crate::client::Client;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::output::style::{FAINT, STRONG, paint};
use server::Server;
use services::{AMOUNT_MAX, Seats};

/// Longest time one of the two sagas may take; both are over within milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs it.
pub(crate) fn run(args: &Demo) -> Result<Exit, Error> {
    serve::log_quietly()?;
    let runtime = serve::runtime()?;
    let folder = tempfile::tempdir();
    let folder = folder.map_err(|source| Error::System { doing: "make a folder for the demo", source })?;
    runtime.block_on(show(folder.path(), args.once))
}

async fn show(folder: &std::path::Path, once: bool) -> Result<Exit, Error> {
    let seats = Seats::default();
    let mut services = JoinSet::new();
    let seats_at = start(&mut services, seats.service()).await?;
    let payments_at = start(&mut services, services::payments()).await?;
    let config = folder.join("ondol.yaml");
    let system = include_str!("ondol.yaml");
    let system = system.replace("SEATS", &format!("http://{seats_at}"));
    let system = system.replace("PAYMENTS", &format!("http://{payments_at}"));
    std::fs::write(&config, system).map_err(|source| Error::File {
        doing: "write",
        path: config.clone(),
        source,
    })?;
    let mut server = Server::start(&config, &folder.join("data")).await?;
    let address = server.address();
    let head = paint(STRONG, "Ondol is running");
    output::print(&format!("{head} at http://{address}, with two services: seats, payments.\n"))?;
    let remote = Remote { server: format!("http://{address}"), token: None, token_file: None, json: false };
    let shown = bookings(&Client::new(&remote)?, &seats).await;
    if shown.is_ok() && !once {
        output::print(&after(&remote.server))?;
        server.until_told_to_stop().await?;
    }
    server.stop().await?;
    services.shutdown().await;
    shown.map(|()| Exit::Done)
}

/// A service on a free port of this machine.
async fn start(services: &mut JoinSet<()>, service: Router) -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) =
        bound.map_err(|source| Error::System { doing: "listen for the demo's services", source })?;
    services.spawn(async move {
        // It ends with the demo; an error of a single connection is the connection's own.
        let _ = axum::serve(listener, service).await;
    });
    Ok(address)
}

async fn bookings(client: &Client, seats: &Seats) -> Result<(), Error> {
    let too_much = AMOUNT_MAX * 9;
    book(client, "demo-1", "12A", AMOUNT_MAX - 20, "the card is good for it, so both steps are done").await?;
    told(seats)?;
    book(client, "demo-2", "12B", too_much, "payments refuses, so the seat that is held already is released")
        .await?;
    told(seats)
}

async fn book(client: &Client, id: &str, seat: &str, price: u64, why: &str) -> Result<(), Error> {
    let input = format!(r#"{{"seat":"{seat}","price":{price}}}"#);
    let command = paint(STRONG, &format!("ondol run book-seat --id {id} --wait --input '{input}'"));
    output::print(&format!("\n$ {command}\n{}\n", paint(FAINT, &format!("# {why}"))))?;
    let input: Box<serde_json::value::RawValue> =
        serde_json::from_str(&input).expect("the demo's own input is JSON");
    let submit = Submit { id, definition: "book-seat", version: None, input: &input };
    run::submit_saga(client, &submit).await?;
    run::wait(client, id, PATIENCE, false).await.map(drop)
}

fn told(seats: &Seats) -> Result<(), Error> {
    let held = seats.held();
    let held = if held.is_empty() { "none".to_owned() } else { held.join(", ") };
    output::print(&format!("{} {held}\n", paint(FAINT, "seats held now, asked of the seats service itself:")))
}

fn after(server: &str) -> String {
    format!(
        "\nTry it from another terminal:\n  \
         export ONDOL_SERVER={server}\n  \
         ondol list\n  \
         ondol why demo-2\n  \
         ondol events demo-2\n\
         The API's description: {server}/v1/openapi.json\n\
         Your own system: ondol init, ondol lint, ondol serve\n\
         Ctrl-C ends the demo and removes what it wrote.\n"
    )
}
