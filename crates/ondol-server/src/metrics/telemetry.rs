//! What came of traces, logs and metrics, and how they are kept.

use ondol_telemetry::{Counted, Signal, Telemetry};

use super::text::{Kind, Text};
use crate::app::App;

/// Reads one figure of a signal.
type Figure = fn(&ondol_telemetry::SignalStatus) -> u64;

/// Reads one number of an account.
type Of = fn(&Counted) -> u64;

/// Writes nothing about the store where there is none.
pub(super) fn write(text: &mut Text, app: &App) {
    let up = u64::from(app.telemetry.open().is_ok());
    text.single("ondol_telemetry_up", Kind::Gauge, "Are traces and logs kept?", up);
    let mut family = text.family(
        "ondol_telemetry_refused_total",
        Kind::Counter,
        "Requests of OTLP that were refused whole since the start.",
    );
    for (reason, count) in app.otlp.refused() {
        family.sample(&[("reason", reason)], count);
    }
    if let Ok(telemetry) = app.telemetry.open() {
        counts(text, telemetry);
        kept(text, telemetry);
    }
}

/// By signal; by service and instance the API has it, as there is no bound on their number.
fn counts(text: &mut Text, telemetry: &Telemetry) {
    let mut sums = [Counted::default(); Signal::ALL.len()];
    for account in telemetry.ledger() {
        let sum = &mut sums[account.signal as usize];
        sum.received += account.counted.received;
        sum.stored += account.counted.stored;
        sum.duplicates += account.counted.duplicates;
        sum.rejected += account.counted.rejected;
    }
    let families: [(&str, &str, Of); 4] = [
        ("ondol_telemetry_received_total", "Records that came since the start.", |sum| sum.received),
        ("ondol_telemetry_stored_total", "Records that were kept.", |sum| sum.stored),
        ("ondol_telemetry_duplicates_total", "Records that came again, and are kept once.", |sum| {
            sum.duplicates
        }),
        ("ondol_telemetry_rejected_total", "Records that were not taken, for what they are.", |sum| {
            sum.rejected
        }),
    ];
    for (name, help, of) in families {
        let mut family = text.family(name, Kind::Counter, help);
        for (signal, sum) in Signal::ALL.iter().zip(&sums) {
            family.sample(&[("signal", signal.name())], of(sum));
        }
    }
}

fn kept(text: &mut Text, telemetry: &Telemetry) {
    let statuses = Signal::ALL.map(|signal| (signal.name(), telemetry.status(signal)));
    let families: [(&str, &str, Figure); 4] = [
        ("ondol_telemetry_records", "Records that are kept.", |status| status.records),
        ("ondol_telemetry_files", "Files they are in.", |status| status.files),
        ("ondol_telemetry_disk_bytes", "Bytes they take on disk.", |status| status.bytes),
        ("ondol_telemetry_memory_bytes", "Bytes in memory that are not in files yet.", |status| {
            status.memory
        }),
    ];
    for (name, help, of) in families {
        let mut family = text.family(name, Kind::Gauge, help);
        for (signal, status) in &statuses {
            family.sample(&[("signal", signal)], of(status));
        }
    }
}
