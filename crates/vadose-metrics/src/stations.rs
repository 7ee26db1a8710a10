//! Skill per station, and how it is distributed over the stations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bootstrap::Bootstrap;
use crate::bootstrap::clusters::{Centre, Clusters, resample};
use crate::distribution::Distribution;
use crate::error::MetricError;
use crate::samples::Samples;
use crate::skill::{Skill, SkillIntervals};

/// The skill at one station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationSkill {
    /// Name of the station.
    pub station: String,
    /// Skill over the samples of this station alone.
    pub skill: Skill,
    /// Its intervals, if the samples have times.
    pub intervals: Option<SkillIntervals>,
}

/// The distribution of every metric over the stations; each station weighs the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkillSummary {
    /// Stations, those without a valid pair included.
    pub stations: usize,
    /// Stations of which an interval rests on fewer than [`crate::FEW_EFFECTIVE`] effective samples; 0
    /// where the samples have no times.
    pub few_effective: usize,
    /// Valid pairs of all stations together.
    pub n: usize,
    /// Dropped pairs of all stations together.
    pub dropped: usize,
    /// Of [`Skill::bias`].
    pub bias: Distribution,
    /// Of [`Skill::rmse`].
    pub rmse: Distribution,
    /// Of [`Skill::ubrmse`].
    pub ubrmse: Distribution,
    /// Of [`Skill::mae`].
    pub mae: Distribution,
    /// Of [`Skill::r`].
    pub r: Distribution,
    /// Of [`Skill::spearman`].
    pub spearman: Distribution,
    /// Of [`Skill::kendall`].
    pub kendall: Distribution,
    /// Of [`Skill::nse`].
    pub nse: Distribution,
    /// Of [`Skill::kge`].
    pub kge: Distribution,
}

/// The skill of each station of a long table, in the order of their names.
///
/// # Shapes and units
/// `stations`, `estimate`, `reference`: `[n]`, one entry per sample, in any order.
/// # Missing values
/// As [`Skill::of`]. A station without a valid pair is listed with `n = 0`.
/// # Errors
/// [`MetricError::LengthMismatch`].
/// # References
/// Gruber et al. (2020), doi:10.1016/j.rse.2020.111806: skill per station first, then its median
/// and spread.
/// # Examples
/// ```
/// use vadose_metrics::{SkillSummary, by_station};
/// let stations = ["dry", "wet", "dry", "wet"];
/// let estimate = [0.11, 0.40, 0.13, 0.42];
/// let reference = [0.10, 0.43, 0.12, 0.45];
/// let skill = by_station(&stations, &estimate, &reference)?;
/// assert_eq!(skill[0].station, "dry");
/// assert!((skill[0].skill.bias.unwrap() - 0.01).abs() < 1e-12);
///
/// // Each station is perfect but for its bias; pooled, the ubRMSE would be 0.02.
/// let summary = SkillSummary::of(&skill);
/// assert_eq!(summary.ubrmse.count, 2);
/// assert!(summary.ubrmse.median.unwrap() < 1e-12);
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
pub fn by_station<S: AsRef<str>>(
    stations: &[S],
    estimate: &[f64],
    reference: &[f64],
) -> Result<Vec<StationSkill>, MetricError> {
    Samples::new(stations).skill(estimate, reference)
}

