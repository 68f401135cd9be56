//! stub
use crate::args::{Act, Query};
use crate::client::Client;
use crate::error::Error;
use crate::exit::Exit;
pub(crate) async fn run(_c: &Client, _v: &str, _a: &Act, _q: &Query, _b: &super::act::Body<'_>) -> Result<Exit, Error> { std::future::ready(Ok(Exit::Done)).await }
