//! stub
use crate::args::Serve;
use crate::error::Error;
use crate::exit::Exit;
pub(crate) fn run(_a: Serve) -> Result<Exit, Error> {
    Ok(Exit::Done)
}
