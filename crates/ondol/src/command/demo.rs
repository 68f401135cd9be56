//! stub
use crate::args::Demo;
use crate::error::Error;
use crate::exit::Exit;
pub(crate) fn run(_a: &Demo) -> Result<Exit, Error> {
    Ok(Exit::Done)
}
