//! Which value of a series belongs to a time or a day, and what the stations of a window report.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use vadose_grid::Window;
use vadose_scene::StationObservation;

use super::{FlagPolicy, Observation, Series};

/// Mean of a series over one day, UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyMean {
    /// The day.
    pub date: Date,
    /// Mean of the values, in the unit of the variable.
    pub value: f32,
    /// Number of values.
    pub n_values: u32,
}

const SECONDS_OF_DAY: i64 = 86_400;

impl Series {
    /// The good value nearest to `time`, at most `tolerance` away; of two equally near, the earlier.
    ///
    /// # Examples
    /// ```
    /// use jiff::SignedDuration;
    /// use vadose_io::ismn::{FlagPolicy, ReadOptions, SeriesInfo, parse_series};
    ///
    /// let info = SeriesInfo::from_path("N_N_S_sm_0.050000_0.050000_Probe_20170601_20170630.stm")?;
    /// let text = b"N N S 40.015 -105.27 1655.00 0.05 0.05 Probe\n2017/06/01 12:00 0.21 G\n\
    ///     2017/06/01 13:00 0.90 C02\n2017/06/01 14:00 0.24 G\n";
    /// let series = parse_series(text, &info, &ReadOptions::default())?;
    /// let pass = "2017-06-01T12:40:00Z".parse().unwrap();
    /// let near = |minutes| series.nearest(pass, SignedDuration::from_mins(minutes), FlagPolicy::Good);
    /// assert_eq!(near(90).map(|observation| observation.value), Some(0.21));
    /// assert_eq!(near(30), None);
    /// # Ok::<(), vadose_io::IoError>(())
    /// ```
    #[must_use]
    pub fn nearest(
        &self,
        time: Timestamp,
        tolerance: SignedDuration,
        policy: FlagPolicy,
    ) -> Option<&Observation> {
        let split = self
            .observations
            .partition_point(|observation| observation.time <= time);
        let (before, after) = self.observations.split_at(split);
        let distance = |observation: &Observation| observation.time.duration_since(time).abs();
        let near = |observation: &&Observation| distance(observation) <= tolerance;
        let good = |observation: &&Observation| policy.keeps(observation.flags);
        let before = before.iter().rev().take_while(near).find(good);
        let after = after.iter().take_while(near).find(good);
        match (before, after) {
            (Some(before), Some(after)) if distance(after) < distance(before) => Some(after),
            (before, after) => before.or(after),
        }
    }

    /// Means of the good values by day, UTC, in ascending order.
    ///
    /// # Shapes and units
    /// Sums in f64. A value at midnight belongs to the day that begins.
    /// # Missing values
    /// A day without any good value has no entry.
    #[must_use]
    pub fn daily_means(&self, policy: FlagPolicy) -> Vec<DailyMean> {
        let mut means = Vec::new();
        let (mut day, mut sum, mut n_values) = (i64::MIN, 0.0_f64, 0_u32);
        let mut close = |day: i64, sum: f64, n_values: u32| {
            let midnight = Timestamp::from_second(day.saturating_mul(SECONDS_OF_DAY)).ok();
            if let Some(midnight) = midnight.filter(|_| n_values > 0) {
                means.push(DailyMean {
                    date: midnight.to_zoned(TimeZone::UTC).date(),
                    value: (sum / f64::from(n_values)) as f32,
                    n_values,
                });
            }
        };
        for observation in self.kept(policy) {
            let own_day = observation.time.as_second().div_euclid(SECONDS_OF_DAY);
            if own_day != day {
                close(day, sum, n_values);
                (day, sum, n_values) = (own_day, 0.0, 0);
            }
            sum += f64::from(observation.value);
            n_values += 1;
        }
        close(day, sum, n_values);
        means
    }
}

/// What the sensors of a window report nearest to `time`, at most `tolerance` away: one observation
/// for each series that has one, in the order of `series`.
///
/// Give it soil moisture of one layer only, and the result to [`vadose_scene::average_by_cell`],
/// which averages the sensors of a station first and then the stations of a cell. Stations are
/// named `network/station`. Series outside the window are left out.
#[must_use]
pub fn observations_near(
    series: &[Series],
    time: Timestamp,
    tolerance: SignedDuration,
    policy: FlagPolicy,
    window: &Window,
) -> Vec<StationObservation> {
    let of_series = |series: &Series| {
        let cell = window.grid().locate(series.position).ok()?;
        let nearest = series.nearest(time, tolerance, policy)?;
        window.contains(cell).then(|| StationObservation {
            station: series.info.station_id(),
            cell,
            value_m3m3: nearest.value,
        })
    };
    series.iter().filter_map(of_series).collect()
}
