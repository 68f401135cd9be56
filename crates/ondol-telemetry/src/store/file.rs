//! The files of a signal: their names, how they are written and read.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, Length};
use parquet::schema::types::ColumnPath;

use super::segment::sync_folder;
use crate::columns::logs::BODY;
use crate::rows::{BLOCK, HOUR_NS};

/// Bytes of a page of messages before compression: what is read to look at one of them.
const BODY_PAGE: usize = 128 << 10;

/// Bytes of any other page; rows end a page before.
const PAGE: usize = 8 << 20;

/// Columns of few values, which stand together: as runs they take next to nothing, and to begin decompressing one costs
/// more than to read it.
const FEW: [&str; 7] = [
    "SeverityText",
    "SeverityNumber",
    "ServiceName",
    "ServiceInstance",
    "ScopeName",
    "SpanKind",
    "StatusCode",
];

/// The generations that a file holds, and the hour it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    /// Hours since 1970.
    pub(crate) hour: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Name {
    /// The file's path below the folder of its signal.
    pub(crate) fn path(self, folder: &Path) -> PathBuf {
        let (day, hour) = date(self.hour);
        let file = format!("g{:010}-{:010}.parquet", self.first, self.last);
        folder.join(format!("date={day}")).join(format!("hour={hour:02}")).join(file)
    }

    /// Does it hold all that another one holds?
    pub(crate) const fn covers(self, other: Self) -> bool {
        self.hour == other.hour && self.first <= other.first && other.last <= self.last
    }

    /// All files below a folder.
    pub(crate) fn all(folder: &Path) -> io::Result<Vec<(Self, PathBuf)>> {
        let named = all(folder)?.into_iter().filter_map(|file| Some((Self::parse(&file)?, file)));
        let mut found: Vec<_> = named.collect();
        found.sort_unstable();
        Ok(found)
    }

    fn parse(file: &Path) -> Option<Self> {
        let hour = file.parent()?;
        let day = hour.parent()?;
        let text =
            |path: &Path, before: &str| Some(path.file_name()?.to_str()?.strip_prefix(before)?.to_owned());
        let day: jiff::civil::Date = text(day, "date=")?.parse().ok()?;
        let hour: u64 = text(hour, "hour=")?.parse().ok()?;
        let range = text(file, "g")?;
        let (first, last) = range.strip_suffix(".parquet")?.split_once('-')?;
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
        Some(Self {
            hour: u64::try_from(midnight).ok()? / 3_600 + hour,
            first: first.parse().ok()?,
            last: last.parse().ok()?,
        })
    }
}

/// The day of an hour since 1970, and the hour of that day (UTC).
fn date(hour: u64) -> (jiff::civil::Date, u64) {
    let days = jiff::Span::new().days(i64::try_from(hour / 24).unwrap_or(0));
    let day = jiff::civil::date(1970, 1, 1).checked_add(days).unwrap_or(jiff::civil::Date::MAX);
    (day, hour % 24)
}

/// Whatever is in the folders of hours.
pub(crate) fn all(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for day in entries(folder)? {
        for hour in entries(&day)? {
            found.extend(entries(&hour)?);
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// The first nanosecond of an hour, and of the next.
pub(crate) const fn span_of(hour: u64) -> (u64, u64) {
    (hour.saturating_mul(HOUR_NS), (hour + 1).saturating_mul(HOUR_NS))
}

/// Where a file's side-car is.
pub(crate) fn sidecar(path: &Path) -> PathBuf {
    path.with_extension("index")
}

/// Writes a file whole: under another name, made durable, then given its own.
pub(crate) fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let part = path.with_extension("part");
    let written = File::create(&part).and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&part, path)) {
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    sync_folder(path)
}

/// Writes the rows that `fill` hands over, a block each, as Parquet.
pub(crate) fn write<T>(
    path: &Path,
    schema: Arc<Schema>,
    fill: impl FnOnce(&mut dyn FnMut(RecordBatch) -> Result<(), ArrowError>) -> Result<T, ArrowError>,
) -> io::Result<T> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        fs::create_dir_all(folder)?;
        // The new names must be as durable as what is in them.
        folder.ancestors().take(2).try_for_each(sync_folder)?;
    }
    let mut result = None;
    write_whole(path, |file| {
        let buffered = io::BufWriter::with_capacity(1 << 20, file);
        let mut writer =
            ArrowWriter::try_new(buffered, schema, Some(properties())).map_err(io::Error::other)?;
        result = Some(
            fill(&mut |batch| writer.write(&batch).map_err(ArrowError::from)).map_err(io::Error::other)?,
        );
        writer.into_inner().map_err(io::Error::other)?.flush()
    })?;
    Ok(result.expect("it was filled"))
}

