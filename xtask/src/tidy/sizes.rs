//! One file, one idea. (One function, one screen is clippy's: `too-many-lines-threshold`.)

use super::Finding;
use super::source::is_test;
use super::tree::Tree;

/// Where a file must be cut. A file of one idea has about 150 lines; at 400 look again.
const FILE_LINES_MAX: usize = 800;

/// Rust files that are not tests stay below the limit.
pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    let rust = tree.ending(".rs").filter(|(path, _)| !is_test(path));
    let long =
        rust.map(|(path, text)| (path, text.lines().count())).filter(|(_, lines)| *lines > FILE_LINES_MAX);
    long.map(|(path, lines)| {
        let why = format!("{lines} lines, at most {FILE_LINES_MAX}");
        Finding::new(path, FILE_LINES_MAX + 1, "file-length", why, "cut it along its ideas")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn a_file_has_an_end() {
        let (short, long) = ("\n".repeat(FILE_LINES_MAX), "\n".repeat(FILE_LINES_MAX + 1));
        check(files, &[("a/src/lib.rs", &short)], &[]);
        check(files, &[("a/src/lib.rs", &long)], &["a/src/lib.rs:801"]);
        check(files, &[("a/tests/all.rs", &long)], &[]);
    }
}
