//! Brackets, negation, AND and OR; names of fields; words. What a value means to its field is `values`.

use super::error::SyntaxError;
use super::{DEPTH_MAX, QUERY_BYTES_MAX, TERMS_MAX, fields, values};
use crate::query::{Field, Filter, Term, Test};

const KEYWORDS: [&str; 3] = ["AND", "OR", "NOT"];

pub(super) fn parse(text: &str) -> Result<Filter, SyntaxError> {
    if text.len() > QUERY_BYTES_MAX {
        let problem = format!("it has {} bytes, at most {QUERY_BYTES_MAX} are read", text.len());
        return Err(SyntaxError::new(text, 0, problem, "ask for less at once, or ask several times"));
    }
    let mut parser = Parser { text, at: 0, depth: 0, terms: 0 };
    parser.spaces();
    if parser.rest().is_empty() {
        return Ok(Filter::All);
    }
    let filter = parser.either(None)?;
    if !parser.rest().is_empty() {
        return Err(parser.error("this `)` has no `(`", "take it away, or put it in quotes: `\")\"`"));
    }
    Ok(filter)
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    /// The next byte to read, at the beginning of a character.
    pub(super) at: usize,
    depth: usize,
    terms: usize,
}

/// A word of a query with its escapes taken out.
pub(super) enum Word {
    /// As it is.
    Plain(String),
    /// It has a `*` that is neither quoted nor escaped.
    Pattern(String),
}

impl<'t> Parser<'t> {
    /// One of several. Inside `field:(…)` the words are that field's.
    fn either(&mut self, field: Option<&Field>) -> Result<Filter, SyntaxError> {
        let mut parts = vec![self.every(field)?];
        while self.keyword("OR") {
            parts.push(self.every(field)?);
        }
        Ok(alone(parts, Filter::Or))
    }

    fn every(&mut self, field: Option<&Field>) -> Result<Filter, SyntaxError> {
        let mut parts = vec![self.one(field)?];
        loop {
            self.spaces();
            if self.rest().is_empty() || self.rest().starts_with(')') || self.sees("OR") {
                return Ok(alone(parts, Filter::And));
            }
            self.keyword("AND");
            parts.push(self.one(field)?);
        }
    }

    fn one(&mut self, field: Option<&Field>) -> Result<Filter, SyntaxError> {
        self.spaces();
        let rest = self.rest();
        if let Some(keyword) = ["AND", "OR"].into_iter().find(|keyword| self.sees(keyword)) {
            let fix = format!("write a condition before it, or `\"{keyword}\"` to look for the word");
            return Err(self.error(format!("`{keyword}` stands between two conditions"), fix));
        }
        if rest.is_empty() || rest.starts_with(')') {
            return Err(self.error("a condition is missing here", "write one, such as `level:error`"));
        }
        if rest.starts_with("&&") || rest.starts_with("||") {
            return Err(self.error("this is no operator here", "write `AND` or `OR`"));
        }
        if rest.starts_with('(') {
            return self.bracket(field);
        }
        if self.keyword("NOT") {
            return self.deeper(|parser| Ok(Filter::Not(Box::new(parser.one(field)?))));
        }
        if let Some(negated) = rest.strip_prefix('-') {
            if negated.starts_with(|next: char| next.is_whitespace() || next == ')') || negated.is_empty() {
                let fix = "write `-word` without a space, or `\"-\"` to look for it";
                return Err(self.error("`-` stands right before what must not be", fix));
            }
            self.at += 1;
            return self.deeper(|parser| Ok(Filter::Not(Box::new(parser.one(field)?))));
        }
        self.term(field)
    }

    fn bracket(&mut self, field: Option<&Field>) -> Result<Filter, SyntaxError> {
        let open = self.at;
        self.deeper(|parser| {
            parser.at += 1;
            let filter = parser.either(field)?;
            if !parser.rest().starts_with(')') {
                let fix = "close it with `)`, or put it in quotes: `\"(\"`";
                return Err(SyntaxError::new(parser.text, open, "this `(` is never closed", fix));
            }
            parser.at += 1;
            Ok(filter)
        })
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Filter, SyntaxError>,
    ) -> Result<Filter, SyntaxError> {
        if self.depth == DEPTH_MAX {
            let problem = format!("it is nested deeper than {DEPTH_MAX} levels");
            return Err(self.error(problem, "take away brackets that change nothing"));
        }
        self.depth += 1;
        let filter = read(self)?;
        self.depth -= 1;
        Ok(filter)
    }

