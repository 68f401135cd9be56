//! How a block that is being built knows a term: short words by themselves. Most words are short and come again and again,
//! and to compare sixteen bytes takes less than to make their stored hash.

use super::terms;

/// The longest word that is its own key.
const SHORT: usize = 16;

/// A term: the bytes of a short word with zeros behind, else the stored hash in the higher half. No word has a zero byte,
/// so that no two words have the same key, and no word that of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u128);

/// The bytes of a word, by its length.
const MASKS: [u128; SHORT + 1] = {
    let (mut masks, mut length) = ([u128::MAX; SHORT + 1], 0);
    while length < SHORT {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

impl Key {
    /// The word at these places of a text in lower case.
    #[expect(clippy::inline_always, reason = "a hundred times a row; as a call it takes half as long again")]
    #[inline(always)]
    pub(super) fn word(text: &[u8], from: usize, to: usize) -> Self {
        let Some(mask) = MASKS.get(to - from) else { return Self::hash(terms::word(&text[from..to])) };
        if let Some(bytes) = text[from..].first_chunk() {
            return Self(u128::from_le_bytes(*bytes) & mask);
        }
        let mut bytes = [0; SHORT];
        bytes[..to - from].copy_from_slice(&text[from..to]);
        Self(u128::from_le_bytes(bytes))
    }

    /// A term that is known by its hash.
    pub(super) const fn hash(hash: u64) -> Self {
        Self((hash as u128) << 64)
    }

    /// The hash by which the term is stored.
    pub(super) fn stored(self) -> u64 {
        if self.0 as u64 == 0 {
            return (self.0 >> 64) as u64;
        }
        let length = SHORT - self.0.leading_zeros() as usize / 8;
        terms::word(&self.0.to_le_bytes()[..length])
    }

    /// Where to look for it in a table: all bits depend on all bits (folded multiplication, as wyhash has it).
    #[inline]
    pub(super) const fn place(self) -> u64 {
        let product = (self.0 as u64 ^ 0x9E37_79B9_7F4A_7C00) as u128
            * ((self.0 >> 64) as u64 ^ 0xD6E8_FEB8_6659_FD00) as u128;
        product as u64 ^ (product >> 64) as u64
    }
}
