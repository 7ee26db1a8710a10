//! Linear and rank correlation: Pearson's R and Spearman's rho.

use crate::error::MetricError;
use crate::pairs::Pairs;
use crate::ranks::Ranks;

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
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need_correlation()?;
    Ok(pairs.moments().correlation())
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
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need_correlation()?;
    Ok(spearman_of_ranks(&pairs.ranks()))
}

/// Spearman's rho of two series that vary.
pub(crate) fn spearman_of_ranks([estimate, reference]: &[Ranks; 2]) -> f64 {
    let n = estimate.average.len() as f64;
    let mean = (n + 1.0) / 2.0;
    let covariance: f64 = estimate
        .average
        .iter()
        .zip(&reference.average)
        .map(|(e, r)| (e - mean) * (r - mean))
        .sum();
    // Twelve times the sum of squared deviations of ranks: those of 1 ... n, less what ties take away.
    let spread = |ranks: &Ranks| n * n * n - n - ranks.tie_cubes;
    let rho = 12.0 * covariance / (spread(estimate) * spread(reference)).sqrt();
    rho.clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Series;

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
