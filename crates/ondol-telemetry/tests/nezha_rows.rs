//! Log rows that none of us wrote: one day of the Train-Ticket benchmark (IntelligentDDS/Nezha), read from its archive.
//!
//! The archive lies beside the repository. Where it is absent, the tests say so and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ondol_telemetry::lines::Joiner;
use ondol_telemetry::templates::{TemplateId, Templates};

/// One row of a `log/*.csv`.
struct Row {
    time_ns: u64,
    service: String,
    trace_id: String,
    span_id: String,
    line: String,
}

/// The archive: `ONDOL_SHARED/data/nezha/…`, else in `shared` beside the repository.
fn archive() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").into_os_string();
    let shared: OsString = std::env::var_os("ONDOL_SHARED").unwrap_or(beside);
    let path = Path::new(&shared).join("data/nezha/train-ticket-2023-01-29.tar.xz");
    if path.exists() {
        return Some(path);
    }
    // Not `println!`: of a test that passes nobody sees that.
    writeln!(std::io::stdout(), "SKIPPED Nezha rows: {} is absent", path.display()).expect("stdout");
    None
}

/// The rows of some of its files, in the order of their writing.
fn rows(files: &str) -> Option<Vec<Row>> {
    let archive = archive()?;
    let mut tar = Command::new("tar");
    tar.arg("xJOf").arg(archive).args(["--wildcards", files]);
    let output = tar.output().expect("tar and xz are installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut rows: Vec<_> = text.lines().filter_map(row).collect();
    rows.sort_by_key(|row| row.time_ns);
    assert!(rows.len() > 1_000);
    Some(rows)
}

/// `Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,"{""log"":""…""}"`.
fn row(line: &str) -> Option<Row> {
    let mut columns = line.splitn(8, ',');
    let time_ns = columns.nth(1)?.parse().ok()?;
    let pod = columns.nth(1)?;
    let (trace_id, span_id) = (columns.nth(1)?.to_owned(), columns.next()?.to_owned());
    let log = columns.next()?.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\"");
    let log: serde_json::Value = serde_json::from_str(&log).ok()?;
    let service = pod.rsplitn(3, '-').nth(2)?.to_owned();
    Some(Row { time_ns, service, trace_id, span_id, line: log.get("log")?.as_str()?.to_owned() })
}

/// Where in the program a line was written: `o.s.OrderServiceImpl#68`. A template is right when it is of one such place.
fn place(row: &Row) -> Option<String> {
    let place = row.line.split_whitespace().nth(2)?;
    place.contains('#').then(|| format!("{} {place}", row.service))
}

#[test]
fn one_place_in_the_program_is_one_template() {
    let Some(rows) = rows("*/log/*.csv") else { return };
    let mut templates = Templates::default();
    let mut places: BTreeMap<String, BTreeMap<TemplateId, u64>> = BTreeMap::new();
    let mut by_template: BTreeMap<TemplateId, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        let learned = templates.learn(&row.service, &row.line, row.time_ns);
        if let Some(place) = place(row) {
            *places.entry(place.clone()).or_default().entry(learned.template).or_default() += 1;
            by_template.entry(learned.template).or_default().insert(place);
        }
    }
    let mut services: BTreeMap<String, usize> = BTreeMap::new();
    for template in templates.all() {
        *services.entry(template.service).or_default() += 1;
    }
    let total: usize = services.values().sum();
    let split = places.values().filter(|templates| templates.len() > 1).count();
    let mixed = by_template.values().filter(|places| places.len() > 1).count();
    let main: u64 = places.values().map(|templates| templates.values().max().copied().unwrap_or(0)).sum();
    let all: u64 = places.values().flat_map(BTreeMap::values).sum();
    println!("{} rows, {} places, {total} templates, {services:#?}", rows.len(), places.len());
    println!("{split} places have several templates, {mixed} templates are of several places");
    println!("{:.2} % of rows have their place's most frequent template", 100.0 * main as f64 / all as f64);
    assert!(total < 2_000, "{total} templates");
    assert!(main * 100 >= all * 95, "too many rows are not of their place's template");
    assert!(split * 10 <= places.len() && mixed * 5 <= total, "{split} split, {mixed} mixed");
}

#[test]
fn a_line_tells_its_time_its_level_and_its_ids() {
    let Some(rows) = rows("rca_data/*/log/09_0*.csv") else { return };
    // The services are in China.
    let mut joiner = Joiner::new(8 * 3_600);
    let mut before: Option<&Row> = None;
    let mut read = 0;
    for row in &rows {
        let found = joiner.push(row.line.as_bytes(), row.time_ns);
        let Some((line, of)) = found.zip(before.replace(row)).filter(|(_, of)| place(of).is_some()) else {
            continue;
        };
        read += 1;
        assert_eq!(line.trace_id.map(|id| id.to_string()).unwrap_or_default(), of.trace_id, "{}", of.line);
        assert_eq!(line.span_id.map(|id| id.to_string()).unwrap_or_default(), of.span_id, "{}", of.line);
        assert!(line.severity > 0, "{}", of.line);
        let late_ns = of.time_ns.abs_diff(line.time_ns);
        assert!(late_ns < 2_000_000_000, "{late_ns} ns: {}", of.line);
    }
    println!("{read} of {} lines", rows.len());
    assert!(read * 100 > rows.len() * 95);
}

#[test]
#[ignore = "it measures: cargo test --release -p ondol-telemetry --test nezha_rows -- --ignored --nocapture"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn a_line_is_learnt_in_two_microseconds() {
    let Some(rows) = rows("*/log/*.csv") else { return };
    let mut templates = Templates::default();
    for round in 0..3 {
        let begun = std::time::Instant::now();
        for row in &rows {
            templates.learn(&row.service, &row.line, row.time_ns);
        }
        let ns = begun.elapsed().as_nanos() as f64 / rows.len() as f64;
        let bytes: usize = rows.iter().map(|row| row.line.len()).sum();
        println!("round {round}: {ns:.0} ns a line of {} bytes", bytes / rows.len());
    }
}
