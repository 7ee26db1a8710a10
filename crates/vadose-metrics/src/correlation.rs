//! Linear and rank correlation: Pearson's R and Spearman's rho.

use crate::error::{MetricError, Series};
use crate::pairs::Pairs;

/// Pearson's correlation coefficient, -1 to 1.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`. Result: dimensionless.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::ZeroVariance`] if a series is constant.
/// # References
/// Peer: `scipy.stats.pearsonr`.
/// # Examples
/// ```
/// let r = vadose_metrics::pearson_r(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0])?;
/// assert!((r - 1.0).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn pearson_r(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    Pairs::new(estimate, reference)?.pearson_r()
}

/// Spearman's rank correlation: Pearson's R of the ranks, equal values sharing their mean rank.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`. Result: dimensionless, -1 to 1.
/// # Missing values
/// A pair counts only if both members are finite; ranks are taken among the pairs that count.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::ZeroVariance`] if a series is constant.
/// # References
/// Peer: `scipy.stats.spearmanr`.
/// # Examples
/// ```
/// // Any rising curve keeps the order.
/// let rho = vadose_metrics::spearman(&[1.0, 8.0, 27.0], &[1.0, 2.0, 3.0])?;
/// assert!((rho - 1.0).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn spearman(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    Pairs::new(estimate, reference)?.spearman()
}

impl Pairs {
    pub(crate) fn pearson_r(&self) -> Result<f64, MetricError> {
        self.need(2)?;
        self.need_variation(Series::Estimate)?;
        self.need_variation(Series::Reference)?;
        let moments = self.moments();
        let r = moments.covariance
            / (moments.variance_estimate.sqrt() * moments.variance_reference.sqrt());
        // Rounding can pass 1 by an ulp, and atanh of that is NaN.
        Ok(r.clamp(-1.0, 1.0))
    }

    pub(crate) fn spearman(&self) -> Result<f64, MetricError> {
        Self {
            estimate: average_ranks(&self.estimate),
            reference: average_ranks(&self.reference),
            dropped: self.dropped,
        }
        .pearson_r()
    }
}

/// Ranks from 1; a run of equal values gets the mean of its ranks.
pub(crate) fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for run in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let first_and_last = (before + 1) + (before + run.len());
        for &index in run {
            ranks[index] = first_and_last as f64 / 2.0;
        }
        before += run.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_mean_rank() {
        assert_eq!(average_ranks(&[7.0, 1.0, 7.0, 9.0]), [2.5, 1.0, 2.5, 4.0]);
        assert_eq!(average_ranks(&[3.0; 4]), [2.5; 4]);
        assert_eq!(average_ranks(&[0.0, -0.0, 1.0]), [1.5, 1.5, 3.0]);
    }

    #[test]
    fn constant_series_has_no_correlation_and_is_named() {
        let error = pearson_r(&[0.1, 0.2, 0.3], &[0.1; 3]).unwrap_err();
        assert_eq!(error.to_string(), "the reference does not vary");
        assert_eq!(
            spearman(&[0.1; 3], &[0.1, 0.2, 0.3]),
            Err(MetricError::ZeroVariance {
                series: Series::Estimate
            })
        );
    }
}
