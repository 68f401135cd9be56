//! An expression that computes: the `cel` crate's tree with every path taken out.
//!
//! A path is replaced by a variable `#n` and read when the evaluation first asks for it. So an evaluation reads what it
//! needs and not the whole input, what is missing is reported in the words of the file, and everything it reads can be
//! counted against [`EVALUATION_BYTES_MAX`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use ::cel::common::ast::{EntryExpr, Expr, LiteralValue};
use ::cel::common::value::{CowVal, Val};
use ::cel::context::VariableResolver;
use ::cel::parser::{Expression as Tree, Parser};
use ::cel::{Context, Env, ExecutionError, Value};

use super::names::{Visible, resolve};
use super::path::{Path, Root};
use super::{Scope, convert, scan};
use crate::bounds::{
    COMPREHENSIONS_MAX, EVALUATION_BYTES_MAX, EXPRESSION_NODES_MAX, EXPRESSION_TREE_DEPTH_MAX,
};
use crate::finding::{Code, Fault, quoted, suggest};
use crate::node::Segment;

/// The functions of CEL's standard library that JSON needs. Operators are spelt with other characters.
const FUNCTIONS: [&str; 11] =
    ["bool", "bytes", "contains", "double", "dyn", "endsWith", "int", "size", "startsWith", "string", "type"];

/// Names of types, to compare `type(x)` with.
const TYPES: [&str; 9] = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint"];

/// Names that a loop variable must not hide.
const ROOTS: [&str; 4] = ["input", "saga", "secrets", "steps"];

/// What a variable `#n` stands for.
#[derive(Clone, Debug, PartialEq)]
enum Lookup {
    /// The value of a path.
    Value(Path),
    /// Does the last segment of the path exist?
    Has(Path),
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cel {
    tree: Tree,
    lookups: Vec<Lookup>,
    /// How often what is read may be copied: once, and once more for each use of a loop variable.
    copies: usize,
}

impl Cel {
    /// Parses and checks. Recursive with large frames: call it on a large stack.
    pub(crate) fn compile(source: &str, visible: &Visible<'_>) -> Result<Self, Fault> {
        scan::check_nesting(source)?;
        let mut tree = parse(&scan::quote_step_names(source))?;
        let mut compiler = Compiler {
            visible,
            source,
            nodes: 0,
            comprehensions: 0,
            loop_uses: 0,
            variables: Vec::new(),
            lookups: Vec::new(),
        };
        compiler.node(&mut tree, 1)?;
        Ok(Self { tree, lookups: compiler.lookups, copies: 1 + compiler.loop_uses })
    }

    /// The value as JSON, or what was missing.
    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<String, String> {
        static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));
        let reader = Reader::new(self, scope);
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.set_variable_resolver(&reader);
        let value = Value::resolve(&self.tree, &context);
        let value = value.map_err(|error| reader.explain(&error))?;
        convert::to_json(&value)
    }
}

fn parse(source: &str) -> Result<Tree, Fault> {
    let fix = "see https://cel.dev for the language; texts are quoted, fields follow a dot";
    let bad = |message: String| Fault::new(Code::BadExpression, message, fix);
    // The generated parser indexes into its tables; a text it stumbles over must not end the server.
    let parsed = catch_unwind(AssertUnwindSafe(|| Parser::default().parse(source)))
        .map_err(|_| bad("the expression cannot be parsed".to_owned()))?;
    parsed.map_err(|errors| {
        let first = errors.errors.first().map_or("", |error| error.msg.as_str());
        let first = first.strip_prefix("Syntax error: ").unwrap_or(first);
        bad(format!("the expression cannot be parsed: {}", shortened(first)))
    })
}

fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 160;
    let short: String = text.chars().take(CHARS_MAX).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

struct Compiler<'a> {
    visible: &'a Visible<'a>,
    source: &'a str,
    nodes: usize,
    comprehensions: usize,
    loop_uses: usize,
    /// Loop variables in scope.
    variables: Vec<String>,
    lookups: Vec<Lookup>,
}

impl Compiler<'_> {
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
            Expr::Comprehension(loops) => {
                self.comprehensions += 1;
                if self.comprehensions > COMPREHENSIONS_MAX {
                    return Err(too_complex(
                        "an expression may have one of all, exists, exists_one, map and filter".to_owned(),
                    ));
                }
                if matches!(&loops.iter_range.expr, Expr::Call(call) if call.func_name == "_+_") {
                    return Err(too_complex("the list that is walked must not be a sum of lists".to_owned()));
                }
                self.node(&mut loops.iter_range, depth + 1)?;
                let outside = self.variables.len();
                self.variables.extend([loops.iter_var.clone(), loops.accu_var.clone()]);
                self.variables.extend(loops.iter_var2.clone());
                if let Some(name) = self.variables.iter().find(|name| ROOTS.contains(&name.as_str())) {
                    return Err(bad(&format!("the loop variable must not be called {}", quoted(name))));
                }
                let parts =
                    [&mut loops.accu_init, &mut loops.loop_cond, &mut loops.loop_step, &mut loops.result];
                for part in parts {
                    self.node(part, depth + 1)?;
                }
                self.variables.truncate(outside);
                Ok(())
            }
        }
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

