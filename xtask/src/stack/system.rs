//! The system file of a run: the sample of `examples/airline` with this run's addresses.

use super::{Service, Setup};
use crate::error::Error;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// How often each half is tried, and how long a saga may go forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retries {
    /// As the sample says.
    Sample,
    /// Nothing is given up: what does not end as its input says is a defect, never bad luck.
    Patient,
}

/// For [`Retries::Patient`]: as many attempts as there may be, soon after each other.
const PATIENT_RETRY: &str = "retry: { attempts: 64, first: 50ms, factor: 2, max: 2s }";
/// The pivot is asked without limit anyway, and may not have one.
const PATIENT_PIVOT: &str = "retry: { first: 50ms, factor: 2, max: 2s }";
const PATIENT_TIMEOUT: &str = "timeout: 6h";

/// Writes `ondol.yaml` into `directory`.
///
/// # Errors
/// If the sample cannot be read, or has other addresses than the services' own.
pub(super) fn write(
    root: &Path,
    directory: &Path,
    services: &BTreeMap<Service, Vec<SocketAddr>>,
    setup: &Setup,
) -> Result<PathBuf, Error> {
    let sample = root.join("examples/airline/ondol.yaml");
    let text = std::fs::read_to_string(&sample).map_err(|error| Error::file("read", &sample, error))?;
    let text = rewritten(&text, services, setup.retries, setup.faults)
        .map_err(|why| Error::program("ondol.yaml", why))?;
    let path = directory.join("ondol.yaml");
    std::fs::write(&path, text).map_err(|error| Error::file("write", &path, error))?;
    Ok(path)
}

fn rewritten(
    sample: &str,
    services: &BTreeMap<Service, Vec<SocketAddr>>,
    retries: Retries,
    faults: Option<&str>,
) -> Result<String, String> {
    let mut text = sample.to_owned();
    for (service, addresses) in services {
        let old = format!("127.0.0.1:{}", service.sample_port());
        if !text.contains(&old) {
            return Err(format!("the sample has no service at {old}, which was {}'s", service.name()));
        }
        let urls: Vec<String> = addresses.iter().map(|address| format!("\"http://{address}\"")).collect();
        let faults = faults.map_or_else(String::new, |faults| format!(", faults: {faults}"));
        text = text
            .replace(&format!("url: \"http://{old}\""), &format!("urls: [{}]{faults}", urls.join(", ")))
            // A receiver of notices has one address.
            .replace(&old, &addresses[0].to_string());
    }
    if faults.is_some() {
        text = text.replace("ondol: 1\n", "ondol: 1\nallow_faults: true\n");
    }
    match retries {
        Retries::Sample => Ok(text),
        Retries::Patient => Ok(patient(&text)),
    }
}

/// The sample with the same `retry` on each step, and more time for the saga.
fn patient(sample: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut retry_at = None;
    for line in sample.lines() {
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        if content.starts_with("- name:") {
            lines.push(line.to_owned());
            retry_at = Some(lines.len());
            lines.push(format!("{indent}  {PATIENT_RETRY}"));
        } else if content.starts_with("timeout:") {
            lines.push(format!("{indent}{PATIENT_TIMEOUT}"));
        } else if !content.starts_with("retry:") {
            lines.push(line.to_owned());
        }
        if let (Some(at), true) = (retry_at, content.starts_with("pivot: true")) {
            lines[at] = format!("{indent}{PATIENT_PIVOT}");
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two of each.
    fn addresses() -> BTreeMap<Service, Vec<SocketAddr>> {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let two = |service: Service| vec![at(20_000 + service as u16), at(21_000 + service as u16)];
        Service::ALL.map(|service| (service, two(service))).into()
    }

    #[test]
    fn the_sample_gets_this_runs_addresses() {
        let sample = include_str!("../../../examples/airline/ondol.yaml");
        let text = rewritten(sample, &addresses(), Retries::Sample, None).unwrap();
        assert!(
            text.contains(r#"urls: ["http://127.0.0.1:20000", "http://127.0.0.1:21000"]"#)
                && !text.contains("127.0.0.1:71"),
            "{text}"
        );
        assert!(rewritten("sagas: {}", &addresses(), Retries::Sample, None).is_err());
    }

    #[test]
    fn a_patient_file_retries_every_step() {
        let sample = include_str!("../../../examples/airline/ondol.yaml");
        let text =
            rewritten(sample, &addresses(), Retries::Patient, Some("[{ share: 1%, status: 503 }]")).unwrap();
        assert_eq!(text.matches("- name:").count(), text.matches("retry:").count());
        assert_eq!(text.matches("retry:").count(), text.matches(PATIENT_RETRY).count() + 1);
        assert_eq!((text.matches(PATIENT_PIVOT).count(), text.matches("pivot: true").count()), (1, 1));
        assert_eq!(text.matches(PATIENT_TIMEOUT).count(), 1);
        assert_eq!((text.matches("faults: [").count(), text.matches("allow_faults: true").count()), (4, 1));
        assert!(text.contains("timeout: { connect"), "those of services stay: {text}");
    }
}
