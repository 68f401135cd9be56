//! The templates of one service: a tree of fixed depth, and at its leaves the templates.

use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};

use super::mask::{ANY, Masked, VALUE, Word};
use super::{Learned, Template, TemplateId};

/// How many words lead to a leaf (Drain's depth, without its root and its leaf).
const DEPTH: usize = 2;
/// Words that a node tells apart; all further ones share one branch. Else a name in front of each line is a branch each.
const CHILDREN_MAX: u16 = 32;
/// Nodes of the tree for each template: more are not made, and words without a node share a branch.
const NODES_PER_TEMPLATE: usize = 8;
/// How much of a template's words a line must have (Drain's similarity threshold, 0.4 to 0.5 in the paper).
const SIMILARITY_MIN: f32 = 0.5;
/// Ids of forgotten templates that are remembered, for each that is known: who comes back is not new. 16 bytes each.
const FORGOTTEN_PER_TEMPLATE: usize = 8;
/// A level stands among this many words at the beginning.
const LEVEL_WITHIN: usize = 4;

const LEVELS: [&str; 8] = ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL"];
/// Words before an id that says where a line was written and not what it says.
const CONTEXT: [&str; 6] = ["traceid", "trace_id", "trace-id", "spanid", "span_id", "span-id"];

/// A line to learn from.
pub(super) struct Line<'l> {
    pub(super) service: &'l str,
    pub(super) masked: &'l Masked,
    pub(super) at_ns: u64,
    /// How many lines there were, of all services.
    pub(super) number: u64,
}

#[derive(Debug)]
pub(super) struct Service {
    /// When it wrote its earliest line.
    pub(super) first_ns: u64,
    /// The number of its latest line.
    pub(super) used: u64,
    templates_max: usize,
    nodes: Vec<Node>,
    /// From a node by a word.
    edges: FxHashMap<(u32, u64), u32>,
    kept: Vec<Kept>,
    /// When those that were forgotten were first written.
    forgotten: FxHashMap<TemplateId, u64>,
    /// The words of the line at hand, without context.
    words: Vec<Word>,
}

#[derive(Debug, Default)]
struct Node {
    children: u16,
    /// How many of the words that lead here are told apart.
    exact: u16,
    templates: Vec<u32>,
}

#[derive(Debug)]
struct Kept {
    id: TemplateId,
    node: u32,
    /// As it was first written.
    form: Box<str>,
    /// Its words there; [`ANY`] where lines differ.
    words: Box<[Word]>,
    /// How many words could be compared at first, without those that led here.
    comparable: u16,
    count: u64,
    first_ns: u64,
    last_ns: u64,
    used: u64,
}

impl Service {
    pub(super) fn new(templates_max: usize, at_ns: u64) -> Self {
        Self {
            first_ns: at_ns,
            used: 0,
            templates_max,
            nodes: vec![Node::default()],
            edges: FxHashMap::default(),
            kept: Vec::new(),
            forgotten: FxHashMap::default(),
            words: Vec::new(),
        }
    }

    /// How many templates it has.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Without `room` a new template takes the place of one of its own.
    pub(super) fn learn(&mut self, line: &Line<'_>, room: bool) -> Learned {
        let Line { masked, at_ns, number, .. } = *line;
        self.first_ns = self.first_ns.min(at_ns);
        self.used = number;
        without_context(masked, &mut self.words);
        let node = self.leaf(masked);
        if let Some(best) = self.most_similar(node) {
            let kept = &mut self.kept[best as usize];
            for (known, word) in kept.words.iter_mut().zip(&self.words) {
                if known.hash != word.hash {
                    known.hash = ANY;
                }
            }
            kept.count += 1;
            kept.first_ns = kept.first_ns.min(at_ns);
            kept.last_ns = kept.last_ns.max(at_ns);
            kept.used = number;
            return Learned { template: kept.id, new: false };
        }
        self.keep(node, line, room)
    }

    pub(super) fn templates(&self, name: &str) -> impl Iterator<Item = Template> {
        self.kept.iter().map(move |kept| Template {
            id: kept.id,
            service: name.to_owned(),
            text: kept.text(),
            count: kept.count,
            first_ns: kept.first_ns,
            last_ns: kept.last_ns,
        })
    }

    /// Where the templates are that may be this line's.
    fn leaf(&mut self, masked: &Masked) -> u32 {
        let head = &self.words[..self.words.len().min(LEVEL_WITHIN)];
        let level = head.iter().position(|word| LEVELS.contains(&text(masked, word)));
        let level_hash = level.map_or(ANY, |at| self.words[at].hash);
        let mut node = self.child(0, level_hash ^ ((self.words.len() as u64) << 1), true);
        let mut depth = 0;
        for at in level.map_or(0, |at| at + 1)..self.words.len() {
            let word = self.words[at].hash;
            if word == ANY {
                continue;
            }
            node = self.child(node, word, false);
            depth += 1;
            if depth == DEPTH {
                break;
            }
        }
        node
    }

