//! A condition on records, as a tree. It is parsed from text by `query::language` and understood by the executor, by the
//! live tail and by alerts alike.

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Everything.
    All,
    /// All of them hold.
    And(Vec<Filter>),
    /// At least one holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A test of one field.
    Term(Term),
}

/// A test of one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// What is looked at.
    pub field: Field,
    /// What is asked of it.
    pub test: Test,
}

/// What a term looks at. A field that a kind of record does not have holds for none of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The message of a log record; the name and the status message of a span.
    Text,
    /// `service`: the service's name.
    Service,
    /// `instance`: the instance's name.
    Instance,
    /// `level` of a log record, by name; a range takes names, too.
    Level,
    /// `status` of a span: `ok`, `error` or `unset`.
    Status,
    /// `kind` of a span.
    Kind,
    /// `name` of a span.
    Name,
    /// `duration` of a span, in nanoseconds.
    Duration,
    /// `trace`: the trace's id.
    Trace,
    /// `span`: the span's id.
    Span,
    /// `scope`: the logger or the instrumentation.
    Scope,
    /// Any other name: an attribute of the record, else of its resource.
    Attribute(String),
}

/// What is asked of a field. Texts are compared without regard to the case of ASCII letters.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The whole value is this; of [`Field::Text`]: it holds these words, one after the other, in whole
    /// (`timed out` is not in `untimed outage`). Lower case.
    Is(String),
    /// The value matches a pattern in which `*` stands for any characters, none too; of [`Field::Text`] the pattern may
    /// match any part that cuts no word; at an end with a `*` it may (`conn*` is not in `reconnect`, `*conn*` is).
    /// Lower case.
    Like(String),
    /// The value is a number (or a level) within bounds, both included.
    Between {
        /// The lowest; negative infinity where there is none.
        min: f64,
        /// The highest; infinity where there is none.
        max: f64,
    },
    /// There is a value.
    Exists,
}
