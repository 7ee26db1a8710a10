//! What an interval is, and what it assumes of its samples.

use serde::{Deserialize, Serialize};

use crate::error::MetricError;
use crate::time_axis::TimeAxis;

/// Effective samples below which an analytic interval covers less than it says.
///
/// Measured on AR(1) series, 95 % intervals of the ubRMSE cover 93 % at 44 effective samples, 92 % at 20 and
/// 82 % at 5.
pub const FEW_EFFECTIVE: f64 = 30.0;

/// Lower and upper end of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl Interval {
    /// Whether a value lies in the interval, its ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.lower..=self.upper).contains(&value)
    }

    /// Upper end minus lower end.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.upper - self.lower
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.lower.is_finite() && self.upper.is_finite()
    }
}

/// An analytic interval, and how many independent samples it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalyticInterval {
    /// The interval.
    #[serde(flatten)]
    pub interval: Interval,
    /// Effective number of samples, 4 to n; n if the samples are taken as independent.
    pub n_eff: f64,
    /// Whether `n_eff` is below [`FEW_EFFECTIVE`]: the interval is then too short, and a station is
    /// to be marked with it, but not left out. (Leaving such stations out would select places
    /// whose soil moisture changes fast.)
    pub few_effective: bool,
}

impl AnalyticInterval {
    pub(crate) fn new(interval: Interval, n_eff: f64) -> Self {
        Self {
            interval,
            n_eff,
            few_effective: n_eff < FEW_EFFECTIVE,
        }
    }
}

/// What the samples of a pair of series know of each other.
///
/// Soil moisture and its errors persist for days. Taken as independent, daily samples with
/// phi = 0.8 give 95 % intervals that hold the truth in 65 % (R), 64 % (ubRMSE) and 48 % (bias) of
/// the cases; with effective sizes it is 95 %, 93 % and 94 % (n = 200).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependence<'a> {
    /// Nothing: the textbook intervals, which are pytesmo's too. Right for samples without memory.
    Independent,
    /// Neighbours in time resemble each other, as [`TimeAxis`] describes.
    InTime {
        /// When each pair was sampled, hours, rising; as long as the series.
        hours: &'a [i64],
        /// Pairs further apart than this are independent.
        longest_gap_hours: i64,
    },
}

impl Dependence<'_> {
    /// The time axis of the samples that count, if there is one.
    pub(crate) fn axis(
        self,
        n: usize,
        counts: impl Fn(usize) -> bool,
    ) -> Result<Option<TimeAxis>, MetricError> {
        let Self::InTime {
            hours,
            longest_gap_hours,
        } = self
        else {
            return Ok(None);
        };
        if hours.len() != n {
            return Err(MetricError::LengthMismatch {
                what: "the list of times",
                expected: n,
                got: hours.len(),
            });
        }
        let valid: Vec<i64> = (0..n)
            .filter(|idx| counts(*idx))
            .map(|idx| hours[idx])
            .collect();
        TimeAxis::new(&valid, longest_gap_hours).map(Some)
    }
}
