//! Bloom filters, with all hashes derived from one (Kirsch and Mitzenmacher 2006).

/// Bits for each term and hashes of a term: three of two hundred terms that are not there are taken for there.
const BITS: usize = 9;
const HASHES: u32 = 5;

/// A filter of 64-bit hashes of terms.
pub(crate) fn build(terms: impl ExactSizeIterator<Item = u64>) -> Vec<u64> {
    let mut words = vec![0_u64; (terms.len() * BITS).div_ceil(64)];
    for term in terms {
        for bit in bits(term, words.len()) {
            words[bit / 64] |= 1 << (bit % 64);
        }
    }
    words
}

/// False: certainly not there.
pub(crate) fn maybe(words: &[u64], term: u64) -> bool {
    !words.is_empty() && bits(term, words.len()).all(|bit| words[bit / 64] & (1 << (bit % 64)) != 0)
}

fn bits(term: u64, words: usize) -> impl Iterator<Item = usize> {
    let total = words as u64 * 64;
    let (mut at, step) = (term, term.rotate_left(32) | 1);
    (0..HASHES).map(move |_| {
        at = at.wrapping_add(step);
        // The high part of the product is uniform in 0..total (Lemire 2019).
        ((u128::from(at) * u128::from(total)) >> 64) as usize
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_little_else() {
        let hash = |number: u64| xxhash_rust::xxh3::xxh3_64(&number.to_le_bytes());
        let words = build((0..10_000).map(hash).collect::<Vec<_>>().into_iter());
        assert!((0..10_000).all(|number| maybe(&words, hash(number))));
        let wrong = (10_000..110_000).filter(|number| maybe(&words, hash(*number))).count();
        assert!(wrong < 1_800, "{wrong} of 100,000 taken for there");
        assert!(!maybe(&[], 7));
    }
}
