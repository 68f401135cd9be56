//! Later.
use crate::error::Error;
#[derive(Debug, clap::Args)]
pub(crate) struct Options {}
pub(crate) fn run(_: &std::path::Path, _: &Options) -> Result<(), Error> {
    Ok(())
}
