//! The words, in English.

use super::said::{Deed, How, Part, Said, State, Topic, Trouble, Vouch, When};
use crate::output::time::length;

/// What a section is called.
pub(super) const fn heading(topic: Topic) -> &'static str {
    match topic {
        Topic::Outcome => "What became of it",
        Topic::Why => "Why",
        Topic::Trail => "How far it came",
        Topic::Waiting => "What it waits for",
        Topic::Vouched => "What people vouched for",
        Topic::Told => "Who was not told yet",
        Topic::Next => "What to do",
    }
}

/// One sentence.
pub(super) fn say(said: &Said) -> String {
    match said {
        Said::State { id, definition, version, state, length_ms } => {
            format!("{id} ({definition}, version {version}) {}", state_words(*state, &length(*length_ms)))
        }
        Said::Asked { input, at } => format!("It was asked for at {} with {input}.", when(at)),
        Said::Answered { output } => format!("It answered {output}."),
        Said::NoOutput { reason } => format!("Its output could not be computed: {reason}."),
        Said::Failed { part, how, reason, first } => failed(part, *how, reason, *first),
        Said::TimedOut { deadline } => format!("Its time was up at {}, so it turns back.", when(deadline)),
        Said::Cancelled => "A person cancelled it, so it turned back.".to_owned(),
        Said::TurnsBackAfterPivot => {
            "It shall turn back, but must first learn whether the point of no return was passed.".to_owned()
        }
        Said::NothingFailed => "Nothing failed.".to_owned(),
        Said::Done { steps } => format!("In effect: {}.", steps.join(", ")),
        Said::Undone { steps } => format!("Undone: {}.", steps.join(", ")),
        Said::NotUndoable { steps } => format!("In effect, with nothing to undo: {}.", steps.join(", ")),
        Said::NoEffect { steps } => format!("Certainly without effect: {}.", steps.join(", ")),
        Said::Unclear { steps } => format!("May be in effect: {}.", steps.join(", ")),
        Said::Skipped { steps } => format!("Left out by their condition: {}.", steps.join(", ")),
        Said::NotBegun { steps } => format!("Not begun: {}.", steps.join(", ")),
        Said::Retried { part, attempts, reason } => {
            format!("{} was tried {}; {} said last: {reason}.", half(part), times(*attempts), part.service)
        }
        Said::WaitsForAnswer { .. }
        | Said::WaitsForService { .. }
        | Said::WaitsForRemoved { .. }
        | Said::WaitsForRetry { .. }
        | Said::WaitsForPerson { .. }
        | Said::WaitsForResume
        | Said::GivesUp { .. }
        | Said::Then { .. } => waits(said),
        Said::Vouched { step, vouch, note, at } => {
            format!("{step}: {}, at {}: {note}", vouch_words(*vouch), when(at))
        }
        Said::NoticeDue { news, failures, when: at } => {
            format!(
                "The notice \"{news}\" failed {} and is sent again at {}.",
                times(*failures as usize),
                when(at)
            )
        }
        Said::Undelivered { news, failures } => {
            format!("The notice \"{news}\" failed {} and is not sent any more.", times(*failures as usize))
        }
        Said::Add { service } => {
            format!("Add the service {service} to the system file again; then it goes on by itself:")
        }
        Said::Do { command, deed } => format!("{command}\n      {}", deed_words(*deed)),
        Said::SubmitAgain => {
            "Nothing; it is over. Whoever still wants it submits it again under another id.".to_owned()
        }
        Said::DoNothing { over: true } => "Nothing; it is over.".to_owned(),
        Said::DoNothing { over: false } => "Nothing; it goes on by itself. To watch it:".to_owned(),
    }
}

