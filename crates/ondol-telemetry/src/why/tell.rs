//! What is worth saying, in which order.

use super::case::Case;
use super::evidence::Evidence;
use super::logs::{self, Focus};
use super::next;
use super::saga::{self, Stop};
use super::sentence::{Headline, Sentence, Unknown};
use super::story::{Advice, Failing, Language, Retried, Stage, Story};
use super::traced;
use crate::model::TraceId;
use crate::trace::{Analysis, Failure, NodeId, Tree, one_line};

/// Tells the story of a case.
pub fn tell(case: &Case, language: Language) -> Story {
    let tree = case.trace.as_ref().filter(|tree| !tree.is_empty());
    let trace_id = tree.and_then(Tree::root).map(|(_, root)| root.span.trace_id);
    let analysis = tree.map(Analysis::of);
    let evidence = Evidence::of(tree);
    let stop = case.saga.as_ref().and_then(|saga| saga::stop(saga, &evidence));
    // Where there is a saga, the trace is its witness; what failed is for the saga to say.
    let failure =
        analysis.as_ref().filter(|_| case.saga.is_none()).and_then(|analysis| analysis.failure.as_ref());
    let failing = match (&stop, failure) {
        (Some(stop), _) => Some(of_saga(stop, language)),
        (None, Some(failure)) => Some(of_trace(failure, language)),
        (None, None) => None,
    };
    let say = |sentences: Vec<Sentence>| sentences.iter().map(|said| language.say(said)).collect::<Vec<_>>();
    let progress = case.saga.as_ref().map(saga::progress);
    let progress = progress.or_else(|| analysis.as_ref().map(traced::progress)).unwrap_or_default();
    let focus = focus(case, tree, stop.as_ref(), failure);
    Story {
        language,
        headline: language.say(&headline(case, analysis.as_ref(), trace_id, stop.as_ref()).into()),
        asked: asked(case, analysis.as_ref()).map(|asked| language.say(&asked)),
        progress: say(progress),
        retried: retried(case, analysis.as_ref(), &evidence, language),
        undone: say(case.saga.as_ref().map(saga::undone).unwrap_or_default()),
        left: say(case.saga.as_ref().map(saga::left).unwrap_or_default()),
        unknown: say(unknown(case, analysis.as_ref())),
        next: advice(case, tree, failing.as_ref(), stop.as_ref(), failure, language),
        logs: logs::pick(&case.logs, &focus),
        failing,
    }
}

fn headline(
    case: &Case,
    analysis: Option<&Analysis>,
    trace_id: Option<TraceId>,
    stop: Option<&Stop>,
) -> Headline {
    if let Some(saga) = &case.saga {
        return saga::headline(case, saga, stop);
    }
    if let Some((analysis, root)) = analysis.and_then(|analysis| Some((analysis, analysis.root.as_ref()?))) {
        return traced::headline(analysis, root, logs::writer(&case.logs, trace_id));
    }
    let id = one_line(&case.id);
    match case.logs.len() {
        0 => Headline::NothingKnown { id },
        lines => Headline::OnlyLogs { id, lines: lines as u64 },
    }
}

fn asked(case: &Case, analysis: Option<&Analysis>) -> Option<Sentence> {
    let saga = case.saga.as_ref().map(|saga| saga::asked(saga).into());
    saga.or_else(|| Some(traced::asked(analysis?.root.as_ref()?).into()))
}

fn of_saga(stop: &Stop, language: Language) -> Failing {
    let service = stop.part.as_ref().map(|part| part.service.clone()).unwrap_or_default();
    Failing {
        service,
        step: stop.part.as_ref().map(|part| part.step.clone()),
        stage: stop.stage,
        reason: stop.reason.clone(),
        text: stop.said.iter().map(|said| language.say(&said.clone().into())).collect(),
    }
}

fn of_trace(failure: &Failure, language: Language) -> Failing {
    let failing = traced::failing(failure);
    Failing {
        service: failing.service,
        step: None,
        stage: failing.stage,
        reason: failing.reason,
        text: failing.said.into_iter().map(|said| language.say(&said.into())).collect(),
    }
}

