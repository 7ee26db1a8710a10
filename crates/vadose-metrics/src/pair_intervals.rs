//! Analytic confidence intervals of the pairwise metrics.

use serde::{Deserialize, Serialize};

use crate::confidence::Confidence;
use crate::correlation::spearman_of_ranks;
use crate::dependent::{self, Dependent};
use crate::error::MetricError;
use crate::interval::{AnalyticInterval, Dependence};
use crate::kendall::kendall_of_ranks;

/// Which formula gives the standard error of Fisher's z of Kendall's tau.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KendallError {
    /// `sqrt(0.437 / (n - 4))`, the formula of Fieller, Hartley and Pearson (1957). The default.
    #[default]
    Fieller,
    /// `0.431 / sqrt(n - 3)`, as in pytesmo: shorter by a third, and it covers 80 % instead of 95 %
    /// (normal pairs, R = 0.6, n = 200, no autocorrelation). For comparison only.
    Pytesmo,
}

/// Interval of the [`crate::bias`]: `bias -+ t(n_eff - 1) s / sqrt(n_eff)`.
///
/// `s` is the standard deviation of the differences with the divisor that removes its bias,
/// `s^2 = ubrmse^2 n_eff / (n_eff - 1)`. `n_eff` comes from the autocorrelation `phi` of the
/// differences: `n (1 - phi) / (1 + phi)` on an even time axis.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit, which is the interval's too.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below two valid pairs;
/// [`MetricError::ZeroVariance`] if the difference is constant; [`MetricError::TimesDoNotRise`].
/// # References
/// Peer, for independent samples: `pytesmo.metrics.pairwise.bias_ci`.
/// # Examples
/// ```
/// use vadose_metrics::{Confidence, Dependence, bias_interval};
///
/// // Differences 1 and 3: s = sqrt(2), t(1) = 12.7062.
/// let interval =
///     bias_interval(&[1.0, 3.0], &[0.0, 0.0], Dependence::Independent, Confidence::P95)?.interval;
/// assert!((interval.lower - (2.0 - 12.7062)).abs() < 1e-4);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn bias_interval(
    estimate: &[f64],
    reference: &[f64],
    dependence: Dependence<'_>,
    confidence: Confidence,
) -> Result<AnalyticInterval, MetricError> {
    let samples = Dependent::new(estimate, reference, dependence)?;
    samples.need_scatter()?;
    let moments = samples.pairs.moments();
    let (bias, ubrmse) = (moments.bias, moments.ubrmse());
    Ok(dependent::bias(bias, ubrmse, samples.sizes(), confidence))
}

/// Interval of the [`crate::ubrmse`]: `sqrt(n_eff ubrmse^2 / chi2(n_eff - 1))` at both tails.
///
/// `n_eff` comes from the square of the autocorrelation `phi` of the differences:
/// `n (1 - phi^2) / (1 + phi^2)` on an even time axis. It holds for differences that are nearly
/// normal; heavy tails make it too short.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`, in one unit, which is the interval's too.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// As [`bias_interval`].
/// # References
/// Peer, for independent samples: `pytesmo.metrics.pairwise.ubrmsd_ci`.
/// # Examples
/// ```
/// use vadose_metrics::{Confidence, Dependence, ubrmse_interval};
///
/// // Differences -1 and 1: sqrt(2 / 5.023886), where 5.023886 is the 97.5 % point of chi2(1).
/// let interval =
///     ubrmse_interval(&[-1.0, 1.0], &[0.0, 0.0], Dependence::Independent, Confidence::P95)?;
/// assert!((interval.interval.lower - 0.630953).abs() < 1e-5);
/// assert!(interval.few_effective);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "ubrmsd_ci")]
pub fn ubrmse_interval(
    estimate: &[f64],
    reference: &[f64],
    dependence: Dependence<'_>,
    confidence: Confidence,
) -> Result<AnalyticInterval, MetricError> {
    let samples = Dependent::new(estimate, reference, dependence)?;
    samples.need_scatter()?;
    Ok(dependent::ubrmse(
        samples.pairs.moments().ubrmse(),
        samples.sizes(),
        confidence,
    ))
}