/// One sentence about what it waits for.
fn waits(said: &Said) -> String {
    match said {
        Said::WaitsForAnswer { part, attempt, since } => format!(
            "{}, attempt {attempt}, since {}: {} has not answered yet.",
            half(part),
            when(since),
            part.service
        ),
        Said::WaitsForService { part, length_ms, reason, waiting } => format!(
            "{} waits until {} can be reached, which it could not for {} ({reason}). \
             {} for it, one probe at a time; nothing has to be done here.",
            half(part),
            part.service,
            length(*length_ms),
            if *waiting == 1 { "1 call waits".to_owned() } else { format!("{waiting} calls wait") }
        ),
        Said::WaitsForRemoved { part } => {
            format!("{} waits: the system file does not have {} any more.", half(part), part.service)
        }
        Said::WaitsForRetry { part, attempt, when: at } => {
            format!("{} is tried again (attempt {attempt}) at {}.", half(part), when(at))
        }
        Said::WaitsForPerson { part, trouble } => {
            format!("{} waits for a person: {}.", half(part), trouble_words(*trouble, &part.service))
        }
        Said::WaitsForResume => "It is paused until a person resumes it.".to_owned(),
        Said::GivesUp { when: at } => format!("Its time for going forward ends at {}.", when(at)),
        Said::Then { what } => format!("Next: {what}."),
        _ => String::new(),
    }
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn when(when: &When) -> String {
    let clock = &when.clock;
    match when.away_ms {
        None => "a time that is not recorded".to_owned(),
        Some(ms) if ms > 0 => format!("{clock} (in {})", length(ms)),
        Some(ms) => format!("{clock} ({} ago)", length(-ms)),
    }
}

fn half(part: &Part) -> String {
    let Part { step, undoing, service } = part;
    if *undoing { format!("Undoing {step} at {service}") } else { format!("{step} at {service}") }
}

fn state_words(state: State, length: &str) -> String {
    match state {
        State::Running => format!("has been running for {length}."),
        State::Compensating => format!("is being undone. It began {length} ago."),
        State::Completed => format!("completed after {length}."),
        State::Compensated => format!("was undone after {length}."),
        State::CompensatedInPart => format!("was undone as far as it can be, after {length}."),
        State::Parked => format!("is parked: it needs a person. It began {length} ago."),
        State::Paused => format!("is paused. It began {length} ago."),
        State::Unknown => format!("is in a state this program does not know. It began {length} ago."),
    }
}

fn failed(part: &Part, how: How, reason: &str, first: bool) -> String {
    let also = if first { "" } else { "Then also: " };
    let service = &part.service;
    let how = match how {
        How::Refused => format!("{service} refused"),
        How::Unclear => format!("the attempts were used up, and nobody knows whether {service} did it"),
        How::Unusable => format!("{service} did it, but its answer cannot be used"),
        How::Expression => "the request could not be made from the definition".to_owned(),
        How::RenderChanged => "the request would differ from the one sent before".to_owned(),
        How::Other => "it failed".to_owned(),
    };
    let step = if part.step.is_empty() { "the saga".to_owned() } else { half(part) };
    format!("{also}{step} failed: {how}: {reason}.")
}

fn trouble_words(trouble: Trouble, service: &str) -> String {
    match trouble {
        Trouble::Refused => format!("{service} refused it, and there is no way back any more"),
        Trouble::RefusedRepeatedly => format!("{service} refused it several times in a row"),
        Trouble::Exhausted => "its attempts are used up".to_owned(),
        Trouble::TooLong => "it has been failing for longer than anybody should wait".to_owned(),
        Trouble::Unusable => "it took effect, but later steps need an output that cannot be used".to_owned(),
        Trouble::Expression => "its request cannot be made from the definition and this input".to_owned(),
        Trouble::RenderChanged => "its request would differ from the one sent before".to_owned(),
        Trouble::Other => "for a reason this program does not know".to_owned(),
    }
}

const fn vouch_words(vouch: Vouch) -> &'static str {
    match vouch {
        Vouch::Completed => "a person vouches that it took effect",
        Vouch::NotNeeded => "a person vouches that it need not be undone",
        Vouch::NoEffect => "a person vouches that it had no effect and never will",
    }
}

const fn deed_words(deed: Deed) -> &'static str {
    match deed {
        Deed::Retry => "once the cause is mended: try it again, under the same key",
        Deed::Complete => "if you know that it took effect: vouch for it, with its output",
        Deed::Skip => "if you know that it is not needed: leave it out",
        Deed::Edit => "if the input was wrong: give another to what was not sent yet",
        Deed::Cancel => "to give up: undo what was done",
        Deed::Resume => "let it go on",
        Deed::Resend => "send the notice again",
        Deed::Follow => "see each event as it happens",
        Deed::Apply => "give the file to the server",
    }
}
