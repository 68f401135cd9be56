//! Answers: a filter over memory and files, newest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

use super::catalog::{Catalog, DataFile, Opened, State};
use super::file::{self, Positioned};
use super::kind::Searched;
use crate::columns::Sources;
use crate::error::QueryError;
use crate::index::{Bitmap, judge};
use crate::query::{Filter, Found, Query, Window};
use crate::rows::{BLOCK, Chunk};

/// Where a record is: the file's place in the snapshot, and the row.
type Place = (usize, usize);

/// The newest records found so far.
struct Newest<K: Searched> {
    limit: usize,
    here: Vec<(u64, K::Record)>,
    there: Vec<(u64, Place)>,
    matched: u64,
}

impl<K: Searched> Newest<K> {
    /// A record must be newer than this to be among the newest.
    fn floor(&mut self) -> Option<u64> {
        if self.here.len() + self.there.len() < self.limit {
            return None;
        }
        let here = self.here.iter().map(|(time, _)| *time);
        let mut times: Vec<u64> = here.chain(self.there.iter().map(|(time, _)| *time)).collect();
        let (_, floor, _) = times.select_nth_unstable_by_key(self.limit - 1, |time| Reverse(*time));
        let floor = *floor;
        self.here.retain(|(time, _)| *time >= floor);
        self.there.retain(|(time, _)| *time >= floor);
        Some(floor)
    }
}

/// Searches everything.
pub(crate) fn search<K: Searched>(
    catalog: &Catalog<K>,
    query: &Query,
) -> Result<Found<K::Record>, QueryError> {
    let state = catalog.snapshot();
    let mut newest = Newest { limit: query.limit.max(1), here: Vec::new(), there: Vec::new(), matched: 0 };
    in_memory(&state, query, &mut newest);
    let mut order: Vec<usize> =
        (0..state.files.len()).filter(|at| overlaps(&state.files[*at], query.window)).collect();
    order.sort_unstable_by_key(|at| Reverse(state.files[*at].max_ns));
    let mut exact = true;
    for at in order {
        let file = &state.files[at];
        if !query.count && newest.floor().is_some_and(|floor| file.max_ns <= floor) {
            exact = false;
            break;
        }
        exact &= in_file(catalog, (at, file), query, &mut newest)?;
    }
    let rows = fetch(catalog, &state, newest.here, newest.there, query.limit)?;
    Ok(Found { rows, matched: newest.matched, exact })
}

fn overlaps(file: &DataFile, window: Window) -> bool {
    file.min_ns < window.to_ns && window.from_ns <= file.max_ns
}

fn in_memory<K: Searched>(state: &State<K>, query: &Query, newest: &mut Newest<K>) {
    let mut floor = None;
    for generation in state.generations.iter().rev() {
        let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
        for (_, hour) in rows.hours().rev() {
            for chunk in hour.chunks().rev() {
                for row in (0..chunk.len()).rev() {
                    let time = chunk.times()[row];
                    if query.window.holds(time) && K::holds_row(&query.filter, chunk, row, &rows.tables) {
                        newest.matched += 1;
                        if floor.is_none_or(|floor| time > floor) {
                            newest.here.push((time, K::get(chunk, row, &rows.tables)));
                        }
                    }
                }
                if newest.here.len() > 2 * newest.limit {
                    floor = newest.floor();
                }
            }
        }
    }
}

/// Looks at the blocks of one file from the newest. False: not all had to be looked at.
fn in_file<K: Searched>(
    catalog: &Catalog<K>,
    (at, file): (usize, &Arc<DataFile>),
    query: &Query,
    newest: &mut Newest<K>,
) -> Result<bool, QueryError> {
    let opened = catalog.open(file)?;
    let blocks = &opened.side.blocks;
    let mut order: Vec<usize> = (0..blocks.len()).collect();
    order.sort_unstable_by_key(|block| Reverse(blocks[*block].max_ns));
    // Where all are counted, all that have to be read are read at once; else a few at a time, and soon no more.
    let mut group = if query.count { blocks.len().max(1) } else { 2 };
    let mut left = order.as_slice();
    while !left.is_empty() {
        let (now, later) = left.split_at(group.min(left.len()));
        (left, group) = (later, group * 4);
        let floor = newest.floor();
        if !query.count && floor.is_some_and(|floor| blocks[now[0]].max_ns <= floor) {
            return Ok(false);
        }
        let found = matching::<K>(file, &opened, now, query)?;
        newest.matched += found.iter().map(|(_, rows)| rows.count()).sum::<u64>();
        let mut found = found.into_iter().peekable();
        loop {
            let floor = newest.floor();
            let newer =
                |(block, _): &(usize, Bitmap)| floor.is_none_or(|floor| blocks[*block].max_ns > floor);
            // At once as many blocks as can give all that is wanted, since opening costs more than reading.
            let (mut some, mut rows) = (Vec::new(), 0);
            while rows < newest.limit as u64
                && let Some(next) = found.next_if(newer)
            {
                rows += next.1.count();
                some.push(next);
            }
            if some.is_empty() {
                break;
            }
            for (row, time) in times(file, &opened, some)? {
                if floor.is_none_or(|floor| time > floor) {
                    newest.there.push((time, (at, row)));
                }
            }
        }
    }
    Ok(true)
}

