//! The language of queries: text to [`Filter`] and back.
//!
//! ```text
//! either := every { "OR" every }
//! every  := one { [ "AND" ] one }
//! one    := ( "NOT" | "-" ) one | "(" either ")" | term
//! term   := [ name ":" ] value | name ":" "(" either ")"
//! value  := "*" | word | quoted | ( ">" | ">=" | "<" | "<=" ) bound | ( "[" | "{" ) bound "TO" bound ( "]" | "}" )
//! ```
//!
//! The manual has it in words: `docs/queries.md`. What a filter means is `query::matches`.

mod bounds;
mod error;
mod fields;
mod hints;
mod parser;
mod show;
#[cfg(test)]
mod tests;
mod values;

pub use error::SyntaxError;
pub use hints::Hint;

use std::str::FromStr;

use super::Filter;

/// The longest query, in bytes. A person types a line; a longer one was put together by a program that should ask twice.
pub const QUERY_BYTES_MAX: usize = 4 << 10;
/// The deepest nesting of brackets and negations. Whoever walks the tree calls itself as often.
pub const DEPTH_MAX: usize = 32;
/// The most terms of one query: each is looked up in every block of every file.
pub const TERMS_MAX: usize = 128;

impl Filter {
    /// Reads a query. The empty query is [`Filter::All`].
    ///
    /// ```
    /// use ondol_telemetry::query::Filter;
    /// let filter = Filter::parse(r#"service:checkout level:>=warn ("timed out" OR conn*) -user.id:u1"#)?;
    /// assert_eq!(filter.to_string(), r#"service:checkout level:>=warn ("timed out" OR conn*) -user.id:u1"#);
    /// # Ok::<(), ondol_telemetry::query::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    /// [`SyntaxError`]: it is no query, or larger than [`QUERY_BYTES_MAX`], [`DEPTH_MAX`] or [`TERMS_MAX`] allow.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        parser::parse(text)
    }
}

impl FromStr for Filter {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::parse(text)
    }
}
