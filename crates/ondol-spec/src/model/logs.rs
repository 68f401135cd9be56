//! Log files as the file says them: which ones, and whose they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Log files that are read as they grow.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// Which files: a path with `*`, `?`, `[a-z]` and `**`, such as `/var/log/payment/*.log`; a relative one begins at the
    /// folder of this file.
    pub files: String,
    /// The service that writes them. It need not be one of `services`.
    pub service: String,
    /// The instance of the service. Default: the path of the file.
    pub instance: Option<String>,
    /// Where to begin with files that are there already when this entry is new. Default end. Files that appear later are
    /// read from their start.
    pub from: Option<Begin>,
}

/// Where to begin with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Begin {
    /// With what it holds.
    Start,
    /// With what is written from now on.
    #[default]
    End,
}
