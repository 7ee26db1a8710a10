//! Why a metric has no value.

use std::fmt;

use thiserror::Error;

/// Which of the two series an error speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// The values under test.
    Estimate,
    /// The values they are held against.
    Reference,
}

impl fmt::Display for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Estimate => "estimate",
            Self::Reference => "reference",
        })
    }
}

/// Why a metric could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetricError {
    /// The two series, or the stations that go with them, differ in length.
    #[error("{what} has {got} values, the estimate has {expected}")]
    LengthMismatch {
        /// The argument of other length than the estimate.
        what: &'static str,
        /// Length of the estimate.
        expected: usize,
        /// Length of the other one.
        got: usize,
    },
    /// Too few pairs have two finite members.
    #[error("{got} valid pairs, at least {needed} are needed")]
    TooFewPairs {
        /// Valid pairs found.
        got: usize,
        /// Fewest pairs that define the metric.
        needed: usize,
    },
    /// All valid values of one series are the same, and the metric divides by its variance.
    #[error("the {series} does not vary")]
    ZeroVariance {
        /// The constant series.
        series: Series,
    },
    /// The reference has mean zero, and the metric divides by it.
    #[error("the reference has mean zero")]
    ZeroMean,
}
