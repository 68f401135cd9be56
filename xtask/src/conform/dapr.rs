//! Programs that were written for Dapr: its SDKs take the proxy for their sidecar.

use super::bed::{Bed, Peer};
use super::report::Report;
use super::script::{Script, compare};
use super::tools::Tools;
use crate::error::Error;
use std::path::Path;

/// Compares what httpbin saw of a call by the SDK with what it saw of a plain one.
///
/// # Errors
/// If a client cannot be run.
pub(super) fn run(bed: &Bed, tools: &Tools, report: &Report) -> Result<(), Error> {
    report.heading("Dapr's SDKs");
    let runs = [("plain", bed.direct(Peer::Httpbin)), ("sdk", bed.proxy())]
        .map(|(how, address)| [how.to_owned(), address.port().to_string()]);
    let [direct, through] =
        runs.each_ref().map(|arguments| bed.python("dapr_client.py").arguments(arguments));
    compare(report, "Python", &direct.run()?, &through.run()?);
    let home = match tools.javascript() {
        Ok(home) => home,
        Err(missing) => {
            report.skipped("Dapr's SDK for JavaScript", &missing);
            return Ok(());
        }
    };
    let [direct, through] = runs.map(|arguments| {
        let node = Script::new(bed.directory(), Path::new("node"));
        node.argument(home.join("dapr_client.js")).arguments(arguments)
    });
    compare(report, "JavaScript", &direct.run()?, &through.run()?);
    Ok(())
}
