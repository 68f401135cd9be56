//! Every implementation of the log passes the same suite.

use ondol_store::log::{
    Disk, FjallLog, FjallOptions, Log, MemoryLog, MemoryOptions, conformance::conformance,
};
use std::{collections::HashMap, sync::Arc};
use tempfile::TempDir;

#[tokio::test]
async fn memory() {
    let mut disks = HashMap::<&str, Disk>::new();
    conformance(|case| {
        let disk = disks.entry(case).or_default();
        Arc::new(MemoryLog::open(disk, MemoryOptions::default())) as Arc<dyn Log>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fjall() {
    on_disk(FjallOptions::default()).await;
}

/// What is settled at every third record must read the same as what is settled rarely.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fjall_that_settles_often() {
    on_disk(FjallOptions { settle_records: 3, ..FjallOptions::default() }).await;
}

async fn on_disk(options: FjallOptions) {
    let mut directories = HashMap::<&str, TempDir>::new();
    conformance(|case| {
        let directory = directories.entry(case).or_insert_with(|| TempDir::new().expect("a directory"));
        Arc::new(FjallLog::open(directory.path(), options).expect("a log")) as Arc<dyn Log>
    })
    .await;
}
