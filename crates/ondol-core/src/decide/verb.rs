//! What a person does, where it is allowed.

use alloc::boxed::Box;

use super::Draft;
use crate::bug::Bug;
use crate::event::{Act, Cause, Delivery, Fact, Half, Said, Vouch};
use crate::input::Verb;

impl Draft {
    pub(super) fn verb(&mut self, verb: &Verb, said: Option<&Said>) {
        if self.saga.permits(verb).is_err() {
            return;
        }
        if let Some(said) = said {
            let act = Act { verb: verb.kind(), half: verb.half(), said: said.clone() };
            self.push(Fact::Acted(Box::new(act)));
        }
        match verb {
            Verb::Pause => self.push(Fact::Paused),
            Verb::Resume => self.push(Fact::Resumed),
            Verb::Cancel => {
                if self.saga.pivot_open() && !self.saga.plan.has(Bug::PivotCancelled) {
                    self.push(Fact::TurnBackPending(Cause::Cancelled));
                } else {
                    self.push(Fact::TurnedBack(Cause::Cancelled));
                }
            }
            Verb::Retry(step, half) => self.push(Fact::Retried { step: *step, half: *half }),
            Verb::Complete { step, output, note } => {
                let vouch = Vouch::Completed(output.clone());
                self.push(Fact::Vouched { step: *step, vouch, note: note.clone() });
            }
            Verb::Skip { step, half, note } => {
                let vouch = match half {
                    Half::Action => Vouch::NoEffect,
                    Half::Compensation => Vouch::NotNeeded,
                };
                self.push(Fact::Vouched { step: *step, vouch, note: note.clone() });
            }
            Verb::Resend(notice) => {
                let delivery = Delivery::Again { due_ms: self.now_ms };
                self.push(Fact::Noticed { notice: *notice, delivery });
            }
            Verb::Edit { input, note } => {
                self.push(Fact::Edited { input: input.clone(), note: note.clone() });
            }
        }
    }
}
