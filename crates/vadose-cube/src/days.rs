//! The days of a cube, and those before them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, Window};

use crate::CubeError;

/// Local solar time at which SMAP's descending passes cross the equator.
const DESCENDING_SOLAR_HOUR: i64 = 6;
/// Degrees that the sun goes on in an hour.
const DEGREES_PER_HOUR: f64 = 15.0;
/// More days than this are a typing error, not a cube.
const MAX_DAYS: usize = 100_000;
/// Most lead days: a year.
const MAX_LEAD_DAYS: u16 = 366;

/// A stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First day.
    pub first: Date,
    /// Last day, which belongs to the period.
    pub last: Date,
    /// Every how many days one is taken; 1 is every day.
    #[serde(default = "one")]
    pub every: u16,
}

fn one() -> u16 {
    1
}

/// A day of a cube: the local solar day of the middle of its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CubeDay {
    /// The date, local solar.
    pub date: Date,
    /// 6 h local solar time in the middle of the window (to the hour), about which SMAP's
    /// descending passes come.
    pub time: Timestamp,
}

impl CubeDay {
    /// The day of this nominal time, of a window whose middle has this longitude (degrees east).
    pub(crate) fn of_time(time: Timestamp, middle_longitude_deg: f64) -> Self {
        let hours = offset_hours(middle_longitude_deg) - DESCENDING_SOLAR_HOUR;
        let midnight = time + SignedDuration::from_hours(hours);
        Self {
            date: midnight.to_zoned(TimeZone::UTC).date(),
            time,
        }
    }

    /// The day so many days earlier; none before the first that can be represented.
    fn before(&self, n_days: u16) -> Option<Self> {
        let n_days = i64::from(n_days);
        Some(Self {
            date: self.date.checked_sub(Span::new().days(n_days)).ok()?,
            time: self
                .time
                .checked_sub(SignedDuration::from_hours(24 * n_days))
                .ok()?,
        })
    }
}

/// Hours, rounded, that local solar time is ahead of UTC.
fn offset_hours(longitude_deg: f64) -> i64 {
    (longitude_deg / DEGREES_PER_HOUR).round() as i64
}

/// The days of a cube, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    days: Vec<CubeDay>,
}

impl Calendar {
    /// The days of all periods, for a window whose middle has this longitude (degrees east).
    ///
    /// # Errors
    /// [`CubeError::Config`] without a period, and for periods that end before they begin, that
    /// overlap or that are not in the order of time.
    pub fn new(periods: &[Period], middle_longitude_deg: f64) -> Result<Self, CubeError> {
        let refused = |value: String, allowed| CubeError::Config {
            key: "periods",
            value,
            allowed,
        };
        let offset_h = offset_hours(middle_longitude_deg);
        let mut days: Vec<CubeDay> = Vec::new();
        for period in periods {
            let shown = || format!("{} to {}", period.first, period.last);
            if period.last < period.first || period.every == 0 {
                return Err(refused(
                    shown(),
                    "a first day, a later or equal last day, every 1 or more",
                ));
            }
            if days.last().is_some_and(|day| day.date >= period.first) {
                return Err(refused(
                    shown(),
                    "periods in the order of time, without overlap",
                ));
            }
            let mut date = period.first;
            while date <= period.last {
                let time = midnight(date).ok_or_else(|| refused(shown(), "representable days"))?
                    + SignedDuration::from_hours(DESCENDING_SOLAR_HOUR - offset_h);
                days.push(CubeDay { date, time });
                if days.len() > MAX_DAYS {
                    return Err(refused(shown(), "fewer than 100,000 days in all"));
                }
                date = date
                    .checked_add(Span::new().days(i64::from(period.every)))
                    .map_err(|_| refused(shown(), "representable days"))?;
            }
        }
        if days.is_empty() {
            return Err(refused("empty".to_owned(), "at least one period"));
        }
        Ok(Self { days })
    }

    /// The days, ascending.
    #[must_use]
    pub fn days(&self) -> &[CubeDay] {
        &self.days
    }

    /// The lead days: those among the `n_days` before each day that are no days of the calendar, ascending. A sum
    /// over `n_days + 1` days that ends on any day of the calendar is of its days and these.
    ///
    /// # Errors
    /// [`CubeError::Config`] for more than 366.
    /// # Examples
    /// ```
    /// use jiff::civil::date;
    /// use vadose_cube::{Calendar, Period};
    ///
    /// let june = |year| Period { first: date(year, 6, 1), last: date(year, 6, 30), every: 1 };
    /// let calendar = Calendar::new(&[june(2017), june(2018)], -100.0)?;
    /// let lead_days = calendar.lead_days(29)?;
    /// assert_eq!(lead_days.len(), 2 * 29);
    /// assert_eq!(lead_days[0].date, date(2017, 5, 3));
    /// # Ok::<(), vadose_cube::CubeError>(())
    /// ```
    pub fn lead_days(&self, n_days: u16) -> Result<Vec<CubeDay>, CubeError> {
        if n_days > MAX_LEAD_DAYS {
            return Err(CubeError::Config {
                key: "lead_days",
                value: n_days.to_string(),
                allowed: "0 to 366",
            });
        }
        let days = self.days.iter();
        let before = days.flat_map(|day| (1..=n_days).filter_map(|n| day.before(n)));
        let lead_days: BTreeSet<CubeDay> = before
            .filter(|day| self.days.binary_search(day).is_err())
            .collect();
        Ok(lead_days.into_iter().collect())
    }
}

