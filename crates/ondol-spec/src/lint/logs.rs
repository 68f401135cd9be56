//! Log files: patterns and whose they are. Whether there are such files is not asked: they may come later.

use glob::Pattern;

use crate::bounds::{LOGS_MAX, PATTERN_BYTES_MAX, SOURCE_NAME_BYTES_MAX};
use crate::finding::{Code, Fault, quoted};
use crate::model;
use crate::place::Faults;
use crate::system::LogFiles;

/// Compiles every entry; what is wrong is added to `faults`, which stands at the root.
pub(crate) fn compile(file: &model::System, faults: &mut Faults) -> Vec<LogFiles> {
    faults.key("logs", |faults| {
        if file.logs.len() > LOGS_MAX {
            let message = format!("there are {} entries; at most {LOGS_MAX} are allowed", file.logs.len());
            faults.add(Fault::new(Code::OutOfBounds, message, "one pattern may name many files"));
        }
        let mut seen: Vec<&str> = Vec::new();
        let entries = file.logs.iter().enumerate();
        let compiled = entries.map(|(at, entry)| {
            faults.index(at, |faults| {
                faults.key("files", |faults| {
                    faults.take(pattern(&entry.files));
                    if seen.contains(&entry.files.as_str()) {
                        let message = format!("{} stands in an earlier entry, too", quoted(&entry.files));
                        faults.add(Fault::new(Code::BadPattern, message, "remove one of the two"));
                    }
                });
                faults.key("service", |faults| faults.take(name(&entry.service, "service")));
                if let Some(instance) = &entry.instance {
                    faults.key("instance", |faults| faults.take(name(instance, "instance")));
                }
            });
            seen.push(&entry.files);
            one(entry)
        });
        compiled.collect()
    })
}

fn one(entry: &model::Logs) -> LogFiles {
    LogFiles {
        files: entry.files.clone(),
        service: entry.service.clone(),
        instance: entry.instance.clone(),
        from: entry.from.unwrap_or_default(),
    }
}

fn pattern(files: &str) -> Result<(), Fault> {
    let bad =
        |why: String, fix: &str| Err(Fault::new(Code::BadPattern, format!("{} {why}", quoted(files)), fix));
    if files.is_empty() || files.len() > PATTERN_BYTES_MAX {
        return bad(
            format!("has {} bytes; 1 to {PATTERN_BYTES_MAX} are allowed", files.len()),
            "write a path such as \"/var/log/payment/*.log\"",
        );
    }
    if files.ends_with('/') {
        return bad("is a folder".to_owned(), "name its files: add `*.log`");
    }
    match Pattern::new(files) {
        Ok(_) => Ok(()),
        Err(error) => bad(
            format!("is no pattern: {} (character {})", error.msg, error.pos + 1),
            "`**` stands alone between two `/`, and `[` needs its `]`; write `[[]` for a bracket itself",
        ),
    }
}

/// OpenTelemetry leaves these names free; here they must be such that a line can show them.
fn name(name: &str, what: &str) -> Result<(), Fault> {
    let fits = (1..=SOURCE_NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control);
    if fits {
        return Ok(());
    }
    let message = format!("{} cannot be the name of {what}", quoted(name));
    let fix = format!("use 1 to {SOURCE_NAME_BYTES_MAX} bytes without control characters");
    Err(Fault::new(Code::BadName, message, fix))
}