fn bad(message: &str) -> Fault {
    Fault::new(Code::BadExpression, message, "see https://cel.dev for the language")
}

fn too_complex(message: String) -> Fault {
    Fault::new(Code::ExpressionTooComplex, message, "compute the value in a service")
}

fn function(name: &str) -> Result<(), Fault> {
    let operator = name.starts_with(['_', '!', '-', '@']);
    if operator || FUNCTIONS.contains(&name) {
        return Ok(());
    }
    let message = format!("there is no function {}", quoted(name));
    Err(Fault::new(Code::UnknownFunction, message, suggest(name, &FUNCTIONS, "function")).pointing_at(name))
}

/// Reads the variables `#n` on demand, each at most once, and counts what is read.
struct Reader<'c, 'a> {
    cel: &'c Cel,
    /// The JSON in which each lookup begins; read beforehand, since a resolver is shared between threads by its type.
    starts: Vec<Result<Start<'a>, String>>,
    values: Vec<OnceLock<Result<(Box<dyn Val>, usize), String>>>,
    read: AtomicUsize,
}

/// The beginning of a path: JSON to walk, or a ready text.
#[derive(Clone)]
enum Start<'a> {
    Json(&'a str),
    Text(&'a str),
}

impl<'c, 'a> Reader<'c, 'a> {
    fn new(cel: &'c Cel, scope: &Scope<'a>) -> Self {
        let start = |lookup: &Lookup| {
            let (Lookup::Value(path) | Lookup::Has(path)) = lookup;
            match path.root {
                Root::SagaId => Ok(Start::Text(scope.saga_id)),
                Root::SagaRun => Ok(Start::Text(scope.run)),
                Root::Input | Root::Output(_) | Root::Secret(_) => path.root_json(scope).map(Start::Json),
            }
        };
        Self {
            cel,
            starts: cel.lookups.iter().map(start).collect(),
            values: cel.lookups.iter().map(|_| OnceLock::new()).collect(),
            read: AtomicUsize::new(0),
        }
    }

    /// The value of a lookup and how many bytes of JSON it was.
    fn value(&self, at: usize) -> Result<&(Box<dyn Val>, usize), String> {
        let damaged = || "the expression is damaged".to_owned();
        let lookup = self.cel.lookups.get(at).ok_or_else(damaged)?;
        let start = self.starts.get(at).ok_or_else(damaged)?;
        let slot = self.values.get(at).ok_or_else(damaged)?;
        slot.get_or_init(|| read(lookup, start.clone()?)).as_ref().map_err(Clone::clone)
    }

    /// The error in the words of the file.
    fn explain(&self, error: &ExecutionError) -> String {
        if self.read.load(Ordering::Relaxed) > EVALUATION_BYTES_MAX {
            return format!("the expression reads more than {EVALUATION_BYTES_MAX} bytes");
        }
        match error {
            ExecutionError::UndeclaredReference(name) => match number(name).map(|at| self.value(at)) {
                Some(Err(message)) => message,
                Some(Ok(_)) | None => format!("{} does not exist", quoted(name)),
            },
            ExecutionError::NoSuchKey(name) => format!("the key {} is missing", quoted(name)),
            other => shortened(&other.to_string()),
        }
    }
}

impl VariableResolver for Reader<'_, '_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let (value, bytes) = self.value(number(variable)?).ok()?;
        let cost = bytes.saturating_mul(self.cel.copies);
        let before = self.read.fetch_add(cost, Ordering::Relaxed);
        (before.saturating_add(cost) <= EVALUATION_BYTES_MAX).then(|| CowVal::Borrowed(value.as_ref()))
    }
}

fn read(lookup: &Lookup, start: Start<'_>) -> Result<(Box<dyn Val>, usize), String> {
    match (lookup, start) {
        (_, Start::Text(text)) => Ok((convert::text(text), text.len())),
        (Lookup::Value(path), Start::Json(json)) => {
            let raw = path.follow(json, path.segments.len())?;
            Ok((convert::from_json(raw)?, raw.len()))
        }
        (Lookup::Has(path), Start::Json(json)) => Ok((has(path, json)?, 1)),
    }
}

fn number(variable: &str) -> Option<usize> {
    variable.strip_prefix('#')?.parse().ok()
}

/// Does the last segment exist? What it would stand in must exist, as CEL has it.
fn has(path: &Path, json: &str) -> Result<Box<dyn Val>, String> {
    let parent = path.follow(json, path.segments.len().saturating_sub(1))?;
    if !parent.starts_with('{') {
        let parent = path.text(path.segments.len().saturating_sub(1));
        return Err(format!("{} is not a mapping", quoted(&parent)));
    }
    Ok(convert::boolean(path.follow(json, path.segments.len()).is_ok()))
}
