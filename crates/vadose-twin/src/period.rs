//! Which days are simulated.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::TwinError;
use crate::error::check_range;

/// The same stretch of days in one or several years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Period {
    /// Years, each 2000 to 2100. Default 2017, 2018 and 2019, as in Tsagkatakis et al. (2024).
    pub years: Vec<i16>,
    /// First month of each stretch. Default 6.
    pub month: i8,
    /// First day of each stretch. Default 1.
    pub day: i8,
    /// Days of each stretch, 1 to 366. Default 30: June.
    pub days: u16,
    /// Days before each stretch of which there is satellite precipitation alone, 1 to 366: the first pass needs
    /// one, a sum of 30 days that ends with it needs 30. Default 30.
    pub lead_days: u16,
}

impl Default for Period {
    fn default() -> Self {
        Self {
            years: vec![2017, 2018, 2019],
            month: 6,
            day: 1,
            days: 30,
            lead_days: 30,
        }
    }
}

/// One stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Season {
    /// First day (UTC).
    pub first: Date,
    /// Number of days.
    pub days: u16,
}

impl Period {
    /// The stretches, in order of time.
    ///
    /// # Errors
    /// [`TwinError::Config`] for an impossible number, [`TwinError::Overlap`] for stretches that share a day
    /// or a year that is named twice.
    pub fn seasons(&self) -> Result<Vec<Season>, TwinError> {
        check_range("period.days", f64::from(self.days), 1.0, 366.0)?;
        check_range("period.lead_days", f64::from(self.lead_days), 1.0, 366.0)?;
        check_range("period.month", f64::from(self.month), 1.0, 12.0)?;
        let mut years = self.years.clone();
        years.sort_unstable();
        let mut seasons: Vec<Season> = Vec::new();
        for year in years {
            check_range("period.years", f64::from(year), 2000.0, 2100.0)?;
            let last_day = f64::from(date(year, self.month, 1).days_in_month());
            check_range("period.day", f64::from(self.day), 1.0, last_day)?;
            let season = Season {
                first: date(year, self.month, self.day),
                days: self.days,
            };
            if let Some(before) = seasons.last()
                && season.first_hour() < before.hours().end
            {
                return Err(TwinError::Overlap { year });
            }
            seasons.push(season);
        }
        Ok(seasons)
    }
}

impl Season {
    /// First hour, counted from 1970-01-01T00Z.
    #[must_use]
    pub fn first_hour(&self) -> i64 {
        seconds(self.first) / 3600
    }

    /// Its hours, counted from 1970-01-01T00Z.
    #[must_use]
    pub fn hours(&self) -> Range<i64> {
        let first = self.first_hour();
        first..first + 24 * i64::from(self.days)
    }

    /// Its days.
    pub fn dates(&self) -> impl ExactSizeIterator<Item = Date> + use<> {
        let first = self.first;
        (0..self.days).map(move |day| first + jiff::Span::new().days(i64::from(day)))
    }

    /// Beginning of the first day.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        timestamp_of_hour(self.hours().start)
    }

    /// End of the last day.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        timestamp_of_hour(self.hours().end)
    }
}

/// The moment that lies this many hours after 1970-01-01T00Z.
pub(crate) fn timestamp_of_hour(hour: i64) -> Timestamp {
    Timestamp::from_second(hour * 3600).expect("years 2000 to 2101 are representable")
}

fn seconds(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC)
        .expect("years 2000 to 2100 are representable")
        .timestamp()
        .as_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_three_junes() {
        let seasons = Period::default().seasons().unwrap();
        assert_eq!(seasons.len(), 3);
        assert_eq!(seasons[0].start().to_string(), "2017-06-01T00:00:00Z");
        assert_eq!(seasons[2].end().to_string(), "2019-07-01T00:00:00Z");
        assert_eq!(seasons[0].dates().last(), Some(date(2017, 6, 30)));
    }

    #[test]
    fn a_year_twice_is_refused() {
        let period = Period {
            years: vec![2018, 2017, 2018],
            ..Period::default()
        };
        assert!(matches!(
            period.seasons(),
            Err(TwinError::Overlap { year: 2018 })
        ));
    }

    #[test]
    fn impossible_dates_are_refused() {
        let period = Period {
            day: 31,
            ..Period::default()
        };
        assert!(matches!(
            period.seasons(),
            Err(TwinError::Config {
                key: "period.day",
                ..
            })
        ));
    }
}
