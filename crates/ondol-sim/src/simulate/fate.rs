//! What will happen to one request.

use std::time::Duration;

use fastrand::Rng;

/// What will happen to one request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    /// Nobody can be reached.
    NotSent,
    /// There is no place for it on this side.
    Crowded { after: Duration },
    /// It is answered.
    Answered { after: Duration },
    /// It arrives, and its answer is lost.
    AnswerLost { after: Duration },
    /// The caller gives up, and it arrives later all the same.
    Late { timeout: Duration, arrives: Duration },
    /// It never arrives.
    Lost { timeout: Duration },
    /// The service breaks, before or after it took effect, and may ask for patience.
    Fails { after: Duration, effect: bool, retry_after_ms: Option<u64> },
    /// It takes effect, and the answer cannot be used.
    Unusable { after: Duration },
    /// It arrives twice.
    Doubled { after: Duration },
}

impl Fate {
    /// The fate of one request, of a hundred of which this many get into trouble.
    pub(super) fn draw(rng: &mut Rng, trouble_percent: u32) -> Self {
        let ms = |rng: &mut Rng, max: u64| Duration::from_millis(rng.u64(0..=max));
        if rng.u32(0..100) >= trouble_percent {
            return Self::Answered { after: ms(rng, 20) };
        }
        match rng.u32(0..11) {
            0 => Self::NotSent,
            1 => Self::AnswerLost { after: ms(rng, 10_000) },
            2 | 3 => Self::Late { timeout: ms(rng, 2_000), arrives: ms(rng, 60_000) },
            4 => Self::Lost { timeout: ms(rng, 10_000) },
            5 => {
                let patience = if rng.u8(0..4) == 0 { Some(rng.u64(0..120_000)) } else { None };
                Self::Fails { after: ms(rng, 100), effect: rng.bool(), retry_after_ms: patience }
            }
            6 => Self::Unusable { after: ms(rng, 100) },
            7 => Self::Doubled { after: ms(rng, 100) },
            8 => Self::Crowded { after: ms(rng, 500) },
            // Long enough to be on its way through a whole outage.
            9 => Self::Answered { after: ms(rng, 200_000) },
            _ => Self::Answered { after: ms(rng, 5_000) },
        }
    }
}
