//! Everything a file can get wrong, found at once.
//!
//! Three stages: the text (YAML or JSON), its shape (the JSON Schema), its meaning. A later stage needs the earlier one
//! to be right; within a stage everything is reported.

mod calls;
mod logs;
mod saga;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bounds::{NAME_BYTES_MAX, SAGAS_MAX, SECRETS_MAX, SERVICES_MAX};
use crate::definition::Definition;
use crate::finding::{Code, Fault, Finding, Severity, quoted};
use crate::node::{Kind, Node, Position};
use crate::place::Faults;
use crate::system::{SecretPlace, SecretSource, System};
use crate::url::Webhook;
use crate::{json_tree, model, shape, stack, yaml};

/// What lint found, and the system if it can be used.
#[derive(Clone, Debug)]
pub struct Report {
    /// In the order of the file.
    pub findings: Vec<Finding>,
    /// The compiled system; `None` where a finding is an error.
    pub system: Option<System>,
}

impl Report {
    /// Is there a finding that keeps the file from being used?
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Checks and compiles a system file.
///
/// Any text is allowed; time and memory are bounded by its length.
#[must_use]
pub fn lint(source: &str) -> Report {
    let root = match yaml::parse(source) {
        Ok(root) => root,
        Err(wrong) => return Report { findings: vec![unreadable(wrong)], system: None },
    };
    let (faults, system) = stack::on_large_stack(|| {
        let mut faults = Faults::default();
        shape::system(&root, &mut faults);
        let system = if faults.has_errors() { None } else { system(&root, &mut faults) };
        let system = system.filter(|_| !faults.has_errors());
        (faults, system)
    });
    Report { findings: faults.into_findings(&root, source), system }
}

/// Checks and compiles a plan that came through the API: one saga as JSON, in the form it has under `sagas:`.
///
/// # Errors
///
/// What is wrong with it; lines and columns are those of the JSON, paths begin at the plan.
pub fn plan(source: &str, name: &str, system: &System) -> Result<Definition, Vec<Finding>> {
    let root = json_tree::parse(source).map_err(|wrong| vec![unreadable(wrong)])?;
    let services: Services =
        system.services.iter().map(|(name, service)| (&**name, service.barrier)).collect();
    let secrets = system.secrets.keys().cloned().collect();
    let (faults, definition) = stack::on_large_stack(|| {
        let mut faults = Faults::default();
        faults.take(name_is_valid(name, "plan"));
        shape::saga(&root, &mut faults);
        let model: Option<model::Saga> = if faults.has_errors() { None } else { read(&root, &mut faults) };
        let context = saga::Context { services: &services, secrets: &secrets, inline: true };
        let definition = model.and_then(|saga| context.compile(name, &saga, &mut faults));
        (faults, definition)
    });
    match definition {
        Some(definition) if !faults.has_errors() => Ok(definition),
        Some(_) | None => Err(faults.into_findings(&root, source)),
    }
}

/// Whether each known service keeps a barrier.
type Services<'a> = BTreeMap<&'a str, bool>;

fn unreadable((at, fault): (Position, Fault)) -> Finding {
    Finding {
        severity: fault.code.severity(),
        code: fault.code,
        at,
        path: String::new(),
        message: fault.message,
        reason: fault.code.reason(),
        fix: fault.fix,
    }
}

/// Reads a tree whose shape is right.
fn read<T: serde::de::DeserializeOwned>(root: &Node, faults: &mut Faults) -> Option<T> {
    let model = serde_json::from_str(&root.to_json()).map_err(|error| {
        Fault::new(Code::WrongType, format!("the file cannot be read: {error}"), "see the JSON Schema")
    });
    faults.take(model)
}

fn system(root: &Node, faults: &mut Faults) -> Option<System> {
    let file: model::System = read(root, faults)?;
    if file.ondol != 1 {
        let message = format!("the format is {}; this program reads 1", file.ondol);
        faults.add_in("ondol", Fault::new(Code::BadVersion, message, "write `ondol: 1`"));
        return None;
    }
    if file.services.is_empty() && file.sagas.is_empty() && file.logs.is_empty() {
        let fix = "declare a service; `ondol init` writes an example";
        faults.add(Fault::new(Code::EmptySystem, "the system has neither services nor sagas nor logs", fix));
        return None;
    }
    counts(&file, faults);
    let secrets = secrets(&file, faults);
    let names: BTreeSet<String> = secrets.keys().cloned().collect();
    let services = service::compile(&file, &names, faults);
    let barriers: Services = file.services.iter().map(|(name, service)| (&**name, service.barrier)).collect();
    let context = saga::Context { services: &barriers, secrets: &names, inline: false };
    let allow_faults = file.allow_faults;
    let logs = logs::compile(&file, faults);
    let mut system = System { allow_faults, services, secrets, logs, ..System::default() };
    faults.key("sagas", |faults| {
        for (name, saga) in &file.sagas {
            if let Err(fault) = name_is_valid(name, "saga") {
                faults.add_at_key(name, fault);
            }
            faults.key(name, |faults| {
                if let Some(definition) = context.compile(name, saga, faults) {
                    system.definitions.insert(name.clone(), Arc::new(definition));
                }
                system.webhooks.extend(webhook(saga, faults).map(|hook| (name.clone(), hook)));
            });
        }
    });
    saga::barriers(&system, &barriers, faults);
    if !faults.has_errors() {
        unused(&system, root, faults);
    }
    Some(system)
}

fn counts(file: &model::System, faults: &mut Faults) {
    let bounds = [
        ("services", file.services.len(), SERVICES_MAX),
        ("secrets", file.secrets.len(), SECRETS_MAX),
        ("sagas", file.sagas.len(), SAGAS_MAX),
    ];
    for (key, count, max) in bounds {
        if count > max {
            let message = format!("there are {count} {key}; at most {max} are allowed");
            faults.add_in(key, Fault::new(Code::OutOfBounds, message, "make two systems of it"));
        }
    }
}

fn webhook(saga: &model::Saga, faults: &mut Faults) -> Option<Webhook> {
    let notify = saga.notify.as_ref()?;
    faults
        .key("notify", |faults| faults.key("webhook", |faults| faults.take(Webhook::parse(&notify.webhook))))
}

/// A name that is part of keys, paths and metrics.
fn name_is_valid(name: &str, what: &str) -> Result<(), Fault> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(allowed) {
        return Ok(());
    }
    let message = format!("{} cannot be the name of a {what}", quoted(name));
    let fix = format!("use 1 to {NAME_BYTES_MAX} of A-Z a-z 0-9 _ -");
    Err(Fault::new(Code::BadName, message, fix))
}

