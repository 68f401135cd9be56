//! Another engine over the same files: DuckDB, from PyPI, counts what the API counts.

use crate::error::Error;
use crate::install;
use crate::print::Print;
use crate::receiver::Receiver;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Asks DuckDB and the API, and prints whether they agree.
///
/// # Errors
/// [`Error::Skipped`] where there is no DuckDB; if the API does not answer.
pub(super) fn compare(root: &Path, print: &Print, receiver: &Receiver) -> Result<(), Error> {
    let peers = root.join("xtask/peers/otlp");
    let python = install::python(&root.join("target/telemetry/venv"), &peers.join("requirements.txt"))
        .map_err(|missing| Error::Skipped(format!("DuckDB: {missing}")))?;
    let mut script = Command::new(python);
    script.arg("-B").arg(peers.join("engine.py")).arg(receiver.telemetry());
    let output = script.output().map_err(|error| Error::program("engine.py", error.to_string()))?;
    let failed = |why: &str| Error::program("engine.py", why.to_owned());
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim()));
    }
    let counts: Value = serde_json::from_slice(&output.stdout).map_err(|error| failed(&error.to_string()))?;
    let mut api = receiver.api();
    let (mut same, mut all) = (0, 0);
    for (what, path) in [("service", "service"), ("level", "level"), ("trace", "trace")] {
        for (value, count) in counts["logs"][what].as_object().into_iter().flatten() {
            all += 1;
            let query = format!("/v1/telemetry/logs?q={path}%3A{value}&limit=1&count=true");
            let matched = api.must("GET", &query, None)?["matched"].clone();
            if matched == *count {
                same += 1;
            } else {
                print.check(false, &format!("logs with {what} {value}: DuckDB {count}, the API {matched}"));
            }
        }
    }
    print.check(
        same == all && all > 0,
        &format!("logs by service, level and trace: {same} of {all} counts are the same"),
    );
    let (mut same, mut all) = (0, 0);
    for (trace, count) in counts["traces"]["trace"].as_object().into_iter().flatten() {
        all += 1;
        let answer = api.must("GET", &format!("/v1/telemetry/traces/{trace}"), None)?;
        let spans = answer["spans"].as_array().map_or(0, Vec::len);
        same += u32::from(Some(spans as u64) == count.as_u64());
    }
    print.check(same == all && all > 0, &format!("spans of traces: {same} of {all} counts are the same"));
    Ok(())
}
