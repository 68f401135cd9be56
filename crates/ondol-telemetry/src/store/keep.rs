//! Keeping house: small files of an hour become one, hours that are too old or too many go.

use std::path::Path;
use std::sync::Arc;

use super::catalog::{Catalog, DataFile};
use super::file::{self, Name};
use super::lane::{SHARES, Shared};
use super::recover::Rebuilt;
use super::{figures::Figures, seal};

/// A file with fewer rows is small.
const SMALL: usize = 32_768;

/// So many small files of an hour are made one.
const MERGED: usize = 8;

/// One look at everything.
pub(crate) fn keep<K: Rebuilt>(catalog: &Catalog<K>, data: &Path, shared: &Shared) {
    if let Err(error) = retain(catalog, shared) {
        tracing::warn!(error = &error as &dyn std::error::Error, "old files of telemetry cannot be deleted");
    }
    if let Err(error) = merge(catalog, data, shared.options.memory_max / SHARES) {
        tracing::warn!(error = &*error, "small files of telemetry cannot be merged");
    }
}

/// Deletes hours of which everything is too old, and the oldest while there is too much.
fn retain<K: Rebuilt>(catalog: &Catalog<K>, shared: &Shared) -> std::io::Result<()> {
    let oldest_ns = shared.rules().oldest_ns;
    let files = catalog.snapshot().files;
    let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let mut left = files.as_slice();
    while let Some(first) = left.first() {
        let hour = first.name.hour;
        let count = left.partition_point(|file| file.name.hour == hour);
        let (now, later) = left.split_at(count);
        let newest = later.is_empty();
        if file::span_of(hour).1 > oldest_ns && (bytes <= shared.options.bytes_max || newest) {
            return Ok(());
        }
        catalog.change(|state| state.files.retain(|file| file.name.hour != hour));
        for file in now {
            bytes -= file.bytes;
            catalog.forget(&file.path);
            seal::delete(&file.path)?;
        }
        tracing::info!(hour, files = count, "an hour of telemetry was deleted: too old, or too much in all");
        left = later;
    }
    Ok(())
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Makes one file of the small files of one hour, if there are enough.
fn merge<K: Rebuilt>(catalog: &Catalog<K>, data: &Path, budget: usize) -> Result<(), Failed> {
    let state = catalog.snapshot();
    let unsealed: Vec<u64> = state.generations.iter().map(|generation| generation.number).collect();
    for hour in state.files.chunk_by(|left, right| left.name.hour == right.name.hour) {
        for run in hour.chunk_by(|left, right| {
            left.rows < SMALL && right.rows < SMALL && adjoin(left.name, right.name, &unsealed)
        }) {
            if run.len() >= MERGED {
                let run = fitting(catalog, run, budget)?;
                if run.len() >= MERGED {
                    return one(catalog, data, run);
                }
            }
        }
    }
    Ok(())
}

/// Is nothing between two files that is still to be put into files? A merged file's name says all generations from the first
/// to the last, so that a segment in its midst is one that could not be deleted, and a start may do so.
fn adjoin(left: Name, right: Name, unsealed: &[u64]) -> bool {
    !unsealed.iter().any(|number| left.last < *number && *number < right.first)
}

/// The first files of a run whose rows fit into memory together.
fn fitting<'a, K: Rebuilt>(
    catalog: &Catalog<K>,
    run: &'a [Arc<DataFile>],
    budget: usize,
) -> Result<&'a [Arc<DataFile>], Failed> {
    let (mut count, mut bytes) = (0, 0);
    for file in run {
        let opened = catalog.open(file)?;
        let groups = opened.metadata.metadata().row_groups().iter();
        bytes +=
            groups.map(|group| usize::try_from(group.total_byte_size()).unwrap_or(usize::MAX)).sum::<usize>();
        if bytes > budget {
            break;
        }
        count += 1;
    }
    Ok(&run[..count])
}

fn one<K: Rebuilt>(catalog: &Catalog<K>, data: &Path, run: &[Arc<DataFile>]) -> Result<(), Failed> {
    let name = Name { first: run[0].name.first, last: run[run.len() - 1].name.last, ..run[0].name };
    let mut figures = Figures::default();
    let mut rows = super::rows::Rows::default();
    for file in run {
        let opened = catalog.open(file)?;
        figures.merge(&opened.side.figures);
        K::load(file, &opened, &mut rows)?;
    }
    let Some(merged) = seal::write_rows::<K>(data, name, &rows, figures)? else { return Ok(()) };
    catalog.change(|state| {
        state.files.retain(|file| !run.iter().any(|old| old.name == file.name));
        state.files.push(merged);
    });
    for file in run {
        catalog.forget(&file.path);
        seal::delete(&file.path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_not_merged_over_a_generation_that_is_not_in_files() {
        let name = |first, last| Name { hour: 1, first, last };
        assert!(adjoin(name(0, 4), name(5, 5), &[6]));
        assert!(adjoin(name(0, 4), name(6, 6), &[7]));
        assert!(!adjoin(name(0, 4), name(6, 6), &[5, 7]));
    }
}
