//! Metrics of the difference: bias, RMSE, ubRMSE, MAE, and the parts of the mean squared error.

use serde::{Deserialize, Serialize};

use crate::error::MetricError;
use crate::pairs::Pairs;

/// Mean difference, estimate minus reference.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit, which is the result's too.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] without a valid pair.
/// # References
/// Peer: `pytesmo.metrics.bias(estimate, reference)`.
/// # Examples
/// ```
/// let bias = vadose_metrics::bias(&[0.3, 0.5], &[0.2, 0.2])?;
/// assert!((bias - 0.2).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn bias(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need(1)?;
    Ok(pairs.moments().bias)
}

/// Root-mean-square error: `sqrt(mean((e - r)^2))`.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit, which is the result's too.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] without a valid pair.
/// # References
/// Entekhabi et al. (2010), doi:10.1175/2010JHM1223.1. Peer: `pytesmo.metrics.rmsd` (ddof = 0).
/// # Examples
/// ```
/// // Differences 3 and 4: sqrt((9 + 16) / 2).
/// let rmse = vadose_metrics::rmse(&[3.0, 4.0], &[0.0, 0.0])?;
/// assert!((rmse - 12.5_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "rmsd")]
pub fn rmse(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need(1)?;
    Ok(pairs.moments().rmse())
}

/// Unbiased root-mean-square error: the scatter that is left once each series loses its own mean.
///
/// `sqrt(mean(((e - mean e) - (r - mean r))^2))`, hence `ubrmse^2 = rmse^2 - bias^2`.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit, which is the result's too. The divisor is the
/// number of valid pairs, not one less.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs.
/// # References
/// Entekhabi et al. (2010), doi:10.1175/2010JHM1223.1. Peer: `pytesmo.metrics.ubrmsd` (ddof = 0).
/// # Examples
/// ```
/// // Differences 3 and 5 scatter by 1 about their mean 4.
/// let ubrmse = vadose_metrics::ubrmse(&[3.0, 5.0], &[0.0, 0.0])?;
/// assert!((ubrmse - 1.0).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "ubrmsd")]
pub fn ubrmse(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need(2)?;
    Ok(pairs.moments().ubrmse())
}

/// Mean absolute error: `mean(|e - r|)`.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit, which is the result's too.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] without a valid pair.
/// # References
/// Peer: `pytesmo.metrics.aad`; its `mad` is the median, another quantity.
/// # Examples
/// ```
/// let mae = vadose_metrics::mae(&[3.0, -4.0], &[0.0, 0.0])?;
/// assert_eq!(mae, 3.5);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "aad")]
pub fn mae(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need(1)?;
    Ok(pairs.moments().mean_abs_difference)
}

/// RMSE minus the magnitude of the bias: **not** the ubRMSE.
///
/// Public code of the group behind the reproduced paper subtracts the bias from the RMSE instead
/// of their squares. This is here only to compare with numbers made that way; it is never larger
/// than [`ubrmse`].
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit, which is the result's too.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] without a valid pair.
/// # Examples
/// ```
/// use vadose_metrics::{rmse_minus_abs_bias, ubrmse};
/// let (estimate, reference) = ([3.0, 5.0], [0.0, 0.0]);
/// // sqrt(17) - 4, where the scatter is 1.
/// assert!((rmse_minus_abs_bias(&estimate, &reference)? - 0.123105625617661).abs() < 1e-12);
/// assert!((ubrmse(&estimate, &reference)? - 1.0).abs() < 1e-12);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn rmse_minus_abs_bias(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need(1)?;
    Ok(pairs.moments().rmse() - pairs.moments().bias.abs())
}

/// The three sources of the mean squared error, which they add up to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MseParts {
    /// Imperfect correlation: `2 s_e s_r (1 - R)`.
    pub correlation: f64,
    /// Different variability: `(s_e - s_r)^2`.
    pub variance: f64,
    /// Different means: `bias^2`.
    pub bias: f64,
}

impl MseParts {
    /// The mean squared error.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.correlation + self.variance + self.bias
    }
}

/// Splits the mean squared error into correlation, variance and bias.
///
/// A series that does not vary is no obstacle: `s_e s_r R` is the covariance, which stays defined.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit; the parts have its square.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs.
/// # References
/// Gupta, Kling, Yilmaz and Martinez (2009), doi:10.1016/j.jhydrol.2009.08.003. Peer:
/// `pytesmo.metrics.mse_decomposition`.
/// # Examples
/// ```
/// // The reference stretched by 2 and moved by 1: no loss of correlation.
/// let parts = vadose_metrics::mse_parts(&[1.0, 3.0, 5.0], &[0.0, 1.0, 2.0])?;
/// assert!(parts.correlation.abs() < 1e-15);
/// assert!((parts.variance - 2.0 / 3.0).abs() < 1e-15);
/// assert_eq!(parts.bias, 4.0);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn mse_parts(estimate: &[f64], reference: &[f64]) -> Result<MseParts, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need(2)?;
    let moments = pairs.moments();
    let spread_estimate = moments.variance_estimate.sqrt();
    let spread_reference = moments.variance_reference.sqrt();
    Ok(MseParts {
        correlation: 2.0 * (spread_estimate * spread_reference - moments.covariance),
        variance: (spread_estimate - spread_reference).powi(2),
        bias: (moments.mean_estimate - moments.mean_reference).powi(2),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bias_is_estimate_minus_reference() {
        assert_eq!(bias(&[2.0], &[5.0]), Ok(-3.0));
    }

    #[test]
    fn one_pair_has_a_bias_but_no_scatter() {
        assert_eq!(rmse(&[2.0], &[5.0]), Ok(3.0));
        assert_eq!(
            ubrmse(&[2.0, f64::NAN], &[5.0, 1.0]),
            Err(MetricError::TooFewPairs { got: 1, needed: 2 })
        );
        assert_eq!(
            bias(&[], &[]),
            Err(MetricError::TooFewPairs { got: 0, needed: 1 })
        );
    }

    #[test]
    fn constant_series_still_decomposes() {
        // Differences 1 and -3: the reference spreads by 2 about its mean 3.
        let parts = mse_parts(&[2.0, 2.0], &[1.0, 5.0]).unwrap();
        assert_eq!(
            parts,
            MseParts {
                correlation: 0.0,
                variance: 4.0,
                bias: 1.0
            }
        );
        assert_eq!(parts.total(), 5.0);
    }
}
