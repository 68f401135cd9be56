//! Answers: a filter over memory and files, newest first or oldest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

use super::best::{Best, Place};
use super::catalog::{Catalog, DataFile, Opened, State};
use super::file::{self, Positioned};
use super::kind::Searched;
use crate::columns::Sources;
use crate::error::QueryError;
use crate::index::{Bitmap, judge};
use crate::query::{Filter, Found, Mark, Order, Page, Query, Start, Window};
use crate::rows::{BLOCK, Chunk};

/// The newest of everything.
pub(crate) fn search<K: Searched>(
    catalog: &Catalog<K>,
    query: &Query,
) -> Result<Found<K::Record>, QueryError> {
    search_from(catalog, query, Start::default())
}

/// A page of everything.
pub(crate) fn page<K: Searched>(
    catalog: &Catalog<K>,
    query: &Query,
    start: Start,
) -> Result<Page<K::Record>, QueryError> {
    // One more than are shown tells whether there is another page.
    let mut found = search_from(catalog, &Query { limit: query.limit + 1, ..query.clone() }, start)?;
    let more = found.rows.len() > query.limit;
    found.rows.truncate(query.limit);
    let next = more.then(|| Mark::behind(&found.rows, K::key, start.after)).flatten();
    Ok(Page { found, next })
}

/// Searches everything, from a place on.
pub(crate) fn search_from<K: Searched>(
    catalog: &Catalog<K>,
    query: &Query,
    start: Start,
) -> Result<Found<K::Record>, QueryError> {
    let order = start.order;
    let state = catalog.snapshot();
    let digests = |places: &[Place]| digests(catalog, &state, places);
    let mut best = Best::<K>::new(start, query.limit.max(1), &digests);
    // Where all are counted, those of the pages before are, too.
    let window = if query.count { query.window } else { start.left(query.window) };
    let mut exact = window == query.window;
    let query = &Query { window, ..query.clone() };
    let mut matched = in_memory(&state, query, order, &mut best)?;
    let first = |file: &DataFile| order.ranks(file.min_ns, file.max_ns).1;
    let mut files: Vec<usize> =
        (0..state.files.len()).filter(|at| overlaps(&state.files[*at], query.window)).collect();
    files.sort_unstable_by_key(|at| Reverse(first(&state.files[*at])));
    for at in files {
        let file = &state.files[at];
        if !query.count && best.floor()?.is_some_and(|floor| first(file) < floor) {
            exact = false;
            break;
        }
        let (found, all) = in_file(catalog, (at, file), query, order, &mut best)?;
        matched += found;
        exact &= all;
    }
    let (here, there) = best.finish()?;
    Ok(Found { rows: fetch(catalog, &state, here, there, order)?, matched, exact })
}

/// May a file hold something of a window?
pub(crate) fn overlaps(file: &DataFile, window: Window) -> bool {
    file.min_ns < window.to_ns && window.from_ns <= file.max_ns
}

/// As they are, or from the last.
fn along<T>(order: Order, all: impl DoubleEndedIterator<Item = T>) -> Vec<T> {
    match order {
        Order::NewestFirst => all.rev().collect(),
        Order::OldestFirst => all.collect(),
    }
}

/// Looks at all rows in memory, and says how many match.
fn in_memory<K: Searched>(
    state: &State<K>,
    query: &Query,
    order: Order,
    best: &mut Best<'_, K>,
) -> Result<u64, QueryError> {
    let (mut floor, mut matched) = (None, 0);
    for generation in along(order, state.generations.iter()) {
        let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
        for chunk in along(order, rows.hours().flat_map(|(_, hour)| hour.chunks())) {
            for at in 0..chunk.len() {
                let row = if order == Order::NewestFirst { chunk.len() - 1 - at } else { at };
                let time = chunk.times()[row];
                if query.window.holds(time) && K::holds_row(&query.filter, chunk, row, &rows.tables) {
                    matched += 1;
                    let rank = order.rank(time);
                    if floor.is_none_or(|floor| rank >= floor) && !best.before(rank) {
                        best.here(K::get(chunk, row, &rows.tables));
                    }
                }
            }
            if best.crowded() {
                floor = best.floor()?;
            }
        }
    }
    Ok(matched)
}

