//! A long table of samples, by station: which rows count, in what order, and what is compared on them.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::confidence::Confidence;
use crate::error::MetricError;
use crate::interval::Dependence;
use crate::skill::Skill;
use crate::stations::StationSkill;

/// A gap that ends the memory of soil moisture: with an e-folding time of 3 to 8 days, at most 2.4 %
/// of the correlation is left after 30 days.
const DEFAULT_LONGEST_GAP_HOURS: i64 = 30 * 24;

/// How intervals of a station's series are made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntervalConfig {
    /// Confidence level: 95 % by default.
    pub confidence: Confidence,
    /// Samples further apart than this are independent: 30 days by default, so that no pair crosses from
    /// one June to another.
    pub longest_gap_hours: i64,
}

impl Default for IntervalConfig {
    fn default() -> Self {
        Self {
            confidence: Confidence::default(),
            longest_gap_hours: DEFAULT_LONGEST_GAP_HOURS,
        }
    }
}

/// The rows of a long table, sorted by station and time.
///
/// The table itself is columns of the caller, of one length, in any order of rows: stations, times,
/// estimates of any number of methods, references, labels. This says which rows count, and it is what a
/// fair comparison shares: [`Self::shared`] keeps the rows at which every product has a value,
/// [`Self::with_at_least`] the stations that have enough of them, [`Self::strata`] parts them by a label.
/// Columns keep their length throughout.
///
/// # Examples
/// ```
/// use vadose_metrics::{IntervalConfig, Samples, SkillSummary};
///
/// let stations = ["dry", "wet", "dry", "wet", "dry", "wet"];
/// let hours = [6, 6, 30, 30, 54, 54];
/// let reference = [0.10, 0.30, 0.12, 0.33, 0.11, 0.31];
/// let network = [0.11, 0.29, 0.14, 0.30, 0.12, 0.31];
/// let coarse = [0.15, 0.20, 0.16, f64::NAN, 0.15, 0.21];
///
/// let samples = Samples::new(&stations)
///     .in_time(&hours, IntervalConfig::default())?
///     .shared(&[&network, &coarse, &reference])?;
/// assert_eq!(samples.len(), 5);
/// // Both methods are judged on the same five rows.
/// let network = SkillSummary::of(&samples.skill(&network, &reference)?);
/// let coarse = SkillSummary::of(&samples.skill(&coarse, &reference)?);
/// assert_eq!((network.n, coarse.n), (5, 5));
/// assert_eq!((network.dropped, coarse.dropped), (0, 0));
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Samples<'a> {
    /// Names in order, with their rows in order of time.
    stations: Vec<(&'a str, Vec<usize>)>,
    /// Rows of the whole table.
    n_rows: usize,
    time: Option<(&'a [i64], IntervalConfig)>,
}

impl<'a> Samples<'a> {
    /// All rows of a table, without times.
    ///
    /// # Shapes and units
    /// `stations`: `[rows]`, the name of the station of each row.
    #[must_use]
    pub fn new<S: AsRef<str>>(stations: &'a [S]) -> Self {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut grouped: Vec<(&str, Vec<usize>)> = Vec::new();
        let mut place = 0;
        for (row, station) in stations.iter().enumerate() {
            let station = station.as_ref();
            // Tables mostly come station by station, and comparing is cheaper than hashing.
            if grouped.get(place).is_none_or(|(name, _)| *name != station) {
                place = *places.entry(station).or_insert(grouped.len());
                if place == grouped.len() {
                    grouped.push((station, Vec::new()));
                }
            }
            grouped[place].1.push(row);
        }
        grouped.sort_unstable_by_key(|(station, _)| *station);
        Self {
            stations: grouped,
            n_rows: stations.len(),
            time: None,
        }
    }

    /// The same rows with their times, which [`Self::skill`] makes intervals of.
    ///
    /// # Shapes and units
    /// `hours`: `[rows]`, hours since 1970-01-01T00Z.
    /// # Errors
    /// [`MetricError::LengthMismatch`]; [`MetricError::RepeatedTime`] if a station has two rows of one time.
    pub fn in_time(
        mut self,
        hours: &'a [i64],
        config: IntervalConfig,
    ) -> Result<Self, MetricError> {
        self.check_length("the list of times", hours.len())?;
        let repeated = self
            .stations
            .par_iter_mut()
            .find_map_first(|(station, rows)| {
                rows.sort_unstable_by_key(|row| hours[*row]);
                let pair = rows
                    .windows(2)
                    .find(|pair| hours[pair[0]] == hours[pair[1]])?;
                Some(MetricError::RepeatedTime {
                    station: (*station).to_owned(),
                    hour: hours[pair[0]],
                })
            });
        if let Some(error) = repeated {
            return Err(error);
        }
        self.time = Some((hours, config));
        Ok(self)
    }

    /// Rows that count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stations.iter().map(|(_, rows)| rows.len()).sum()
    }

    /// Whether no row counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The stations that have a row, in the order of their names, and their rows.
    pub fn stations(&self) -> impl Iterator<Item = (&'a str, &[usize])> {
        self.stations
            .iter()
            .map(|(station, rows)| (*station, &rows[..]))
    }

    /// The rows at which every one of these columns is finite.
    ///
    /// Products that are compared must be judged on the same samples: one that has no value on hard days
    /// would else look better for it.
    ///
    /// # Shapes and units
    /// `columns`: each `[rows]`; the estimates of all products, and the reference.
    /// # Errors
    /// [`MetricError::LengthMismatch`].
    pub fn shared(&self, columns: &[&[f64]]) -> Result<Self, MetricError> {
        for column in columns {
            self.check_length("a column", column.len())?;
        }
        Ok(self.filtered(|row| columns.iter().all(|column| column[row].is_finite())))
    }

    /// The stations that have at least so many rows.
    ///
    /// A minimum count is for what cannot be computed. A short effective length is no reason to leave a
    /// station out; see [`crate::AnalyticInterval::few_effective`].
    #[must_use]
    pub fn with_at_least(&self, n_rows: usize) -> Self {
        let mut kept = self.clone();
        kept.stations.retain(|(_, rows)| rows.len() >= n_rows);
        kept
    }

    /// The rows of each label.
    ///
    /// # Shapes and units
    /// `labels`: `[rows]`. A label may be the station's (land cover, network) or the sample's (vegetation
    /// class of the day, observed by the radar or not); in the second case a station is in several strata.
    /// # Errors
    /// [`MetricError::LengthMismatch`].
    /// # Examples
    /// ```
    /// use vadose_metrics::Samples;
    ///
    /// let samples = Samples::new(&["a", "a", "b"]);
    /// let strata = samples.strata(&["observed", "filled", "observed"])?;
    /// assert_eq!(strata["observed"].len(), 2);
    /// assert_eq!(strata["filled"].stations().count(), 1);
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    pub fn strata<L: Ord + Copy>(&self, labels: &[L]) -> Result<BTreeMap<L, Self>, MetricError> {
        self.check_length("the list of labels", labels.len())?;
        let rows = self.stations.iter().flat_map(|(_, rows)| rows);
        let mut strata: BTreeMap<L, Self> = BTreeMap::new();
        for &row in rows {
            let label = labels[row];
            strata
                .entry(label)
                .or_insert_with(|| self.filtered(|row| labels[row] == label));
        }
        Ok(strata)
    }

    /// A new column, made station by station from the series of another: anomalies, for example.
    ///
    /// `series` takes the times and values of one station in order and gives as many values. Rows that do
    /// not count are NaN in the result. Without [`Self::in_time`] the times are the positions of the rows.
    ///
    /// # Shapes and units
    /// `column`: `[rows]`. Result: `[rows]`.
    /// # Errors
    /// [`MetricError::LengthMismatch`], also if `series` gives another number of values; what `series` gives.
    /// # Examples
    /// ```
    /// use vadose_metrics::{IntervalConfig, MovingMean, Samples, short_term_anomalies};
    ///
    /// let hours: Vec<i64> = (0..60).map(|day| 24 * day).collect();
    /// let values: Vec<f64> = (0..60).map(f64::from).collect();
    /// let samples = Samples::new(&["a"; 60]).in_time(&hours, IntervalConfig::default())?;
    /// let anomalies = samples
    ///     .map_series(&values, |hours, series| short_term_anomalies(hours, series, MovingMean::default()))?;
    /// assert!(anomalies[30].abs() < 1e-12); // a straight line is its own moving mean
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    pub fn map_series(
        &self,
        column: &[f64],
        series: impl Fn(&[i64], &[f64]) -> Result<Vec<f64>, MetricError> + Sync,
    ) -> Result<Vec<f64>, MetricError> {
        self.check_length("the column", column.len())?;
        let parts: Vec<Vec<f64>> = self
            .stations
            .par_iter()
            .map(|(_, rows)| {
                let values: Vec<f64> = rows.iter().map(|row| column[*row]).collect();
                series(&self.hours_of(rows), &values)
            })
            .collect::<Result<_, _>>()?;
        let mut mapped = vec![f64::NAN; self.n_rows];
        for ((_, rows), part) in self.stations.iter().zip(parts) {
            if part.len() != rows.len() {
                return Err(MetricError::LengthMismatch {
                    what: "the new series",
                    expected: rows.len(),
                    got: part.len(),
                });
            }
            for (row, value) in rows.iter().zip(part) {
                mapped[*row] = value;
            }
        }
        Ok(mapped)
    }

    /// The skill of each station on the rows that count, in the order of the stations' names.
    ///
    /// With times, each station has intervals with its effective numbers of samples; without, none.
    ///
    /// # Shapes and units
    /// `estimate`, `reference`: `[rows]`, in one unit.
    /// # Missing values
    /// As [`Skill::of`]. A station without a valid pair is listed with `n = 0`.
    /// # Errors
    /// [`MetricError::LengthMismatch`].
    /// # References
    /// Gruber et al. (2020), doi:10.1016/j.rse.2020.111806: skill per station first, then its median and
    /// spread; intervals always.
    pub fn skill(
        &self,
        estimate: &[f64],
        reference: &[f64],
    ) -> Result<Vec<StationSkill>, MetricError> {
        self.check_length("the estimate", estimate.len())?;
        self.check_length("the reference", reference.len())?;
        self.stations
            .par_iter()
            .map(|(station, rows)| {
                let series =
                    |column: &[f64]| -> Vec<f64> { rows.iter().map(|row| column[*row]).collect() };
                let (estimate, reference) = (series(estimate), series(reference));
                let (skill, intervals) = match self.time {
                    None => (Skill::of(&estimate, &reference)?, None),
                    Some((_, config)) => {
                        let in_time = Dependence::InTime {
                            hours: &self.hours_of(rows),
                            longest_gap_hours: config.longest_gap_hours,
                        };
                        let (skill, intervals) = Skill::with_intervals(
                            &estimate,
                            &reference,
                            in_time,
                            config.confidence,
                        )?;
                        (skill, Some(intervals))
                    }
                };
                Ok(StationSkill {
                    station: (*station).to_owned(),
                    skill,
                    intervals,
                })
            })
            .collect()
    }

    fn hours_of(&self, rows: &[usize]) -> Vec<i64> {
        match self.time {
            Some((hours, _)) => rows.iter().map(|row| hours[*row]).collect(),
            None => rows.iter().map(|row| *row as i64).collect(),
        }
    }

    fn filtered(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut kept = self.clone();
        for (_, rows) in &mut kept.stations {
            rows.retain(|row| keep(*row));
        }
        kept.stations.retain(|(_, rows)| !rows.is_empty());
        kept
    }

    fn check_length(&self, what: &'static str, got: usize) -> Result<(), MetricError> {
        if got != self.n_rows {
            return Err(MetricError::LengthMismatch {
                what,
                expected: self.n_rows,
                got,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_by_station_and_time() {
        let samples = Samples::new(&["b", "a", "b", "a"])
            .in_time(&[50, 30, 20, 40], IntervalConfig::default())
            .unwrap();
        let rows: Vec<_> = samples.stations().collect();
        assert_eq!(rows, [("a", &[1, 3][..]), ("b", &[2, 0][..])]);
    }

    #[test]
    fn order_of_the_table_does_not_matter() {
        let n = 40;
        let stations: Vec<String> = (0..n).map(|row| format!("s{}", row % 3)).collect();
        let hours: Vec<i64> = (0..n).map(|row| 24 * row).collect();
        let estimate: Vec<f64> = (0..n).map(|row| (row as f64 * 0.7).sin()).collect();
        let reference: Vec<f64> = (0..n).map(|row| (row as f64 * 0.6).sin()).collect();
        let of = |order: &[usize]| {
            let stations: Vec<&String> = order.iter().map(|row| &stations[*row]).collect();
            let hours: Vec<i64> = order.iter().map(|row| hours[*row]).collect();
            let pick =
                |column: &[f64]| -> Vec<f64> { order.iter().map(|row| column[*row]).collect() };
            Samples::new(&stations)
                .in_time(&hours, IntervalConfig::default())
                .unwrap()
                .skill(&pick(&estimate), &pick(&reference))
                .unwrap()
        };
        let forwards: Vec<usize> = (0..n as usize).collect();
        let backwards: Vec<usize> = forwards.iter().rev().copied().collect();
        let skill = of(&forwards);
        assert_eq!(skill, of(&backwards));
        assert!(
            skill
                .iter()
                .all(|entry| entry.intervals.unwrap().r.is_some())
        );
    }

    #[test]
    fn strata_part_the_rows() {
        let samples = Samples::new(&["a", "b", "a", "c"]);
        let strata = samples.strata(&[1, 2, 2, 2]).unwrap();
        assert_eq!(strata.keys().copied().collect::<Vec<_>>(), [1, 2]);
        assert_eq!((strata[&1].len(), strata[&2].len()), (1, 3));
        let estimate = [1.0, 2.0, 3.0, 4.0];
        let skill = strata[&2].skill(&estimate, &[0.0; 4]).unwrap();
        assert_eq!(skill[0].skill.bias, Some(3.0)); // of a, its second row only
    }

    #[test]
    fn stations_with_few_rows_are_left_out_only_on_request() {
        let samples = Samples::new(&["a", "a", "b"]);
        assert_eq!(samples.with_at_least(2).stations().count(), 1);
        assert_eq!(samples.skill(&[0.0; 3], &[0.0; 3]).unwrap().len(), 2);
    }

    #[test]
    fn two_samples_of_one_time_are_refused() {
        let error = Samples::new(&["a", "b", "b"])
            .in_time(&[6, 6, 6], IntervalConfig::default())
            .unwrap_err();
        assert_eq!(error.to_string(), "station b has two samples at 6 h");
    }

    #[test]
    fn columns_must_have_the_tables_length() {
        let samples = Samples::new(&["a"]);
        let error = samples.shared(&[&[0.0, 1.0]]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a column has 2 values, not 1 as the first series"
        );
        assert!(samples.skill(&[1.0], &[1.0, 2.0]).is_err());
        assert!(samples.strata(&[1, 2]).is_err());
    }
}