/// The factor of a back-off in percent.
fn factor_percent(factor: f64) -> u32 {
    // The shape bounds a factor to 1 to 100, so this neither overflows nor becomes negative.
    #[expect(clippy::cast_sign_loss, reason = "bounded by the shape")]
    let percent = (factor * 100.0).round() as u32;
    percent
}

fn secrets(file: &model::System, faults: &mut Faults) -> BTreeMap<String, SecretSource> {
    let mut secrets = BTreeMap::new();
    faults.key("secrets", |faults| {
        for (name, secret) in &file.secrets {
            if let Err(fault) = name_is_valid(name, "secret") {
                faults.add_at_key(name, fault);
            }
            let from = match (&secret.env, &secret.file) {
                (Some(env), None) if !env.is_empty() => Some(SecretPlace::Env(env.clone())),
                (None, Some(file)) if !file.is_empty() => Some(SecretPlace::File(file.clone())),
                _ => None,
            };
            if from.is_none() {
                let message = format!("the secret {} needs `env` or `file`, one of the two", quoted(name));
                let fix = format!("write {{ env: {} }}", name.to_ascii_uppercase().replace('-', "_"));
                faults.add_in(name, Fault::new(Code::BadSecret, message, fix));
            }
            let source = from.map(|from| SecretSource { from, default: secret.default.clone() });
            secrets.extend(source.map(|source| (name.clone(), source)));
        }
    });
    secrets
}

fn unused(system: &System, root: &Node, faults: &mut Faults) {
    let used = system.secrets_used();
    let idle: Vec<&String> = system.secrets.keys().filter(|name| !used.contains(name.as_str())).collect();
    debug_assert!(matches!(root.kind, Kind::Map(_)), "the shape is right");
    faults.key("secrets", |faults| {
        for name in idle {
            let message = format!("nothing uses the secret {}", quoted(name));
            let fix = format!("insert it into a header: ${{{{ secrets.{name} }}}}, or remove it");
            faults.add_at_key(name, Fault::new(Code::UnusedSecret, message, fix));
        }
    });
}
