//! Kendall's rank correlation with ties (tau-b), in n log n steps by Knight's method.

use std::cmp::Ordering;

use crate::error::{MetricError, Series};
use crate::pairs::Pairs;

/// Kendall's tau-b, -1 to 1: concordant minus discordant pairs of pairs, corrected for ties.
///
/// Takes n log n steps: a sort by estimate, and a merge sort by reference that counts exchanges.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`. Result: dimensionless.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::ZeroVariance`] if a series is constant.
/// # References
/// Knight (1966), doi:10.1080/01621459.1966.10480879. Peer: `scipy.stats.kendalltau` (variant b).
/// # Examples
/// ```
/// // Of three pairs of pairs, two agree and one does not.
/// let tau = vadose_metrics::kendall(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0])?;
/// assert!((tau - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn kendall(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    Pairs::new(estimate, reference)?.kendall()
}

impl Pairs {
    pub(crate) fn kendall(&self) -> Result<f64, MetricError> {
        self.need(2)?;
        self.need_variation(Series::Estimate)?;
        self.need_variation(Series::Reference)?;

        let mut points: Vec<(f64, f64)> = self
            .estimate
            .iter()
            .copied()
            .zip(self.reference.iter().copied())
            .collect();
        points.sort_unstable_by(|left, right| {
            compare(left.0, right.0).then(compare(left.1, right.1))
        });
        let estimate_ties = tied_pairs(&points, |left, right| left.0 == right.0);
        let joint_ties = tied_pairs(&points, |left, right| left == right);

        let mut reference: Vec<f64> = points.iter().map(|point| point.1).collect();
        let discordant = sort_counting_exchanges(&mut reference);
        let reference_ties = tied_pairs(&reference, |left, right| left == right);

        let all = pairs_among(self.len());
        // Whole numbers up to here, exact in f64 for series shorter than 90 million pairs.
        let score = (all + joint_ties) as f64
            - (estimate_ties + reference_ties) as f64
            - 2.0 * discordant as f64;
        let untied_estimate = (all - estimate_ties) as f64;
        let untied_reference = (all - reference_ties) as f64;
        let tau = score / (untied_estimate * untied_reference).sqrt();
        Ok(tau.clamp(-1.0, 1.0))
    }
}

/// Order of two finite numbers, in which the two zeros are equal.
fn compare(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right)
        .expect("pairs hold finite numbers only")
}

/// Number of unordered pairs among `n` things.
fn pairs_among(n: usize) -> u64 {
    let n = n as u64;
    n * n.saturating_sub(1) / 2
}

/// Number of pairs inside the runs of equal neighbours.
fn tied_pairs<T>(sorted: &[T], equal: impl Fn(&T, &T) -> bool) -> u64 {
    sorted
        .chunk_by(|left, right| equal(left, right))
        .map(|run| pairs_among(run.len()))
        .sum()
}

/// Sorts by merging runs of doubling length, and counts the pairs that stood in falling order.
fn sort_counting_exchanges(values: &mut Vec<f64>) -> u64 {
    let n = values.len();
    let mut merged = Vec::with_capacity(n);
    let mut exchanges = 0;
    let mut width = 1;
    while width < n {
        merged.clear();
        for block in values.chunks(2 * width) {
            let (left, right) = block.split_at(width.min(block.len()));
            exchanges += merge(left, right, &mut merged);
        }
        std::mem::swap(values, &mut merged);
        width *= 2;
    }
    exchanges
}

/// Appends two sorted runs in order; each value of the right run jumps over what is left of the
/// left one. Equal values do not jump.
fn merge(left: &[f64], right: &[f64], merged: &mut Vec<f64>) -> u64 {
    let (mut i, mut j, mut exchanges) = (0, 0, 0);
    while i < left.len() && j < right.len() {
        if right[j] < left[i] {
            exchanges += (left.len() - i) as u64;
            merged.push(right[j]);
            j += 1;
        } else {
            merged.push(left[i]);
            i += 1;
        }
    }
    merged.extend_from_slice(&left[i..]);
    merged.extend_from_slice(&right[j..]);
    exchanges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_are_the_inversions() {
        let mut values = vec![3.0, 1.0, 2.0, 2.0, 0.0];
        // 3 stands before four smaller values, 1 before 0, each 2 before 0.
        assert_eq!(sort_counting_exchanges(&mut values), 7);
        assert_eq!(values, [0.0, 1.0, 2.0, 2.0, 3.0]);
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