    /// `always`: the number of such children is bounded elsewhere.
    fn child(&mut self, node: u32, word: u64, always: bool) -> u32 {
        if let Some(child) = self.edges.get(&(node, word)) {
            return *child;
        }
        let parent = &self.nodes[node as usize];
        let full =
            parent.children >= CHILDREN_MAX || self.nodes.len() >= self.templates_max * NODES_PER_TEMPLATE;
        let (word, exact) = if full && !always { (ANY, false) } else { (word, !always) };
        if let Some(child) = self.edges.get(&(node, word)) {
            return *child;
        }
        let child = self.nodes.len() as u32;
        let exact = parent.exact + u16::from(exact);
        self.nodes[node as usize].children += 1;
        self.nodes.push(Node { children: 0, exact, templates: Vec::new() });
        self.edges.insert((node, word), child);
        child
    }

    /// The template at this leaf that has most of its words in common with the line, if these are enough.
    fn most_similar(&self, node: u32) -> Option<u32> {
        let leaf = &self.nodes[node as usize];
        let mut best = None;
        for slot in &leaf.templates {
            let kept = &self.kept[*slot as usize];
            let same = kept
                .words
                .iter()
                .zip(&self.words)
                .filter(|(known, word)| known.hash != ANY && known.hash == word.hash);
            let same = same.count() as u16;
            if best.is_none_or(|(most, _)| same > most)
                && similar(same.saturating_sub(leaf.exact), kept.comparable)
            {
                best = Some((same, *slot));
            }
        }
        best.map(|(_, slot)| slot)
    }

    fn keep(&mut self, node: u32, line: &Line<'_>, room: bool) -> Learned {
        let Line { masked, at_ns, .. } = *line;
        let id = id(line.service, &masked.text);
        let known = self.forgotten.remove(&id);
        let first_ns = known.map_or(at_ns, |first_ns| first_ns.min(at_ns));
        let fixed = self.words.iter().filter(|word| word.hash != ANY).count() as u16;
        let kept = Kept {
            id,
            node,
            form: masked.text.as_str().into(),
            words: self.words.as_slice().into(),
            comparable: fixed.saturating_sub(self.nodes[node as usize].exact),
            count: 1,
            first_ns,
            last_ns: at_ns,
            used: line.number,
        };
        let room = self.kept.is_empty() || (room && self.kept.len() < self.templates_max);
        let slot = if room {
            self.kept.push(kept);
            self.kept.len() - 1
        } else {
            let slot = self.forget_one();
            self.kept[slot] = kept;
            slot
        };
        self.nodes[node as usize].templates.push(slot as u32);
        Learned { template: id, new: known.is_none() }
    }

    /// Gives up the template that was not seen for longest.
    fn forget_one(&mut self) -> usize {
        let slots = self.kept.iter().enumerate();
        let (slot, stalest) = slots.min_by_key(|(_, kept)| kept.used).expect("at least one is kept");
        if self.forgotten.len() >= self.templates_max * FORGOTTEN_PER_TEMPLATE {
            self.forgotten.clear();
        }
        self.forgotten.insert(stalest.id, stalest.first_ns);
        self.nodes[stalest.node as usize].templates.retain(|at| *at as usize != slot);
        slot
    }
}

impl Kept {
    fn text(&self) -> String {
        let mut text = String::with_capacity(self.form.len());
        let mut at = 0;
        for word in &self.words {
            let (from, to) = (word.from as usize, word.to as usize);
            text.push_str(&self.form[at..from]);
            text.push_str(if word.hash == ANY { VALUE } else { &self.form[from..to] });
            at = to;
        }
        text.push_str(&self.form[at..]);
        text
    }
}

/// Of a template with one word to compare, that word may differ; of two, one must be the same; of three and four, two.
fn similar(same: u16, comparable: u16) -> bool {
    comparable == 0 || f32::from(same + 1) >= SIMILARITY_MIN * f32::from(comparable + 1)
}

/// Leaves out ids of traces and spans with their names.
fn without_context(masked: &Masked, words: &mut Vec<Word>) {
    words.clear();
    for word in &masked.words {
        let named = word.hash == ANY
            && words.last().is_some_and(|last| {
                let before = text(masked, last);
                CONTEXT.iter().any(|name| name.eq_ignore_ascii_case(before))
            });
        if named {
            words.pop();
        } else {
            words.push(*word);
        }
    }
}

fn text<'m>(masked: &'m Masked, word: &Word) -> &'m str {
    &masked.text[word.from as usize..word.to as usize]
}

/// SHA-256 is the same everywhere and for ever; the internal hash need not be.
fn id(service: &str, form: &str) -> TemplateId {
    let mut digest = Sha256::new();
    digest.update(service);
    digest.update([0]);
    digest.update(form);
    let digest = digest.finalize();
    let (first, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
    TemplateId(u64::from_be_bytes(*first))
}