/// Looks at the blocks of one file, those that may come first first. How many match; false: not all had to be looked at.
fn in_file<K: Searched>(
    catalog: &Catalog<K>,
    (at, file): (usize, &Arc<DataFile>),
    query: &Query,
    order: Order,
    best: &mut Best<'_, K>,
) -> Result<(u64, bool), QueryError> {
    let opened = catalog.open(file)?;
    let blocks = &opened.side.blocks;
    let ranks = |block: usize| order.ranks(blocks[block].min_ns, blocks[block].max_ns);
    let mut sorted: Vec<usize> = (0..blocks.len()).collect();
    sorted.sort_unstable_by_key(|block| Reverse(ranks(*block).1));
    // Where all are counted, all that have to be read are read at once; else a few at a time, and soon no more.
    let mut group = if query.count { blocks.len().max(1) } else { 2 };
    let (mut left, mut matched) = (sorted.as_slice(), 0);
    while !left.is_empty() {
        let (now, later) = left.split_at(group.min(left.len()));
        (left, group) = (later, group * 4);
        let floor = best.floor()?;
        if !query.count && floor.is_some_and(|floor| ranks(now[0]).1 < floor) {
            return Ok((matched, false));
        }
        let mut found = matching::<K>(file, &opened, now, query)?;
        matched += found.iter().map(|(_, rows)| rows.count()).sum::<u64>();
        found.retain(|(block, _)| !best.before(ranks(*block).0));
        let mut found = found.into_iter().peekable();
        loop {
            let floor = best.floor()?;
            let matters = |(block, _): &(usize, Bitmap)| floor.is_none_or(|floor| ranks(*block).1 >= floor);
            // At once as many blocks as can give all that is wanted, since opening costs more than reading.
            let (mut some, mut rows) = (Vec::new(), 0);
            while rows < best.limit() as u64
                && let Some(next) = found.next_if(matters)
            {
                rows += next.1.count();
                some.push(next);
            }
            if some.is_empty() {
                break;
            }
            let times = times(file, &opened, some)?.into_iter();
            best.there(at, times.filter(|(_, time)| floor.is_none_or(|floor| order.rank(*time) >= floor)))?;
        }
    }
    Ok((matched, true))
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

/// The digests of records of files, in the order of their places.
fn digests<K: Searched>(
    catalog: &Catalog<K>,
    state: &State<K>,
    places: &[Place],
) -> Result<Vec<u64>, QueryError> {
    let mut sorted: Vec<usize> = (0..places.len()).collect();
    sorted.sort_unstable_by_key(|at| places[*at]);
    let mut digests = vec![0; places.len()];
    for of in sorted.chunk_by(|left, right| places[*left].0 == places[*right].0) {
        let file = &state.files[places[of[0]].0];
        let opened = catalog.open(file)?;
        let rows: Vec<usize> = of.iter().map(|at| places[*at].1).collect();
        let mut at = of.iter();
        read::<K>(file, &opened, None, &rows, |record| {
            let at = at.next().expect("as many records are read as were asked for");
            digests[*at] = K::key(&record).digest;
        })?;
    }
    Ok(digests)
}

/// All that was found, read in whole and in order.
fn fetch<K: Searched>(
    catalog: &Catalog<K>,
    state: &State<K>,
    mut all: Vec<K::Record>,
    mut there: Vec<Place>,
    order: Order,
) -> Result<Vec<K::Record>, QueryError> {
    there.sort_unstable();
    for of in there.chunk_by(|left, right| left.0 == right.0) {
        let file = &state.files[of[0].0];
        let opened = catalog.open(file)?;
        let rows: Vec<usize> = of.iter().map(|(_, row)| *row).collect();
        read::<K>(file, &opened, None, &rows, |record| all.push(record))?;
    }
    all.sort_by_key(|record| Reverse(order.rank(K::time(record))));
    for tied in all.chunk_by_mut(|left, right| K::time(left) == K::time(right)) {
        if tied.len() > 1 {
            tied.sort_by_cached_key(|record| Reverse(order.rank(K::key(record).digest)));
        }
    }
    Ok(all)
}
