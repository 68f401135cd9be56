//! One input, its facts, and the answers to the questions it raises: one append, as the engine does it.

use ondol_core::{Answer, Half, Input, Question};

use super::property::{Broken, Property as P, Tally};
use super::world::World;

/// Questions one input may raise in all, one after the other: two conditions and requests a step, and the output. More means
/// that an answered question is asked again.
const QUESTIONS_MAX: usize = 32;

impl World {
    /// Feeds one input and answers what it asks. Returns how many facts the input itself decided.
    pub(super) fn feed(&mut self, input: &Input, tally: &mut Tally) -> Result<usize, Broken> {
        let decided = self.decide(input, tally)?;
        for _ in 0..QUESTIONS_MAX {
            let Some(question) = self.saga.wanted().questions.first().copied() else { break };
            let answer = self.answer(question);
            let failed = matches!(answer, Answer::Failed(_));
            let input = Input::Answer(question, answer);
            self.decide(&input, tally)?;
            tally.check(P::WantedFits, !self.saga.wanted().questions.contains(&question), || {
                format!("{question:?} is asked again after its answer")
            })?;
            if failed {
                continue;
            }
            tally.check(P::LateChangesNothing, self.saga.decide(&input, self.now_ms).is_empty(), || {
                format!("the answer to {question:?} is taken twice")
            })?;
        }
        let wanted = self.saga.wanted();
        tally.check(P::WantedFits, wanted.questions.is_empty(), || "questions without end".into())?;
        self.retire(&wanted);
        Ok(decided)
    }

    fn decide(&mut self, input: &Input, tally: &mut Tally) -> Result<usize, Broken> {
        let events = self.saga.decide(input, self.now_ms);
        self.batch(&events, tally)?;
        for event in &events {
            let before = self.saga.clone();
            self.before(event, tally)?;
            let applied = self.saga.apply(event);
            tally.check(P::EveryFactApplies, applied.is_ok(), || {
                format!("{}: {applied:?}", self.fact_words(event))
            })?;
            self.after(&before, event, tally)?;
            self.journal.push(event.clone());
        }
        Ok(events.len())
    }

    fn answer(&mut self, question: Question) -> Answer {
        if self.root.fails == Some(question) && !self.failed {
            self.failed = true;
            return Answer::Failed("expression_error".into());
        }
        match question {
            Question::Condition(_) => Answer::Holds(self.root.truth),
            Question::Request(step, half) => {
                Answer::Rendered(u128::from(step) << 1 | u128::from(half == Half::Compensation))
            }
            Question::Output => Answer::Output(b"{}".as_slice().into()),
        }
    }
}