/// Interval of [`crate::pearson_r`]: `tanh(atanh R -+ z / sqrt(n_eff - 3))`.
///
/// `n_eff` comes from the product of the autocorrelations of the two series:
/// `n (1 - phi_e phi_r) / (1 + phi_e phi_r)` on an even time axis.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`. Interval: dimensionless, within -1 to 1.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TooFewPairs`] below four valid pairs;
/// [`MetricError::ZeroVariance`] if a series is constant; [`MetricError::TimesDoNotRise`].
/// # References
/// Effective size: Bayley and Hammersley (1946), doi:10.2307/2983560. Peer, for independent samples:
/// `pytesmo.metrics.pairwise.pearson_r_ci`.
/// # Examples
/// ```
/// use vadose_metrics::{Confidence, Dependence, pearson_interval};
///
/// // R = 0.8, and z / sqrt(4 - 3) = 1.96: tanh(1.0986 - 1.96).
/// let (estimate, reference) = ([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]);
/// let interval =
///     pearson_interval(&estimate, &reference, Dependence::Independent, Confidence::P95)?.interval;
/// assert!((interval.lower - (-0.6970)).abs() < 1e-4);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn pearson_interval(
    estimate: &[f64],
    reference: &[f64],
    dependence: Dependence<'_>,
    confidence: Confidence,
) -> Result<AnalyticInterval, MetricError> {
    let samples = Dependent::new(estimate, reference, dependence)?;
    samples.need_correlation()?;
    let r = samples.pairs.moments().correlation();
    Ok(dependent::pearson(r, samples.sizes(), confidence))
}

/// Interval of [`crate::spearman`]: as Pearson's, with a standard error wider by
/// `sqrt(1 + rho^2 / 2)`.
///
/// The effective size is that of [`pearson_interval`], from the values and not from their ranks: an
/// approximation.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`. Interval: dimensionless, within -1 to 1.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// As [`pearson_interval`].
/// # References
/// Bonett and Wright (2000), doi:10.1007/BF02294183. Peer, for independent samples:
/// `pytesmo.metrics.pairwise.spearman_r_ci`.
/// # Examples
/// ```
/// use vadose_metrics::{Confidence, Dependence, pearson_interval, spearman_interval};
///
/// // These values are their ranks: the same centre, a longer interval.
/// let (estimate, reference) = ([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]);
/// let of = (Dependence::Independent, Confidence::P95);
/// let rank = spearman_interval(&estimate, &reference, of.0, of.1)?.interval;
/// assert!(rank.width() > pearson_interval(&estimate, &reference, of.0, of.1)?.interval.width());
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn spearman_interval(
    estimate: &[f64],
    reference: &[f64],
    dependence: Dependence<'_>,
    confidence: Confidence,
) -> Result<AnalyticInterval, MetricError> {
    let samples = Dependent::new(estimate, reference, dependence)?;
    samples.need_correlation()?;
    let rho = spearman_of_ranks(&samples.pairs.ranks());
    Ok(dependent::spearman(rho, samples.sizes(), confidence))
}

/// Interval of [`crate::kendall`], by Fisher's z with one of two standard errors.
///
/// Both are for normal pairs without ties. The effective size is that of [`pearson_interval`]. With
/// four effective samples the default formula knows nothing, and the interval is -1 to 1.
///
/// # Shapes and units
/// `estimate`, `reference`: `[n]`. Interval: dimensionless, within -1 to 1.
/// # Missing values
/// A pair counts only if both members are finite.
/// # Errors
/// As [`pearson_interval`].
/// # References
/// Fieller, Hartley and Pearson (1957), doi:10.1093/biomet/44.3-4.470; Bonett and Wright (2000),
/// doi:10.1007/BF02294183. Peer, for independent samples: `pytesmo.metrics.pairwise.kendall_tau_ci`.
/// # Examples
/// ```
/// use vadose_metrics::{Confidence, Dependence, KendallError, kendall_interval};
///
/// let (estimate, reference) = ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 3.0, 2.0, 4.0, 5.0]);
/// let of = |error| {
///     kendall_interval(&estimate, &reference, Dependence::Independent, Confidence::P95, error)
/// };
/// // tau = 0.8: tanh(1.0986 - 1.96 * 0.6611) and tanh(1.0986 - 1.96 * 0.3048).
/// assert!((of(KendallError::Fieller)?.interval.lower - (-0.1945)).abs() < 1e-4);
/// assert!((of(KendallError::Pytesmo)?.interval.lower - 0.4631).abs() < 1e-4);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[doc(alias = "kendall_tau_ci")]
pub fn kendall_interval(
    estimate: &[f64],
    reference: &[f64],
    dependence: Dependence<'_>,
    confidence: Confidence,
    error: KendallError,
) -> Result<AnalyticInterval, MetricError> {
    let samples = Dependent::new(estimate, reference, dependence)?;
    samples.need_correlation()?;
    let tau = kendall_of_ranks(&samples.pairs.ranks());
    Ok(dependent::kendall(tau, samples.sizes(), confidence, error))
}