fn midnight(date: Date) -> Option<Timestamp> {
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// 6 h local solar time of a longitude on this date, to the second.
pub(crate) fn descending_pass(date: Date, longitude_deg: f64) -> Timestamp {
    let seconds = (DESCENDING_SOLAR_HOUR as f64 - longitude_deg / DEGREES_PER_HOUR) * 3600.0;
    let midnight = midnight(date).expect("a calendar holds representable days");
    midnight + SignedDuration::from_secs(seconds.round() as i64)
}

/// 6 h local solar time of the easternmost and of the westernmost column of a window: the first and
/// the last of it.
pub(crate) fn descending_passes(date: Date, window: &Window) -> Result<[Timestamp; 2], CubeError> {
    let longitude = |col| {
        let row = window.row0();
        Ok(window.grid().centre(Cell { row, col })?.lon_deg)
    };
    let west: Result<f64, CubeError> = longitude(window.col0());
    let east = longitude(window.col0() + window.cols() - 1)?;
    Ok([descending_pass(date, east), descending_pass(date, west?)])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn june(first: i8, last: i8, every: u16) -> Period {
        Period {
            first: date(2017, 6, first),
            last: date(2017, 6, last),
            every,
        }
    }

    #[test]
    fn days_are_those_of_the_local_sun() {
        let calendar = Calendar::new(&[june(1, 30, 3)], -100.0).unwrap();
        assert_eq!(calendar.days().len(), 10);
        assert_eq!(calendar.days()[1].date, date(2017, 6, 4));
        // 100° W is 7 hours (rounded) behind UTC.
        assert_eq!(calendar.days()[1].time.to_string(), "2017-06-04T13:00:00Z");
        let east = Calendar::new(&[june(1, 1, 1)], 140.0).unwrap();
        assert_eq!(east.days()[0].time.to_string(), "2017-05-31T21:00:00Z");
        for (calendar, longitude) in [(&calendar, -100.0), (&east, 140.0)] {
            for day in calendar.days() {
                assert_eq!(CubeDay::of_time(day.time, longitude), *day);
            }
        }
    }

    #[test]
    fn lead_days_are_those_before_that_the_calendar_lacks() {
        let lead_days = |periods: &[Period], n| {
            let lead_days = Calendar::new(periods, 140.0).unwrap().lead_days(n).unwrap();
            for day in &lead_days {
                assert_eq!(CubeDay::of_time(day.time, 140.0), *day);
            }
            let dates = lead_days.iter().map(|day| day.date.to_string());
            dates.collect::<Vec<_>>()
        };
        assert_eq!(lead_days(&[june(1, 9, 1)], 2), ["2017-05-30", "2017-05-31"]);
        let expected = ["2017-05-31", "2017-06-02", "2017-06-05"];
        assert_eq!(lead_days(&[june(1, 1, 1), june(3, 6, 3)], 1), expected);
        assert!(lead_days(&[june(1, 9, 1)], 0).is_empty());
        let calendar = Calendar::new(&[june(1, 9, 1)], 0.0).unwrap();
        let refused = calendar.lead_days(367);
        assert!(matches!(
            refused,
            Err(CubeError::Config {
                key: "lead_days",
                ..
            })
        ));
    }

    #[test]
    fn a_pass_comes_four_minutes_later_for_each_degree_west() {
        let pass = |longitude| descending_pass(date(2017, 6, 1), longitude).to_string();
        assert_eq!(pass(0.0), "2017-06-01T06:00:00Z");
        assert_eq!(pass(-1.0), "2017-06-01T06:04:00Z");
        assert_eq!(pass(-97.5), "2017-06-01T12:30:00Z");
    }

    #[test]
    fn impossible_periods_are_refused() {
        for periods in [
            vec![],
            vec![june(5, 4, 1)],
            vec![june(1, 4, 0)],
            vec![june(1, 4, 1), june(4, 6, 1)],
            vec![june(5, 6, 1), june(1, 4, 1)],
        ] {
            let refused = Calendar::new(&periods, 0.0);
            assert!(
                matches!(refused, Err(CubeError::Config { key: "periods", .. })),
                "{periods:?}"
            );
        }
    }
}
