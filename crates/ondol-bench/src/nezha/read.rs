//! The files, as rows.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use jiff::civil;
use jiff::tz::TimeZone;

use super::{Day, LogRow, Pod, SpanRow, envelope};

/// The two halves of the day: with faults, and without.
const HALVES: [&str; 2] = ["rca_data/2023-01-29", "construct_data/2023-01-29"];

/// What a parent of a root is called.
const ROOT: &str = "root";

/// The day could not be read.
#[derive(Debug, thiserror::Error)]
pub enum NezhaError {
    /// A file or folder.
    #[error("cannot read {}; unpack shared/data/nezha/*.tar.xz there", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is no table.
    #[error("cannot read {} as a table", path.display())]
    Csv {
        /// Which.
        path: PathBuf,
        /// Why.
        source: csv::Error,
    },
    /// A row that is not what the data set's description says.
    #[error("{}: row {row}: column {column} is {value:?}", path.display())]
    Row {
        /// In which file.
        path: PathBuf,
        /// From 1, the heading not counted.
        row: usize,
        /// From 0.
        column: usize,
        /// What stands there.
        value: String,
    },
}

impl Day {
    /// Reads the folder that the archive was unpacked to.
    ///
    /// # Errors
    /// [`NezhaError`]: a file is missing, or is not what the data set's description says.
    pub fn read(folder: &Path) -> Result<Self, NezhaError> {
        let mut reading = Reading::default();
        for half in HALVES {
            for file in tables(&folder.join(half).join("trace"))? {
                each_row(&file, |row| reading.span(row))?;
            }
            for file in tables(&folder.join(half).join("log"))? {
                each_row(&file, |row| reading.log(row))?;
            }
        }
        let mut day = reading.day;
        day.spans.sort_by_key(|span| span.start_ns);
        day.logs.sort_by_key(|log| log.time_ns);
        Ok(day)
    }
}

