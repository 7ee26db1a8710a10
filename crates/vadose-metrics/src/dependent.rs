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

    /// Autocorrelation of the differences, 0 if the samples are independent.
    pub(crate) fn difference_persistence(&self) -> Result<f64, MetricError> {
        self.pairs.need(2)?;
        self.pairs.need_variation(Series::Difference)?;
        let (estimate, reference) = (&self.pairs.estimate, &self.pairs.reference);
        Ok(self.axis.as_ref().map_or(0.0, |axis| {
            axis.persistence(|idx| estimate[idx] - reference[idx])
        }))
    }

    /// Autocorrelations of estimate and reference, 0 if the samples are independent.
    pub(crate) fn persistences(&self) -> Result<[f64; 2], MetricError> {
        self.pairs.need_variation(Series::Estimate)?;
        self.pairs.need_variation(Series::Reference)?;
        let (estimate, reference) = (&self.pairs.estimate, &self.pairs.reference);
        Ok(self.axis.as_ref().map_or([0.0; 2], |axis| {
            [
                axis.persistence(|idx| estimate[idx]),
                axis.persistence(|idx| reference[idx]),
            ]
        }))
    }

    /// Effective number of samples of a correlation.
    pub(crate) fn correlation_size(&self) -> Result<f64, MetricError> {
        self.pairs.need(4)?;
        let [estimate, reference] = self.persistences()?;
        Ok(self.effective_size(estimate * reference))
    }

    fn effective_size(&self, phi: f64) -> f64 {
        match &self.axis {
            Some(axis) => axis.effective_size(phi),
            None => self.pairs.len() as f64,
        }
    }

    pub(crate) fn bias(
        &self,
        phi: f64,
        confidence: Confidence,
    ) -> Result<AnalyticInterval, MetricError> {
        let n_eff = self.effective_size(phi);
        let bias = self.pairs.bias()?;
        let half = confidence.student(n_eff - 1.0) * self.pairs.ubrmse()? / (n_eff - 1.0).sqrt();
        Ok(AnalyticInterval::new(
            Interval {
                lower: bias - half,
                upper: bias + half,
            },
            n_eff,
        ))
    }

    pub(crate) fn ubrmse(
        &self,
        phi: f64,
        confidence: Confidence,
    ) -> Result<AnalyticInterval, MetricError> {
        let n_eff = self.effective_size(phi * phi);
        let ubrmse = self.pairs.ubrmse()?;
        let [low, high] = confidence.chi_squared(n_eff - 1.0);
        Ok(AnalyticInterval::new(
            Interval {
                lower: ubrmse * (n_eff / high).sqrt(),
                upper: ubrmse * (n_eff / low).sqrt(),
            },
            n_eff,
        ))
    }
}

pub(crate) fn pearson(r: f64, n_eff: f64, confidence: Confidence) -> AnalyticInterval {
    fisher(r, n_eff, confidence.normal() / (n_eff - 3.0).sqrt())
}

pub(crate) fn spearman(rho: f64, n_eff: f64, confidence: Confidence) -> AnalyticInterval {
    let error = ((1.0 + rho * rho / 2.0) / (n_eff - 3.0)).sqrt();
    fisher(rho, n_eff, confidence.normal() * error)
}

pub(crate) fn kendall(
    tau: f64,
    n_eff: f64,
    confidence: Confidence,
    error: KendallError,
) -> AnalyticInterval {
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
