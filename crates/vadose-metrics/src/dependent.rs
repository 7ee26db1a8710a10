//! The arithmetic of the analytic intervals: effective sizes, and the formulas that take them.

use crate::confidence::Confidence;
use crate::error::{MetricError, Series};
use crate::interval::{AnalyticInterval, Dependence, Interval};
use crate::pair_intervals::KendallError;
use crate::pairs::Pairs;
use crate::time_axis::TimeAxis;

/// Pairs, and what they know of each other.
pub(crate) struct Dependent {
    pub(crate) pairs: Pairs,
    pub(crate) axis: Option<TimeAxis>,
}

/// Correlations of neighbours, one step of the time axis apart; 0 where samples are independent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Persistence {
    pub(crate) estimate: f64,
    pub(crate) reference: f64,
    pub(crate) difference: f64,
}

/// Effective numbers of samples.
#[derive(Clone, Copy)]
pub(crate) struct EffectiveSizes {
    /// For a mean difference.
    mean: f64,
    /// For the scatter of differences.
    scatter: f64,
    /// For a correlation.
    pub(crate) correlation: f64,
}

impl Dependent {
    pub(crate) fn new(
        estimate: &[f64],
        reference: &[f64],
        dependence: Dependence<'_>,
    ) -> Result<Self, MetricError> {
        Ok(Self {
            pairs: Pairs::new(estimate, reference)?,
            axis: dependence.axis(estimate.len(), |idx| {
                estimate[idx].is_finite() && reference[idx].is_finite()
            })?,
        })
    }

    pub(crate) fn persistence(&self) -> Persistence {
        let Some(axis) = &self.axis else {
            return Persistence::default();
        };
        let moments = self.pairs.moments();
        let pairs = &self.pairs;
        let deviations = |idx: usize| {
            let e = pairs.estimate[idx] - moments.mean_estimate;
            let r = pairs.reference[idx] - moments.mean_reference;
            [e, r, e - r]
        };
        let [estimate, reference, difference] = axis.persistence(
            [
                moments.variance_estimate,
                moments.variance_reference,
                moments.variance_difference,
            ],
            deviations,
        );
        // The variance of a constant series is rounding, and so would be its memory.
        let if_varies = |phi, series| pairs.need_variation(series).map_or(0.0, |()| phi);
        Persistence {
            estimate: if_varies(estimate, Series::Estimate),
            reference: if_varies(reference, Series::Reference),
            difference: if_varies(difference, Series::Difference),
        }
    }

    pub(crate) fn sizes(&self) -> EffectiveSizes {
        let Persistence {
            estimate,
            reference,
            difference,
        } = self.persistence();
        let [mean, scatter, correlation] = match &self.axis {
            Some(axis) => {
                axis.effective_sizes([difference, difference * difference, estimate * reference])
            }
            None => [self.pairs.len() as f64; 3],
        };
        EffectiveSizes {
            mean,
            scatter,
            correlation,
        }
    }

    /// Refuses what has no interval of a difference.
    pub(crate) fn need_scatter(&self) -> Result<(), MetricError> {
        self.pairs.need(2)?;
        self.pairs.need_variation(Series::Difference)
    }

    /// Refuses what has no interval of a correlation.
    pub(crate) fn need_correlation(&self) -> Result<(), MetricError> {
        self.pairs.need(4)?;
        self.pairs.need_correlation()
    }
}

pub(crate) fn bias(
    bias: f64,
    ubrmse: f64,
    sizes: EffectiveSizes,
    confidence: Confidence,
) -> AnalyticInterval {
    let n_eff = sizes.mean;
    let half = confidence.student(n_eff - 1.0) * ubrmse / (n_eff - 1.0).sqrt();
    AnalyticInterval::new(
        Interval {
            lower: bias - half,
            upper: bias + half,
        },
        n_eff,
    )
}

pub(crate) fn ubrmse(
    ubrmse: f64,
    sizes: EffectiveSizes,
    confidence: Confidence,
) -> AnalyticInterval {
    let n_eff = sizes.scatter;
    let [low, high] = confidence.chi_squared(n_eff - 1.0);
    AnalyticInterval::new(
        Interval {
            lower: ubrmse * (n_eff / high).sqrt(),
            upper: ubrmse * (n_eff / low).sqrt(),
        },
        n_eff,
    )
}

pub(crate) fn pearson(r: f64, sizes: EffectiveSizes, confidence: Confidence) -> AnalyticInterval {
    let n_eff = sizes.correlation;
    fisher(r, n_eff, confidence.normal() / (n_eff - 3.0).sqrt())
}

pub(crate) fn spearman(
    rho: f64,
    sizes: EffectiveSizes,
    confidence: Confidence,
) -> AnalyticInterval {
    let n_eff = sizes.correlation;
    let error = ((1.0 + rho * rho / 2.0) / (n_eff - 3.0)).sqrt();
    fisher(rho, n_eff, confidence.normal() * error)
}

pub(crate) fn kendall(
    tau: f64,
    sizes: EffectiveSizes,
    confidence: Confidence,
    error: KendallError,
) -> AnalyticInterval {
    let n_eff = sizes.correlation;
    let error = match error {
        KendallError::Fieller => (0.437 / (n_eff - 4.0)).sqrt(),
        KendallError::Pytesmo => 0.431 / (n_eff - 3.0).sqrt(),
    };
    fisher(tau, n_eff, confidence.normal() * error)
}

/// A correlation less and plus `half` on the scale of Fisher's z.
fn fisher(correlation: f64, n_eff: f64, half: f64) -> AnalyticInterval {
    let interval = if half.is_infinite() {
        Interval {
            lower: -1.0,
            upper: 1.0,
        }
    } else {
        let z = correlation.atanh();
        Interval {
            lower: (z - half).tanh(),
            upper: (z + half).tanh(),
        }
    };
    AnalyticInterval::new(interval, n_eff)
}