/// The values of one metric at the stations that two methods share, for a paired test.
///
/// # Shapes and units
/// `metric` picks the value of a station; a bias is to be compared as `skill.bias.map(f64::abs)`. Result:
/// the challenger's values and the baseline's, in the order of the stations' names.
/// # Missing values
/// A station counts only if both methods have it and define the metric there.
/// # Examples
/// ```
/// use vadose_metrics::{by_station, paired_values};
///
/// let reference = [0.1, 0.2, 0.3];
/// let network = by_station(&["a", "a", "b"], &[0.1, 0.3, 0.3], &reference)?;
/// let coarse = by_station(&["a", "a", "c"], &[0.2, 0.2, 0.2], &reference)?;
/// let (network, coarse) = paired_values(&network, &coarse, |skill| skill.mae);
/// assert_eq!((network.len(), coarse.len()), (1, 1));
/// # Ok::<(), vadose_metrics::MetricError>(())
/// ```
#[must_use]
pub fn paired_values(
    challenger: &[StationSkill],
    baseline: &[StationSkill],
    metric: impl Fn(&Skill) -> Option<f64>,
) -> (Vec<f64>, Vec<f64>) {
    let challenger: BTreeMap<&str, f64> = challenger
        .iter()
        .filter_map(|entry| Some((entry.station.as_str(), metric(&entry.skill)?)))
        .collect();
    let mut pairs: Vec<(&str, f64, f64)> = baseline
        .iter()
        .filter_map(|entry| {
            let station = entry.station.as_str();
            Some((station, *challenger.get(station)?, metric(&entry.skill)?))
        })
        .collect();
    pairs.sort_unstable_by_key(|(station, ..)| *station);
    pairs
        .into_iter()
        .map(|(_, ours, theirs)| (ours, theirs))
        .unzip()
}

impl SkillSummary {
    /// Summarises the skill of stations.
    ///
    /// A station counts for a metric only where the metric is defined there, and [`Distribution::count`]
    /// says how many do.
    ///
    /// # Examples
    /// See [`by_station`].
    #[must_use]
    pub fn of(stations: &[StationSkill]) -> Self {
        Self::from_distributions(stations, |metric| {
            Distribution::of(stations.iter().filter_map(|entry| metric(&entry.skill)))
        })
    }

    /// The same, with intervals of the mean and the median from resampled stations or blocks of them.
    ///
    /// A metric that is defined at fewer than two clusters has no interval.
    ///
    /// # Shapes and units
    /// Labels of the clusters, if there are any: one a station, in the order of `stations`.
    /// # Errors
    /// [`MetricError::LengthMismatch`]; [`MetricError::TooFewResamples`].
    /// # Examples
    /// ```
    /// use vadose_metrics::{Bootstrap, Clusters, SkillSummary, by_station};
    ///
    /// let stations = ["a", "b", "c", "d"];
    /// let skill = by_station(&stations, &[0.11, 0.22, 0.29, 0.18], &[0.10, 0.20, 0.30, 0.20])?;
    /// let summary = SkillSummary::resampled(&skill, Clusters::Stations, &Bootstrap::new(1))?;
    /// assert!(summary.bias.median_interval.unwrap().contains(0.0));
    /// assert_eq!(summary.r.median_interval, None); // one sample a station has no correlation
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    pub fn resampled(
        stations: &[StationSkill],
        clusters: Clusters<'_>,
        bootstrap: &Bootstrap,
    ) -> Result<Self, MetricError> {
        let mut failure = None;
        let summary = Self::from_distributions(stations, |metric| {
            let values: Vec<f64> = stations
                .iter()
                .map(|entry| metric(&entry.skill).unwrap_or(f64::NAN))
                .collect();
            let middles = resample(&values, clusters, [Centre::Mean, Centre::Median], bootstrap);
            let [mean_interval, median_interval] = match middles {
                Ok(middles) => middles.map(|middle| Some(middle.estimate.interval)),
                Err(MetricError::TooFewClusters { .. }) => [None; 2],
                Err(error) => {
                    failure = Some(error);
                    [None; 2]
                }
            };
            Distribution {
                mean_interval,
                median_interval,
                ..Distribution::of(values.iter().copied())
            }
        });
        failure.map_or(Ok(summary), Err)
    }

