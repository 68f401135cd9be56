//! The start: which files count, what segments have to be read again, what side-cars have to be made again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use foldhash::HashSet;

use super::catalog::DataFile;
use super::file::{self, Name, Positioned};
use super::generation::Generation;
use super::kind::Kind;
use super::kind::{Logs, Searched, Spans};
use super::raw::Metrics;
use super::relations::Relations;
use super::rows::Rows;
use super::segment;
use super::sent;
use super::sidecar::{self, SideCar};
use super::traces::TraceLine;
use super::{seal, traces};
use crate::columns::Sources;
use crate::index::{Builder, Folded};
use crate::model::{Log, Span, TraceId};
use crate::otlp::Rules;
use crate::rows::Chunk;

/// What was found.
pub(crate) struct Recovered<K: Kind> {
    pub(crate) files: Vec<Arc<DataFile>>,
    /// Generations that were not sealed, with their segments.
    pub(crate) generations: Vec<(Arc<Generation<K>>, PathBuf)>,
    /// The number of the next generation.
    pub(crate) next: u64,
    pub(crate) relations: Relations,
    /// Digests of the bodies in the segments, and of those in the newest files.
    pub(crate) bodies: HashSet<u128>,
}

/// The segments of a signal, by generation.
pub(crate) fn segments(folder: &Path, signal: &str) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_suffix(&format!(".{signal}.wal")).and_then(|number| number.parse().ok());
        found.extend(number.map(|number| (number, path.clone())));
    }
    found.sort_unstable();
    Ok(found)
}

/// Where a generation's segment is.
pub(crate) fn segment_path(folder: &Path, signal: &str, number: u64) -> PathBuf {
    folder.join(format!("{number:010}.{signal}.wal"))
}

/// Takes up what an earlier run left.
pub(crate) fn recover<K: Rebuilt>(data: &Path, wal: &Path, rules: Rules) -> io::Result<Recovered<K>> {
    sweep(data)?;
    let segments = unsealed(data, segments(wal, K::SIGNAL.name())?)?;
    let files = files::<K>(data, &segments.iter().map(|(number, _)| *number).collect::<Vec<_>>())?;
    let last =
        files.iter().map(|file| file.name.last).chain(segments.iter().map(|(number, _)| *number)).max();
    let mut recovered = Recovered {
        files,
        generations: Vec::new(),
        next: last.map_or(0, |last| last + 1),
        relations: Relations::default(),
        bodies: HashSet::default(),
    };
    let sent = sent::read(wal, K::SIGNAL.name(), recovered.next);
    if let Some(newest) = recovered.files.iter().map(|file| file.name.last).max() {
        for file in recovered.files.iter().filter(|file| file.name.last == newest) {
            if let Err(error) = K::remember(file, &mut recovered.relations) {
                tracing::warn!(path = %file.path.display(), error = &error as &dyn std::error::Error, "the spans of a file cannot be read; calls from them are not in the map");
            }
        }
        recovered.relations.turn();
    }
    for (number, path) in segments {
        let generation = Generation::new(number);
        let mut rows = generation.rows.write().unwrap_or_else(PoisonError::into_inner);
        let useless = segment::read(&path, |kept| {
            // Twice where a sync failed, its sender was refused, and sent it again.
            if !recovered.bodies.insert(xxhash_rust::xxh3::xxh3_128(&kept.body)) {
                return;
            }
            // What was acknowledged could be decoded then.
            if let Ok(request) = K::decode(&Bytes::from(kept.body)) {
                let rules = Rules { now_ns: kept.received_ns, ..rules };
                K::pour(&request, &mut rows, &mut recovered.relations, rules);
            }
        })?;
        if useless.torn > 0 {
            tracing::warn!(path = %path.display(), bytes = useless.torn, "the end of a segment is torn and left out; it was never acknowledged, or is damaged");
        }
        if useless.damaged > 0 {
            let kept_as = path.with_extension("wal.damaged");
            tracing::error!(path = %path.display(), bytes = useless.damaged, kept_as = %kept_as.display(), "exports in a segment are damaged and lost; the segment is kept as it is");
            fs::copy(&path, kept_as)?;
        }
        drop(rows);
        *generation.figures.lock().unwrap_or_else(PoisonError::into_inner) = recovered.relations.turn();
        recovered.generations.push((Arc::new(generation), path));
    }
    recovered.bodies.extend(sent);
    Ok(recovered)
}

