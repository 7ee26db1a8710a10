//! The confidence level of an interval, and the quantiles that belong to it.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

use crate::error::MetricError;

/// The share of repetitions in which an interval is meant to hold the truth, as 0.95.
///
/// # Examples
/// ```
/// use vadose_metrics::Confidence;
/// assert_eq!(Confidence::new(0.95)?, Confidence::P95);
/// assert_eq!(Confidence::P80.level(), 0.8);
/// assert!(Confidence::new(95.0).is_err());
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Confidence(f64);

impl Confidence {
    /// 80 %, as used when triple collocation screens reference stations.
    pub const P80: Self = Self(0.80);
    /// 90 %.
    pub const P90: Self = Self(0.90);
    /// 95 %, the default.
    pub const P95: Self = Self(0.95);

    /// A level between 0 and 1, both excluded.
    ///
    /// # Errors
    /// [`MetricError::ConfidenceOutOfRange`].
    pub fn new(level: f64) -> Result<Self, MetricError> {
        if level > 0.0 && level < 1.0 {
            Ok(Self(level))
        } else {
            Err(MetricError::ConfidenceOutOfRange { got: level })
        }
    }

    /// The level, as a share.
    #[must_use]
    pub fn level(self) -> f64 {
        self.0
    }

    /// The probability outside the interval on each side: alpha / 2.
    pub(crate) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// Half-width of the interval in standard deviations of a normal variable.
    pub(crate) fn normal(self) -> f64 {
        normal_quantile(1.0 - self.tail())
    }

    /// The same of Student's t.
    pub(crate) fn student(self, degrees_of_freedom: f64) -> f64 {
        StudentsT::new(0.0, 1.0, degrees_of_freedom)
            .expect("degrees of freedom are positive")
            .inverse_cdf(1.0 - self.tail())
    }

    /// Lower and upper quantile of chi-squared.
    pub(crate) fn chi_squared(self, degrees_of_freedom: f64) -> [f64; 2] {
        let distribution =
            ChiSquared::new(degrees_of_freedom).expect("degrees of freedom are positive");
        [self.tail(), 1.0 - self.tail()].map(|p| distribution.inverse_cdf(p))
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self::P95
    }
}

impl TryFrom<f64> for Confidence {
    type Error = MetricError;

    fn try_from(level: f64) -> Result<Self, MetricError> {
        Self::new(level)
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

/// The value below which a standard normal variable lies with probability `p`; infinite at 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The probability that a standard normal variable lies below `z`.
pub(crate) fn normal_probability(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed tables give six digits.
    const PRINTED: f64 = 1e-6;

    #[test]
    fn quantiles_are_those_of_printed_tables() {
        let close = |got: f64, printed: f64| assert!((got / printed - 1.0).abs() < PRINTED);
        close(Confidence::P95.normal(), 1.959_964);
        close(Confidence::P95.student(9.0), 2.262_157);
        close(Confidence::P90.student(3.0), 2.353_363);
        let [lower, upper] = Confidence::P95.chi_squared(9.0);
        close(lower, 2.700_389);
        close(upper, 19.022_768);
    }

    #[test]
    fn quantiles_take_the_ends_of_the_range() {
        // The largest sample that a station gives in decades of hours, and the smallest that is let in.
        for freedom in [1.0, 3.0, 1e6] {
            assert!(Confidence::P95.student(freedom).is_finite());
            assert!(
                Confidence::P95
                    .chi_squared(freedom)
                    .iter()
                    .all(|q| *q > 0.0)
            );
        }
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }

    #[test]
    fn a_level_outside_the_open_range_is_refused_from_json_too() {
        for level in [0.0, 1.0, -0.5, f64::NAN] {
            assert!(Confidence::new(level).is_err());
        }
        assert!(serde_json::from_str::<Confidence>("95").is_err());
        assert_eq!(
            serde_json::from_str::<Confidence>("0.9").unwrap(),
            Confidence::P90
        );
    }
}
