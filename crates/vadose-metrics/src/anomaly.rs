//! Anomalies: what is left of a series without its slow changes, or without its season.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::error::MetricError;

/// Days of the moving mean: pytesmo's default, and that of most soil-moisture validation.
const DEFAULT_WINDOW_DAYS: u32 = 35;
/// Days over which a series is smoothed before its days of the year are averaged: pytesmo's default.
const DEFAULT_SMOOTHING_DAYS: u32 = 5;
/// Days of a leap year, which all years are counted as.
const DAYS_OF_YEAR: usize = 366;

/// A centred moving mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MovingMean {
    /// Length of the window, days: 35 by default. Samples at its very ends count.
    pub window_days: u32,
    /// Fewest samples in the window: 1 by default, as in pytesmo. A sample that is alone in its window is
    /// its own mean and has the anomaly 0, so a sparse series wants more.
    pub min_samples: usize,
}

impl Default for MovingMean {
    fn default() -> Self {
        Self {
            window_days: DEFAULT_WINDOW_DAYS,
            min_samples: 1,
        }
    }
}

/// Short-term anomalies: each value minus the mean of its window.
///
/// They keep single wet and dry spells and lose the season, so that a correlation of them is not won by
/// knowing the month. The window takes what it finds: at the ends of a series, and of each June, it is
/// shorter and lopsided.
///
/// # Shapes and units
/// `hours`: `[n]`, rising. `values`: `[n]`. Result: `[n]`, in the unit of the values.
/// # Missing values
/// A value that is not finite has no anomaly (NaN) and does not enter a mean.
/// # Errors
/// [`MetricError::LengthMismatch`]; [`MetricError::TimesDoNotRise`]; [`MetricError::NotPositive`] for a
/// window of no length.
/// # References
/// Peer: `pytesmo.time_series.anomaly.calc_anomaly` without a climatology. (Its times are Julian days in
/// f64; a sample at the very end of a window may fall out of it there.)
/// # Examples
/// ```
/// use vadose_metrics::{MovingMean, short_term_anomalies};
///
/// let hours = [0, 24, 48, 960]; // the last is 38 days from the third
/// let anomalies = short_term_anomalies(&hours, &[0.1, 0.2, 0.6, 0.4], MovingMean::default())?;
/// assert!((anomalies[0] - (0.1 - 0.3)).abs() < 1e-15);
/// assert!(anomalies[3].abs() < 1e-15);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn short_term_anomalies(
    hours: &[i64],
    values: &[f64],
    window: MovingMean,
) -> Result<Vec<f64>, MetricError> {
    let means = moving_means(hours, values, window)?;
    Ok(values
        .iter()
        .zip(means)
        .map(|(value, mean)| {
            if value.is_finite() {
                value - mean
            } else {
                f64::NAN
            }
        })
        .collect())
}

/// The mean of the window about every time, whether there is a value at that time or not.
fn moving_means(
    hours: &[i64],
    values: &[f64],
    window: MovingMean,
) -> Result<Vec<f64>, MetricError> {
    if values.len() != hours.len() {
        return Err(MetricError::LengthMismatch {
            what: "the series",
            expected: hours.len(),
            got: values.len(),
        });
    }
    if let Some(pair) = hours.windows(2).find(|pair| pair[1] <= pair[0]) {
        return Err(MetricError::TimesDoNotRise {
            before: pair[0],
            hour: pair[1],
        });
    }
    if window.window_days == 0 {
        return Err(MetricError::NotPositive {
            what: "the window in days",
            got: 0.0,
        });
    }
    // Half a window of whole days is a whole number of hours.
    let reach = i64::from(window.window_days) * 12;
    let mut sums = Vec::with_capacity(values.len() + 1);
    let (mut sum, mut count) = (0.0, 0_usize);
    sums.push((sum, count));
    for value in values {
        if value.is_finite() {
            sum += value;
            count += 1;
        }
        sums.push((sum, count));
    }
    let (mut first, mut end) = (0, 0);
    Ok(hours
        .iter()
        .map(|hour| {
            while hours[first] < hour.saturating_sub(reach) {
                first += 1;
            }
            while end < hours.len() && hours[end] <= hour.saturating_add(reach) {
                end += 1;
            }
            let count = sums[end].1 - sums[first].1;
            if count < window.min_samples.max(1) {
                return f64::NAN;
            }
            (sums[end].0 - sums[first].0) / count as f64
        })
        .collect())
}

