//! Chance as an argument: the same seed gives the same choices, every run.

/// What the state advances by with each roll: the golden ratio's fraction, as splitmix64 has it.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A source of choices that are well spread and not secret: splitmix64 (Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The dice of `seed` after they were rolled `rolls` times: choices by number, without a state to keep.
    pub fn after(seed: u64, rolls: u64) -> Self {
        Self(seed.wrapping_add(rolls.wrapping_mul(STEP)))
    }

    /// The next 64 bits, each as likely 0 as 1.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1), in steps of 2⁻⁵³, which are all that an `f64` holds there.
    pub fn unit(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // The high half of a product instead of a remainder: no division, and a bias below bound / 2⁶⁴.
        ((u128::from(self.roll()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_even_and_repeatable() {
        let mut dice = Dice::new(7);
        let mut counts = [0_u32; 3];
        let mut sum = 0.0;
        for _ in 0..30_000 {
            counts[dice.below(3)] += 1;
            let unit = dice.unit();
            assert!((0.0..1.0).contains(&unit), "{unit}");
            sum += unit;
        }
        assert!(counts.iter().all(|count| (9_700..10_300).contains(count)), "{counts:?}");
        assert!((sum / 30_000.0 - 0.5).abs() < 0.01, "{sum}");
        assert_eq!(dice.below(0), 0);
        let mut rolled = Dice::new(7);
        let first = rolled.roll();
        assert_eq!((first, rolled.roll()), (Dice::new(7).roll(), Dice::after(7, 1).roll()));
    }
}
