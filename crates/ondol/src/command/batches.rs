//! `ondol batches`: what the server carries through, and how far it is.

use std::time::Duration;

use http::Method;
use serde::Deserialize;

use super::batch::{Batch, say};
use crate::args::Batches;
use crate::client::{Client, encoded};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::style::{FAINT, of_status};
use crate::output::table::{Table, cell};
use crate::output::time::{self, Now};
use crate::output::{self, note, text};

/// Time that the server takes at most to end a batch, beside that of every request.
const CANCEL_PATIENCE: Duration = Duration::from_secs(10);

/// The batches there are.
#[derive(Deserialize)]
struct Page {
    batches: Vec<Batch>,
}

/// Shows one, ends one, or lists them.
pub(crate) async fn run(args: &Batches) -> Result<Exit, Error> {
    let client = Client::new(&args.remote)?;
    let Some(id) = &args.id else { return list(&client, args.remote.json).await };
    let target = format!("/v1/batches/{}", encoded(id));
    let answer = if args.cancel {
        client.send(Method::DELETE, &target, None, CANCEL_PATIENCE).await?
    } else {
        client.get(&target).await?
    };
    if args.remote.json {
        output::json(&answer.body)?;
    } else {
        say(&client.decode("the batch", &answer.body)?)?;
    }
    Ok(Exit::Done)
}

async fn list(client: &Client, json: bool) -> Result<Exit, Error> {
    let answer = client.get("/v1/batches").await?;
    if json {
        output::json(&answer.body)?;
        return Ok(Exit::Done);
    }
    let page: Page = client.decode("the batches", &answer.body)?;
    if page.batches.is_empty() {
        note("there is no batch");
        return Ok(Exit::Done);
    }
    let now = Now::read();
    let mut table = Table::new(&["id", "verb", "state", "done", "refused", "begun", "note"]);
    for batch in &page.batches {
        let begun = time::parse(&batch.created_at).map_or_else(String::new, |at_ms| now.relative(at_ms));
        table.row(vec![
            text::whole(&batch.id).into(),
            text::line(&batch.verb).into(),
            cell(of_status(&batch.state), text::line(&batch.state)),
            format!("{} of {}", batch.done, batch.total).into(),
            batch.refused.to_string().into(),
            cell(FAINT, begun),
            text::line(&batch.note).into(),
        ]);
    }
    output::print(&table.render(""))?;
    Ok(Exit::Done)
}
