//! The valid pairs of two series, and the moments that the metrics share.

use crate::error::{MetricError, Series};
use crate::ranks::Ranks;

/// Pairs whose members are both finite, split again into two series.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    pub(crate) estimate: Vec<f64>,
    pub(crate) reference: Vec<f64>,
    pub(crate) dropped: usize,
}

/// Means, and central second moments divided by the number of pairs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub(crate) mean_estimate: f64,
    pub(crate) mean_reference: f64,
    pub(crate) variance_estimate: f64,
    pub(crate) variance_reference: f64,
    /// Of estimate minus reference: the squared ubRMSE, from the differences themselves.
    pub(crate) variance_difference: f64,
    pub(crate) covariance: f64,
}

impl Pairs {
    pub(crate) fn new(estimate: &[f64], reference: &[f64]) -> Result<Self, MetricError> {
        if estimate.len() != reference.len() {
            return Err(MetricError::LengthMismatch {
                what: "the reference",
                expected: estimate.len(),
                got: reference.len(),
            });
        }
        let (valid_estimate, valid_reference): (Vec<f64>, Vec<f64>) = estimate
            .iter()
            .zip(reference)
            .filter(|(e, r)| e.is_finite() && r.is_finite())
            .unzip();
        Ok(Self {
            dropped: estimate.len() - valid_estimate.len(),
            estimate: valid_estimate,
            reference: valid_reference,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.estimate.len()
    }

    /// Refuses fewer pairs than a metric needs.
    pub(crate) fn need(&self, needed: usize) -> Result<(), MetricError> {
        let got = self.len();
        if got < needed {
            return Err(MetricError::TooFewPairs { got, needed });
        }
        Ok(())
    }

    /// Refuses a series whose values are all the same. The values are compared, not a variance:
    /// rounding gives a constant series a variance of about 1e-34, and a correlation of noise.
    pub(crate) fn need_variation(&self, series: Series) -> Result<(), MetricError> {
        let constant = match series {
            Series::Reference => is_constant(self.reference.iter().copied()),
            Series::Difference => is_constant(self.differences()),
            Series::Estimate | Series::Values => is_constant(self.estimate.iter().copied()),
        };
        if constant {
            return Err(MetricError::ZeroVariance { series });
        }
        Ok(())
    }

    /// Refuses what has no correlation: fewer than two pairs, or a series that does not vary.
    pub(crate) fn need_correlation(&self) -> Result<(), MetricError> {
        self.need(2)?;
        self.need_variation(Series::Estimate)?;
        self.need_variation(Series::Reference)
    }

    /// Differences, estimate minus reference.
    pub(crate) fn differences(&self) -> impl Iterator<Item = f64> {
        self.estimate
            .iter()
            .zip(&self.reference)
            .map(|(e, r)| e - r)
    }

    /// Ranks of the estimate and of the reference.
    pub(crate) fn ranks(&self) -> [Ranks; 2] {
        [Ranks::of(&self.estimate), Ranks::of(&self.reference)]
    }

    /// Two passes, so that a large mean does not eat the digits of a small variance.
    pub(crate) fn moments(&self) -> Moments {
        let mean_estimate = mean(self.estimate.iter().copied(), self.len());
        let mean_reference = mean(self.reference.iter().copied(), self.len());
        let [mut estimate, mut reference, mut difference, mut both] = [0.0; 4];
        for (e, r) in self.estimate.iter().zip(&self.reference) {
            let (e, r) = (e - mean_estimate, r - mean_reference);
            estimate += e * e;
            reference += r * r;
            difference += (e - r) * (e - r);
            both += e * r;
        }
        let n = self.len() as f64;
        Moments {
            mean_estimate,
            mean_reference,
            variance_estimate: estimate / n,
            variance_reference: reference / n,
            variance_difference: difference / n,
            covariance: both / n,
        }
    }
}

impl Moments {
    /// Pearson's R, if both series vary.
    pub(crate) fn correlation(&self) -> f64 {
        let r = self.covariance / (self.variance_estimate.sqrt() * self.variance_reference.sqrt());
        // Rounding can pass 1 by an ulp, and atanh of that is NaN.
        r.clamp(-1.0, 1.0)
    }
}

/// Whether all values are the same; so is an empty series.
pub(crate) fn is_constant(mut values: impl Iterator<Item = f64>) -> bool {
    values
        .next()
        .is_none_or(|first| values.all(|value| value == first))
}

pub(crate) fn mean(values: impl Iterator<Item = f64>, n: usize) -> f64 {
    values.sum::<f64>() / n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_with_a_member_that_is_not_finite_are_dropped_and_counted() {
        let estimate = [1.0, f64::NAN, 3.0, 4.0, f64::INFINITY];
        let reference = [1.0, 2.0, f64::NEG_INFINITY, 4.0, f64::NAN];
        let pairs = Pairs::new(&estimate, &reference).unwrap();
        assert_eq!((pairs.estimate, pairs.dropped), (vec![1.0, 4.0], 3));
        assert_eq!(pairs.reference, [1.0, 4.0]);
    }

    #[test]
    fn different_lengths_are_refused_by_name() {
        let error = Pairs::new(&[1.0, 2.0], &[1.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the reference has 1 values, not 2 as the first series"
        );
    }

    #[test]
    fn constant_series_is_found_in_spite_of_rounding() {
        let pairs = Pairs::new(&[0.1; 10], &[0.1; 10]).unwrap();
        assert!(pairs.moments().variance_estimate > 0.0); // the trap
        assert_eq!(
            pairs.need_variation(Series::Estimate),
            Err(MetricError::ZeroVariance {
                series: Series::Estimate
            })
        );
    }
}
