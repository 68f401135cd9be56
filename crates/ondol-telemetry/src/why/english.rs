//! The words, in English.

use super::case::{Doubt, Half, Verb};
use super::sentence::{
    Answer, Asked, Failing, Heading, Headline, Left, Next, Part, Progress, Retried, Sentence, Stand, Stopped,
    Unknown, Went,
};
use super::units::{Length, moment};
use crate::trace::Choice;

pub(super) const fn heading(heading: Heading) -> &'static str {
    match heading {
        Heading::Asked => "What was asked",
        Heading::Failing => "What failed",
        Heading::Progress => "How far it came",
        Heading::Retried => "What was tried again",
        Heading::Undone => "What was undone",
        Heading::Left => "What is left",
        Heading::Logs => "What the logs say",
        Heading::Unknown => "What is not known",
        Heading::Next => "What to do",
    }
}

pub(super) fn say(sentence: &Sentence) -> String {
    match sentence {
        Sentence::Headline(said) => headline(said),
        Sentence::Asked(said) => asked(said),
        Sentence::Progress(said) => progress(said),
        Sentence::Failing(said) => failing(said),
        Sentence::Retried(said) => retried(said),
        Sentence::Left(said) => left(said),
        Sentence::Unknown(said) => unknown(said),
        Sentence::Next(said) => next(said),
    }
}

fn headline(said: &Headline) -> String {
    match said {
        Headline::Saga { id, definition, stand, took_ns } => {
            let took = length(*took_ns);
            match stand {
                Stand::Completed => format!("{id} ({definition}) completed after {took}."),
                Stand::Undone => format!("{id} ({definition}) was undone after {took}."),
                Stand::Undoing => {
                    format!("{id} ({definition}) is being undone; it was asked for {took} ago.")
                }
                Stand::TimedOut => format!("{id} ({definition}) ran out of time and turned back."),
                Stand::Cancelled => format!("{id} ({definition}) was cancelled by a person."),
                Stand::Parked => format!("{id} ({definition}) stands still and needs a person."),
                Stand::Running => format!("{id} ({definition}) is under way; it was asked for {took} ago."),
            }
        }
        Headline::SagaStopped { id, definition, stopped, part, took_ns } => {
            let (part, took) = (named(part), length(*took_ns));
            match stopped {
                Stopped::Undone => format!("{id} ({definition}) was undone after {took}: {part} failed."),
                Stopped::Undoing => format!("{id} ({definition}) is being undone: {part} failed."),
                Stopped::Parked => {
                    format!("{id} ({definition}) stands still and needs a person: {part} failed.")
                }
                Stopped::HeldUp => {
                    format!("{id} ({definition}) is held up for {took}: {part} has not succeeded yet.")
                }
            }
        }
        Headline::Trace { name, service, went: Went::Healthy, took_ns } => {
            format!("{name} of {service} went well in {}. No span failed.", length(*took_ns))
        }
        Headline::Trace { name, service, went: Went::Repaired, took_ns } => {
            format!(
                "{name} of {service} went well in {}, after calls within it were repeated.",
                length(*took_ns)
            )
        }
        Headline::TraceLogged { name, service, writer, took_ns } => format!(
            "{name} of {service} took {}. No span reports a failure, but the log of {writer} has an error.",
            length(*took_ns)
        ),
        Headline::TraceFailed { name, service, culprit, took_ns } => {
            format!("{name} of {service} failed after {}. Look at {culprit}.", length(*took_ns))
        }
        Headline::TraceTolerated { name, service, culprit, took_ns } => format!(
            "{name} of {service} reports no error after {}, but something failed within it. Look at {culprit}.",
            length(*took_ns)
        ),
        Headline::OnlyLogs { id, lines } => {
            format!("Of {id} there is no saga and no span, only {}.", count(*lines, "log line", "log lines"))
        }
        Headline::NothingKnown { id } => {
            format!("Nothing is known of {id}: no saga, no span and no log line has it.")
        }
    }
}

