//! Sagas that wait on a timer: what each costs in memory and on the disk.

use super::bed::Bed;
use crate::clock::Stopwatch;
use crate::error::Error;
use std::path::Path;

pub(super) fn run(root: &Path, sagas: u64, input_bytes: usize) -> Result<(), Error> {
    let bed = Bed::make(root)?;
    // Each saga's first step is told to come again in ten minutes.
    let service = bed.noop("127.0.0.1:0", true)?;
    let ondol = bed.ondol([service.address; 3])?;
    let before = ondol.resident_bytes();
    let watch = Stopwatch::start();
    let report = bed.load(&[
        "saga".to_owned(),
        "--no-wait".to_owned(),
        format!("--ondol=http://{}", ondol.address),
        format!("--input-bytes={input_bytes}"),
        "--in-flight=64".to_owned(),
        format!("--operations={sagas}"),
    ])?;
    let resident = ondol.resident_bytes();
    println!(
        "{sagas} sagas with {input_bytes} bytes of input, submitted in {:.0} s: {report}",
        watch.elapsed().as_secs_f64()
    );
    println!(
        "resident {:.1} MiB before, {:.1} MiB after: {:.0} bytes a saga; {:.2} GiB on disk",
        before as f64 / 1_048_576.0,
        resident as f64 / 1_048_576.0,
        resident.saturating_sub(before) as f64 / sagas as f64,
        bed.data_bytes() as f64 / 1_073_741_824.0,
    );
    Ok(())
}
