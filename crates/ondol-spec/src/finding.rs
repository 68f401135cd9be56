//! What lint says: findings with a place, a stable code, a reason and a fix.

use std::fmt;

use crate::node::Position;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The file is not used.
    Error,
    /// The file is used; something may not be what was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $severity:ident $reason:literal;)+) => {
        /// A stable name for everything that lint can find.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code, for the manual and for the test that asks for an example of each.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as it is printed; never changed once released.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// Why it is found at all.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason,)+ }
            }
        }
    };
}

codes! {
    /// The text is neither YAML nor JSON.
    Syntax "syntax" Error "the file cannot be read";
    /// The file is above [`crate::bounds::SOURCE_BYTES_MAX`].
    TooLarge "too_large" Error "reading is bounded, so that no file can exhaust the server";
    /// Values are nested above [`crate::bounds::SOURCE_DEPTH_MAX`].
    TooDeep "too_deep" Error "nesting is bounded, so that no file can exhaust the server";
    /// A YAML alias.
    Alias "alias" Error "aliases make files that grow without bound when they are read";
    /// A YAML tag.
    Tag "tag" Error "a tag would change what a value means";
    /// A second YAML document.
    SeveralDocuments "several_documents" Error "the second document would be ignored";
    /// A key given twice.
    DuplicateKey "duplicate_key" Error "one of the two values would be lost";
    /// A key that is a list or a mapping.
    KeyNotText "key_not_text" Error "requests are JSON, whose keys are text";
    /// A number that YAML has and JSON has not.
    NumberNotJson "number_not_json" Error "requests are JSON, and a number is sent as it is written";
    /// A key that means nothing.
    UnknownKey "unknown_key" Error "a misspelt key would silently do nothing";
    /// A value of another type than the key takes.
    WrongType "wrong_type" Error "the value cannot be used";
    /// A key that must be there.
    MissingField "missing_field" Error "there is no sensible default";
    /// A word that is none of those allowed.
    UnknownChoice "unknown_choice" Error "only these words have a meaning";
    /// Not a duration.
    BadDuration "bad_duration" Error "a number without a unit is misread sooner or later";
    /// Not a share.
    BadShare "bad_share" Error "a number without % is misread: 20 may be a fifth or twenty times";
    /// A number, length or count outside its bounds.
    OutOfBounds "out_of_bounds" Error "everything is bounded; the manual lists every bound with its reason";
    /// `ondol:` is not a version that is understood.
    BadVersion "bad_version" Error "another version may mean something else by the same keys";
    /// Neither services nor sagas nor logs.
    EmptySystem "empty_system" Error "there would be nothing to do";
    /// The name of a service, saga, step or secret.
    BadName "bad_name" Error "names are parts of keys, paths and metrics";
    /// Neither `url` nor `urls`, or both, or none in `urls`.
    BadAddresses "bad_addresses" Error "a service is called at one or more addresses";
    /// An address that cannot be called.
    BadUrl "bad_url" Error "calls go to http or https, a host and a port";
    /// A header's name or value.
    BadHeader "bad_header" Error "the request would be refused or misread (RFC 9110 §5)";
    /// A header that Ondol sets itself.
    ReservedHeader "reserved_header" Error "two values for this header would contradict each other";
    /// Neither `env` nor `file`, or both.
    BadSecret "bad_secret" Error "a secret comes from exactly one place";
    /// A pattern of log files that is none, or stands there twice.
    BadPattern "bad_pattern" Error "no file would be found, or each of them twice";
    /// Two services whose names differ in upper and lower case only.
    SameHost "same_host" Warning "through the proxy a name is a host, and hosts are the same in either case";
    /// A secret nobody uses.
    UnusedSecret "unused_secret" Warning "it may be a misspelt name, and the server would demand it at its start";
    /// A service that is not declared.
    UnknownService "unknown_service" Error "there is no address to call";
    /// Not of the form `service METHOD /path`.
    BadCall "bad_call" Error "a call is a service, a method and a path";
    /// A method that is not called.
    BadMethod "bad_method" Error "these are the methods that carry a step";
    /// A path that is not one.
    BadPath "bad_path" Error "the request would be refused or misread (RFC 3986 §3.3)";
    /// An expression in the service or the method of a call, or in a key.
    TemplateNotHere "template_not_here" Error "what is called must be known before anything runs";
    /// A body with a method that has none.
    BodyNotAllowed "body_not_allowed" Error "the content of a GET request has no meaning (RFC 9110 §9.3.1)";
    /// `accept` on an action.
    AcceptOnAction "accept_on_action" Error "an action that was refused did not happen; only undoing may shrug at a refusal";
    /// A status in `accept` or `retry_on` that has its meaning already.
    BadStatus "bad_status" Error "2xx is done, and 408, 425, 429 and 5xx are always tried again";
    /// `first` above `max`, or `retry` where there is nothing to retry.
    BadRetry "bad_retry" Error "the delays would not be what is written";
    /// Two bounds the wrong way round.
    BadOrder "bad_order" Error "one of the two would never hold";
    /// A status in the `on` of a service's `retry` that has its rule already.
    RetryStatus "retry_status" Error "502, 503 and 504 are always tried again, and 501 is the same the next time";
    /// A key of an operation that belongs to its service.
    NotInOperation "not_in_operation" Error "all operations share the service's addresses and connections";
    /// Not of the form `METHOD /path`.
    BadOperation "bad_operation" Error "an operation is a method, or `*`, and a path";
    /// An operation whose calls all match an earlier one.
    ShadowedOperation "shadowed_operation" Warning "the first operation that matches holds, so this one never does";
    /// `hedge` where a request must not be sent twice.
    UnsafeHedge "unsafe_hedge" Error "a hedge sends the same request twice";
    /// `cache` where an answer must not be given again.
    UnsafeCache "unsafe_cache" Error "a request that is answered from a cache does not arrive";
    /// `fallback` for a write.
    UnsafeFallback "unsafe_fallback" Error "the write may have happened or not, and its caller would be told something else";
    /// None or several of `static`, `cached` and `alternate`.
    BadFallback "bad_fallback" Error "a fallback is one answer";
    /// Alternates that lead back to where they began.
    AlternateRing "alternate_ring" Error "when all of them fail a call would go round in circles";
    /// A rule of `faults` without an effect, or with several.
    BadFault "bad_fault" Error "each rule is one fault, so that what happens is what is written";
    /// `faults` without `allow_faults: true`.
    FaultsNotAllowed "faults_not_allowed" Error "a file with faults must not reach production unnoticed";
    /// Two steps of one name.
    DuplicateStep "duplicate_step" Error "a step is found by its name";
    /// `after` names no step.
    UnknownStep "unknown_step" Error "only steps of the same saga can be named";
    /// Steps that wait for each other.
    Cycle "cycle" Error "none of these steps could ever start";
    /// More than one pivot.
    TwoPivots "two_pivots" Error "there is one point of no return";
    /// A step that is neither before nor after the pivot.
    PivotBeside "pivot_beside" Error "it could fail when there is no way back any more";
    /// The pivot has a condition.
    PivotCondition "pivot_condition" Error "whether there is a way back must not depend on data";
    /// The pivot has a compensation.
    PivotCompensation "pivot_compensation" Error "after the pivot there is no way back";
    /// The pivot has `attempts`.
    PivotAttempts "pivot_attempts" Error "whether the pivot happened must become known, so it is asked without limit";
    /// A compensation of a step behind the pivot.
    CompensationBehindPivot "compensation_behind_pivot" Error "it could never run";
    /// No `compensate:` before the pivot.
    NoCompensation "no_compensation" Warning "without one the step is not undone when a later step fails";
    /// A compensated service that does not declare a barrier.
    NoBarrier "no_barrier" Warning "a request delayed by the network may arrive after it was undone, and take effect then";
    /// An expression that does not parse.
    BadExpression "bad_expression" Error "expressions are CEL (https://cel.dev)";
    /// `${{` without its end.
    UnclosedTemplate "unclosed_template" Error "the text would be sent as it stands";
    /// An expression longer, deeper or wider than its bounds.
    ExpressionTooComplex "expression_too_complex" Error "expressions are bounded, so that no saga can stall the server";
    /// `if` is not exactly one expression.
    BadCondition "bad_condition" Error "a condition is one expression that is true or false";
    /// A variable that does not exist.
    UnknownVariable "unknown_variable" Error "an expression sees input, steps, saga and, in headers, secrets";
    /// A function that does not exist.
    UnknownFunction "unknown_function" Error "it would fail whenever it is evaluated";
    /// A step whose output may not exist yet.
    StepNotBefore "step_not_before" Error "its output may not exist when it is needed";
    /// A secret that is not declared.
    UnknownSecret "unknown_secret" Error "there is no value to send";
    /// A secret outside of a header.
    SecretNotHere "secret_not_here" Error "what is rendered here is stored and shown; secrets never are";
    /// A variable that exists, but not here.
    VariableNotHere "variable_not_here" Error "a service's headers are the same for every saga";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong, without where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) fix: String,
    /// Text to point at, where it stands in the line.
    pub(crate) needle: Option<String>,
}

