//! The newest traces of which a span matches, page by page.
//!
//! A trace's place is its newest span that matches; traces are listed from the newest place down, and by id where places are
//! equal. The place does not depend on where spans lie, so a page goes on just below the last trace of the page before,
//! whatever was sealed or merged meanwhile. Of spans only the time and the trace are read, and of a large trace that is known
//! not even these, so that one trace with more spans than all others hides none of them.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use super::catalog::{Catalog, DataFile, Opened, State};
use super::kind::{Searched, Spans};
use super::search::{matching, overlaps, raw};
use super::trace;
use crate::columns::spans::places;
use crate::error::QueryError;
use crate::index::Bitmap;
use crate::model::TraceId;
use crate::query::{Field, Filter, FoundTraces, Query, Term, Test, TracePlace, Window};
use crate::rows::{BLOCK, Chunk};

/// Blocks read at once, at most: the memory that one step takes, a few megabytes.
const BLOCKS_MAX: usize = 32;

/// Traces of some spans, each with the newest of them.
type Places = HashMap<TraceId, u64, foldhash::fast::RandomState>;

/// A page of the newest traces of which a span matches, below `after`.
pub(crate) fn newest(
    catalog: &Catalog<Spans>,
    query: &Query,
    after: Option<TracePlace>,
    spans_max: usize,
) -> Result<FoundTraces, QueryError> {
    let state = catalog.snapshot();
    let below = after.map_or(u64::MAX, |after| after.time_ns.saturating_add(1)).min(query.window.to_ns);
    let window = if query.count { query.window } else { Window { to_ns: below, ..query.window } };
    let mut look = Look {
        catalog,
        state: &state,
        asked: Query { window, ..query.clone() },
        whole: query.window,
        after,
        wanted: query.limit.max(1) + 1,
        known: HashMap::new(),
        earlier: HashSet::new(),
        matched: 0,
        exact: window == query.window,
    };
    look.in_memory()?;
    look.in_files()?;
    look.page(spans_max)
}

/// What is known while it is looked.
struct Look<'a> {
    catalog: &'a Catalog<Spans>,
    state: &'a State<Spans>,
    /// The question, and the window that has to be looked through for this page.
    asked: Query,
    /// The window of all pages.
    whole: Window,
    after: Option<TracePlace>,
    /// One more than a page has: whether there is another.
    wanted: usize,
    /// Traces that were found with their places; nothing: it was on a page before.
    known: HashMap<TraceId, Option<u64>>,
    /// Traces that a span in memory puts on a page before.
    earlier: HashSet<TraceId>,
    matched: u64,
    exact: bool,
}

