//! The committed inputs of a target, for ordinary tests. Not for fuzzing: libFuzzer reads its corpus itself.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// Checks every input of a target, and names the first that fails.
pub(crate) fn walk(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut count = 0;
    for file in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = file.expect("a folder can be listed").path();
        let bytes = fs::read(&path).expect("a file can be read");
        assert!(catch_unwind(|| check(&bytes)).is_ok(), "{} fails, see above", path.display());
        count += 1;
    }
    assert!(count > 0, "{target} has inputs");
}
