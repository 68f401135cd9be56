//! Which names an expression may use, depending on where it stands.

use std::cell::Cell;
use std::collections::BTreeSet;

use ondol_core::{StepId, StepSet};

use super::path::{Path, Root};
use crate::finding::{Code, Fault, quoted, suggest};
use crate::node::{Segment, path_text};

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the path, the query or the body of a request, in a condition or in the output: stored or shown.
    Value,
    /// In a header of a call.
    Header,
    /// In a header of a service, which is the same for every saga.
    ServiceHeader,
}

/// What an expression may name.
#[derive(Clone, Copy)]
pub(crate) struct Visible<'a> {
    pub(crate) place: Place,
    /// The names of the saga's steps, by id.
    pub(crate) steps: &'a [String],
    /// The steps whose outputs exist when the expression is evaluated.
    pub(crate) before: StepSet,
    /// The step it stands in, if it stands in one.
    pub(crate) own: Option<StepId>,
    /// The secrets that are declared; `None` where nobody knows.
    pub(crate) secrets: Option<&'a BTreeSet<String>>,
    /// How many expressions that compute were compiled in the same saga.
    pub(crate) computed: &'a Cell<usize>,
}

/// Turns the segments of a path into a path, if it leads anywhere.
pub(crate) fn resolve(segments: &[Segment], source: &str, visible: &Visible<'_>) -> Result<Path, Fault> {
    let fault = match segments {
        [Segment::Key(root), ..] if visible.place == Place::ServiceHeader && root != "secrets" => {
            let message = format!("{} cannot be used in the header of a service", quoted(source));
            let fix = "use ${{ secrets.NAME }} here, and other values in the `headers` of a call";
            Fault::new(Code::VariableNotHere, message, fix)
        }
        [Segment::Key(root), rest @ ..] if root == "input" => {
            return Ok(Path { root: Root::Input, root_text: "input".into(), segments: rest.to_vec() });
        }
        [Segment::Key(root), Segment::Key(name), Segment::Key(output), rest @ ..]
            if root == "steps" && output == "output" =>
        {
            let step = step(name, visible)?;
            let root_text = format!("steps.{name}.output").into();
            return Ok(Path { root: Root::Output(step), root_text, segments: rest.to_vec() });
        }
        [Segment::Key(root), ..] if root == "steps" => Fault::new(
            Code::UnknownVariable,
            format!("{} is not a value; only the output of a step is", quoted(&path_text(segments))),
            "write steps.<name>.output",
        ),
        [Segment::Key(root), Segment::Key(name)] if root == "saga" && (name == "id" || name == "run") => {
            let root = if name == "id" { Root::SagaId } else { Root::SagaRun };
            let root_text = format!("saga.{name}").into();
            return Ok(Path { root, root_text, segments: Vec::new() });
        }
        [Segment::Key(root), Segment::Key(name)] if root == "secrets" => {
            secret(name, visible)?;
            let root_text = format!("secrets.{name}").into();
            return Ok(Path { root: Root::Secret(name.as_str().into()), root_text, segments: Vec::new() });
        }
        _ => Fault::new(
            Code::UnknownVariable,
            format!("{} does not exist", quoted(&path_text(segments))),
            "use input, steps.<name>.output, saga.id or saga.run",
        ),
    };
    Err(fault)
}

fn step(name: &str, visible: &Visible<'_>) -> Result<StepId, Fault> {
    let Some(at) = visible.steps.iter().position(|step| step == name) else {
        let known: Vec<&str> = visible.steps.iter().map(String::as_str).collect();
        let message = format!("there is no step {}", quoted(name));
        return Err(Fault::new(Code::UnknownStep, message, suggest(name, &known, "step")).pointing_at(name));
    };
    let id = at as StepId;
    if visible.before.contains(id) {
        return Ok(id);
    }
    if visible.own == Some(id) {
        return Err(Fault::new(
            Code::StepNotBefore,
            format!("the step {} cannot use its own output", quoted(name)),
            "use `input`, `saga.id`, or the output of a step before it: an action is undone also where it never answered",
        ));
    }
    Err(Fault::new(
        Code::StepNotBefore,
        format!("the step {} is not certain to be done before this", quoted(name)),
        format!("let this step come after `{name}` (with `after`), or use another value"),
    ))
}

fn secret(name: &str, visible: &Visible<'_>) -> Result<(), Fault> {
    if visible.place == Place::Value {
        return Err(Fault::new(
            Code::SecretNotHere,
            format!("the secret {} would be stored and shown here", quoted(name)),
            "move it into `headers`, of the service or of the call",
        ));
    }
    match visible.secrets {
        Some(known) if !known.contains(name) => {
            let names: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!("the secret {} is not declared", quoted(name));
            let fix = format!("declare it under `secrets:`, or {}", suggest(name, &names, "secret"));
            Err(Fault::new(Code::UnknownSecret, message, fix))
        }
        Some(_) | None => Ok(()),
    }
}
