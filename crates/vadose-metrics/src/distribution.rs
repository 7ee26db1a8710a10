//! Order statistics: median and quartiles.

use serde::{Deserialize, Serialize};

use crate::interval::Interval;

/// How one metric is distributed over the stations at which it is defined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Stations at which the metric is defined.
    pub count: usize,
    /// Mean; none without a station, as the quartiles.
    pub mean: Option<f64>,
    /// First quartile.
    pub q25: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Third quartile.
    pub q75: Option<f64>,
    /// Interval of the mean, if stations were resampled.
    pub mean_interval: Option<Interval>,
    /// Interval of the median, if stations were resampled.
    pub median_interval: Option<Interval>,
}

impl Distribution {
    /// Mean, and median and quartiles by linear interpolation between order statistics (type 7 of
    /// Hyndman and Fan, numpy's default); without intervals.
    ///
    /// # Missing values
    /// Values that are not finite do not count.
    /// # Examples
    /// ```
    /// use vadose_metrics::Distribution;
    /// let distribution = Distribution::of([1.0, 2.0, 3.0, 4.0]);
    /// assert_eq!(distribution.count, 4);
    /// assert_eq!(distribution.q25, Some(1.75));
    /// assert_eq!(distribution.median, Some(2.5));
    /// assert_eq!(distribution.q75, Some(3.25));
    /// ```
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        Self {
            count: sorted.len(),
            mean: mean.is_finite().then_some(mean),
            q25: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q75: quantile(&sorted, 0.75),
            mean_interval: None,
            median_interval: None,
        }
    }
}

/// The value below which a share lies, between order statistics; none without a value.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = share.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let weight = position - below as f64;
    Some(sorted[below] + weight * (sorted[above] - sorted[below]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_its_own_quartiles() {
        let single = Distribution::of([0.3, f64::NAN]);
        assert_eq!((single.count, single.mean), (1, Some(0.3)));
        assert_eq!(
            (single.q25, single.median, single.q75),
            (Some(0.3), Some(0.3), Some(0.3))
        );
    }

    #[test]
    fn nothing_has_no_mean() {
        let nothing = Distribution::of([]);
        assert_eq!(
            (nothing.count, nothing.mean, nothing.median),
            (0, None, None)
        );
    }
}
