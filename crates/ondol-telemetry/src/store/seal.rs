//! Sealing: a generation becomes files.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::catalog::DataFile;
use super::figures::Figures;
use super::file::{self, Name};
use super::generation::Generation;
use super::kind::Kind;
use super::rows::{Hour, Rows};
use super::sidecar::{self, SideCar};
use crate::rows::Tables;

/// Writes all hours of a generation. What an earlier try left is replaced.
pub(crate) fn seal<K: Kind>(folder: &Path, generation: &Generation<K>) -> io::Result<Vec<Arc<DataFile>>> {
    let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
    let figures = generation.figures.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut files = Vec::new();
    for (hour, chunks) in rows.hours() {
        let name = Name { hour, first: generation.number, last: generation.number };
        files.push(Arc::new(write::<K>(folder, name, chunks, &rows.tables, figures.of_hour(hour))?));
    }
    Ok(files)
}

/// Writes the rows of one hour, whatever generations they are from.
pub(crate) fn write_rows<K: Kind>(
    folder: &Path,
    name: Name,
    rows: &Rows<K::Chunk>,
    figures: Figures,
) -> io::Result<Option<Arc<DataFile>>> {
    let Some((_, chunks)) = rows.hours().find(|(hour, _)| *hour == name.hour) else { return Ok(None) };
    write::<K>(folder, name, chunks, &rows.tables, figures).map(|file| Some(Arc::new(file)))
}

fn write<K: Kind>(
    folder: &Path,
    name: Name,
    chunks: &Hour<K::Chunk>,
    tables: &Tables,
    figures: Figures,
) -> io::Result<DataFile> {
    let path = name.path(folder);
    let mut blocks = Vec::new();
    let traces = file::write(&path, K::schema(), |put| {
        K::seal(chunks, tables, &mut |batch, block| {
            blocks.push(block);
            put(batch)
        })
    })?;
    let side = SideCar { blocks, traces, figures };
    write_side(&path, &side)?;
    DataFile::new(name, path, &side)
}

/// Writes the side-car of a file.
pub(crate) fn write_side(path: &Path, side: &SideCar) -> io::Result<()> {
    let bytes = sidecar::encode(side)?;
    file::write_whole(&file::sidecar(path), |file| io::Write::write_all(file, &bytes))
}

/// Deletes a file with its side-car; the side-car last, so that no file is without.
pub(crate) fn delete(path: &Path) -> io::Result<()> {
    for path in [path.to_owned(), file::sidecar(path)] {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // The folders of an hour and of a day go with their last file.
    let _ = path.parent().map(fs::remove_dir);
    let _ = path.parent().and_then(Path::parent).map(fs::remove_dir);
    Ok(())
}
