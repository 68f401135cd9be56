//! Takes the paths out of a parsed expression and refuses what could not be evaluated, or not within bounds.

use ::cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue};
use ::cel::parser::Expression as Tree;

use super::cel::Lookup;
use super::names::{Visible, resolve};
use super::order::IN_ORDER;
use super::path::Root;
use crate::bounds::{COMPREHENSIONS_MAX, EXPRESSION_NODES_MAX, EXPRESSION_TREE_DEPTH_MAX};
use crate::finding::{Code, Fault, quoted, suggest};
use crate::node::Segment;

/// The functions of CEL's standard library that JSON needs. Operators are spelt with other characters.
const FUNCTIONS: [&str; 11] =
    ["bool", "bytes", "contains", "double", "dyn", "endsWith", "int", "size", "startsWith", "string", "type"];

/// Names of types, to compare `type(x)` with.
const TYPES: [&str; 9] = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint"];

/// Names that a loop variable must not hide.
const ROOTS: [&str; 4] = ["input", "saga", "secrets", "steps"];

/// Replaces the paths of `tree` by variables. Gives what they stand for, and how often loop variables are used.
pub(crate) fn take_paths(
    tree: &mut Tree,
    source: &str,
    visible: &Visible<'_>,
) -> Result<(Vec<Lookup>, usize), Fault> {
    let mut walk = Walk {
        visible,
        source,
        nodes: 0,
        comprehensions: 0,
        loop_uses: 0,
        variables: Vec::new(),
        lookups: Vec::new(),
    };
    walk.node(tree, 1)?;
    Ok((walk.lookups, walk.loop_uses))
}

struct Walk<'a> {
    visible: &'a Visible<'a>,
    source: &'a str,
    nodes: usize,
    comprehensions: usize,
    loop_uses: usize,
    /// Loop variables in scope.
    variables: Vec<String>,
    lookups: Vec<Lookup>,
}