/// How a climatology is smoothed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClimatologyConfig {
    /// Moving mean over the series before its days of the year are averaged: 5 days by default.
    pub smoothing_days: u32,
    /// Circular moving mean over the days of the year, after that: 35 days by default, at most a year.
    pub window_days: u32,
}

impl Default for ClimatologyConfig {
    fn default() -> Self {
        Self {
            smoothing_days: DEFAULT_SMOOTHING_DAYS,
            window_days: DEFAULT_WINDOW_DAYS,
        }
    }
}

/// The usual value of each day of the year.
///
/// Smooth the series over 5 days, average each day of the year over the years, smooth those over 35 days
/// around the turn of the year. All years are counted as leap years: 1 March is day 61 in each of them.
///
/// # Examples
/// ```
/// use vadose_metrics::{Climatology, ClimatologyConfig};
///
/// // Two years that differ by 0.1 all along.
/// let hours: Vec<i64> = (0..730).map(|day| 24 * day).collect();
/// let values: Vec<f64> = (0..730).map(|day| if day < 365 { 0.2 } else { 0.3 }).collect();
/// let climatology = Climatology::of(&hours, &values, ClimatologyConfig::default())?;
/// let anomalies = climatology.anomalies(&hours, &values)?;
/// assert!((anomalies[180] - (-0.05)).abs() < 1e-12 && (anomalies[545] - 0.05).abs() < 1e-12);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Climatology {
    /// By day of the year; NaN where the record has nothing within the window.
    values: Vec<f64>,
}

impl Climatology {
    /// The climatology of a record of several years.
    ///
    /// A short record knows its own years only: of three Junes, each is a third of its climatology, and its
    /// anomalies are too small by about a third.
    ///
    /// # Shapes and units
    /// `hours`: `[n]`, hours since 1970-01-01T00Z, rising. `values`: `[n]`.
    /// # Missing values
    /// A value that is not finite does not enter a mean.
    /// # Errors
    /// [`MetricError::LengthMismatch`]; [`MetricError::TimesDoNotRise`]; [`MetricError::NotPositive`] for a
    /// window of no length; [`MetricError::TimeOutsideCalendar`].
    /// # References
    /// Peer: `pytesmo.time_series.anomaly.calc_climatology`, defaults.
    pub fn of(
        hours: &[i64],
        values: &[f64],
        config: ClimatologyConfig,
    ) -> Result<Self, MetricError> {
        if config.window_days == 0 {
            return Err(MetricError::NotPositive {
                what: "the window in days",
                got: 0.0,
            });
        }
        let smoothing = MovingMean {
            window_days: config.smoothing_days,
            ..MovingMean::default()
        };
        let mut days = vec![(0.0, 0_u32); DAYS_OF_YEAR];
        for (hour, value) in hours.iter().zip(moving_means(hours, values, smoothing)?) {
            if value.is_finite() {
                let (sum, count) = &mut days[day_of_leap_year(*hour)?];
                *sum += value;
                *count += 1;
            }
        }
        let means: Vec<Option<f64>> = days
            .into_iter()
            .map(|(sum, count)| (count > 0).then(|| sum / f64::from(count)))
            .collect();
        let reach = (config.window_days as usize / 2).min((DAYS_OF_YEAR - 1) / 2);
        let values = (0..DAYS_OF_YEAR)
            .map(|day| {
                let window = (day + DAYS_OF_YEAR - reach)..=(day + DAYS_OF_YEAR + reach);
                let (sum, count) = window
                    .filter_map(|day| means[day % DAYS_OF_YEAR])
                    .fold((0.0, 0.0), |(sum, count), mean| (sum + mean, count + 1.0));
                sum / count
            })
            .collect();
        Ok(Self { values })
    }

