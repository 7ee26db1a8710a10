//! Efficiencies of hydrology: Nash-Sutcliffe and Kling-Gupta, 1 for a perfect estimate.

use crate::error::{MetricError, Series};
use crate::pairs::{Moments, Pairs};

/// Nash-Sutcliffe efficiency: `1 - mean((e - r)^2) / var(r)`, 1 at best, 0 for the reference's mean.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit. Result: dimensionless, at most 1.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::ZeroVariance`] if the reference is constant.
/// # References
/// Nash and Sutcliffe (1970), doi:10.1016/0022-1694(70)90255-6. Peer:
/// `pytesmo.metrics.nash_sutcliffe`, which takes the reference first.
/// # Examples
/// ```
/// // Squared errors 0, 0, 1 against squared deviations 1, 0, 1.
/// let nse = vadose_metrics::nse(&[1.0, 2.0, 4.0], &[1.0, 2.0, 3.0])?;
/// assert!((nse - 0.5).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "nash_sutcliffe")]
pub fn nse(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need(2)?;
    pairs.need_variation(Series::Reference)?;
    Ok(pairs.moments().nse())
}

/// Kling-Gupta efficiency of 2009: `1 - sqrt((R - 1)^2 + (s_e/s_r - 1)^2 + (mean e/mean r - 1)^2)`.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit with a true zero, so not anomalies. Result:
/// dimensionless, at most 1.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::ZeroVariance`] if a series is constant; [`MetricError::ZeroMean`].
/// # References
/// Gupta, Kling, Yilmaz and Martinez (2009), doi:10.1016/j.jhydrol.2009.08.003. Peer:
/// `hydroeval.kge`. The variant of 2012, with ratios of coefficients of variation, is another
/// quantity.
/// # Examples
/// ```
/// // Twice the reference: R = 1, both ratios 2.
/// let kge = vadose_metrics::kge(&[2.0, 4.0, 6.0], &[1.0, 2.0, 3.0])?;
/// assert!((kge - (1.0 - 2.0_f64.sqrt())).abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "kling_gupta")]
pub fn kge(estimate: &[f64], reference: &[f64]) -> Result<f64, MetricError> {
    let pairs = Pairs::new(estimate, reference)?;
    pairs.need_correlation()?;
    pairs.moments().kge()
}

impl Moments {
    /// Nash-Sutcliffe efficiency, if the reference varies.
    pub(crate) fn nse(&self) -> f64 {
        1.0 - self.mean_square_difference / self.variance_reference
    }

    /// Kling-Gupta efficiency, if both series vary.
    pub(crate) fn kge(&self) -> Result<f64, MetricError> {
        if self.mean_reference == 0.0 {
            return Err(MetricError::ZeroMean);
        }
        let spread_ratio = (self.variance_estimate / self.variance_reference).sqrt();
        let mean_ratio = self.mean_estimate / self.mean_reference;
        let distance = (self.correlation() - 1.0).powi(2)
            + (spread_ratio - 1.0).powi(2)
            + (mean_ratio - 1.0).powi(2);
        Ok(1.0 - distance.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_reference_has_efficiency_zero() {
        assert_eq!(nse(&[2.0, 2.0, 2.0], &[1.0, 2.0, 3.0]), Ok(0.0));
    }

    #[test]
    fn perfect_estimate_has_efficiency_one() {
        let series = [0.1, 0.25, 0.4];
        assert_eq!(nse(&series, &series), Ok(1.0));
        approx::assert_abs_diff_eq!(kge(&series, &series).unwrap(), 1.0, epsilon = 1e-12);
    }

    #[test]
    fn undefined_efficiencies_say_why() {
        assert_eq!(
            nse(&[1.0, 2.0], &[3.0, 3.0]),
            Err(MetricError::ZeroVariance {
                series: Series::Reference
            })
        );
        assert_eq!(kge(&[1.0, 2.0], &[-1.0, 1.0]), Err(MetricError::ZeroMean));
    }
}
