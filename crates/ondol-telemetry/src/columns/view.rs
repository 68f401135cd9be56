//! Columns that were read, by name and type.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Int32Type};
use arrow_array::{Array, DictionaryArray, MapArray, PrimitiveArray, RecordBatch, StringArray};

use super::maps;
use crate::model::Source;

/// A file whose columns are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the column `{0}` is missing or of another type")]
pub(crate) struct BadColumn(pub(crate) &'static str);

/// A column of texts, with a dictionary or without.
pub(super) enum Words<'a> {
    Plain(&'a StringArray),
    Coded(&'a DictionaryArray<Int32Type>, &'a StringArray),
}

impl<'a> Words<'a> {
    pub(super) fn get(&self, row: usize) -> &'a str {
        match self {
            Self::Plain(texts) => texts.value(row),
            Self::Coded(coded, texts) => texts.value(coded.keys().value(row).cast_unsigned() as usize),
        }
    }
}

/// A column of texts; nothing where it was not read.
pub(super) fn words<'a>(batch: &'a RecordBatch, name: &'static str) -> Result<Option<Words<'a>>, BadColumn> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    if let Some(plain) = column.as_any().downcast_ref() {
        return Ok(Some(Words::Plain(plain)));
    }
    let coded: &DictionaryArray<Int32Type> = column.as_any().downcast_ref().ok_or(BadColumn(name))?;
    let texts = coded.values().as_any().downcast_ref().ok_or(BadColumn(name))?;
    Ok(Some(Words::Coded(coded, texts)))
}

/// A column of numbers; nothing where it was not read.
pub(super) fn numbers<'a, T: ArrowPrimitiveType>(
    batch: &'a RecordBatch,
    name: &'static str,
) -> Result<Option<&'a PrimitiveArray<T>>, BadColumn> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    column.as_any().downcast_ref().map(Some).ok_or(BadColumn(name))
}

/// A column of attributes; nothing where it was not read.
pub(super) fn map<'a>(batch: &'a RecordBatch, name: &'static str) -> Result<Option<&'a MapArray>, BadColumn> {
    let Some(column) = batch.column_by_name(name) else { return Ok(None) };
    column.as_any().downcast_ref().map(Some).ok_or(BadColumn(name))
}

/// Sources that were read before: rows of one instance share theirs.
#[derive(Debug, Default)]
pub(crate) struct Sources(HashMap<Source, Source>);

impl Sources {
    pub(super) fn get(
        &mut self,
        (service, instance): (&str, &str),
        resource: Option<&MapArray>,
        row: usize,
    ) -> Result<Source, BadColumn> {
        let resource = resource.map(|column| maps::attributes(column, row)).transpose()?.unwrap_or_default();
        let source = Source {
            service: service.to_owned(),
            instance: instance.to_owned(),
            resource: Arc::new(resource),
        };
        if let Some(known) = self.0.get(&source) {
            return Ok(known.clone());
        }
        self.0.insert(source.clone(), source.clone());
        Ok(source)
    }
}
