//! gRPC by the two most used libraries, in every kind of call.

use super::bed::{Bed, Peer};
use super::report::Report;
use super::script::{Script, compare};
use super::tools::Tools;
use crate::error::Error;
use std::path::Path;

/// How the clients name the service, as their scripts take it.
const WAYS: [&str; 2] = ["authority", "metadata"];

/// Compares them.
///
/// # Errors
/// If a client cannot be run.
pub(super) fn run(bed: &Bed, tools: &Tools, report: &Report) -> Result<(), Error> {
    report.heading("gRPC");
    let (direct, proxy) = (bed.direct(Peer::Grpc).port().to_string(), bed.proxy().port().to_string());
    let python = |port: &str, way: &str| bed.python("grpc_client.py").arguments([port, way]).run();
    let seen = python(&direct, "direct")?;
    for way in WAYS {
        compare(report, &format!("Python by {way}"), &seen, &python(&proxy, way)?);
    }
    let home = match tools.javascript() {
        Ok(home) => home,
        Err(missing) => {
            report.skipped("gRPC from JavaScript", &missing);
            return Ok(());
        }
    };
    let node = |port: &str, way: &str| {
        let node = Script::new(bed.directory(), Path::new("node"));
        node.argument(home.join("grpc_client.js")).arguments([port, way]).run()
    };
    let seen = node(&direct, "direct")?;
    for way in WAYS {
        compare(report, &format!("JavaScript by {way}"), &seen, &node(&proxy, way)?);
    }
    Ok(())
}