/// The files of a folder by name, which is by minute.
fn tables(folder: &Path) -> Result<Vec<PathBuf>, NezhaError> {
    let failed = |source| NezhaError::Io { path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    Ok(files)
}

/// Says which column is wrong, where one is.
fn each_row(path: &Path, mut take: impl FnMut(&StringRecord) -> Result<(), usize>) -> Result<(), NezhaError> {
    let file = File::open(path).map_err(|source| NezhaError::Io { path: path.to_owned(), source })?;
    // Two rows have the end of another one behind them, which looks like further columns.
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    for (number, row) in (1..).zip(rows.records()) {
        let row = row.map_err(|source| NezhaError::Csv { path: path.to_owned(), source })?;
        take(&row).map_err(|column| NezhaError::Row {
            path: path.to_owned(),
            row: number,
            column,
            value: row.get(column).unwrap_or_default().to_owned(),
        })?;
    }
    Ok(())
}

struct Reading {
    day: Day,
    pods: HashMap<String, u32>,
    names: HashMap<String, u32>,
}

impl Default for Reading {
    fn default() -> Self {
        let day = Day { pods: Vec::new(), names: Vec::new(), spans: Vec::new(), logs: Vec::new() };
        Self { day, pods: HashMap::new(), names: HashMap::new() }
    }
}

impl Reading {
    /// TraceID, SpanID, ParentID, PodName, OperationName, StartTimeUnixNano, EndTimeUnixNano, Duration
    fn span(&mut self, row: &StringRecord) -> Result<(), usize> {
        if row.len() < 8 {
            return Err(row.len());
        }
        let parent = if &row[2] == ROOT { None } else { Some(span_id(row, 2)?) };
        let span = SpanRow {
            trace: trace_id(row, 0)?,
            id: span_id(row, 1)?,
            parent,
            pod: self.pod(row, 3)?,
            name: self.name(&row[4]),
            start_ns: number(row, 5)?,
            end_ns: number(row, 6)?,
        };
        // The last column repeats in microseconds what the two before it say; where it did not, one of them were wrong.
        let micros = span.end_ns.checked_sub(span.start_ns).ok_or(6_usize)? / 1_000;
        if number(row, 7)? != micros {
            return Err(7);
        }
        self.day.spans.push(span);
        Ok(())
    }

    /// Timestamp, TimeUnixNano, Node, PodName, Container, TraceID, SpanID, Log
    fn log(&mut self, row: &StringRecord) -> Result<(), usize> {
        if row.len() < 8 {
            return Err(row.len());
        }
        let pod = self.pod(row, 3)?;
        let node = &mut self.day.pods[pod as usize].node;
        if node.is_empty() {
            row[2].clone_into(node);
        }
        let (body, severity) = envelope::open(&row[7]);
        let (time_ns, trace, span) = (written(row)?, trace_id(row, 5)?, span_id(row, 6)?);
        self.day.logs.push(LogRow { time_ns, pod, trace, span, severity, body });
        Ok(())
    }

    fn pod(&mut self, row: &StringRecord, column: usize) -> Result<u32, usize> {
        let name = row.get(column).ok_or(column)?;
        if let Some(known) = self.pods.get(name) {
            return Ok(*known);
        }
        let service = service_of(name).ok_or(column)?.to_owned();
        let number = self.day.pods.len() as u32;
        self.pods.insert(name.to_owned(), number);
        self.day.pods.push(Pod { name: name.to_owned(), service, node: String::new() });
        Ok(number)
    }

    fn name(&mut self, name: &str) -> u32 {
        if let Some(known) = self.names.get(name) {
            return *known;
        }
        let number = self.day.names.len() as u32;
        self.names.insert(name.to_owned(), number);
        self.day.names.push(name.to_owned());
        number
    }
}

/// A pod's name without what Kubernetes adds: one part for the replica set, one for the pod.
fn service_of(pod: &str) -> Option<&str> {
    let (deployment, _) = pod.rsplit_once('-')?;
    Some(deployment.rsplit_once('-')?.0)
}

fn trace_id(row: &StringRecord, column: usize) -> Result<u128, usize> {
    let text = row.get(column).filter(|text| text.len() == 32).ok_or(column)?;
    u128::from_str_radix(text, 16).map_err(|_| column)
}

fn span_id(row: &StringRecord, column: usize) -> Result<u64, usize> {
    let text = row.get(column).filter(|text| text.len() == 16).ok_or(column)?;
    u64::from_str_radix(text, 16).map_err(|_| column)
}

/// When a log line was written. In 45 rows of the day the number has overflowed; the text beside it is right.
fn written(row: &StringRecord) -> Result<u64, usize> {
    if let Ok(known) = number(row, 1) {
        return Ok(known);
    }
    let text: civil::DateTime = row[0].trim_end_matches('Z').parse().map_err(|_| 0_usize)?;
    let zoned = text.to_zoned(TimeZone::UTC).map_err(|_| 0_usize)?;
    u64::try_from(zoned.timestamp().as_nanosecond()).map_err(|_| 0)
}

fn number(row: &StringRecord, column: usize) -> Result<u64, usize> {
    row.get(column).and_then(|text| text.parse().ok()).ok_or(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_taken_or_the_wrong_column_named() {
        let trace = "b0103bb0161ad7fa352fe1828eeb643a";
        let table: [([&str; 8], Result<(), usize>); 5] = [
            ([trace, "520b067330e3ede5", "root", "ts-a-6f6-h5", "/*", "1000", "5999", "4"], Ok(())),
            (
                [trace, "520b067330e3ede5", "520b067330e3ede6", "ts-a-6f6-h5", "/*", "1000", "5999", "4"],
                Ok(()),
            ),
            ([trace, "520b", "root", "ts-a-6f6-h5", "/*", "1000", "5999", "4"], Err(1)),
            ([trace, "520b067330e3ede5", "root", "pod", "/*", "1000", "5999", "4"], Err(3)),
            ([trace, "520b067330e3ede5", "root", "ts-a-6f6-h5", "/*", "1000", "5999", "5"], Err(7)),
        ];
        for (row, expected) in table {
            assert_eq!(Reading::default().span(&StringRecord::from(row.to_vec())), expected, "{row:?}");
        }
    }

    #[test]
    fn a_log_line_has_a_time_even_where_the_number_has_overflowed() {
        let table = [
            (["2023-01-29T08:42:22.383150913Z", "1674981742383150913"], Ok(1_674_981_742_383_150_913)),
            (["2023-01-29T09:20:29.295", "-6795364578871345152"], Ok(1_674_984_029_295_000_000)),
            (["yesterday", "-1"], Err(0)),
        ];
        for (row, expected) in table {
            assert_eq!(written(&StringRecord::from(row.to_vec())), expected, "{row:?}");
        }
    }

    #[test]
    fn a_service_is_the_pods_name_without_its_suffixes() {
        let cases = [
            ("ts-route-service-b6c59fb57-zv8dt", Some("ts-route-service")),
            ("a-b-c", Some("a")),
            ("a-b", None),
            ("a", None),
        ];
        for (pod, service) in cases {
            assert_eq!(service_of(pod), service);
        }
    }
}
