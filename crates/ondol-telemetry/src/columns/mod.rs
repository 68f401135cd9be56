//! Rows as Arrow columns, and back. The names are those of the OpenTelemetry Collector's ClickHouse exporter, so that the
//! same questions can be put to that engine.
//!
//! No column is null: an empty text says that there is none, as that exporter does.

mod hex;
pub(crate) mod logs;
mod maps;
pub(crate) mod raw;
mod said;
pub(crate) mod spans;
mod view;

pub(crate) use view::{BadColumn, Sources};
