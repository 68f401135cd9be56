//! Attributes as a map column.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{MapBuilder, MapFieldNames, StringBuilder};
use arrow_array::{Array, MapArray, StringArray};
use arrow_schema::{ArrowError, DataType, Field};

use super::view::BadColumn;
use crate::model::Attributes;
use crate::rows::Tables;

/// The type of such a column.
pub(super) fn kind() -> DataType {
    let entries = vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, false)];
    DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(entries.into()), false)), false)
}

/// Builds such a column, row after row.
pub(super) struct Maps(MapBuilder<StringBuilder, StringBuilder>);

impl Maps {
    pub(super) fn new() -> Self {
        let names =
            MapFieldNames { entry: "key_value".to_owned(), key: "key".to_owned(), value: "value".to_owned() };
        let values = Field::new("value", DataType::Utf8, false);
        Self(
            MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new())
                .with_values_field(values),
        )
    }

    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.0.keys().append_value(name);
        self.0.values().append_value(value);
    }

    pub(super) fn end_row(&mut self) {
        self.0.append(true).expect("each name was pushed with its value");
    }

    /// A row of pairs that many rows have.
    pub(super) fn row(&mut self, pairs: &Shared) -> Result<(), ArrowError> {
        self.0.keys().append_array(&pairs.names)?;
        self.0.values().append_array(&pairs.values)?;
        self.end_row();
        Ok(())
    }

    pub(super) fn finish(&mut self) -> MapArray {
        self.0.finish()
    }
}

/// Attributes that many rows have, in the form in which they are copied fastest.
pub(super) struct Shared {
    names: StringArray,
    values: StringArray,
}

impl Shared {
    pub(super) fn of(attributes: &Attributes) -> Self {
        Self {
            names: StringArray::from_iter_values(attributes.0.iter().map(|(name, _)| name)),
            values: StringArray::from_iter_values(attributes.0.iter().map(|(_, value)| value)),
        }
    }
}

/// The attributes of the resources of all sources of a chunk, row after row.
pub(super) fn resources(sources: impl Iterator<Item = u32>, tables: &Tables) -> Result<MapArray, ArrowError> {
    let shared: Vec<Shared> = tables.sources().iter().map(|source| Shared::of(&source.resource)).collect();
    let mut maps = Maps::new();
    for source in sources {
        maps.row(&shared[source as usize])?;
    }
    Ok(maps.finish())
}

/// The attributes of one row.
pub(super) fn attributes(column: &MapArray, row: usize) -> Result<Attributes, BadColumn> {
    let (names, values) = texts(column)?;
    let pairs = entries(column, row).map(|at| (names.value(at).to_owned(), values.value(at).to_owned()));
    Ok(Attributes::from_pairs(pairs.collect()))
}

/// The value of an attribute of one row; of a name given twice the last.
pub(super) fn value<'a>(column: &'a MapArray, row: usize, name: &str) -> Option<&'a str> {
    let (names, values) = texts(column).ok()?;
    let at = entries(column, row).rev().find(|at| names.value(*at) == name)?;
    Some(values.value(at))
}

fn entries(column: &MapArray, row: usize) -> Range<usize> {
    let offsets = column.offsets();
    offsets[row].cast_unsigned() as usize..offsets[row + 1].cast_unsigned() as usize
}

fn texts(column: &MapArray) -> Result<(&StringArray, &StringArray), BadColumn> {
    let of = |array: &'_ Arc<dyn Array>| array.as_any().is::<StringArray>();
    if !of(column.keys()) || !of(column.values()) {
        return Err(BadColumn("a map of attributes"));
    }
    let text = |array: &'static str| BadColumn(array);
    let names = column.keys().as_any().downcast_ref().ok_or_else(|| text("the names of attributes"))?;
    let values = column.values().as_any().downcast_ref().ok_or_else(|| text("the values of attributes"))?;
    Ok((names, values))
}
