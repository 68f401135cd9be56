//! Runs the binary and looks at what comes out.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The binary, in a folder, with nothing of the caller's environment that could change what it says.
pub(crate) fn ondol(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ondol"));
    command.current_dir(folder).env_clear().env("TZ", "UTC").stdin(Stdio::null());
    // Tests run side by side, and each of these has one default address.
    for listener in ["ONDOL_PROXY", "ONDOL_OTLP_GRPC", "ONDOL_OTLP_HTTP"] {
        command.env(listener, "none");
    }
    command
}

/// What a person would have seen, and the exit code.
pub(crate) fn seen(output: &Output) -> String {
    let mut text = format!("exit: {}\n", output.status.code().map_or(-1, |code| code));
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            writeln!(text, "--- {name}\n{}", String::from_utf8_lossy(bytes).trim_end()).expect("a string");
        }
    }
    text
}

/// Runs it with these arguments in this folder.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Output {
    ondol(folder).args(args).output().expect("the binary runs")
}