    fn from_distributions(
        stations: &[StationSkill],
        mut distribution: impl FnMut(fn(&Skill) -> Option<f64>) -> Distribution,
    ) -> Self {
        Self {
            stations: stations.len(),
            few_effective: stations
                .iter()
                .filter(|entry| {
                    entry
                        .intervals
                        .is_some_and(|intervals| intervals.few_effective())
                })
                .count(),
            n: stations.iter().map(|entry| entry.skill.n).sum(),
            dropped: stations.iter().map(|entry| entry.skill.dropped).sum(),
            bias: distribution(|skill| skill.bias),
            rmse: distribution(|skill| skill.rmse),
            ubrmse: distribution(|skill| skill.ubrmse),
            mae: distribution(|skill| skill.mae),
            r: distribution(|skill| skill.r),
            spearman: distribution(|skill| skill.spearman),
            kendall: distribution(|skill| skill.kendall),
            nse: distribution(|skill| skill.nse),
            kge: distribution(|skill| skill.kge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stations_come_in_order_of_name_with_their_own_samples() {
        let stations = ["b", "a", "b", "a", "c"];
        let estimate = [1.0, 5.0, 2.0, 6.0, f64::NAN];
        let reference = [0.0, 5.0, 0.0, 5.0, 1.0];
        let skills = by_station(&stations, &estimate, &reference).unwrap();
        let names: Vec<_> = skills.iter().map(|entry| entry.station.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(skills[0].skill.bias, Some(0.5));
        assert_eq!(skills[1].skill.bias, Some(1.5));
        assert_eq!((skills[2].skill.n, skills[2].skill.dropped), (0, 1));
    }

    #[test]
    fn summary_counts_only_stations_that_define_a_metric() {
        let stations = ["a", "a", "b", "c"];
        let skills =
            by_station(&stations, &[1.0, 2.0, 3.0, f64::NAN], &[1.0, 3.0, 0.0, 1.0]).unwrap();
        let summary = SkillSummary::of(&skills);
        assert_eq!((summary.stations, summary.n, summary.dropped), (3, 3, 1));
        assert_eq!((summary.bias.count, summary.r.count), (2, 1));
        assert_eq!(summary.bias.median, Some(1.25)); // of -0.5 and 3
    }

    #[test]
    fn stations_with_a_short_memory_of_samples_are_counted_and_kept() {
        use crate::IntervalConfig;
        let stations: Vec<&str> = (0..400)
            .map(|row| if row % 2 == 0 { "fast" } else { "slow" })
            .collect();
        let hours: Vec<i64> = (0..400).map(|row| 24 * (row / 2)).collect();
        let wave = |row: i32, period: f64| (f64::from(row / 2) / period).sin();
        let estimate: Vec<f64> = (0..400)
            .map(|row| wave(row, if row % 2 == 0 { 0.2 } else { 20.0 }))
            .collect();
        let reference: Vec<f64> = (0..400).map(|row| wave(row, 23.0)).collect();
        let skill = Samples::new(&stations)
            .in_time(&hours, IntervalConfig::default())
            .unwrap()
            .skill(&estimate, &reference)
            .unwrap();
        let summary = SkillSummary::of(&skill);
        assert_eq!(
            (summary.stations, summary.few_effective, summary.r.count),
            (2, 1, 2)
        );
    }

    #[test]
    fn summary_reports_what_stops_its_intervals() {
        let skill = by_station(&["a", "b"], &[1.0, 2.0], &[0.0, 0.0]).unwrap();
        let resampled = |clusters| SkillSummary::resampled(&skill, clusters, &Bootstrap::new(1));
        assert!(resampled(Clusters::Labelled(&[1])).is_err());
        let one_block = resampled(Clusters::Labelled(&[1, 1])).unwrap();
        assert_eq!(one_block.bias.median, Some(1.5));
        assert_eq!(one_block.bias.median_interval, None);
    }

    #[test]
    fn no_station_has_no_median() {
        let summary = SkillSummary::of(&[]);
        assert_eq!((summary.stations, summary.ubrmse.count), (0, 0));
        assert_eq!(summary.ubrmse.median, None);
    }

    #[test]
    fn list_of_stations_must_match() {
        let error = by_station(&["a"], &[1.0, 2.0], &[1.0, 2.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the estimate has 2 values, not 1 as the first series"
        );
    }
}
