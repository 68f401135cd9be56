//! A generation: what arrived in one stretch of time and is not yet in files.

use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, RwLock};

use super::figures::Figures;
use super::kind::Kind;
use super::rows::Rows;

/// What arrived between two sealings.
pub(crate) struct Generation<K: Kind> {
    /// Its number: each signal counts its own, from 0.
    pub(crate) number: u64,
    pub(crate) rows: RwLock<Rows<K::Chunk>>,
    /// Who called whom; known when it has ended.
    pub(crate) figures: Mutex<Figures>,
    /// What is counted of the memory budget for it, in bytes.
    pub(crate) held: AtomicUsize,
}

impl<K: Kind> Generation<K> {
    pub(crate) fn new(number: u64) -> Self {
        Self {
            number,
            rows: RwLock::new(Rows::default()),
            figures: Mutex::new(Figures::default()),
            held: AtomicUsize::new(0),
        }
    }
}