    /// By day of a leap year, 366 values, 1 January first; NaN where the record had nothing near.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Long-term anomalies: each value minus the usual one of its day of the year.
    ///
    /// # Shapes and units
    /// `hours`: `[n]`, hours since 1970-01-01T00Z. `values`: `[n]`. Result: `[n]`, in the unit of the values.
    /// # Missing values
    /// NaN where the value or the climatology is missing.
    /// # Errors
    /// [`MetricError::LengthMismatch`]; [`MetricError::TimeOutsideCalendar`].
    /// # References
    /// Peer: `pytesmo.time_series.anomaly.calc_anomaly` with a climatology and `respect_leap_years=False`. (By
    /// default it counts 1 March as day 60 in common years, where its climatology has 29 February.)
    pub fn anomalies(&self, hours: &[i64], values: &[f64]) -> Result<Vec<f64>, MetricError> {
        if values.len() != hours.len() {
            return Err(MetricError::LengthMismatch {
                what: "the series",
                expected: hours.len(),
                got: values.len(),
            });
        }
        hours
            .iter()
            .zip(values)
            .map(|(hour, value)| {
                let anomaly = value - self.values[day_of_leap_year(*hour)?];
                Ok(if anomaly.is_finite() {
                    anomaly
                } else {
                    f64::NAN
                })
            })
            .collect()
    }
}

/// Day of the year from 0, as if every year had a 29 February.
fn day_of_leap_year(hour: i64) -> Result<usize, MetricError> {
    let date = hour
        .checked_mul(3600)
        .and_then(|second| Timestamp::from_second(second).ok())
        .map(|timestamp| Offset::UTC.to_datetime(timestamp).date())
        .ok_or(MetricError::TimeOutsideCalendar { hour })?;
    let skipped = i16::from(!date.in_leap_year() && date.month() > 2);
    Ok((date.day_of_year() + skipped - 1) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_a_leap_year() {
        // 1 January 1970, 28 February and 1 March 1971, 29 February and 31 December 1972.
        for (day, expected) in [
            (0, 0),
            (365 + 58, 58),
            (365 + 59, 60),
            (730 + 59, 59),
            (730 + 365, 365),
        ] {
            assert_eq!(day_of_leap_year(24 * day), Ok(expected));
            assert_eq!(day_of_leap_year(24 * day + 23), Ok(expected));
        }
        assert_eq!(day_of_leap_year(-1), Ok(365)); // 31 December 1969, 23 h
        assert_eq!(
            day_of_leap_year(i64::MAX),
            Err(MetricError::TimeOutsideCalendar { hour: i64::MAX })
        );
    }

    #[test]
    fn samples_at_the_ends_of_the_window_count() {
        let window = MovingMean {
            window_days: 1,
            min_samples: 1,
        };
        let means = moving_means(&[0, 12, 25], &[1.0, 3.0, 8.0], window).unwrap();
        assert_eq!(means, [2.0, 2.0, 8.0]);
    }

    #[test]
    fn lonely_samples_have_no_anomaly_on_request() {
        let window = MovingMean {
            window_days: 2,
            min_samples: 2,
        };
        let anomalies = short_term_anomalies(&[0, 24, 500], &[1.0, 2.0, 3.0], window).unwrap();
        assert_eq!(anomalies[..2], [-0.5, 0.5]);
        assert!(anomalies[2].is_nan());
    }

    #[test]
    fn missing_values_enter_no_mean_and_have_no_anomaly() {
        let anomalies =
            short_term_anomalies(&[0, 24, 48], &[1.0, f64::NAN, 2.0], MovingMean::default())
                .unwrap();
        assert_eq!((anomalies[0], anomalies[2]), (-0.5, 0.5));
        assert!(anomalies[1].is_nan());
    }

    #[test]
    fn seasons_without_a_record_have_no_climatology() {
        // June of 1970: days 151 to 180 of the year.
        let hours: Vec<i64> = (151..181).map(|day| 24 * day).collect();
        let climatology =
            Climatology::of(&hours, &[0.2; 30], ClimatologyConfig::default()).unwrap();
        assert!((climatology.values()[165] - 0.2).abs() < 1e-12);
        assert!(climatology.values()[0].is_nan());
        assert_eq!(climatology.values().len(), 366);
        // Days 152 to 181 of a leap year, and 17 more on both sides.
        let known = climatology
            .values()
            .iter()
            .filter(|v| v.is_finite())
            .count();
        assert_eq!(known, 30 + 2 * 17);
        let far = climatology.anomalies(&[0], &[0.5]).unwrap();
        assert!(far[0].is_nan());
    }

    #[test]
    fn windows_of_no_length_and_times_that_fall_are_refused() {
        let none = MovingMean {
            window_days: 0,
            min_samples: 1,
        };
        assert!(short_term_anomalies(&[0], &[1.0], none).is_err());
        assert!(short_term_anomalies(&[1, 0], &[1.0, 1.0], MovingMean::default()).is_err());
        assert!(short_term_anomalies(&[0], &[], MovingMean::default()).is_err());
    }
}