    fn term(&mut self, field: Option<&Field>) -> Result<Filter, SyntaxError> {
        let from = self.at;
        self.terms += 1;
        if self.terms > TERMS_MAX {
            let problem = format!("it has more than {TERMS_MAX} terms");
            return Err(self.error(problem, "ask several times, or use a wildcard: `user.id:u*`"));
        }
        let named = self.name()?;
        if let (Some(_), Some(_)) = (field, &named) {
            let fix = "close the bracket before it, or put it in quotes to look for the text";
            return Err(SyntaxError::new(
                self.text,
                from,
                "a field inside the bracket of another field",
                fix,
            ));
        }
        if named.is_some() && self.rest().starts_with('(') {
            return self.bracket(named.as_ref());
        }
        if let Some(field) = named.as_ref().or(field) {
            let test = values::read(self, field, named.is_some())?;
            return Ok(Filter::Term(Term { field: field.clone(), test }));
        }
        Ok(match values::read(self, &Field::Text, false)? {
            Test::Exists => Filter::All,
            test => Filter::Term(Term { field: Field::Text, test }),
        })
    }

    /// A name and its colon, if that is what comes. In quotes it is always an attribute's.
    fn name(&mut self) -> Result<Option<Field>, SyntaxError> {
        let from = self.at;
        let rest = self.rest();
        if rest.starts_with('"') {
            let name = self.quoted()?;
            if self.rest().starts_with(':') && !name.is_empty() {
                self.at += 1;
                return self.followed(from, Field::Attribute(name)).map(Some);
            }
            self.at = from;
            return Ok(None);
        }
        let length = rest.find(|part| !fields::is_name_part(part)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(length);
        // `http://host` and `std::io` are texts.
        let colon = after.starts_with(':') && !after.starts_with("://") && !after.starts_with("::");
        if !colon || !name.starts_with(fields::is_name_start) {
            return Ok(None);
        }
        self.at += length + 1;
        self.followed(from, fields::named(name)).map(Some)
    }

    /// A value must follow at once.
    fn followed(&self, from: usize, field: Field) -> Result<Field, SyntaxError> {
        let rest = self.rest();
        if rest.is_empty() || rest.starts_with(|next: char| next.is_whitespace() || next == ')') {
            let name = &self.text[from..self.at];
            let problem = format!("a value is missing right after `{name}`");
            let fix = format!("write `{name}value` without a space, or `{name}*` for any value");
            return Err(self.error(problem, fix));
        }
        Ok(field)
    }

    /// A word, quoted or not. Never empty where it is not quoted.
    pub(super) fn word(&mut self) -> Result<Word, SyntaxError> {
        if self.rest().starts_with('"') {
            let word = self.quoted()?;
            return Ok(Word::Plain(word));
        }
        let from = self.at;
        let (mut word, mut pattern, mut star) = (String::new(), false, false);
        let mut characters = self.rest().char_indices();
        let mut length = self.rest().len();
        while let Some((at, next)) = characters.next() {
            match next {
                '(' | ')' => {
                    length = at;
                    break;
                }
                '"' => {
                    let fix = "put all of it in quotes, with `\\\"` for a quote inside";
                    return Err(SyntaxError::new(self.text, from + at, "a quote inside a word", fix));
                }
                '\\' => {
                    let Some((_, escaped)) = characters.next() else {
                        let problem = "a backslash takes the next character as it is; there is none";
                        let fix = "write `\\\\` for a backslash";
                        return Err(SyntaxError::new(self.text, from + at, problem, fix));
                    };
                    star |= escaped == '*';
                    word.push(escaped);
                }
                _ if next.is_whitespace() => {
                    length = at;
                    break;
                }
                '*' => {
                    pattern = true;
                    if !word.ends_with('*') {
                        word.push('*');
                    }
                }
                _ => word.push(next),
            }
        }
        if pattern && star {
            let problem = "a `*` that is a wildcard and one that is not cannot be in one word";
            let fix = "let the wildcard stand for the other, too: it matches any characters";
            return Err(self.error(problem, fix));
        }
        self.at += length;
        Ok(if pattern { Word::Pattern(word) } else { Word::Plain(word) })
    }

    fn quoted(&mut self) -> Result<String, SyntaxError> {
        let open = self.at;
        let mut word = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, next)) = characters.next() {
            match next {
                '"' => {
                    self.at += at + 1;
                    return Ok(word);
                }
                '\\' => word.extend(characters.next().map(|(_, escaped)| escaped)),
                _ => word.push(next),
            }
        }
        Err(SyntaxError::new(self.text, open, "this quote is never closed", "close it with `\"`"))
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn error(&self, problem: impl Into<String>, fix: impl Into<String>) -> SyntaxError {
        SyntaxError::new(self.text, self.at, problem, fix)
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Does this keyword come next? `ORDER` is no `OR`.
    fn sees(&self, keyword: &str) -> bool {
        debug_assert!(KEYWORDS.contains(&keyword));
        let after = self.rest().strip_prefix(keyword);
        let border = |next: char| next.is_whitespace() || matches!(next, '(' | ')' | '"');
        after.is_some_and(|after| after.is_empty() || after.starts_with(border))
    }

    /// Takes the keyword if it comes next.
    fn keyword(&mut self, keyword: &str) -> bool {
        self.spaces();
        let seen = self.sees(keyword);
        if seen {
            self.at += keyword.len();
        }
        seen
    }
}

/// One part stands for itself.
fn alone(mut parts: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 { parts.swap_remove(0) } else { several(parts) }
}
