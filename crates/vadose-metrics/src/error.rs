//! Why a metric has no value.

use std::fmt;

use thiserror::Error;

/// Which series an error speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Series {
    /// The values under test.
    Estimate,
    /// The values they are held against.
    Reference,
    /// Estimate minus reference.
    Difference,
    /// A series by itself.
    Values,
}

impl fmt::Display for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Estimate => "estimate",
            Self::Reference => "reference",
            Self::Difference => "difference",
            Self::Values => "series",
        })
    }
}

/// Why a metric could not be computed.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum MetricError {
    /// Series that belong together, or what goes with them, differ in length.
    #[error("{what} has {got} values, not {expected} as the first series")]
    LengthMismatch {
        /// The argument of another length than the first series.
        what: &'static str,
        /// Length of the first series.
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
    /// Too few triplets have three finite members.
    #[error("{got} valid triplets, at least {needed} are needed")]
    TooFewTriplets {
        /// Valid triplets found.
        got: usize,
        /// Fewest that define the errors.
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
    /// A time is not later than the one before it.
    #[error("time {hour} h follows {before} h: the times of a series must rise")]
    TimesDoNotRise {
        /// The earlier entry, hours.
        before: i64,
        /// The entry after it, hours.
        hour: i64,
    },
    /// A time that the calendar does not reach.
    #[error("hour {hour} since 1970 lies outside the calendar")]
    TimeOutsideCalendar {
        /// The time, hours since 1970-01-01T00Z.
        hour: i64,
    },
    /// A confidence level that is no share between 0 and 1.
    #[error("the confidence level is {got}, not between 0 and 1")]
    ConfidenceOutOfRange {
        /// The level asked for.
        got: f64,
    },
    /// A p-value that is no probability.
    #[error("the p-value at position {at} is {got}, not between 0 and 1")]
    NotAProbability {
        /// Position in the list.
        at: usize,
        /// The value there.
        got: f64,
    },
    /// A length of time or a count that must be positive.
    #[error("{what} is {got}, not positive")]
    NotPositive {
        /// The quantity.
        what: &'static str,
        /// Its value.
        got: f64,
    },
    /// A bootstrap of fewer resamples than its interval needs.
    #[error("{got} resamples, at least {needed} are needed at this confidence")]
    TooFewResamples {
        /// Resamples asked for.
        got: usize,
        /// Fewest that reach into both tails.
        needed: usize,
    },
    /// Too few stations or blocks to resample.
    #[error("{got} stations or blocks to resample, at least {needed} are needed")]
    TooFewClusters {
        /// Clusters found.
        got: usize,
        /// Fewest that vary at all.
        needed: usize,
    },
    /// A station holds two samples of one time.
    #[error("station {station} has two samples at {hour} h")]
    RepeatedTime {
        /// Name of the station.
        station: String,
        /// The time, hours.
        hour: i64,
    },
}
