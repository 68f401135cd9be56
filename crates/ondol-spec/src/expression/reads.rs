//! What an expression reads, and whether it always does.

use ::cel::common::ast::operators::{CONDITIONAL, LOGICAL_AND, LOGICAL_OR};
use ::cel::common::ast::{EntryExpr, Expr};
use ::cel::parser::Expression as Tree;

use super::cel::{Cel, Lookup};
use super::{Expression, Path};

/// How much an expression depends on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It cannot be evaluated without.
    Always,
    /// It depends on other values whether it is read.
    Maybe,
    /// It is asked whether it is there, always or not.
    Tested {
        /// Is it always asked?
        always: bool,
    },
}

impl Expression {
    /// The paths that it reads.
    pub(crate) fn reads(&self) -> Vec<(&Path, Need)> {
        match self {
            Self::Path(path) => vec![(path, Need::Always)],
            Self::Cel(cel) => computed(cel),
        }
    }
}

fn computed(cel: &Cel) -> Vec<(&Path, Need)> {
    let mut certain = vec![false; cel.lookups.len()];
    mark(&cel.tree, &mut certain);
    let reads = cel.lookups.iter().zip(certain).map(|(lookup, always)| match lookup {
        Lookup::Value(path) if always => (path, Need::Always),
        Lookup::Value(path) => (path, Need::Maybe),
        Lookup::Has(path) => (path, Need::Tested { always }),
    });
    reads.collect()
}

/// Marks the variables that every evaluation asks for: not those behind a choice, nor those inside a loop, which may have
/// nothing to walk.
fn mark(tree: &Tree, certain: &mut [bool]) {
    match &tree.expr {
        Expr::Ident(name) => {
            let number = name.strip_prefix('#').and_then(|number| number.parse::<usize>().ok());
            if let Some(always) = number.and_then(|number| certain.get_mut(number)) {
                *always = true;
            }
        }
        Expr::Select(select) => mark(&select.operand, certain),
        Expr::Call(call) => {
            let chooses = [CONDITIONAL, LOGICAL_AND, LOGICAL_OR].contains(&call.func_name.as_str());
            let asked = if chooses { 1 } else { call.args.len() };
            call.target.iter().for_each(|target| mark(target, certain));
            call.args.iter().take(asked).for_each(|argument| mark(argument, certain));
        }
        Expr::List(list) => list.elements.iter().for_each(|item| mark(item, certain)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    mark(&entry.key, certain);
                    mark(&entry.value, certain);
                }
            }
        }
        Expr::Comprehension(comprehension) => mark(&comprehension.iter_range, certain),
        Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
}
