//! Mean and standard deviation of a channel, in one pass, mergeable.

use serde::{Deserialize, Serialize};

/// Mean and standard deviation of one channel over the training cells, after its transform.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelStatistics {
    /// Mean of the transformed values; 0 where there were none.
    pub mean: f64,
    /// Population standard deviation (divisor `count`); 0 where there were none.
    pub std_dev: f64,
    /// Number of cells that were not missing.
    pub count: u64,
}

/// A spread below this share of the mean is f32 rounding (2^-23 is 1.2e-7) and no signal.
const CONSTANT_RELATIVE_STD_DEV: f64 = 1e-6;

impl ChannelStatistics {
    /// True where the channel tells cells apart: it has values, and they vary by more than the
    /// rounding of f32 (standard deviation above 1e-6 of the mean's magnitude).
    pub fn is_informative(&self) -> bool {
        self.count > 0 && self.std_dev > CONSTANT_RELATIVE_STD_DEV * self.mean.abs()
    }
}

/// Collects [`ChannelStatistics`] value by value, and merges with others of its kind.
///
/// Welford's update for one value and Chan's for a merge, in f64, so that millions of cells around
/// 300 K lose no digits. The result depends on the order of values only by f64 rounding; the same
/// order gives the same bits.
///
/// # Missing values
/// Values that are not finite do not count.
/// # References
/// Welford (1962), doi:10.1080/00401706.1962.10490022; Chan, Golub and LeVeque (1983),
/// doi:10.1080/00031305.1983.10483115.
/// # Examples
/// ```
/// use vadose_scene::StatisticsBuilder;
///
/// let mut west = StatisticsBuilder::default();
/// west.extend([1.0, 2.0, f32::NAN]);
/// let mut east = StatisticsBuilder::default();
/// east.extend([3.0, 6.0]);
/// west.merge(&east);
/// let all = west.finish();
/// assert_eq!((all.mean, all.count), (3.0, 4));
/// assert_eq!(all.std_dev, 3.5_f64.sqrt()); // (4 + 1 + 0 + 9) / 4
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StatisticsBuilder {
    count: u64,
    mean: f64,
    /// Sum of squared differences from the mean.
    squares: f64,
}

impl StatisticsBuilder {
    /// Adds one value; one that is not finite is skipped.
    pub fn push(&mut self, value: f32) {
        if !value.is_finite() {
            return;
        }
        let value = f64::from(value);
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// Adds all that `other` has seen.
    pub fn merge(&mut self, other: &StatisticsBuilder) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (n, m) = (self.count as f64, other.count as f64);
        let difference = other.mean - self.mean;
        self.mean += difference * (m / (n + m));
        self.squares += other.squares + difference * difference * (n * m / (n + m));
        self.count += other.count;
    }

    /// The statistics so far; all zero when nothing was added.
    pub fn finish(&self) -> ChannelStatistics {
        let variance = if self.count == 0 {
            0.0
        } else {
            self.squares / self.count as f64
        };
        ChannelStatistics {
            mean: self.mean,
            std_dev: variance.sqrt(),
            count: self.count,
        }
    }
}

impl Extend<f32> for StatisticsBuilder {
    fn extend<I: IntoIterator<Item = f32>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f32]) -> ChannelStatistics {
        let mut builder = StatisticsBuilder::default();
        builder.extend(values.iter().copied());
        builder.finish()
    }

    #[test]
    fn nothing_seen_is_zero_and_uninformative() {
        let empty = of(&[f32::NAN, f32::INFINITY]);
        assert_eq!((empty.mean, empty.std_dev, empty.count), (0.0, 0.0, 0));
        assert!(!empty.is_informative());
    }

    #[test]
    fn a_constant_has_no_spread_at_all() {
        let constant = of(&[288.15; 10_001]);
        assert_eq!(constant.std_dev, 0.0);
        assert!(!constant.is_informative());
    }

    #[test]
    fn rounding_noise_is_no_information_but_a_small_signal_is() {
        let ulp = f32::EPSILON * 256.0;
        assert!(!of(&[288.15, 288.15 + ulp, 288.15, 288.15 - ulp]).is_informative());
        assert!(of(&[288.15, 288.16]).is_informative());
        assert!(of(&[-1e-30, 1e-30]).is_informative());
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        let values: Vec<f32> = (0..200_000).map(|i| 30_000.0 + (i % 2) as f32).collect();
        let statistics = of(&values);
        assert_relative_eq!(statistics.mean, 30_000.5, max_relative = 1e-14);
        assert_relative_eq!(statistics.std_dev, 0.5, max_relative = 1e-10);
    }

    proptest! {
        #[test]
        fn merging_parts_equals_the_whole(
            values in proptest::collection::vec(-500.0_f32..500.0, 1..200),
            cut in 0.0_f64..1.0,
        ) {
            let (left, right) = values.split_at((cut * values.len() as f64) as usize);
            let mut merged = StatisticsBuilder::default();
            merged.extend(left.iter().copied());
            let mut other = StatisticsBuilder::default();
            other.extend(right.iter().copied());
            merged.merge(&other);
            let (merged, whole) = (merged.finish(), of(&values));
            prop_assert_eq!(merged.count, whole.count);
            prop_assert!((merged.mean - whole.mean).abs() < 1e-10);
            prop_assert!((merged.std_dev - whole.std_dev).abs() < 1e-10);
        }
    }
}
