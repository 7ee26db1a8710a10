//! Randomness: one master seed, split per purpose, the same numbers on every platform.
//!
//! Everything random in a run starts from one 64-bit seed. [`derive()`] gives each purpose its own,
//! so that adding a draw in one place moves no other; [`rng`] turns it into a ChaCha8 generator;
//! [`below`] and [`shuffle`] are written out here, so that an update of a dependency cannot change
//! a published split.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A seed for one purpose, from the master seed and the purpose's name.
///
/// `mix(mix(master) xor fnv1a64(purpose))`, where `mix` is one step of SplitMix64 and `fnv1a64`
/// the FNV-1a hash of the name's UTF-8 bytes. Integer arithmetic only: the same on every platform,
/// and part of this crate's contract.
///
/// # References
/// SplitMix64: Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195. FNV-1a, 64 bits:
/// Fowler, Noll and Vo.
/// # Examples
/// ```
/// use vadose_scene::seed;
///
/// assert_eq!(seed::derive(42, "split"), seed::derive(42, "split"));
/// assert_ne!(seed::derive(42, "split"), seed::derive(42, "weights"));
/// assert_ne!(seed::derive(42, "split"), seed::derive(43, "split"));
/// ```
pub fn derive(master: u64, purpose: &str) -> u64 {
    mix(mix(master) ^ fnv1a64(purpose.as_bytes()))
}

/// A ChaCha8 generator for one purpose, keyed with four SplitMix64 outputs from [`derive()`].
pub fn rng(master: u64, purpose: &str) -> ChaCha8Rng {
    let start = derive(master, purpose);
    let mut key = [0; 32];
    for (step, bytes) in (0_u64..).zip(key.chunks_exact_mut(8)) {
        let word = mix(start.wrapping_add(step.wrapping_mul(SPLITMIX_INCREMENT)));
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// A uniform integer in `0 .. bound`, unbiased (draws of the incomplete last block are repeated).
///
/// A `bound` of 0 gives 0, like a bound of 1.
pub fn below(rng: &mut impl RngCore, bound: usize) -> usize {
    let bound = bound.max(1) as u64;
    // 2^64 mod bound, the number of draws that are too many.
    let excess = (u64::MAX % bound + 1) % bound;
    loop {
        let draw = rng.next_u64();
        if draw <= u64::MAX - excess {
            return (draw % bound) as usize;
        }
    }
}

/// Shuffles in place, every order equally likely (Fisher–Yates from the front).
///
/// After the first `k` steps the first `k` elements are a uniform draw without replacement.
pub fn shuffle<T>(rng: &mut impl RngCore, items: &mut [T]) {
    partial_shuffle(rng, items, items.len());
}

/// Moves a uniform draw of `n` items, in random order, to the front.
pub(crate) fn partial_shuffle<T>(rng: &mut impl RngCore, items: &mut [T], n: usize) {
    for idx in 0..n.min(items.len()) {
        let other = idx + below(rng, items.len() - idx);
        items.swap(idx, other);
    }
}

/// 2^64 divided by the golden ratio, odd.
const SPLITMIX_INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

/// One step of SplitMix64 from this state.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(SPLITMIX_INCREMENT);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn fnv1a64(bytes: &[u8]) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET_BASIS, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn building_blocks_match_their_published_values() {
        // First output of SplitMix64 from state 0; FNV-1a of the empty string and of "a".
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(fnv1a64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a64(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn below_is_within_its_bound_and_even() {
        // 60,000 draws of 6: each count is 10,000 with a deviation of 91; five are allowed.
        let mut rng = rng(1, "dice");
        let mut counts = [0_i64; 6];
        for _ in 0..60_000 {
            counts[below(&mut rng, 6)] += 1;
        }
        assert!(
            counts.iter().all(|n| (n - 10_000).abs() < 455),
            "{counts:?}"
        );
        assert_eq!(below(&mut rng, 1), 0);
        assert_eq!(below(&mut rng, 0), 0);
        assert!(below(&mut rng, usize::MAX) < usize::MAX);
    }

    #[test]
    fn every_order_is_equally_likely() {
        // 24,000 shuffles of 3 things: each of 6 orders 4,000 times with a deviation of 58.
        let mut rng = rng(2, "orders");
        let mut counts: BTreeMap<[u8; 3], i64> = BTreeMap::new();
        for _ in 0..24_000 {
            let mut items = [0, 1, 2];
            shuffle(&mut rng, &mut items);
            *counts.entry(items).or_default() += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(
            counts.values().all(|n| (n - 4_000).abs() < 290),
            "{counts:?}"
        );
    }
}
