//! An expression that computes: the `cel` crate's tree with every path taken out.
//!
//! A path is replaced by a variable `#n` and read when the evaluation first asks for it. So an evaluation reads what it
//! needs and not the whole input, what is missing is reported in the words of the file, and everything it reads can be
//! counted against [`crate::bounds::EVALUATION_BYTES_MAX`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock};

use ::cel::parser::{Expression as Tree, Parser};
use ::cel::{Context, Env, Value};

use super::names::Visible;
use super::path::Path;
use super::reader::Reader;
use super::tree::take_paths;
use super::{Scope, convert, order, scan, words};
use crate::bounds::COMPUTED_EXPRESSIONS_MAX;
use crate::finding::{Code, Fault};

/// What a variable `#n` stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lookup {
    /// The value of a path.
    Value(Path),
    /// Does the last segment of the path exist?
    Has(Path),
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cel {
    pub(super) tree: Tree,
    pub(crate) lookups: Vec<Lookup>,
    /// How often what is read may be copied: once, and once more for each use of a loop variable.
    pub(crate) copies: usize,
}

impl Cel {
    /// Parses and checks. Recursive with large frames: call it on a large stack.
    pub(crate) fn compile(source: &str, visible: &Visible<'_>) -> Result<Self, Fault> {
        visible.computed.set(visible.computed.get() + 1);
        if visible.computed.get() > COMPUTED_EXPRESSIONS_MAX {
            return Err(Fault::new(
                Code::ExpressionTooComplex,
                format!("more than {COMPUTED_EXPRESSIONS_MAX} expressions of the saga compute something"),
                "use plain paths such as ${{ input.user }}, or compute the values in a service",
            ));
        }
        scan::check_nesting(source)?;
        let mut tree = parse(&scan::quote_step_names(source))?;
        let (lookups, loop_uses) = take_paths(&mut tree, source, visible)?;
        Ok(Self { tree, lookups, copies: 1 + loop_uses })
    }

    /// The value as JSON, or what was missing.
    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<String, String> {
        static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(order::environment()));
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
        bad(format!("the expression cannot be parsed: {}", words::shortened(first)))
    })
}
