//! What many rows of a generation have in common, kept once.

use std::sync::Arc;

use foldhash::HashMap;

use crate::model::{Attributes, Source};

/// Texts by number.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    bytes: usize,
}

impl Interner {
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let (number, text) = (self.texts.len() as u32, Arc::<str>::from(text));
        self.bytes += text.len() + 64;
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}

/// The tables of a generation.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// Names of spans, of scopes and of attributes.
    pub(crate) names: Interner,
    sources: HashMap<Source, u32>,
    by_number: Vec<Source>,
    bytes: usize,
}

impl Tables {
    pub(crate) fn source(&mut self, source: Source) -> u32 {
        if let Some(&number) = self.sources.get(&source) {
            return number;
        }
        let number = self.by_number.len() as u32;
        self.bytes += 2 * (source.service.len() + source.instance.len()) + 128 + weight(&source.resource);
        self.by_number.push(source.clone());
        self.sources.insert(source, number);
        number
    }

    /// A source by its number.
    pub(crate) fn whose(&self, number: u32) -> &Source {
        &self.by_number[number as usize]
    }

    pub(crate) fn sources(&self) -> &[Source] {
        &self.by_number
    }

    pub(crate) fn memory(&self) -> usize {
        self.names.bytes + self.bytes
    }
}

fn weight(attributes: &Attributes) -> usize {
    attributes.0.iter().map(|(name, value)| name.len() + value.len() + 48).sum()
}
