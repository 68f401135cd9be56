//! The limits of a system file and of what is rendered from it, each with its reason.
//!
//! The limits of a plan (steps, attempts, names, back-off) are in [`ondol_core::bounds`].

pub mod calls;

/// Bytes of a system file, or of a plan sent through the API: 1 MiB, as any body. A file a person keeps is 1 % of it.
pub const SOURCE_BYTES_MAX: usize = 1 << 20;

/// Nesting of YAML or JSON in a file. Twice what the deepest request body in practice needs, and recursion over it
/// fits into any stack.
pub const SOURCE_DEPTH_MAX: usize = 64;

/// Bytes of one expression. Longer logic belongs into a service.
pub const EXPRESSION_BYTES_MAX: usize = 1_024;

/// Brackets and ternaries open at once in an expression. The parser of the `cel` crate overflows a 2 MiB stack at 14
/// in a debug build, so this is checked before it is asked.
pub const EXPRESSION_DEPTH_MAX: usize = 8;

/// Depth of a parsed expression: a chain such as `a + b + c` is one deeper per operator. Evaluation recurses with about
/// 33 KiB a level in a debug build, and must fit into half of a 2 MiB stack.
pub const EXPRESSION_TREE_DEPTH_MAX: usize = 24;

/// Nodes of a parsed expression; bounds the work for each element that a comprehension visits.
pub const EXPRESSION_NODES_MAX: usize = 256;

/// Comprehensions (`all`, `exists`, `exists_one`, `map`, `filter`) in one expression: two would multiply.
pub const COMPREHENSIONS_MAX: usize = 1;

/// Expressions of one saga that compute, plain paths not counted: two for each step. Parsing one takes up to a
/// millisecond, and a plan comes through the API.
pub const COMPUTED_EXPRESSIONS_MAX: usize = 512;

/// Elements of a list, or keys of a map, that an expression may look into. A plain path copies longer ones.
pub const LIST_LENGTH_MAX: usize = 1_000;

/// Nesting of a value that an expression may look into. A plain path copies deeper ones.
pub const VALUE_DEPTH_MAX: usize = 64;

/// Bytes of JSON one evaluation may read, counting repeated reads: bounds both its time and what it can build.
pub const EVALUATION_BYTES_MAX: usize = 4 << 20;

/// Bytes of a rendered body or of a saga's output: as much as the API accepts.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes of a rendered path with its query. Common servers refuse more than 8 KiB of request line.
pub const PATH_BYTES_MAX: usize = 8 << 10;

/// Bytes of one rendered header value. Common servers refuse more than 8 KiB of one header.
pub const HEADER_BYTES_MAX: usize = 8 << 10;

/// Bytes of the name of a service, a saga or a secret: these appear in every list, label and log line.
pub const NAME_BYTES_MAX: usize = 64;

/// Addresses of one service. More belong behind a name that DNS resolves.
pub const ADDRESSES_MAX: usize = 64;

/// Services of one system: far above what a small team runs, low enough to keep a pool for each.
pub const SERVICES_MAX: usize = 1_024;

/// Sagas of one system file.
pub const SAGAS_MAX: usize = 1_024;

/// Secrets of one system file.
pub const SECRETS_MAX: usize = 256;

/// Entries of `logs`: one for each program on a machine, and a pattern may name many files.
pub const LOGS_MAX: usize = 64;

/// Bytes of a pattern of log files: the longest path that Linux takes (`PATH_MAX`).
pub const PATTERN_BYTES_MAX: usize = 4_096;

/// Bytes of the name of a service or an instance whose log files are read: as much as is kept of one.
pub const SOURCE_NAME_BYTES_MAX: usize = 256;

/// Headers, or query parameters, declared for one call or service.
pub const FIELDS_MAX: usize = 64;

/// Status codes in one `accept` or `retry_on`.
pub const STATUSES_MAX: usize = 32;

/// Longest connect or response timeout, in milliseconds: one hour. Work that takes longer answers 202 and is polled.
pub const CALL_TIMEOUT_MS_MAX: u64 = 3_600_000;

/// Connect timeout where the file gives none, in milliseconds (DESIGN §6).
pub const CONNECT_TIMEOUT_MS: u64 = 1_000;

/// Response timeout of one attempt where the file gives none, in milliseconds (DESIGN §6).
pub const RESPONSE_TIMEOUT_MS: u64 = 10_000;

/// How long a saga may go forward where the file gives no timeout, in milliseconds (DESIGN §6).
pub const SAGA_TIMEOUT_MS: u64 = 600_000;

/// Keys named in an error that says which key is missing; more would hide the sentence.
pub const KEYS_SHOWN_MAX: usize = 8;

/// Characters of a value or name quoted in an error.
pub const QUOTED_CHARS_MAX: usize = 80;

/// Errors, and as many warnings, reported for one file. A person fixes a few at a time, and the first causes many of the rest.
pub const FINDINGS_MAX: usize = 100;

/// Stack of the thread that parses expressions: eight nested brackets need about 1.2 MiB in a debug build, and a
/// chain of 500 operators as much again. Only what is touched is ever committed.
pub const COMPILE_STACK_BYTES: usize = 64 << 20;