impl Look<'_> {
    /// Does a span of this time put its trace on a page before?
    fn is_before(&self, trace: TraceId, time_ns: u64) -> bool {
        self.after.is_some_and(|after| (Reverse(time_ns), trace) <= (Reverse(after.time_ns), after.trace_id))
    }

    /// A place must not be older than this to be on the page.
    fn floor(&self) -> Option<u64> {
        let mut times: Vec<u64> = self.known.values().flatten().copied().collect();
        let at = (times.len() >= self.wanted).then_some(self.wanted - 1)?;
        Some(*times.select_nth_unstable_by_key(at, |time| Reverse(*time)).1)
    }

    fn in_memory(&mut self) -> Result<(), QueryError> {
        let mut found = Places::default();
        for generation in &self.state.generations {
            let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
            for chunk in rows.hours().flat_map(|(_, hour)| hour.chunks()) {
                for row in 0..chunk.len() {
                    let (time, trace) = (chunk.starts[row], TraceId(chunk.traces[row]));
                    if !self.whole.holds(time)
                        || !Spans::holds_row(&self.asked.filter, chunk, row, &rows.tables)
                    {
                        continue;
                    }
                    self.matched += u64::from(self.asked.window.holds(time));
                    if self.is_before(trace, time) {
                        self.earlier.insert(trace);
                    } else {
                        found.entry(trace).and_modify(|newest| *newest = (*newest).max(time)).or_insert(time);
                    }
                }
            }
        }
        self.offer(found)
    }

    fn in_files(&mut self) -> Result<(), QueryError> {
        let state = self.state;
        let mut order: Vec<&Arc<DataFile>> =
            state.files.iter().filter(|file| overlaps(file, self.asked.window)).collect();
        order.sort_by_key(|file| Reverse(file.max_ns));
        for file in order {
            if !self.asked.count && self.floor().is_some_and(|floor| file.max_ns < floor) {
                self.exact = false;
                break;
            }
            self.in_file(file)?;
        }
        Ok(())
    }

    /// Looks at the blocks of one file from the newest.
    fn in_file(&mut self, file: &DataFile) -> Result<(), QueryError> {
        let opened = self.catalog.open(file)?;
        let large = large(&opened);
        let blocks = &opened.side.blocks;
        let mut order: Vec<usize> = (0..blocks.len()).collect();
        order.sort_unstable_by_key(|block| Reverse(blocks[*block].max_ns));
        let (mut left, mut group) = (order.as_slice(), 2);
        while !left.is_empty() {
            let (now, later) = left.split_at(group.min(left.len()));
            (left, group) = (later, (group * 4).min(BLOCKS_MAX));
            let floor = self.floor();
            if !self.asked.count && floor.is_some_and(|floor| blocks[now[0]].max_ns < floor) {
                self.exact = false;
                return Ok(());
            }
            let news = |block: &usize| {
                floor.is_none_or(|floor| blocks[*block].max_ns >= floor)
                    && !self.knows(&large, &opened, *block)
            };
            let new: Vec<usize> = now.iter().copied().filter(news).collect();
            let looked = if self.asked.count { now } else { &new };
            let mut found = matching::<Spans>(file, &opened, looked, &self.asked)?;
            self.exact &= looked.len() == now.len();
            self.matched += found.iter().map(|(_, rows)| rows.count()).sum::<u64>();
            found.retain(|(block, _)| new.contains(block));
            let mut found = newest_of(file, &opened, found)?;
            found.retain(|trace, time| !self.is_before(*trace, *time));
            self.offer(found)?;
        }
        Ok(())
    }

    /// Is all of a block of one trace, of which it can say nothing new?
    fn knows(&self, large: &[(TraceId, usize, usize)], opened: &Opened, block: usize) -> bool {
        let (first, max_ns) = (block * BLOCK, opened.side.blocks[block].max_ns);
        let end = first + opened.side.blocks[block].rows;
        large.iter().any(|(trace, from, to)| {
            *from <= first
                && end <= *to
                && self.known.get(trace).is_some_and(|place| {
                    place.is_none_or(|place| place >= max_ns.min(self.asked.window.to_ns.saturating_sub(1)))
                })
        })
    }

    /// Takes places into account.
    fn offer(&mut self, found: Places) -> Result<(), QueryError> {
        let floor = self.floor().unwrap_or(0);
        let mut found: Vec<(u64, TraceId)> =
            found.into_iter().map(|(trace, time)| (time, trace)).filter(|(time, _)| *time >= floor).collect();
        found.sort_unstable_by_key(|(time, trace)| (Reverse(*time), *trace));
        let mut taken = Vec::new();
        for (time, trace) in found {
            // These alone fill the page.
            if taken.get(self.wanted - 1).is_some_and(|last| time < *last) {
                break;
            }
            if !self.known.contains_key(&trace) {
                let place = if self.was_before(trace)? { None } else { Some(time) };
                self.known.insert(trace, place);
            }
            if let Some(Some(place)) = self.known.get_mut(&trace) {
                *place = (*place).max(time);
                taken.push(time);
            }
        }
        // Those that cannot be on the page are found again if they can after all.
        if self.known.len() > 8 * self.wanted
            && let Some(floor) = self.floor()
        {
            self.known.retain(|_, place| place.is_none_or(|place| place >= floor));
        }
        Ok(())
    }

    /// Was it on a page before: does one of its spans match that is newer than the end of that page?
    fn was_before(&self, trace: TraceId) -> Result<bool, QueryError> {
        let Some(after) = self.after else { return Ok(false) };
        if self.earlier.contains(&trace) {
            return Ok(true);
        }
        let from_ns = after.time_ns.saturating_add(u64::from(trace > after.trace_id));
        let window = Window { from_ns: from_ns.max(self.whole.from_ns), ..self.whole };
        let of_it = Filter::Term(Term { field: Field::Trace, test: Test::Is(trace.to_string()) });
        let filter = Filter::And(vec![of_it, self.asked.filter.clone()]);
        let asked = Query { filter, window, limit: 1, count: false };
        for file in self.state.files.iter().filter(|file| overlaps(file, window) && file.may_have(trace)) {
            let opened = self.catalog.open(file)?;
            let Some(line) = trace::line(&opened.side.traces, trace) else { continue };
            // Its last span began no later than it ended.
            if line.start_ns.saturating_add(line.duration_ns) < window.from_ns {
                continue;
            }
            let (first, end) = (line.first_row as usize, (line.first_row + line.rows) as usize);
            let blocks: Vec<usize> = (first / BLOCK..end.div_ceil(BLOCK)).collect();
            if !matching::<Spans>(file, &opened, &blocks, &asked)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn page(self, spans_max: usize) -> Result<FoundTraces, QueryError> {
        let place = |(trace_id, time_ns): (&TraceId, &Option<u64>)| {
            time_ns.map(|time_ns| TracePlace { time_ns, trace_id: *trace_id })
        };
        let mut places: Vec<TracePlace> = self.known.iter().filter_map(place).collect();
        places.sort_unstable_by_key(|place| (Reverse(place.time_ns), place.trace_id));
        let more = places.len() >= self.wanted;
        places.truncate(self.wanted - 1);
        let of = (self.catalog, self.state);
        let fresh = in_memory(self.state, &places);
        let rows = places
            .iter()
            .map(|place| trace::row(of, (place.trace_id, fresh.contains(&place.trace_id)), spans_max));
        Ok(FoundTraces {
            rows: rows.collect::<Result<_, _>>()?,
            matched: self.matched,
            exact: self.exact,
            newest_ns: places.first().map(|place| place.time_ns),
            next: places.last().filter(|_| more).copied(),
        })
    }
}

/// Which of some traces have a span in memory, whether it matches or not.
fn in_memory(state: &State<Spans>, places: &[TracePlace]) -> HashSet<TraceId> {
    let wanted: HashSet<[u8; 16], foldhash::fast::RandomState> =
        places.iter().map(|place| place.trace_id.0).collect();
    let mut found = HashSet::new();
    for generation in &state.generations {
        let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
        for chunk in rows.hours().flat_map(|(_, hour)| hour.chunks()) {
            let here = chunk.traces.iter().filter(|trace| wanted.contains(*trace));
            found.extend(here.map(|trace| TraceId(*trace)));
        }
    }
    found
}

/// The traces of a file that may fill a block, with their first row and the row after their last.
fn large(opened: &Opened) -> Vec<(TraceId, usize, usize)> {
    let large = opened.side.traces.iter().filter(|line| line.rows as usize >= BLOCK);
    large
        .map(|line| (line.trace_id, line.first_row as usize, (line.first_row + line.rows) as usize))
        .collect()
}

/// The traces of the given rows of some blocks, with the newest of these rows.
fn newest_of(file: &DataFile, opened: &Opened, mut of: Vec<(usize, Bitmap)>) -> Result<Places, QueryError> {
    let mut found = Places::default();
    if of.is_empty() {
        return Ok(found);
    }
    of.sort_unstable_by_key(|(block, _)| *block);
    let range = |block: usize| block * BLOCK..block * BLOCK + opened.side.blocks[block].rows;
    // Whole blocks: to choose rows costs more than to read them.
    let mut asked = of.iter().flat_map(|(block, rows)| range(*block).map(move |row| rows.has(row % BLOCK)));
    let ranges = of.iter().map(|(block, _)| range(*block));
    raw(file, opened, Some(&["Timestamp", "TraceId"]), ranges, |batch| {
        places(&batch, |time, trace| {
            if asked.next().is_some_and(|asked| asked) {
                found.entry(trace).and_modify(|newest| *newest = (*newest).max(time)).or_insert(time);
            }
        })
    })?;
    Ok(found)
}