fn properties() -> WriterProperties {
    let unique = ["SpanId", BODY, "Request"].map(ColumnPath::from);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_column_statistics_enabled("Timestamp".into(), EnabledStatistics::Chunk)
        .set_column_encoding("Timestamp".into(), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled("Timestamp".into(), false)
        .set_column_encoding("Duration".into(), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled("Duration".into(), false)
        .set_data_page_row_count_limit(BLOCK)
        .set_write_batch_size(256)
        .set_data_page_size_limit(PAGE)
        .set_column_data_page_size_limit(BODY.into(), BODY_PAGE)
        .set_max_row_group_row_count(None);
    for column in unique {
        properties = properties.set_column_dictionary_enabled(column, false);
    }
    for column in FEW {
        properties = properties.set_column_compression(column.into(), Compression::UNCOMPRESSED);
    }
    properties.build()
}

/// A file that is read at given places: readers of one file share no position.
#[derive(Clone, Debug)]
pub(crate) struct Positioned {
    file: Arc<File>,
    length: u64,
}

impl Positioned {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), length })
    }
}

impl Length for Positioned {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Positioned {
    type T = From;

    fn get_read(&self, start: u64) -> Result<From, ParquetError> {
        Ok(From { file: Arc::clone(&self.file), at: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} are behind the file's end")));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// Reads on from a place.
#[derive(Debug)]
pub(crate) struct From {
    file: Arc<File>,
    at: u64,
}

impl Read for From {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// What a file says of itself at its end.
pub(crate) fn metadata(file: &Positioned) -> Result<ArrowReaderMetadata, ParquetError> {
    let options = ArrowReaderOptions::new()
        .with_offset_index_policy(PageIndexPolicy::Optional)
        .with_column_index_policy(PageIndexPolicy::Skip);
    ArrowReaderMetadata::load(file, options)
}

/// Reads the given rows, in rising order; all columns, or those that are named.
pub(crate) fn read(
    file: Positioned,
    metadata: ArrowReaderMetadata,
    columns: Option<&[&str]>,
    rows: impl Iterator<Item = std::ops::Range<usize>>,
    mut each: impl FnMut(RecordBatch) -> Result<(), crate::columns::BadColumn>,
) -> Result<(), ReadError> {
    let schema = metadata.parquet_schema();
    let mask = match columns {
        None => ProjectionMask::all(),
        Some(names) => ProjectionMask::columns(schema, names.iter().copied()),
    };
    let mut selectors = Vec::new();
    let mut at = 0;
    for range in rows {
        selectors.push(RowSelector::skip(range.start - at));
        selectors.push(RowSelector::select(range.len()));
        at = range.end;
    }
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
        .with_projection(mask)
        .with_batch_size(BLOCK)
        .with_row_selection(RowSelection::from(selectors))
        .build()?;
    for batch in reader {
        each(batch?)?;
    }
    Ok(())
}

/// A file could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("it cannot be opened")]
    Open(#[from] io::Error),
    #[error("it is no Parquet file, or damaged")]
    Parquet(#[from] ParquetError),
    #[error("its rows cannot be decoded")]
    Rows(#[from] ArrowError),
    #[error("it is no file of this store")]
    Column(#[from] crate::columns::BadColumn),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_hour_and_generations() {
        let folder = tempfile::tempdir().unwrap();
        let name = Name { hour: 492_345, first: 7, last: 12 };
        let path = name.path(folder.path());
        assert!(
            path.ends_with("date=2026-03-02/hour=09/g0000000007-0000000012.parquet"),
            "{}",
            path.display()
        );
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        fs::write(sidecar(&path), "").unwrap();
        fs::write(folder.path().join("stray"), "").unwrap();
        assert_eq!(Name::all(folder.path()).unwrap(), [(name, path)]);
        assert!(name.covers(Name { first: 8, ..name }) && !name.covers(Name { last: 13, ..name }));
    }
}
