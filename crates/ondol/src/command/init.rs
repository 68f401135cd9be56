//! `ondol init`: the file to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

use crate::args::Init;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

/// Writes the commented example. Without `--force` it never touches a file that is there, not even by a race.
pub(crate) fn run(args: &Init) -> Result<Exit, Error> {
    let mut options = OpenOptions::new();
    options.write(true);
    if args.force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written =
        options.open(&args.file).and_then(|mut file| file.write_all(ondol_spec::example().as_bytes()));
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::Exists(args.file.clone()));
        }
        Err(source) => return Err(Error::File { doing: "write", path: args.file.clone(), source }),
    }
    let file = args.file.display();
    output::print(&format!(
        "{file} is written. Put your services in, then:\n  ondol lint {file}\n  ondol serve --config {file}\n"
    ))?;
    Ok(Exit::Done)
}