fn retried(
    case: &Case,
    analysis: Option<&Analysis>,
    evidence: &Evidence<'_>,
    language: Language,
) -> Vec<Retried> {
    if let Some(saga) = &case.saga {
        let again = saga::retried(saga, evidence).into_iter();
        let told = again.map(|again| Retried {
            service: again.part.service,
            step: Some(again.part.step),
            attempts: again.attempts,
            ok: again.ok,
            stage: again.stage,
            text: language.say(&again.said.into()),
        });
        return told.collect();
    }
    let runs = analysis.map(traced::retried).unwrap_or_default().into_iter();
    let told = runs.map(|(of, said)| Retried {
        service: of.service,
        step: None,
        attempts: of.attempts,
        ok: of.ok,
        stage: of.replayed.then_some(Stage::AnswerLost),
        text: language.say(&said.into()),
    });
    told.collect()
}

fn unknown(case: &Case, analysis: Option<&Analysis>) -> Vec<Sentence> {
    let mut said: Vec<Sentence> = Vec::new();
    if analysis.is_none() && case.saga.is_some() {
        said.push(Unknown::NoTrace.into());
    }
    said.extend(analysis.map(traced::unknown).unwrap_or_default());
    let known = analysis.is_some() || case.saga.is_some();
    if known && case.logs.is_empty() {
        said.push(Unknown::NoLogs.into());
    }
    let missing = &case.missing;
    if missing.spans_rejected > 0 || missing.logs_rejected > 0 {
        said.push(Unknown::Rejected { spans: missing.spans_rejected, logs: missing.logs_rejected }.into());
    }
    if !missing.silent.is_empty() {
        let services = missing.silent.iter().map(|service| one_line(service)).collect();
        said.push(Unknown::Silent { services }.into());
    }
    said
}

fn advice(
    case: &Case,
    tree: Option<&Tree>,
    failing: Option<&Failing>,
    stop: Option<&Stop>,
    failure: Option<&Failure>,
    language: Language,
) -> Vec<Advice> {
    let trace_id = tree.and_then(Tree::root).map(|(_, root)| root.span.trace_id);
    let waited_ns = match (stop, failure) {
        (Some(stop), _) => stop.waited_ns,
        (None, Some(failure)) => {
            failure.caller.as_ref().map_or(0, |caller| caller.end_ns.saturating_sub(caller.start_ns))
        }
        (None, None) => 0,
    };
    let witness =
        failure.filter(|failure| failure.callee.is_none()).and_then(|failure| failure.caller.as_ref());
    let failed = failing.map(|failing| next::Failure {
        witness: witness.map(|caller| caller.service.as_str()),
        stage: failing.stage,
        service: &failing.service,
        unsent: stop.is_some_and(|stop| stop.unsent),
        waited_ns,
    });
    let advised = next::next(case, trace_id, failed.as_ref()).into_iter();
    advised.map(|(said, command)| Advice { text: language.say(&said.into()), command }).collect()
}

/// What log lines are weighed by.
fn focus(case: &Case, tree: Option<&Tree>, stop: Option<&Stop>, failure: Option<&Failure>) -> Focus {
    let mut focus =
        Focus { trace_id: tree.and_then(Tree::root).map(|(_, root)| root.span.trace_id), ..Focus::default() };
    if let Some(stop) = stop {
        let known = |id: &NodeId| tree.map(|tree| tree.node(*id).span.span_id);
        focus.spans = stop.spans.iter().filter_map(known).collect();
        focus.services = stop.part.iter().map(|part| part.service.clone()).collect();
        focus.window_ns = stop.at_ns;
    } else if let Some(failure) = failure {
        let places = [Some(&failure.origin), failure.caller.as_ref(), failure.callee.as_ref()];
        focus.spans = places.iter().flatten().map(|place| place.span_id).collect();
        focus.services = vec![failure.service.clone(), failure.origin.service.clone()];
        focus.window_ns = Some((failure.origin.start_ns, failure.origin.end_ns));
    } else if let Some((_, root)) = tree.and_then(Tree::root) {
        focus.window_ns = Some((root.start_ns, root.end_ns));
    } else if let Some(saga) = &case.saga {
        focus.services = saga.steps.iter().map(|step| step.service.clone()).collect();
        focus.window_ns = Some((saga.asked_ns, saga.ended_ns.unwrap_or(case.now_ns)));
    }
    focus
}
