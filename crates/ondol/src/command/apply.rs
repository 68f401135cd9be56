//! stub
use crate::args::Apply;
use crate::error::Error;
use crate::exit::Exit;
pub(crate) async fn run(_a: &Apply) -> Result<Exit, Error> { std::future::ready(Ok(Exit::Done)).await }