/// Removes what a crash left of files that were being written, and side-cars without a file.
fn sweep(data: &Path) -> io::Result<()> {
    for path in file::all(data)? {
        let is = |extension: &str| path.extension().is_some_and(|own| own == extension);
        if is("part") || (is("index") && !path.with_extension("parquet").exists()) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The segments whose generations are not in files. A merged file is made of files that were whole: a segment of a
/// generation in its midst should have been deleted.
fn unsealed(data: &Path, segments: Vec<(u64, PathBuf)>) -> io::Result<Vec<(u64, PathBuf)>> {
    let merged: Vec<Name> =
        Name::all(data)?.into_iter().map(|(name, _)| name).filter(|name| name.first < name.last).collect();
    let (sealed, unsealed): (Vec<_>, Vec<_>) = segments
        .into_iter()
        .partition(|(number, _)| merged.iter().any(|name| name.first <= *number && *number <= name.last));
    for (_, path) in sealed {
        fs::remove_file(path)?;
    }
    Ok(unsealed)
}

/// The files that count: not those of a generation whose segment is still there, and not those that another one holds.
fn files<K: Rebuilt>(data: &Path, unsealed: &[u64]) -> io::Result<Vec<Arc<DataFile>>> {
    let all = Name::all(data)?;
    let mut files = Vec::new();
    for (name, path) in &all {
        let superseded = all.iter().any(|(other, _)| other != name && other.covers(*name));
        if superseded || (name.first == name.last && unsealed.contains(&name.first)) {
            seal::delete(path)?;
            continue;
        }
        match take::<K>(*name, path) {
            Ok(file) => files.push(Arc::new(file)),
            Err(error) => set_aside(path, &error)?,
        }
    }
    Ok(files)
}

/// A file that cannot be read does not stop the others. It is kept under another name, for whoever can mend it.
fn set_aside(path: &Path, error: &(dyn std::error::Error + 'static)) -> io::Result<()> {
    let aside = path.with_extension("parquet.damaged");
    tracing::error!(path = %path.display(), error, kept_as = %aside.display(), "a file of telemetry cannot be read and is set aside");
    fs::rename(path, aside)?;
    let _ = fs::remove_file(file::sidecar(path));
    Ok(())
}

fn take<K: Rebuilt>(name: Name, path: &Path) -> Result<DataFile, file::ReadError> {
    let metadata = file::metadata(&Positioned::open(path)?)?;
    let rows = usize::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
    let known = fs::read(file::sidecar(path)).ok().and_then(|bytes| sidecar::decode(&bytes).ok());
    let side = if let Some(side) = known.filter(|side| side.rows() == rows) {
        side
    } else {
        tracing::warn!(path = %path.display(), "the side-car of a file is missing or damaged and is made again");
        let side = K::rebuild(path, rows)?;
        seal::write_side(path, &side)?;
        side
    };
    Ok(DataFile::new(name, path.to_owned(), &side)?)
}

/// A kind whose side-cars can be made again from its files.
pub(crate) trait Rebuilt: Kind {
    /// Makes a side-car.
    fn rebuild(path: &Path, rows: usize) -> Result<SideCar, file::ReadError>;

    /// Takes note of the spans of a file.
    fn remember(_: &DataFile, _: &mut Relations) -> Result<(), file::ReadError> {
        Ok(())
    }
}

impl Rebuilt for Logs {
    fn rebuild(path: &Path, rows: usize) -> Result<SideCar, file::ReadError> {
        rebuild::<Self>(path, rows)
    }
}

impl Rebuilt for Spans {
    fn rebuild(path: &Path, rows: usize) -> Result<SideCar, file::ReadError> {
        rebuild::<Self>(path, rows)
    }

    fn remember(of: &DataFile, relations: &mut Relations) -> Result<(), file::ReadError> {
        let source = Positioned::open(&of.path)?;
        let metadata = file::metadata(&source)?;
        let mut sources = Sources::default();
        file::read(source, metadata, Some(&REMEMBERED), std::iter::once(0..of.rows), |batch| {
            Self::read(&batch, &mut sources, &mut |span| {
                let service = relations.service(&span.source.service);
                relations.remember(&seen(&span, service));
            })
        })
    }
}

/// What `remember` reads.
const REMEMBERED: [&str; 5] = ["Timestamp", "TraceId", "SpanId", "ServiceName", "SpanKind"];

impl Rebuilt for Metrics {
    fn rebuild(_: &Path, rows: usize) -> Result<SideCar, file::ReadError> {
        let mut blocks = Vec::new();
        let mut left = rows;
        while left > 0 {
            let rows = left.min(crate::rows::BLOCK);
            blocks.push(crate::index::Block { rows, ..Default::default() });
            left -= rows;
        }
        Ok(SideCar { blocks, ..Default::default() })
    }
}

fn rebuild<K: Searched + Seeing>(path: &Path, rows: usize) -> Result<SideCar, file::ReadError> {
    let source = Positioned::open(path)?;
    let metadata = file::metadata(&source)?;
    let (mut side, mut builder, mut folded) = (SideCar::default(), Builder::default(), Folded::default());
    let (mut sources, mut relations) = (Sources::default(), Relations::default());
    let mut spans: Vec<(TraceId, usize, Vec<K::Record>)> = Vec::new();
    let mut at = 0;
    file::read(source, metadata, None, std::iter::once(0..rows), |batch| {
        let mut block = Vec::with_capacity(batch.num_rows());
        K::read(&batch, &mut sources, &mut |record| block.push(record))?;
        // An hour's rows go into one chunk of a block's size, since a file holds one hour.
        let mut again = Rows::<K::Chunk>::default();
        for record in &block {
            K::push(record, &mut again);
        }
        for (_, hour) in again.hours() {
            for chunk in hour.chunks() {
                K::index(chunk, &again.tables, &mut builder, &mut folded);
                side.blocks.push(builder.finish(chunk.times().iter().copied()));
            }
        }
        for record in block {
            if let Some((trace, _)) = K::part(&record) {
                K::see(&record, &mut relations);
                match spans.last_mut() {
                    Some((known, _, records)) if *known == trace => records.push(record),
                    _ => spans.push((trace, at, vec![record])),
                }
            }
            at += 1;
        }
        Ok(())
    })?;
    for (trace, first, records) in &spans {
        let parts: Vec<traces::Part<'_>> =
            records.iter().filter_map(|record| Some(K::part(record)?.1)).collect();
        side.traces.push(TraceLine::of(*trace, *first as u32, &parts));
    }
    side.traces.sort_unstable_by_key(|line| line.trace_id);
    relations.turn_all(&mut side.figures);
    Ok(side)
}

/// A kind whose records have to do with each other.
trait Seeing: Searched {
    fn see(record: &Self::Record, relations: &mut Relations);
}

impl Seeing for Logs {
    fn see(_: &Log, _: &mut Relations) {}
}

impl Seeing for Spans {
    fn see(span: &Span, relations: &mut Relations) {
        let service = relations.service(&span.source.service);
        relations.see(&seen(span, service));
    }
}

fn seen(span: &Span, service: u32) -> super::Seen {
    super::Seen {
        trace: span.trace_id,
        id: span.span_id,
        parent: span.parent,
        service,
        kind: span.kind,
        start_ns: span.start_ns,
        duration_ns: span.duration_ns,
        failed: span.status == crate::model::Status::Error,
    }
}
