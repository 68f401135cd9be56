//! The file that `ondol init` writes.

/// A commented system file that passes lint without findings.
#[must_use]
pub const fn example() -> &'static str {
    include_str!("example.yaml")
}