fn asked(said: &Asked) -> String {
    match said {
        Asked::Saga { at_ns, input } => format!("At {}, with {input}", moment(*at_ns)),
        Asked::Trace { at_ns, name, service } => format!("{name} of {service}, at {}", moment(*at_ns)),
    }
}

fn progress(said: &Progress) -> String {
    match said {
        Progress::Done { steps } => format!("Done: {}.", steps.join(", ")),
        Progress::Skipped { steps } => format!("Left out by their condition: {}.", steps.join(", ")),
        Progress::NotBegun { steps } => format!("Not begun: {}.", steps.join(", ")),
        Progress::NoEffect { steps } => format!("Certainly without effect: {}.", steps.join(", ")),
        Progress::InFlight { part, attempt, since_ns } => format!(
            "Attempt {attempt} at {} is waiting for an answer since {}.",
            plain(part),
            moment(*since_ns)
        ),
        Progress::Through { services, spans, errors } => format!(
            "It went through {}: {}, {} of them failed.",
            services.join(", "),
            count(*spans, "span", "spans"),
            errors
        ),
        Progress::Slowest { service, name, took_ns, whole_ns } => format!(
            "Most of its time went to {name} of {service}: {} of {}.",
            length(*took_ns),
            length(*whole_ns)
        ),
    }
}

fn failing(said: &Failing) -> String {
    match said {
        Failing::Span { service, name } => format!("{name} failed, in {service}."),
        Failing::Refused { service, answer } => {
            format!("{service} was reached and said no. It {}", answered(answer))
        }
        Failing::Failed { service, answer } => {
            format!("{service} was reached and failed. It {}", answered(answer))
        }
        Failing::MayHaveDone { service } => {
            format!("Such an answer does not say whether {service} did it all the same.")
        }
        Failing::AnswerLost { service, reason } => format!(
            "{service} did the work and succeeded, but its answer was lost. The caller saw: {reason}. What failed lies \
             between the two, not in {service}."
        ),
        Failing::NotReached { service, reason } => {
            format!("The request never reached {service}: {reason}. {service} did nothing.")
        }
        Failing::NoSpan { service, reason } => format!(
            "{service} has no span of this call: it was not reached, or it ended before it could send the span, or it \
             sends no telemetry. The caller saw: {reason}."
        ),
        Failing::Slow { service, reason, late_ns } => format!(
            "{service} was too slow: the caller gave up, and {service} went on for another {}. The caller saw: {reason}.",
            length(*late_ns)
        ),
        Failing::Own { service, reason } => {
            format!("It was the own work of {service}; no call to another service failed. It said: {reason}.")
        }
        Failing::Unclear { service, doubt, reason } => format!(
            "Nobody knows whether {service} did it: {}. The caller saw: {reason}.",
            doubt_words(*doubt)
        ),
        Failing::Unusable { service, reason } => {
            format!("{service} did it, but its answer cannot be used: {reason}.")
        }
        Failing::Expression { reason } => format!("The definition and the input give no request: {reason}."),
        Failing::RenderChanged { reason } => {
            format!("The request would differ from the one sent before under the same key: {reason}.")
        }
        Failing::TimedOut { reason } => format!("The time for going forward was up: {reason}."),
        Failing::Cancelled { reason } => format!("A person cancelled it: {reason}."),
        Failing::Deeper { service, name, reason } => {
            format!("It began in {service}, with {name}: {reason}.")
        }
        Failing::Chosen { choice, others } => chosen(*choice, *others),
    }
}

fn chosen(choice: Choice, others: u64) -> String {
    let others = count(others, "other place", "other places");
    match choice {
        Choice::Only => "No other place failed.".to_owned(),
        Choice::OnPath => {
            format!("The root's error leads here. Errors in {others} were dealt with, or lead elsewhere.")
        }
        Choice::EndedLast => {
            format!("Errors began in {others}, too; this one came last before the root failed.")
        }
        Choice::RootItself => {
            format!("Errors in {others} were dealt with; nothing below the root explains its error.")
        }
        Choice::NearestToRoot => {
            format!("Errors began in {others}, too; this one is the nearest to the root, which reports none.")
        }
    }
}

