//! The valid pairs of two series, and the moments that the metrics share.

use crate::error::{MetricError, Series};
use crate::ranks::Ranks;

/// Pairs whose members are both finite, split again into two series.
#[derive(Clone, Debug)]
pub(crate) struct Pairs {
    pub(crate) estimate: Vec<f64>,
    pub(crate) reference: Vec<f64>,
    pub(crate) dropped: usize,
    moments: Moments,
}

/// Means, and central second moments divided by the number of pairs; of the differences too, estimate minus
/// reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub(crate) bias: f64,
    pub(crate) mean_square_difference: f64,
    pub(crate) mean_abs_difference: f64,
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
        let mut valid_estimate = Vec::with_capacity(estimate.len());
        let mut valid_reference = Vec::with_capacity(estimate.len());
        for (e, r) in estimate.iter().zip(reference) {
            if e.is_finite() && r.is_finite() {
                valid_estimate.push(*e);
                valid_reference.push(*r);
            }
        }
        Ok(Self {
            dropped: estimate.len() - valid_estimate.len(),
            moments: Moments::of(&valid_estimate, &valid_reference),
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

    /// What the metrics share; NaN without a pair.
    pub(crate) fn moments(&self) -> &Moments {
        &self.moments
    }
}

impl Moments {
    /// Two passes, so that a large mean does not eat the digits of a small variance.
    fn of(estimate: &[f64], reference: &[f64]) -> Self {
        let n = estimate.len() as f64;
        let mut sums = [0.0; 5];
        for (&e, &r) in estimate.iter().zip(reference) {
            let d = e - r;
            for (sum, value) in sums.iter_mut().zip([e, r, d, d * d, d.abs()]) {
                *sum += value;
            }
        }
        let [
            mean_estimate,
            mean_reference,
            bias,
            mean_square_difference,
            mean_abs_difference,
        ] = sums.map(|sum| sum / n);
        let [mut ee, mut rr, mut dd, mut er] = [0.0; 4];
        for (e, r) in estimate.iter().zip(reference) {
            let d = e - r - bias;
            let (e, r) = (e - mean_estimate, r - mean_reference);
            ee += e * e;
            rr += r * r;
            dd += d * d;
            er += e * r;
        }
        Self {
            bias,
            mean_square_difference,
            mean_abs_difference,
            mean_estimate,
            mean_reference,
            variance_estimate: ee / n,
            variance_reference: rr / n,
            variance_difference: dd / n,
            covariance: er / n,
        }
    }

    pub(crate) fn rmse(&self) -> f64 {
        self.mean_square_difference.sqrt()
    }

    pub(crate) fn ubrmse(&self) -> f64 {
        self.variance_difference.sqrt()
    }

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
