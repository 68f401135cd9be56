//! Exports that are kept as they came: metrics, until there is more to do with them.

use std::sync::{Arc, LazyLock};

use arrow_array::types::TimestampNanosecondType;
use arrow_array::{ArrayRef, BinaryArray, RecordBatch, TimestampNanosecondArray};
use arrow_schema::{ArrowError, DataType, Field as Column, Schema, TimeUnit};
use bytes::Bytes;

use super::view::{BadColumn, numbers};

pub(crate) static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Column::new("Received", DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), false),
        // An ExportMetricsServiceRequest of OTLP.
        Column::new("Request", DataType::Binary, false),
    ]))
});

/// Exports as columns.
pub(crate) fn batch(times: &[u64], bodies: &[impl AsRef<[u8]>]) -> Result<RecordBatch, ArrowError> {
    let times = times.iter().map(|time| time.cast_signed());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC")),
        Arc::new(BinaryArray::from_iter_values(bodies)),
    ];
    RecordBatch::try_new(Arc::clone(&SCHEMA), columns)
}

/// Exports of columns that were read.
pub(crate) fn read(batch: &RecordBatch, mut each: impl FnMut(u64, Bytes)) -> Result<(), BadColumn> {
    let times = numbers::<TimestampNanosecondType>(batch, "Received")?.ok_or(BadColumn("Received"))?;
    let bodies =
        batch.column_by_name("Request").and_then(|column| column.as_any().downcast_ref::<BinaryArray>());
    let bodies = bodies.ok_or(BadColumn("Request"))?;
    for row in 0..batch.num_rows() {
        each(times.value(row).cast_unsigned(), Bytes::copy_from_slice(bodies.value(row)));
    }
    Ok(())
}
