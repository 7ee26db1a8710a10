//! Tests of differences: Wilcoxon's signed ranks, and Holm's correction for many comparisons.

use serde::{Deserialize, Serialize};

use crate::confidence::normal_probability;
use crate::error::MetricError;
use crate::ranks::Ranks;

/// Differences up to which the p-value is exact, if no two are of equal size; scipy's limit too.
const MOST_EXACT: usize = 50;

/// What Wilcoxon's signed-rank test finds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedRank {
    /// Differences that are not zero.
    pub n: usize,
    /// Sum of the ranks of the positive differences.
    pub positive: f64,
    /// Sum of the ranks of the negative ones.
    pub negative: f64,
    /// Two-sided p-value of differences that are symmetric about zero.
    pub p_value: f64,
}

/// Wilcoxon's signed-rank test of paired values, two-sided.
///
/// Exact up to 50 differences of which no two are of equal size; else by the normal approximation with
/// the correction for ties and without one for continuity. Differences of zero are left out, as Wilcoxon
/// did.
///
/// It takes stations as independent: where neighbouring stations err together, its p-value is too small,
/// and [`crate::paired_difference`] over spatial blocks is the test to take.
///
/// # Shapes and units
/// `challenger`, `baseline`: `[n]`, one metric a station, in the same order and unit.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] if no difference is other than zero.
/// # References
/// Wilcoxon (1945), doi:10.2307/3001968. Peer: `scipy.stats.wilcoxon`, defaults.
/// # Examples
/// ```
/// use vadose_metrics::wilcoxon_signed_rank;
///
/// // Differences 1, 2, 3, -4: of 16 sign patterns, 7 have a smaller sum of 4 or less.
/// let test = wilcoxon_signed_rank(&[1.0, 2.0, 3.0, 0.0], &[0.0, 0.0, 0.0, 4.0])?;
/// assert_eq!((test.positive, test.negative), (6.0, 4.0));
/// assert_eq!(test.p_value, 14.0 / 16.0);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn wilcoxon_signed_rank(
    challenger: &[f64],
    baseline: &[f64],
) -> Result<SignedRank, MetricError> {
    let mut differences = differences(challenger, baseline)?;
    differences.retain(|difference| difference.is_finite() && *difference != 0.0);
    let n = differences.len();
    if n == 0 {
        return Err(MetricError::TooFewPairs { got: 0, needed: 1 });
    }
    let sizes: Vec<f64> = differences
        .iter()
        .map(|difference| difference.abs())
        .collect();
    let ranks = Ranks::of(&sizes);
    let total = (n * (n + 1)) as f64 / 2.0;
    let positive: f64 = differences
        .iter()
        .zip(&ranks.average)
        .filter(|(difference, _)| **difference > 0.0)
        .map(|(_, rank)| rank)
        .sum();
    let negative = total - positive;
    let smaller = positive.min(negative);

    let p_value = if n <= MOST_EXACT && ranks.tied_pairs == 0 {
        (2.0 * share_of_sums_up_to(n, smaller as usize)).min(1.0)
    } else {
        let n = n as f64;
        let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ranks.tie_cubes / 48.0;
        2.0 * normal_probability((smaller - total / 2.0) / variance.sqrt())
    };
    Ok(SignedRank {
        n,
        positive,
        negative,
        p_value,
    })
}

/// Challenger minus baseline, station by station.
pub(crate) fn differences(challenger: &[f64], baseline: &[f64]) -> Result<Vec<f64>, MetricError> {
    if challenger.len() != baseline.len() {
        return Err(MetricError::LengthMismatch {
            what: "the baseline",
            expected: challenger.len(),
            got: baseline.len(),
        });
    }
    let pairs = challenger.iter().zip(baseline);
    Ok(pairs
        .map(|(challenger, baseline)| challenger - baseline)
        .collect())
}

/// Share of the 2^n subsets of 1, 2, ... n whose sum is at most `limit`.
fn share_of_sums_up_to(n: usize, limit: usize) -> f64 {
    // Shares instead of counts: halved with each number, they stay below 1.
    let mut shares = vec![0.0; limit + 1];
    shares[0] = 1.0;
    for number in 1..=n {
        for sum in (0..=limit).rev() {
            let with = sum.checked_sub(number).map_or(0.0, |rest| shares[rest]);
            shares[sum] = (shares[sum] + with) / 2.0;
        }
    }
    shares.iter().sum()
}

/// Holm's correction: p-values that hold for all comparisons together, in the order given.
///
/// The smallest is multiplied by their number, the next by one less, and so on, and none is smaller than
/// the one before it. A comparison whose result is below 0.05 is significant with at most 5 % risk of any
/// false one, however the comparisons depend on each other.
///
/// # Shapes and units
/// `p_values`: `[comparisons]`, 0 to 1. Result: as many, 0 to 1.
/// # Errors
/// [`MetricError::NotAProbability`]; NaN is none. Leave out what was not tested.
/// # References
/// Holm (1979), Scandinavian Journal of Statistics 6, 65-70. Peer: `p.adjust(method = "holm")` of R.
/// # Examples
/// ```
/// let corrected = vadose_metrics::holm(&[0.04, 0.01, 0.03])?;
/// assert_eq!(corrected, [0.06, 0.03, 0.06]);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn holm(p_values: &[f64]) -> Result<Vec<f64>, MetricError> {
    for (at, &got) in p_values.iter().enumerate() {
        if !(0.0..=1.0).contains(&got) {
            return Err(MetricError::NotAProbability { at, got });
        }
    }
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&i, &j| p_values[i].total_cmp(&p_values[j]));
    let mut corrected = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &at) in order.iter().enumerate() {
        let comparisons = (p_values.len() - rank) as f64;
        largest = largest.max(p_values[at] * comparisons).min(1.0);
        corrected[at] = largest;
    }
    Ok(corrected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_differences_of_one_sign_are_as_rare_as_can_be() {
        let test = wilcoxon_signed_rank(&[1.0, 2.0, 3.0, 4.0, 5.0], &[0.0; 5]).unwrap();
        assert_eq!((test.negative, test.p_value), (0.0, 2.0 / 32.0));
    }

    #[test]
    fn exchange_changes_only_the_signs() {
        let (a, b) = ([0.3, 0.1, 0.5, 0.2, 0.9], [0.2, 0.3, 0.1, 0.2, 0.1]);
        let (one, other) = (
            wilcoxon_signed_rank(&a, &b).unwrap(),
            wilcoxon_signed_rank(&b, &a).unwrap(),
        );
        assert_eq!(
            (one.n, one.positive, one.p_value),
            (4, other.negative, other.p_value)
        );
    }

    #[test]
    fn equal_methods_cannot_be_tested() {
        assert!(wilcoxon_signed_rank(&[1.0, 2.0], &[1.0, 2.0]).is_err());
    }

    #[test]
    fn correction_keeps_the_order_and_never_helps() {
        let p = [0.2, 0.001, 0.04, 0.04, 0.9];
        let corrected = holm(&p).unwrap();
        assert!(
            corrected
                .iter()
                .zip(p)
                .all(|(corrected, p)| *corrected >= p)
        );
        assert_eq!(corrected, [0.4, 0.005, 0.16, 0.16, 0.9]);
        assert_eq!(holm(&[]), Ok(vec![]));
        assert!(holm(&[0.5, f64::NAN]).is_err());
    }
}