impl Fault {
    pub(crate) fn new(code: Code, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code, message: message.into(), fix: fix.into(), needle: None }
    }

    pub(crate) fn pointing_at(mut self, needle: &str) -> Self {
        self.needle = Some(needle.to_owned());
        self
    }
}

/// One thing to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Its stable name.
    pub code: Code,
    /// Where it stands.
    pub at: Position,
    /// The way to it from the root: `sagas.book-flight.steps[1].action`. Empty at the root.
    pub path: String,
    /// What is wrong here.
    pub message: String,
    /// Why that is wrong.
    pub reason: &'static str,
    /// What to do about it.
    pub fix: String,
}

/// `text` in backticks, shortened to what a sentence can carry.
pub(crate) fn quoted(text: &str) -> String {
    let max = crate::bounds::QUOTED_CHARS_MAX;
    let line = text.chars().take_while(|c| *c != '\n' && *c != '\r');
    let short: String = line.take(max).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if short.len() == text.len() { format!("`{short}`") } else { format!("`{short}…`") }
}

/// Words that begin with as many equal letters are alike: `retries` and `retry`.
const SAME_BEGINNING: usize = 4;

/// The candidate most like `word`, if any is like it at all: a Damerau-Levenshtein distance of at most a third, or the
/// same beginning.
pub(crate) fn most_like<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let max = (word.chars().count() / 3).max(1);
    let begins = |other: &str| word.get(..SAME_BEGINNING).is_some_and(|begin| other.starts_with(begin));
    let near = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    let near = near.filter(|(distance, candidate)| *distance <= max || begins(candidate));
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Edits between two words: insert, delete, replace, swap neighbours. Long words are not compared.
fn distance(a: &str, b: &str) -> usize {
    let max = crate::bounds::NAME_BYTES_MAX;
    if a.len() > max || b.len() > max {
        return usize::MAX;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// "did you mean …?" or a list of what there is.
pub(crate) fn suggest<'a>(word: &str, candidates: &[&'a str], what: &str) -> String {
    let mut seen: Vec<&'a str> = candidates.to_vec();
    seen.sort_unstable();
    match most_like(word, seen.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if seen.is_empty() => format!("there is no {what} here"),
        None => {
            let max = crate::bounds::KEYS_SHOWN_MAX;
            let more = if seen.len() > max { ", …" } else { "" };
            seen.truncate(max);
            format!("use one of: {}{more}", seen.join(", "))
        }
    }
}
