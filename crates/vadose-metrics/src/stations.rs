//! Skill per station, and how it is distributed over the stations.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::MetricError;
use crate::skill::Skill;

/// The skill at one station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationSkill {
    /// Name of the station.
    pub station: String,
    /// Skill over the samples of this station alone.
    pub skill: Skill,
}

/// Median and quartiles of one metric over the stations at which it is defined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Stations at which the metric is defined.
    pub count: usize,
    /// First quartile; none without a station, as the other two.
    pub q25: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Third quartile.
    pub q75: Option<f64>,
}

/// The distribution of every metric over the stations; each station weighs the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkillSummary {
    /// Stations, those without a valid pair included.
    pub stations: usize,
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
    for (what, got) in [
        ("the reference", reference.len()),
        ("the list of stations", stations.len()),
    ] {
        if got != estimate.len() {
            return Err(MetricError::LengthMismatch {
                what,
                expected: estimate.len(),
                got,
            });
        }
    }
    let mut samples: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for ((station, &e), &r) in stations.iter().zip(estimate).zip(reference) {
        let (estimates, references) = samples.entry(station.as_ref()).or_default();
        estimates.push(e);
        references.push(r);
    }
    samples
        .into_par_iter()
        .map(|(station, (estimates, references))| {
            Ok(StationSkill {
                station: station.to_owned(),
                skill: Skill::of(&estimates, &references)?,
            })
        })
        .collect()
}

impl SkillSummary {
    /// Summarises the skill of stations.
    ///
    /// A station counts for a metric only where the metric is defined there, and
    /// [`Distribution::count`] says how many do.
    ///
    /// # Examples
    /// See [`by_station`].
    #[must_use]
    pub fn of(stations: &[StationSkill]) -> Self {
        let distribution = |metric: fn(&Skill) -> Option<f64>| {
            Distribution::of(stations.iter().filter_map(|entry| metric(&entry.skill)))
        };
        Self {
            stations: stations.len(),
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

impl Distribution {
    /// Median and quartiles by linear interpolation between order statistics (type 7 of Hyndman
    /// and Fan, numpy's default).
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
        Self {
            count: sorted.len(),
            q25: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            q75: quantile(&sorted, 0.75),
        }
    }
}

fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = share * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let weight = position - below as f64;
    Some(sorted[below] + weight * (sorted[above] - sorted[below]))
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
    fn no_station_has_no_median() {
        let summary = SkillSummary::of(&[]);
        assert_eq!((summary.stations, summary.ubrmse.count), (0, 0));
        assert_eq!(summary.ubrmse.median, None);
    }

    #[test]
    fn one_value_is_its_own_quartiles() {
        let single = Distribution::of([0.3]);
        assert_eq!(
            (single.q25, single.median, single.q75),
            (Some(0.3), Some(0.3), Some(0.3))
        );
    }

    #[test]
    fn list_of_stations_must_match() {
        let error = by_station(&["a"], &[1.0, 2.0], &[1.0, 2.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the list of stations has 1 values, not 2 as the first series"
        );
    }
}
