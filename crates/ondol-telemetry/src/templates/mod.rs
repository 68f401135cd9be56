//! Templates: what a service's log lines have in common, so that a thousand lines are one, and a line of a kind that was
//! never written before stands out.
//!
//! The method is Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017):
//! values are masked, a tree of fixed depth leads by the number of words and the first of them to a few templates, and
//! the most similar one takes the line. A word in which they differ becomes `<*>`. What differs from the paper:
//!
//! * A list in brackets, and what stands in a row of values, is one value, so that its length makes no new template.
//! * The level is part of the tree's root, and ids of traces and spans are not looked at.
//! * Similarity is measured against the template as it was first written, and leaves out the words that led to it;
//!   otherwise a template that has become general takes everything.
//!
//! It keeps no lines. What is learnt is lost with the process, and learnt again from the lines that follow.

mod mask;
mod service;
#[cfg(test)]
mod tests;

use std::fmt;

use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};

use crate::query::Window;
use mask::Masked;
use service::{Line, Service};

/// How much is learnt.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Services; the one that was silent longest is forgotten for a new one.
    pub services_max: usize,
    /// Templates of one service; the one that was not seen for longest is forgotten for a new one.
    pub templates_max: usize,
    /// Templates of all services together. When they are used up, a service must forget one of its own for a new one.
    pub total_max: usize,
    /// Bytes of a line that are looked at.
    pub bytes_max: usize,
    /// Words of a line that are looked at. What a line is about stands at its beginning.
    pub words_max: usize,
}

impl Default for Bounds {
    /// At most 2 KiB a template, so 64 MiB when all of it is used by long lines. The 27 services of the Train-Ticket
    /// benchmark have 200 templates.
    fn default() -> Self {
        Self { services_max: 1_024, templates_max: 1_024, total_max: 32_768, bytes_max: 1_024, words_max: 32 }
    }
}

/// Of one service and one form of a line; the same after a restart, if a line of the same form comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateId(pub u64);

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TemplateId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// Its template.
    pub template: TemplateId,
    /// Is it the first line of that template?
    pub new: bool,
}

/// One template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// Whose lines.
    pub service: String,
    /// The line with `<*>` for what differs; `…` where more followed that was not looked at.
    pub text: String,
    /// How many lines.
    pub count: u64,
    /// When the earliest was written: nanoseconds since 1970.
    pub first_ns: u64,
    /// When the latest was written.
    pub last_ns: u64,
}

/// The templates of all services.
#[derive(Debug)]
pub struct Templates {
    bounds: Bounds,
    services: FxHashMap<String, Service>,
    masked: Masked,
    /// Templates of all services.
    total: usize,
    /// Lines so far: the clock by which the least recently used is told.
    lines: u64,
}

impl Templates {
    /// Nothing is known yet. Bounds of nothing are taken as one.
    pub fn new(bounds: Bounds) -> Self {
        Self { bounds, services: FxHashMap::default(), masked: Masked::default(), total: 0, lines: 0 }
    }

    /// Learns from a line that `service` wrote at `at_ns`. Lines need not come in order.
    pub fn learn(&mut self, service: &str, body: &str, at_ns: u64) -> Learned {
        self.lines += 1;
        self.masked.read(body, self.bounds.bytes_max, self.bounds.words_max);
        if !self.services.contains_key(service) {
            self.make_room();
            self.services.insert(service.to_owned(), Service::new(self.bounds.templates_max.max(1), at_ns));
        }
        let room = self.total < self.bounds.total_max;
        let known = self.services.get_mut(service).expect("it was just put there");
        let before = known.len();
        let learned = known.learn(&Line { service, masked: &self.masked, at_ns, number: self.lines }, room);
        self.total = self.total + known.len() - before;
        learned
    }

    /// All templates, those of a service together, in no other order.
    pub fn all(&self) -> impl Iterator<Item = Template> + '_ {
        self.services.iter().flat_map(|(name, service)| service.templates(name))
    }

    /// One template.
    pub fn get(&self, service: &str, id: TemplateId) -> Option<Template> {
        self.services.get(service)?.templates(service).find(|template| template.id == id)
    }

    /// Templates that are new: first written within the window, by a service that had been writing for `known_ns` before.
    /// Of a service that has just begun, everything is new and nothing is news.
    pub fn news(&self, window: Window, known_ns: u64) -> Vec<Template> {
        let known = |service: &Service, template: &Template| {
            window.holds(template.first_ns) && service.first_ns.saturating_add(known_ns) <= template.first_ns
        };
        let mut news: Vec<_> = self
            .services
            .iter()
            .flat_map(|(name, service)| {
                service.templates(name).filter(move |template| known(service, template))
            })
            .collect();
        news.sort_by_key(|template| (template.first_ns, template.id));
        news
    }

    /// For one more service with a template.
    fn make_room(&mut self) {
        let Bounds { services_max, total_max, .. } = self.bounds;
        while !self.services.is_empty() && (self.services.len() >= services_max || self.total >= total_max) {
            let stalest = self.services.iter().min_by_key(|(_, service)| service.used);
            let Some(name) = stalest.map(|(name, _)| name.clone()) else { return };
            self.total -= self.services.remove(&name).map_or(0, |service| service.len());
        }
    }
}

impl Default for Templates {
    fn default() -> Self {
        Self::new(Bounds::default())
    }
}
