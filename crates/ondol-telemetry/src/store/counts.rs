//! How many log records match in each step of time, by level.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::catalog::Catalog;
use super::kind::{Logs, Searched};
use super::search;
use crate::error::QueryError;
use crate::index::{Bitmap, Block, judge};
use crate::model::Level;
use crate::query::{Count, Field, Filter, Query, STEPS_MAX, Term, Test};
use crate::rows::{BLOCK, Chunk};

const LEVELS: [Level; 7] =
    [Level::Unset, Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

/// Counts, oldest first. Steps without a record between the first and the last are there, too.
pub(crate) fn counts(catalog: &Catalog<Logs>, query: &Query, step_ns: u64) -> Result<Vec<Count>, QueryError> {
    let touched = query.window.steps(step_ns);
    if touched > STEPS_MAX {
        return Err(QueryError::Steps { steps: touched, steps_max: STEPS_MAX });
    }
    let state = catalog.snapshot();
    let mut steps: BTreeMap<u64, [u64; 7]> = BTreeMap::new();
    let mut add = |time: u64, level: Level, count: u64| {
        steps.entry(time / step_ns).or_default()[level as usize] += count;
    };
    for generation in &state.generations {
        let rows = generation.rows.read().unwrap_or_else(PoisonError::into_inner);
        for chunk in rows.hours().flat_map(|(_, hour)| hour.chunks()) {
            for row in 0..chunk.len() {
                let time = chunk.times[row];
                if query.window.holds(time) && Logs::holds_row(&query.filter, chunk, row, &rows.tables) {
                    add(time, Level::of(chunk.severities[row]), 1);
                }
            }
        }
    }
    for file in state.files.iter().filter(|file| search::overlaps(file, query.window)) {
        let opened = catalog.open(file)?;
        let all: Vec<usize> = (0..opened.side.blocks.len()).collect();
        let (mut timed, mut levels_of) = (Vec::new(), BTreeMap::new());
        for (at, rows) in search::matching::<Logs>(file, &opened, &all, query)? {
            let block = &opened.side.blocks[at];
            let levels = by_level(block);
            if block.min_ns / step_ns == block.max_ns / step_ns {
                for (level, of) in &levels {
                    add(block.min_ns, *level, rows.and(of).count());
                }
            } else {
                timed.push((at, rows));
                levels_of.insert(at, levels);
            }
        }
        if timed.is_empty() {
            continue;
        }
        for (row, time) in search::times(file, &opened, timed)? {
            let level = levels_of[&(row / BLOCK)].iter().find(|(_, of)| of.has(row % BLOCK));
            add(time, level.map_or(Level::Unset, |(level, _)| *level), 1);
        }
    }
    Ok(filled(&steps, step_ns))
}

/// The rows of each level: the index knows them all.
fn by_level(block: &Block) -> Vec<(Level, Bitmap)> {
    let rows = |level: Level| {
        let test = Test::Is(level.name().to_owned());
        judge(&Filter::Term(Term { field: Field::Level, test }), block).sure
    };
    LEVELS.map(|level| (level, rows(level))).into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}

fn filled(steps: &BTreeMap<u64, [u64; 7]>, step_ns: u64) -> Vec<Count> {
    let (Some((first, _)), Some((last, _))) = (steps.first_key_value(), steps.last_key_value()) else {
        return Vec::new();
    };
    let count = |step: u64| Count {
        from_ns: step.saturating_mul(step_ns),
        levels: steps.get(&step).copied().unwrap_or_default(),
    };
    (*first..=*last).map(count).collect()
}
