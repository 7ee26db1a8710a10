//! Kendall's rank correlation with ties (tau-b), in n log n steps.

use crate::error::MetricError;
use crate::pairs::Pairs;
use crate::ranks::{Ranks, pairs_among};

/// Kendall's tau-b, -1 to 1: concordant minus discordant pairs of pairs, corrected for ties.
///
/// Takes n log n steps: a sort of each series, and a tree that counts what was passed.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`. Result: dimensionless.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::ZeroVariance`] if a series is constant.
/// # References
/// Knight (1966), doi:10.1080/01621459.1966.10480879: score from ties and exchanges. Peer: `scipy.stats.kendalltau` (variant b).
/// # Examples
/// ```
/// // Of three pairs of pairs, two agree and one does not.
/// let tau = vadose_metrics::kendall(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0])?;
/// assert!((tau - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn kendall(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need_correlation()?;
    Ok(kendall_of_ranks(&pairs.ranks()))
}

/// Tau of two series that vary.
pub(crate) fn kendall_of_ranks([estimate, reference]: &[Ranks; 2]) -> f64 {
    let mut order = estimate.order.clone();
    let mut joint_ties = 0;
    if estimate.tied_pairs > 0 {
        let rank = |at: u32| reference.below[at as usize];
        for run in order.chunk_by_mut(|left, right| {
            estimate.below[*left as usize] == estimate.below[*right as usize]
        }) {
            run.sort_unstable_by_key(|at| rank(*at));
            joint_ties += run
                .chunk_by(|left, right| rank(*left) == rank(*right))
                .map(|equal| pairs_among(equal.len()))
                .sum::<u64>();
        }
    }
    let discordant = falling_pairs(order.iter().map(|at| reference.below[*at as usize]));

    let all = pairs_among(order.len());
    // Whole numbers up to here, exact in f64 for series shorter than 90 million pairs.
    let score = (all + joint_ties) as f64
        - (estimate.tied_pairs + reference.tied_pairs) as f64
        - 2.0 * discordant as f64;
    let untied_estimate = (all - estimate.tied_pairs) as f64;
    let untied_reference = (all - reference.tied_pairs) as f64;
    let tau = score / (untied_estimate * untied_reference).sqrt();
    tau.clamp(-1.0, 1.0)
}

/// Pairs of ranks of which the first is the larger; `ranks` are numbers of smaller values.
///
/// Each rank takes a place of its own, equal ones in their order. Bits mark the places taken. How many are taken
/// before a word of 64 bits, and before a group of 64 words, is kept up to date by loops without branches.
fn falling_pairs(ranks: impl ExactSizeIterator<Item = u32>) -> u64 {
    const BITS: usize = 64;
    const WORDS: usize = 64;
    let n = ranks.len();
    let n_words = n.div_ceil(BITS);
    let mut taken = vec![0_u64; n_words];
    let mut before_word = vec![0_u32; n_words];
    let mut before_group = vec![0_u32; n_words.div_ceil(WORDS)];
    let mut equal_before = vec![0_u32; n];
    let mut falling = 0;
    for (seen, rank) in ranks.enumerate() {
        let place = (rank + equal_before[rank as usize]) as usize;
        equal_before[rank as usize] += 1;
        let (word, bit) = (place / BITS, place % BITS);
        let group = word / WORDS;
        let before_in_word = (taken[word] & ((1 << bit) - 1)).count_ones();
        taken[word] |= 1 << bit;
        falling +=
            seen as u64 - u64::from(before_group[group] + before_word[word] + before_in_word);
        let words = group * WORDS..n_words.min((group + 1) * WORDS);
        add_after(word - words.start, &mut before_word[words]);
        add_after(group, &mut before_group);
    }
    falling
}

/// Adds one to every count after that at `idx`.
fn add_after(idx: usize, counts: &mut [u32]) {
    for (at, count) in (0..).zip(counts) {
        *count += u32::from(at > idx as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falling_pairs_are_the_inversions() {
        // 3, 1, 2, 2, 0 as numbers of smaller values: 3 stands before four smaller ones, 1 before 0, each 2
        // before 0.
        assert_eq!(falling_pairs([4, 1, 2, 2, 0].into_iter()), 7);
        assert_eq!(falling_pairs((0..1000).rev()), 1000 * 999 / 2);
        assert_eq!(falling_pairs(0..1000), 0);
        assert_eq!(falling_pairs([0; 200].into_iter()), 0);
    }

    #[test]
    fn reversed_order_is_minus_one() {
        assert_eq!(
            kendall(&[1.0, 2.0, 3.0, 4.0], &[4.0, 3.0, 2.0, 1.0]),
            Ok(-1.0)
        );
    }

    #[test]
    fn ties_take_the_b_correction() {
        // One tied estimate: score 2 of 3, divided by sqrt(2 * 3).
        let tau = kendall(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0]).unwrap();
        approx::assert_abs_diff_eq!(tau, 2.0 / 6.0_f64.sqrt(), epsilon = 1e-15);
    }

    #[test]
    fn the_two_zeros_are_one_value() {
        let with_sign = kendall(&[-0.0, 0.0, 1.0], &[2.0, 1.0, 3.0]).unwrap();
        let without = kendall(&[0.0, 0.0, 1.0], &[2.0, 1.0, 3.0]).unwrap();
        assert_eq!(with_sign, without);
    }

    #[test]
    fn a_long_series_is_no_quadratic_burden() {
        // 2e5 values: 2e10 comparisons if every pair were visited.
        let estimate: Vec<f64> = (0..200_000).map(f64::from).collect();
        let reference: Vec<f64> = estimate.iter().map(|value| -value).collect();
        assert_eq!(kendall(&estimate, &reference), Ok(-1.0));
    }
}