/// The rows of some blocks that match, block by block in the order given.
pub(crate) fn matching<K: Searched>(
    file: &DataFile,
    opened: &Opened,
    blocks: &[usize],
    query: &Query,
) -> Result<Vec<(usize, Bitmap)>, QueryError> {
    let mut found: BTreeMap<usize, Bitmap> = BTreeMap::new();
    let mut open: BTreeMap<usize, Bitmap> = BTreeMap::new();
    // Some of the blocks are only partly in the window.
    let mut cut = false;
    for at in blocks {
        let block = &opened.side.blocks[*at];
        if block.min_ns >= query.window.to_ns || block.max_ns < query.window.from_ns {
            continue;
        }
        let mut verdict = judge(&query.filter, block);
        if !(query.window.holds(block.min_ns) && query.window.holds(block.max_ns)) {
            verdict.sure = Bitmap::EMPTY;
            cut = true;
        }
        let left = verdict.open();
        if !left.is_empty() {
            open.insert(*at, left);
        }
        if !verdict.maybe.is_empty() {
            found.insert(*at, verdict.sure);
        }
    }
    let rows = open.iter().flat_map(|(block, rows)| rows.rows().map(move |row| block * BLOCK + row));
    let rows: Vec<usize> = rows.collect();
    let mut columns = columns_of::<K>(&query.filter);
    if cut {
        columns.push("Timestamp");
    }
    let mut at = rows.iter();
    let mut sources = Sources::default();
    let mut each = |asked: bool| {
        let row = *at.next().expect("as many rows are read as were asked for");
        if asked {
            found.entry(row / BLOCK).or_insert(Bitmap::EMPTY).insert(row % BLOCK);
        }
    };
    if !rows.is_empty() {
        let window = if cut { query.window } else { Window::EVER };
        let judge = |batch| K::judge(&batch, (&query.filter, window), &mut sources, &mut each);
        raw(file, opened, Some(&columns), ranges(&rows), judge)?;
    }
    Ok(blocks
        .iter()
        .filter_map(|block| Some((*block, found.remove(block)?)))
        .filter(|(_, rows)| !rows.is_empty())
        .collect())
}

/// The columns that a filter needs.
fn columns_of<K: Searched>(filter: &Filter) -> Vec<&'static str> {
    let terms = filter.terms();
    let mut columns: Vec<&str> = terms.iter().flat_map(|term| K::columns_of(&term.field)).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// When the given rows of some blocks were written, with their places in the file, in the file's order.
pub(crate) fn times(
    file: &DataFile,
    opened: &Opened,
    mut of: Vec<(usize, Bitmap)>,
) -> Result<Vec<(usize, u64)>, QueryError> {
    use arrow_array::types::TimestampNanosecondType;
    of.sort_unstable_by_key(|(block, _)| *block);
    let range = |block: usize| block * BLOCK..block * BLOCK + opened.side.blocks[block].rows;
    // Whole blocks: to choose rows costs more than to read them.
    let mut asked = of
        .iter()
        .flat_map(|(block, rows)| range(*block).map(move |row| rows.has(row % BLOCK).then_some(row)));
    let mut found = Vec::new();
    raw(file, opened, Some(&["Timestamp"]), of.iter().map(|(block, _)| range(*block)), |batch| {
        let column = batch.column(0).as_any();
        let column = column.downcast_ref::<arrow_array::PrimitiveArray<TimestampNanosecondType>>();
        let column = column.ok_or(crate::columns::BadColumn("Timestamp"))?;
        let all = column.values().iter().zip(&mut asked);
        found.extend(all.filter_map(|(time, row)| Some((row?, time.cast_unsigned()))));
        Ok(())
    })?;
    Ok(found)
}

/// Reads records of given rows, in rising order.
pub(crate) fn read<K: Searched>(
    file: &DataFile,
    opened: &Opened,
    columns: Option<&[&str]>,
    rows: &[usize],
    mut each: impl FnMut(K::Record),
) -> Result<(), QueryError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut sources = Sources::default();
    raw(file, opened, columns, ranges(rows), |batch| K::read(&batch, &mut sources, &mut each))
}

/// Rising rows as ranges.
fn ranges(rows: &[usize]) -> impl Iterator<Item = Range<usize>> {
    rows.chunk_by(|left, right| left + 1 == *right).map(|run| run[0]..run[run.len() - 1] + 1)
}

/// Reads batches of given rows.
pub(crate) fn raw(
    file: &DataFile,
    opened: &Opened,
    columns: Option<&[&str]>,
    rows: impl Iterator<Item = Range<usize>>,
    each: impl FnMut(arrow_array::RecordBatch) -> Result<(), crate::columns::BadColumn>,
) -> Result<(), QueryError> {
    let failed =
        |error: file::ReadError| QueryError::File { path: file.path.clone(), source: Box::new(error) };
    let source = Positioned::open(&file.path).map_err(|error| failed(error.into()))?;
    file::read(source, opened.metadata.clone(), columns, rows, each).map_err(failed)
}

/// The newest of all, read in whole.
fn fetch<K: Searched>(
    catalog: &Catalog<K>,
    state: &State<K>,
    mut all: Vec<(u64, K::Record)>,
    mut there: Vec<(u64, Place)>,
    limit: usize,
) -> Result<Vec<K::Record>, QueryError> {
    there.sort_unstable_by_key(|(time, place)| (Reverse(*time), Reverse(*place)));
    there.truncate(limit);
    let mut by_file: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (_, (file, row)) in there {
        by_file.entry(file).or_default().push(row);
    }
    for (file, mut rows) in by_file {
        rows.sort_unstable();
        let file = &state.files[file];
        let opened = catalog.open(file)?;
        read::<K>(file, &opened, None, &rows, |record| all.push((K::time(&record), record)))?;
    }
    all.sort_by_key(|(time, _)| Reverse(*time));
    all.truncate(limit);
    Ok(all.into_iter().map(|(_, record)| record).collect())
}
