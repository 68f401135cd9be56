//! The data directory: one owner at a time, and a format version.

use crate::log::LogError;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The version of everything in a data directory. It grows when an older program could no longer read it.
pub const FORMAT_VERSION: u32 = 2;

/// The oldest version that can still be read. Version 1 was never released.
const FORMAT_VERSION_MIN: u32 = 2;

const FORMAT_PREFIX: &str = "ondol data format ";

/// A data directory that this handle owns until it is dropped.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    /// The operating system gives the lock back when this is closed, even when the process is killed.
    _lock: File,
}

impl Directory {
    /// Creates the directory where it does not exist, locks it and checks its format.
    pub(super) fn open(path: &Path) -> Result<Self, LogError> {
        let failed = |error: io::Error| LogError::Open { path: path.to_owned(), source: Arc::new(error) };
        fs::create_dir_all(path).map_err(failed)?;
        let lock = lock(path)?;
        let directory = Self { path: path.to_owned(), _lock: lock };
        directory.check_format()?;
        Ok(directory)
    }

    /// Where the store keeps its files.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    fn check_format(&self) -> Result<(), LogError> {
        let failed = |error: io::Error| LogError::Open { path: self.path.clone(), source: Arc::new(error) };
        let file = self.path.join("format");
        let found = match fs::read_to_string(&file) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.log().exists() {
                    return Err(LogError::Format {
                        path: self.path.clone(),
                        found: "not written down".to_owned(),
                    });
                }
                return write_whole(&self.path, "format", &format!("{FORMAT_PREFIX}{FORMAT_VERSION}\n"))
                    .map_err(failed);
            }
            Err(error) => return Err(failed(error)),
        };
        match found.trim_end().strip_prefix(FORMAT_PREFIX).map(str::parse::<u32>) {
            Some(Ok(FORMAT_VERSION_MIN..=FORMAT_VERSION)) => Ok(()),
            Some(Ok(version)) => {
                Err(LogError::Format { path: self.path.clone(), found: format!("version {version}") })
            }
            Some(Err(_)) | None => {
                Err(LogError::Format { path: self.path.clone(), found: "unknown".to_owned() })
            }
        }
    }
}

fn lock(path: &Path) -> Result<File, LogError> {
    let failed = |error: io::Error| LogError::Open { path: path.to_owned(), source: Arc::new(error) };
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.join("lock"))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Who holds it only helps the reader; the lock itself is the fact.
            let _ = file.read_to_string(&mut holder);
            let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
            return Err(LogError::Locked { path: path.to_owned(), holder: holder.to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
    writeln!(file, "process {}", std::process::id()).map_err(failed)?;
    Ok(file)
}

/// Writes a file so that after a crash it is either not there or whole.
fn write_whole(directory: &Path, name: &str, content: &str) -> io::Result<()> {
    let new = directory.join(format!("{name}.new"));
    let mut file = File::create(&new)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, directory.join(name))?;
    File::open(directory)?.sync_all()
}