fn retried(said: &Retried) -> String {
    match said {
        Retried::Ok { part, attempts, reason } => format!(
            "{} took {attempts} attempts; the last one succeeded. The first one ended with: {reason}.",
            capital(&named(part))
        ),
        Retried::InVain { part, attempts, reason } => format!(
            "{} was tried {attempts} times, in vain. The last one ended with: {reason}.",
            capital(&named(part))
        ),
        Retried::Open { part, attempts, reason } => format!(
            "{} is at attempt {attempts}. The one before ended with: {reason}.",
            capital(&named(part))
        ),
        Retried::Waiting { part, attempts, reason } => format!(
            "{} was tried {}, and will be tried again. The last attempt ended with: {reason}.",
            capital(&named(part)),
            count(*attempts, "time", "times")
        ),
        Retried::CameBack { part, attempts, reason } => {
            let service = &part.service;
            format!(
                "{service} could not be reached ({reason}) and came back: attempt {attempts} at {} succeeded.",
                plain(part)
            )
        }
        Retried::LostThenReplayed { part, doubt, reason } => {
            let (service, plain) = (&part.service, plain(part));
            format!(
                "{service} did the work of {plain}, but its answer was lost: {} ({reason}). Ondol asked again with the same \
                 key, and {service} answered from what it had done. It was done once.",
                doubt_words(*doubt)
            )
        }
        Retried::LostThenAnswered { part, doubt, reason } => {
            let (service, plain) = (&part.service, plain(part));
            format!(
                "{service} did the work of {plain}, but its answer was lost: {} ({reason}). Ondol asked again with the same \
                 key, and {service} answered.",
                doubt_words(*doubt)
            )
        }
        Retried::CallOk { caller, called, name, attempts, reason } => format!(
            "{caller} called {called} ({name}) {attempts} times; the last call succeeded. The first one ended with: \
             {reason}."
        ),
        Retried::CallInVain { caller, called, name, attempts, reason } => format!(
            "{caller} called {called} ({name}) {attempts} times, in vain. The first one ended with: {reason}."
        ),
        Retried::CallReplayed { caller, called, name, reason } => format!(
            "{called} did the work of {name}, but its answer was lost ({reason}). {caller} asked again, and {called} \
             answered from what it had done. It was done once."
        ),
    }
}

fn left(said: &Left) -> String {
    match said {
        Left::Undone { steps } => format!("Undone: {}.", steps.join(", ")),
        Left::NeverUndone { steps } => format!("In effect, with nothing to undo: {}.", steps.join(", ")),
        Left::MayBeInEffect { steps } => format!("May be in effect: {}.", steps.join(", ")),
        Left::UndoPending { steps } => format!("Still to be undone: {}.", steps.join(", ")),
        Left::UndoStuck { steps } => format!("Undoing needs a person: {}.", steps.join(", ")),
        Left::Nothing => "Nothing is left of it.".to_owned(),
        Left::Then { what, at_ns: Some(at_ns) } => {
            format!("Next, at {}: {}.", moment(*at_ns), what.english())
        }
        Left::Then { what, at_ns: None } => format!("Next: {}.", what.english()),
    }
}

fn unknown(said: &Unknown) -> String {
    match said {
        Unknown::NoTrace => {
            "No span of it is here, so what the services saw is not known: only the saga's journal speaks."
                .to_owned()
        }
        Unknown::NoLogs => "No log line of it is here.".to_owned(),
        Unknown::Unrooted => {
            "The trace has no root here: it began before, with a service whose spans are not here.".to_owned()
        }
        Unknown::Orphans { count: number } => {
            let spans = count(*number, "part of the trace hangs", "parts of the trace hang");
            format!("{spans} in the air: the span that caused it is not here.")
        }
        Unknown::Cycles { count: number } => {
            format!(
                "{} its own ancestor; the tracer is broken there.",
                count(*number, "span is", "spans are each")
            )
        }
        Unknown::Shifted { service, by_ns } => format!(
            "The clock of {service} was {} {}; its spans are shown corrected.",
            length(by_ns.unsigned_abs()),
            if *by_ns < 0 { "ahead" } else { "behind" }
        ),
        Unknown::ShiftedMore { count: number } => {
            format!("Clocks were corrected at {}.", count(*number, "other span", "other spans"))
        }
        Unknown::Duplicates { count: number } => {
            format!("{} more than once; each is counted once.", count(*number, "span came", "spans came"))
        }
        Unknown::Rejected { spans, logs } => format!(
            "{} and {} of these services were not taken: something may be missing here.",
            count(*spans, "span", "spans"),
            count(*logs, "log line", "log lines")
        ),
        Unknown::Silent { services } => format!("No telemetry at all came from: {}.", services.join(", ")),
    }
}

