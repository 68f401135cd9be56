//! What the server counts, for Prometheus. Everything is read from whoever counts it; nothing is counted here.

mod services;
mod telemetry;
mod text;

use ondol_call::Snapshot as Calls;
use ondol_engine::Snapshot;

use crate::app::App;
use text::{Kind, Text};

/// Reads one number of a target.
type Of = fn(&Calls) -> u64;

/// The page of metrics.
pub(crate) async fn of(app: &App) -> String {
    let mut text = Text::default();
    let engine = app.engine.stats().snapshot();
    sagas(&mut text, app, &engine);
    outcomes(&mut text, &engine);
    calls(&mut text, &app.outbound.snapshot());
    services::write(&mut text, &app.outbound.services());
    targets(&mut text, app).await;
    log(&mut text, app);
    own(&mut text, app);
    telemetry::write(&mut text, app);
    process(&mut text, app);
    text.finish()
}

fn sagas(text: &mut Text, app: &App, engine: &Snapshot) {
    use Kind::{Counter, Gauge};
    text.single("ondol_sagas_submitted_total", Counter, "Sagas accepted since the start.", engine.submitted);
    let mut family = text.family(
        "ondol_sagas_settled_total",
        Counter,
        "Sagas that came to an end, or were parked, since the start.",
    );
    for (status, count) in
        [("completed", engine.completed), ("compensated", engine.compensated), ("parked", engine.parked)]
    {
        family.sample(&[("status", status)], count);
    }
    text.single(
        "ondol_sagas_refused_total",
        Counter,
        "Submissions refused for want of room.",
        engine.refused,
    );
    let mut family = text.family("ondol_sagas", Gauge, "Sagas by status, as far as lists have followed.");
    // A view that cannot be read is in the log of the server; the other numbers are worth having all the same.
    for (status, count) in app.listing.counts().into_iter().flatten() {
        family.sample(&[("status", status.as_str())], count);
    }
    text.single("ondol_sagas_in_memory", Gauge, "Sagas in memory, awake or asleep.", engine.in_memory);
    text.single(
        "ondol_sagas_live_bytes",
        Gauge,
        "Bytes of the sagas that are awake, roughly.",
        engine.live_bytes,
    );
    text.single("ondol_sagas_appending", Gauge, "Sagas whose append is under way.", engine.appending);
    text.single(
        "ondol_sagas_unrecovered",
        Gauge,
        "Sagas that were in flight at the last start and are not read back yet.",
        engine.unrecovered,
    );
    text.single("ondol_sagas_illegal", Gauge, "Sagas whose journal cannot be read.", engine.illegal);
}

fn outcomes(text: &mut Text, engine: &Snapshot) {
    let mut family = text.family("ondol_attempts_total", Kind::Counter, "Attempts by outcome.");
    for (outcome, count) in
        ["not_sent", "done", "unusable", "refused", "unclear"].into_iter().zip(engine.outcomes)
    {
        family.sample(&[("outcome", outcome)], count);
    }
    let mut family = text.family("ondol_notices_total", Kind::Counter, "Deliveries of notices by outcome.");
    for (outcome, count) in ["delivered", "failed", "not_sent"].into_iter().zip(engine.notices) {
        family.sample(&[("outcome", outcome)], count);
    }
}

fn calls(text: &mut Text, targets: &[(String, Calls)]) {
    let mut family =
        text.family("ondol_calls_total", Kind::Counter, "Calls by target and what was answered.");
    for (target, calls) in targets {
        for (answer, count) in [
            ("2xx", calls.answered_2xx),
            ("3xx", calls.answered_3xx),
            ("4xx", calls.answered_4xx),
            ("5xx", calls.answered_5xx),
            ("other", calls.answered_other),
            ("unclear", calls.unclear),
            ("not_sent", calls.not_sent),
        ] {
            family.sample(&[("target", target), ("answer", answer)], count);
        }
    }
    let families: [(&str, Kind, &str, Of); 4] = [
        ("ondol_connections_opened_total", Kind::Counter, "Connections opened.", |calls| {
            calls.connections_opened
        }),
        (
            "ondol_connections_reused_total",
            Kind::Counter,
            "Calls over a connection opened for an earlier one.",
            |calls| calls.connections_reused,
        ),
        ("ondol_connections_closed_total", Kind::Counter, "Connections closed by either side.", |calls| {
            calls.connections_closed
        }),
        ("ondol_calls_in_flight", Kind::Gauge, "Calls now in flight.", |calls| calls.in_flight),
    ];
    for (name, kind, help, of) in families {
        let mut family = text.family(name, kind, help);
        for (target, calls) in targets {
            family.sample(&[("target", target)], of(calls));
        }
    }
}

async fn targets(text: &mut Text, app: &App) {
    let targets = app.engine.targets().await;
    let mut family = text.family("ondol_target_up", Kind::Gauge, "Can the target be reached?");
    for (name, target) in &targets {
        family.sample(&[("target", name)], u64::from(target.down_since_ms.is_none()));
    }
    let mut family =
        text.family("ondol_target_waiting", Kind::Gauge, "Calls that wait in line for the target.");
    for (name, target) in &targets {
        family.sample(&[("target", name)], target.waiting as u64);
    }
}

fn log(text: &mut Text, app: &App) {
    use Kind::{Counter, Gauge};
    let (position, view) = (app.engine.position().borrow().0, app.listing.position().0);
    text.single("ondol_log_position", Gauge, "The last durable record.", position.max(view));
    text.single(
        "ondol_view_lag_records",
        Gauge,
        "Records that lists are behind.",
        position.saturating_sub(view),
    );
    text.single(
        "ondol_log_reopened_total",
        Counter,
        "Times the store was opened again after a failed write.",
        app.engine.stats().snapshot().reopened,
    );
    if let Ok(log) = app.engine.log() {
        let space = log.space();
        text.single("ondol_disk_free_bytes", Gauge, "Free bytes where the data is.", space.free_bytes);
        text.single(
            "ondol_disk_accepting",
            Gauge,
            "Is there room to accept new sagas?",
            u64::from(space.accepting),
        );
    }
}

/// Telemetry of Ondol's own that was left out, so that a missing span is not taken for a call that was not made.
fn own(text: &mut Text, app: &App) {
    let help = "Records of Ondol's own telemetry that were left out: no room, or sampled out.";
    let mut family = text.family("ondol_own_telemetry_dropped_total", Kind::Counter, help);
    for (what, count) in app.own_dropped.counts() {
        family.sample(&[("what", what)], count);
    }
}

fn process(text: &mut Text, app: &App) {
    if let Some(bytes) = memory_bytes() {
        text.single("process_resident_memory_bytes", Kind::Gauge, "Memory in use.", bytes);
    }
    let started_s = app.started_ms / 1_000;
    text.single("process_start_time_seconds", Kind::Gauge, "When the process started, Unix time.", started_s);
    let mut family = text.family("ondol_build_info", Kind::Gauge, "The version of Ondol.");
    family.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
}

/// Memory in use, as Linux tells it; `None` elsewhere.
pub(crate) fn memory_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
