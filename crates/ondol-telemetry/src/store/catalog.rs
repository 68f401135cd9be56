//! What there is of one signal: files, and generations in memory. A question takes a snapshot and is not disturbed by
//! what happens meanwhile, but for files that retention deletes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use moka::sync::Cache;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use super::file::{self, Name, Positioned, ReadError};
use super::generation::Generation;
use super::kind::Kind;
use super::sidecar::{self, SideCar};
use crate::error::QueryError;
use crate::index::{bloom, bloom_maybe};
use crate::model::TraceId;

/// Memory for the side-cars of the files that were asked last, in bytes.
const CACHE: u64 = 48 << 20;

/// A file, as far as it is always known.
#[derive(Debug)]
pub(crate) struct DataFile {
    pub(crate) name: Name,
    pub(crate) path: PathBuf,
    pub(crate) rows: usize,
    pub(crate) min_ns: u64,
    pub(crate) max_ns: u64,
    /// With its side-car, in bytes.
    pub(crate) bytes: u64,
    /// A Bloom filter of its traces.
    traces: Vec<u64>,
}

impl DataFile {
    pub(crate) fn new(name: Name, path: PathBuf, side: &SideCar) -> std::io::Result<Self> {
        let bytes = fs::metadata(&path)?.len() + fs::metadata(file::sidecar(&path))?.len();
        Ok(Self {
            name,
            path,
            rows: side.rows(),
            min_ns: side.blocks.iter().map(|block| block.min_ns).min().unwrap_or(0),
            max_ns: side.blocks.iter().map(|block| block.max_ns).max().unwrap_or(0),
            bytes,
            traces: bloom(side.traces.iter().map(|line| hash(line.trace_id)).collect::<Vec<_>>().into_iter()),
        })
    }

    /// False: it has no span of this trace.
    pub(crate) fn may_have(&self, trace: TraceId) -> bool {
        bloom_maybe(&self.traces, hash(trace))
    }
}

fn hash(trace: TraceId) -> u64 {
    xxhash_rust::xxh3::xxh3_64(&trace.0)
}

/// A file that is ready to be asked.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) side: SideCar,
    pub(crate) metadata: ArrowReaderMetadata,
}

/// All there is of one signal.
pub(crate) struct Catalog<K: Kind> {
    state: RwLock<State<K>>,
    opened: Cache<PathBuf, Arc<Opened>>,
}

/// What a question looks at.
pub(crate) struct State<K: Kind> {
    /// By name.
    pub(crate) files: Vec<Arc<DataFile>>,
    /// By number; the last one is still growing.
    pub(crate) generations: Vec<Arc<Generation<K>>>,
}

impl<K: Kind> Clone for State<K> {
    fn clone(&self) -> Self {
        Self { files: self.files.clone(), generations: self.generations.clone() }
    }
}

impl<K: Kind> Catalog<K> {
    pub(crate) fn new(files: Vec<Arc<DataFile>>) -> Self {
        let weigh = |_: &PathBuf, opened: &Arc<Opened>| {
            u32::try_from(opened.side.memory() + 65_536).unwrap_or(u32::MAX)
        };
        Self {
            state: RwLock::new(State { files, generations: Vec::new() }),
            opened: Cache::builder().max_capacity(CACHE).weigher(weigh).build(),
        }
    }

    pub(crate) fn snapshot(&self) -> State<K> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what there is, at once for all who ask.
    pub(crate) fn change(&self, change: impl FnOnce(&mut State<K>)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.files.sort_unstable_by_key(|file| file.name);
    }

    /// Opens a file, or takes it from the cache.
    pub(crate) fn open(&self, file: &DataFile) -> Result<Arc<Opened>, QueryError> {
        let opened = self.opened.try_get_with(file.path.clone(), || open(&file.path).map(Arc::new));
        opened.map_err(|error| QueryError::File { path: file.path.clone(), source: Box::new(error) })
    }

    pub(crate) fn forget(&self, path: &PathBuf) {
        self.opened.invalidate(path);
    }
}

fn open(path: &Path) -> Result<Opened, ReadError> {
    let bytes = fs::read(file::sidecar(path))?;
    let side = sidecar::decode(&bytes).map_err(std::io::Error::other)?;
    let metadata = file::metadata(&Positioned::open(path)?)?;
    Ok(Opened { side, metadata })
}