fn next(said: &Next) -> String {
    match said {
        Next::Deed { verb } => match verb {
            Verb::Retry => "When the cause is repaired, try again under the same key:".to_owned(),
            Verb::Complete => "If it did take effect, vouch for it and give its output:".to_owned(),
            Verb::Skip => "If it is not needed, vouch for that and leave it out:".to_owned(),
            Verb::Edit => "If the input is wrong, give another to what was not sent yet:".to_owned(),
            Verb::Cancel => "To give up and undo what was done:".to_owned(),
            Verb::Pause => "To start nothing new for now:".to_owned(),
            Verb::Resume => "To let it go on:".to_owned(),
            Verb::Resend => "To send its notice again:".to_owned(),
        },
        Next::SubmitAgain => "It is over. Whoever still wants it asks again under another id.".to_owned(),
        Next::Nothing => "Nothing.".to_owned(),
        Next::GoesOn => "It goes on by itself. To watch it:".to_owned(),
        Next::CheckUp { service } => format!("See whether {service} is up and can be reached:"),
        Next::CheckTelemetry { service } => {
            format!("If {service} was up, let it send its spans, so that the next failure can be told apart.")
        }
        Next::ReadLogs { service } => format!("Read what {service} wrote:"),
        Next::FindSlow { service } => {
            format!("Find out what {service} was waiting for, or give it more time. Its slowest requests:")
        }
        Next::CheckNetwork { service } => format!(
            "Look at what lies between the caller and {service}: time limits, proxies, restarts in the middle of an answer."
        ),
        Next::CheckId { id } => {
            format!("See whether {id} is written right, and whether telemetry is kept for so long.")
        }
    }
}

const fn doubt_words(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Timeout => "no answer came in time",
        Doubt::Reset => "the connection broke before the answer came",
        Doubt::Status(_) => "the status that came does not say",
        Doubt::Stopped => "Ondol itself stopped before the answer came",
        Doubt::Other => "no answer came",
    }
}

fn answered(answer: &Answer) -> String {
    match (answer.status, answer.words.as_str()) {
        (Some(status), "") => format!("answered {status}."),
        (Some(status), words) => format!("answered {status}: {words}."),
        (None, words) => format!("answered: {words}."),
    }
}

/// `step pay at payment`, `undoing hold-seat at flight`.
fn named(part: &Part) -> String {
    let Part { step, half, service } = part;
    match half {
        Half::Action => format!("step {step} at {service}"),
        Half::Compensation => format!("undoing {step} at {service}"),
    }
}

/// `pay`, `undoing hold-seat`.
fn plain(part: &Part) -> String {
    match part.half {
        Half::Action => part.step.clone(),
        Half::Compensation => format!("undoing {}", part.step),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn count(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

fn length(ns: u64) -> String {
    match Length::of(ns) {
        Length::Micros(us) => format!("{us} µs"),
        Length::Millis(ms) => format!("{ms} ms"),
        Length::Seconds(seconds) => format!("{seconds} s"),
        Length::Minutes(minutes, seconds) => format!("{minutes} min {seconds} s"),
        Length::Hours(hours, minutes) => format!("{hours} h {minutes} min"),
        Length::Days(days, hours) => format!("{days} d {hours} h"),
    }
}
