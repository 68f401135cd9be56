//! OpenTelemetry's SDKs as they come: each delivers, and what it says it sent is found again.

use super::tools::Tools;
use super::{Programs, seen::Seen};
use crate::clock::wait_for;
use crate::conform::Script;
use crate::error::Error;
use crate::install::Missing;
use crate::print::Print;
use crate::receiver::Receiver;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Records that telemetrygen makes.
const GENERATED: u64 = 50;

/// How long what a program sent on its end may take to arrive.
const ARRIVES_WITHIN: Duration = Duration::from_secs(10);

/// Sends with all of them.
///
/// # Errors
/// If the server cannot be run.
pub(super) fn run(root: &Path, print: &Print, programs: &Programs, directory: &Path) -> Result<(), Error> {
    let receiver = Receiver::start(&programs.ondol, directory, &[])?;
    let tools = Tools::new(root);
    let mut seen = Seen::of(&receiver);
    print.heading("OpenTelemetry's SDKs, unchanged");
    let mut skipped = Vec::new();
    for (name, script) in scripts(&tools, &receiver, directory) {
        match script {
            Err(missing) => skipped.push(format!("{name}: {missing}")),
            Ok(script) => {
                let (said, failed) = script.output()?;
                let said = String::from_utf8_lossy(&said).into_owned();
                let sent = said.lines().rev().find_map(|line| serde_json::from_str(line).ok());
                match (sent, failed) {
                    (Some(sent), None) => found(print, &mut seen, name, &sent)?,
                    (_, failed) => {
                        print.check(false, &format!("{name}: {said} {}", failed.unwrap_or_default()));
                    }
                }
            }
        }
    }
    match tools.telemetrygen() {
        Err(missing) => skipped.push(missing),
        Ok(program) => generated(print, &mut seen, &receiver, directory, &program)?,
    }
    print.check(seen.ledger(None, "rejected")? == 0, "nothing was rejected");
    if skipped.is_empty() { Ok(()) } else { Err(Error::Skipped(skipped.join("\n  SKIPPED "))) }
}

type Named<'a> = (&'static str, Result<Script<'a>, Missing>);

/// Each SDK with each way to send that it is known for.
fn scripts<'a>(tools: &Tools, receiver: &Receiver, directory: &'a Path) -> Vec<Named<'a>> {
    let (grpc, http) = (format!("http://{}", receiver.grpc), format!("http://{}", receiver.http));
    let python = |protocol: &str, endpoint: &str, compression: &str| {
        let script = Script::new(directory, &tools.python()?).argument("-B");
        Ok(script.argument(tools.peers.join("sdk_python.py")).arguments([protocol, endpoint, compression]))
    };
    let javascript = || {
        let script = tools.javascript()?;
        Ok(Script::new(directory, Path::new("node")).argument(script).argument(&http))
    };
    let java = || {
        let agent = format!("-javaagent:{}", tools.agent()?.display());
        let settings = [
            ("otel.service.name", "java-agent"),
            ("otel.exporter.otlp.endpoint", http.as_str()),
            ("otel.metrics.exporter", "none"),
            ("otel.javaagent.logging", "none"),
        ];
        let settings = settings.map(|(name, value)| format!("-D{name}={value}"));
        let script = Script::new(directory, Path::new("java")).argument(agent).arguments(settings);
        Ok(script.argument(tools.peers.join("Served.java")))
    };
    vec![
        ("Python, gRPC", python("grpc", &grpc, "none")),
        ("Python, gRPC, gzip", python("grpc", &grpc, "gzip")),
        ("Python, HTTP/protobuf", python("http", &http, "none")),
        ("Python, HTTP/protobuf, gzip", python("http", &http, "gzip")),
        ("JavaScript, HTTP/JSON", javascript()),
        ("Java, agent, HTTP/protobuf", java()),
    ]
}

/// Is all there that was sent?
fn found(print: &Print, seen: &mut Seen, name: &str, sent: &Value) -> Result<(), Error> {
    let service = sent["service"].as_str().unwrap_or_default();
    let of_service = format!("service:{service}");
    let logs = wait_for(ARRIVES_WITHIN, || {
        seen.logs(&of_service).ok().filter(|logs| Some(*logs) >= sent["logs"].as_u64())
    });
    let trace = match sent["trace"].as_str() {
        Some(trace) => trace.to_owned(),
        // The agent does not say which; its only trace is it.
        None => seen
            .traces(&of_service)?
            .first()
            .map_or(String::new(), |trace| trace["trace_id"].as_str().unwrap_or_default().to_owned()),
    };
    let spans = seen.trace(&trace)?;
    let ids: Vec<&Value> = spans.iter().map(|span| &span["span_id"]).collect();
    let all_there = sent["spans"].as_array().map_or(spans.len() >= 2, |wanted| {
        wanted.len() == ids.len() && wanted.iter().all(|id| ids.contains(&id))
    });
    let words = format!("{of_service} \"{}\"", sent["words"].as_str().unwrap_or_default());
    let by_words = seen.newest_logs(&words)?;
    let in_trace = by_words.iter().filter(|log| log["trace_id"] == json!(trace)).count();
    let failed = spans.iter().filter(|span| span["status"] == "error").count() as u64;
    let errors_right = sent["errors"].as_u64().is_none_or(|errors| errors == failed);
    print.check(
        logs == sent["logs"].as_u64() && all_there && in_trace == 1 && errors_right,
        &format!(
            "{name}: {} spans by id, {failed} failed; {} logs, {in_trace} of them by words and in the trace",
            spans.len(),
            logs.unwrap_or_default()
        ),
    );
    Ok(())
}

/// Go's generator: traces over gRPC, logs over HTTP.
fn generated(
    print: &Print,
    seen: &mut Seen,
    receiver: &Receiver,
    directory: &Path,
    program: &Path,
) -> Result<(), Error> {
    let (grpc, http) = (receiver.grpc.to_string(), receiver.http.to_string());
    let count = GENERATED.to_string();
    let common = ["--otlp-insecure", "--rate", "0", "--service", "telemetrygen", "--otlp-endpoint"];
    let traces = Script::new(directory, program).argument("traces").arguments(common);
    let (_, failed) = traces.arguments([&grpc, "--traces", &count, "--child-spans", "1"]).output()?;
    let spans = seen.spans("service:telemetrygen")?;
    print.check(
        failed.is_none() && spans == 2 * GENERATED,
        &format!("Go, telemetrygen, gRPC: {spans} spans {}", failed.unwrap_or_default()),
    );
    let logs = Script::new(directory, program).argument("logs").arguments(common);
    let (_, failed) = logs.arguments([&http, "--otlp-http", "--logs", &count]).output()?;
    let found = seen.logs("service:telemetrygen")?;
    print.check(
        failed.is_none() && found == GENERATED,
        &format!("Go, telemetrygen, HTTP: {found} logs {}", failed.unwrap_or_default()),
    );
    Ok(())
}