impl Walk<'_> {
    fn node(&mut self, tree: &mut Tree, depth: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if depth > EXPRESSION_TREE_DEPTH_MAX || self.nodes > EXPRESSION_NODES_MAX {
            return Err(too_complex(format!(
                "the expression has more than {EXPRESSION_NODES_MAX} parts, or {EXPRESSION_TREE_DEPTH_MAX} inside one another"
            )));
        }
        if let Some(segments) = self.segments(&tree.expr) {
            return self.replace(tree, &segments);
        }
        match &mut tree.expr {
            Expr::Unspecified => Err(bad("the expression cannot be parsed")),
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.ident(name),
            Expr::Select(select) => self.node(&mut select.operand, depth + 1),
            Expr::Struct(_) => Err(bad("messages cannot be built here; write a map: {\"key\": value}")),
            Expr::List(list) => list.elements.iter_mut().try_for_each(|item| self.node(item, depth + 1)),
            Expr::Call(call) => {
                function(&call.func_name)?;
                if let Some(target) = &mut call.target {
                    self.node(target, depth + 1)?;
                }
                call.args.iter_mut().try_for_each(|argument| self.node(argument, depth + 1))
            }
            Expr::Map(map) => map.entries.iter_mut().try_for_each(|entry| match &mut entry.expr {
                EntryExpr::MapEntry(entry) => {
                    self.node(&mut entry.key, depth + 1)?;
                    self.node(&mut entry.value, depth + 1)
                }
                EntryExpr::StructField(_) => Err(bad("messages cannot be built here")),
            }),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, depth),
        }
    }

    fn comprehension(&mut self, comprehension: &mut ComprehensionExpr, depth: usize) -> Result<(), Fault> {
        self.comprehensions += 1;
        if self.comprehensions > COMPREHENSIONS_MAX {
            let message = "an expression may have one of all, exists, exists_one, map and filter";
            return Err(too_complex(message.to_owned()));
        }
        if matches!(&comprehension.iter_range.expr, Expr::Call(call) if call.func_name == "_+_") {
            return Err(too_complex("the list that is walked must not be a sum of lists".to_owned()));
        }
        self.node(&mut comprehension.iter_range, depth + 2)?;
        in_order(&mut comprehension.iter_range);
        let outside = self.variables.len();
        self.variables.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
        self.variables.extend(comprehension.iter_var2.clone());
        if let Some(name) = self.variables.iter().find(|name| ROOTS.contains(&name.as_str())) {
            return Err(bad(&format!("the loop variable must not be called {}", quoted(name))));
        }
        let parts = [
            &mut comprehension.accu_init,
            &mut comprehension.loop_cond,
            &mut comprehension.loop_step,
            &mut comprehension.result,
        ];
        for part in parts {
            self.node(part, depth + 1)?;
        }
        self.variables.truncate(outside);
        Ok(())
    }

    fn ident(&mut self, name: &str) -> Result<(), Fault> {
        if self.variables.iter().any(|variable| variable == name) {
            self.loop_uses += usize::from(!name.starts_with('@'));
            return Ok(());
        }
        if TYPES.contains(&name) {
            return Ok(());
        }
        let message = format!("{} does not exist", quoted(name));
        let mut known: Vec<&str> = ROOTS.to_vec();
        known.extend(self.variables.iter().map(String::as_str).filter(|name| !name.starts_with('@')));
        let fix =
            format!("{}; a key with a hyphen is written input[\"a-key\"]", suggest(name, &known, "variable"));
        Err(Fault::new(Code::UnknownVariable, message, fix).pointing_at(name))
    }

    /// The path that a tree spells, from a root that no loop variable hides. `has(a.b)` spells `a.b`.
    fn segments(&self, expr: &Expr) -> Option<Vec<Segment>> {
        match expr {
            Expr::Ident(name) => ROOTS.contains(&name.as_str()).then(|| vec![Segment::Key(name.clone())]),
            Expr::Select(select) => {
                let mut segments = self.operand(&select.operand.expr)?;
                segments.push(Segment::Key(select.field.clone()));
                Some(segments)
            }
            Expr::Call(call) if call.func_name == "_[_]" => {
                let [list, index] = call.args.as_slice() else { return None };
                let index = match &index.expr {
                    Expr::Literal(LiteralValue::String(key)) => Segment::Key(key.inner().to_owned()),
                    Expr::Literal(LiteralValue::Int(at)) => {
                        Segment::Index(usize::try_from(*at.inner()).ok()?)
                    }
                    _ => return None,
                };
                let mut segments = self.operand(&list.expr)?;
                segments.push(index);
                Some(segments)
            }
            _ => None,
        }
    }

    /// Like [`Self::segments`], but a presence test in the middle is a boolean and no path.
    fn operand(&self, expr: &Expr) -> Option<Vec<Segment>> {
        match expr {
            Expr::Select(select) if select.test => None,
            other => self.segments(other),
        }
    }

    fn replace(&mut self, tree: &mut Tree, segments: &[Segment]) -> Result<(), Fault> {
        let path = resolve(segments, self.source, self.visible)?;
        if let Root::Secret(name) = &path.root {
            return Err(Fault::new(
                Code::SecretNotHere,
                format!("the secret {} cannot be computed with", quoted(name)),
                format!("insert it alone: ${{{{ secrets.{name} }}}}"),
            ));
        }
        let test = matches!(&tree.expr, Expr::Select(select) if select.test);
        if test && path.segments.is_empty() {
            return Err(bad(&format!("{} always exists", quoted(&path.root_text))));
        }
        tree.expr = Expr::Ident(format!("#{}", self.lookups.len()));
        self.lookups.push(if test { Lookup::Has(path) } else { Lookup::Value(path) });
        Ok(())
    }
}

/// Wraps what is walked into a call of [`IN_ORDER`].
fn in_order(range: &mut Tree) {
    let expr = std::mem::replace(&mut range.expr, Expr::Unspecified);
    let args = vec![Tree { id: range.id, expr }];
    range.expr = Expr::Call(CallExpr { func_name: IN_ORDER.to_owned(), target: None, args });
}

fn bad(message: &str) -> Fault {
    Fault::new(Code::BadExpression, message, "see https://cel.dev for the language")
}

fn too_complex(message: String) -> Fault {
    Fault::new(Code::ExpressionTooComplex, message, "compute the value in a service")
}

fn function(name: &str) -> Result<(), Fault> {
    let operator = !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if operator || FUNCTIONS.contains(&name) {
        return Ok(());
    }
    let message = format!("there is no function {}", quoted(name));
    Err(Fault::new(Code::UnknownFunction, message, suggest(name, &FUNCTIONS, "function")).pointing_at(name))
}
