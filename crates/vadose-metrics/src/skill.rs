//! All metrics of one pair of series at once.

use serde::{Deserialize, Serialize};

use crate::confidence::Confidence;
use crate::dependent::{self, Dependent};
use crate::error::MetricError;
use crate::interval::{AnalyticInterval, Dependence};
use crate::pair_intervals::KendallError;
use crate::pairs::Pairs;

/// The skill of an estimate against a reference.
///
/// A metric that the pairs do not define is `None`, and `null` in JSON: without a valid pair all
/// of them; with one pair all but bias, RMSE and MAE; with a constant series the correlations and
/// the efficiencies that divide by its variance. So is one whose sums overflow f64: a metric that
/// is present is finite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skill {
    /// Pairs with two finite members.
    pub n: usize,
    /// Pairs left out because a member is NaN or infinite.
    pub dropped: usize,
    /// [`crate::bias`].
    pub bias: Option<f64>,
    /// [`crate::rmse`].
    pub rmse: Option<f64>,
    /// [`crate::ubrmse`].
    pub ubrmse: Option<f64>,
    /// [`crate::mae`].
    pub mae: Option<f64>,
    /// [`crate::pearson_r`].
    pub r: Option<f64>,
    /// [`crate::spearman`].
    pub spearman: Option<f64>,
    /// [`crate::kendall`].
    pub kendall: Option<f64>,
    /// [`crate::nse`].
    pub nse: Option<f64>,
    /// [`crate::kge`].
    pub kge: Option<f64>,
}

impl Skill {
    /// Every metric of one pair of series.
    ///
    /// # Shapes and units
    /// `estimate`, `reference`: `[n]`, in one unit.
    /// # Missing values
    /// A pair counts only if both members are finite; the others are counted in `dropped`.
    /// # Errors
    /// [`MetricError::LengthMismatch`] only: an undefined metric is `None`.
    /// # Examples
    /// ```
    /// use vadose_metrics::Skill;
    /// let skill = Skill::of(&[0.2, 0.3, f64::NAN], &[0.1, 0.1, 0.1])?;
    /// assert_eq!((skill.n, skill.dropped), (2, 1));
    /// assert_eq!(skill.r, None); // the reference does not vary
    /// assert!((skill.bias.unwrap() - 0.15).abs() < 1e-15);
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    pub fn of(estimate: &[f64], reference: &[f64]) -> Result<Self, MetricError> {
        Ok(Self::of_pairs(&Pairs::new(estimate, reference)?))
    }

    /// Every metric, and the intervals of those that have one.
    ///
    /// # Shapes and units
    /// `estimate`, `reference`: `[n]`, in one unit.
    /// # Missing values
    /// As [`Self::of`].
    /// # Errors
    /// [`MetricError::LengthMismatch`], [`MetricError::TimesDoNotRise`]; an undefined metric or interval
    /// is `None`.
    /// # Examples
    /// ```
    /// use vadose_metrics::{Confidence, Dependence, Skill};
    ///
    /// let estimate = [0.21, 0.22, 0.26, 0.24, 0.23, 0.20];
    /// let reference = [0.19, 0.21, 0.27, 0.26, 0.22, 0.20];
    /// let hours = [6, 30, 54, 78, 102, 126];
    /// let in_time = Dependence::InTime { hours: &hours, longest_gap_hours: 30 * 24 };
    /// let (skill, intervals) =
    ///     Skill::with_intervals(&estimate, &reference, in_time, Confidence::P95)?;
    /// let r = intervals.r.unwrap();
    /// assert!(r.interval.contains(skill.r.unwrap()) && r.n_eff < 6.0 && r.few_effective);
    /// # Ok::<(), vadose_metrics::MetricError>(())
    /// ```
    pub fn with_intervals(
        estimate: &[f64],
        reference: &[f64],
        dependence: Dependence<'_>,
        confidence: Confidence,
    ) -> Result<(Self, SkillIntervals), MetricError> {
        let samples = Dependent::new(estimate, reference, dependence)?;
        let skill = Self::of_pairs(&samples.pairs);
        let intervals = SkillIntervals::of(&samples, &skill, confidence);
        Ok((skill, intervals))
    }

    fn of_pairs(pairs: &Pairs) -> Self {
        Self {
            n: pairs.len(),
            dropped: pairs.dropped,
            bias: finite(pairs.bias()),
            rmse: finite(pairs.rmse()),
            ubrmse: finite(pairs.ubrmse()),
            mae: finite(pairs.mae()),
            r: finite(pairs.pearson_r()),
            spearman: finite(pairs.spearman()),
            kendall: finite(pairs.kendall()),
            nse: finite(pairs.nse()),
            kge: finite(pairs.kge()),
        }
    }
}

/// The intervals of one pair of series.
///
/// `None`, and `null` in JSON, where the metric has no interval: see the function of each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkillIntervals {
    /// Confidence level of all of them.
    pub confidence: Confidence,
    /// [`bias_interval`].
    pub bias: Option<AnalyticInterval>,
    /// [`ubrmse_interval`].
    pub ubrmse: Option<AnalyticInterval>,
    /// [`pearson_interval`].
    pub r: Option<AnalyticInterval>,
    /// [`spearman_interval`].
    pub spearman: Option<AnalyticInterval>,
    /// [`kendall_interval`], with [`KendallError::Fieller`].
    pub kendall: Option<AnalyticInterval>,
}

impl SkillIntervals {
    /// Whether one of the intervals rests on fewer effective samples than [`crate::FEW_EFFECTIVE`].
    #[must_use]
    pub fn few_effective(&self) -> bool {
        [self.bias, self.ubrmse, self.r, self.spearman, self.kendall]
            .into_iter()
            .flatten()
            .any(|interval| interval.few_effective)
    }

    fn of(samples: &Dependent, skill: &Skill, confidence: Confidence) -> Self {
        let phi = samples.difference_persistence();
        let n_eff = samples.correlation_size().ok();
        let usable = |interval: AnalyticInterval| interval.interval.is_finite().then_some(interval);
        let of_difference = |interval: &dyn Fn(f64) -> Result<AnalyticInterval, MetricError>| {
            phi.as_ref()
                .ok()
                .and_then(|phi| interval(*phi).ok())
                .and_then(usable)
        };
        let of_correlation =
            |metric: Option<f64>, interval: &dyn Fn(f64, f64) -> AnalyticInterval| {
                metric
                    .zip(n_eff)
                    .map(|(metric, n_eff)| interval(metric, n_eff))
                    .and_then(usable)
            };
        Self {
            confidence,
            bias: of_difference(&|phi| samples.bias(phi, confidence)),
            ubrmse: of_difference(&|phi| samples.ubrmse(phi, confidence)),
            r: of_correlation(skill.r, &|r, n_eff| {
                dependent::pearson(r, n_eff, confidence)
            }),
            spearman: of_correlation(skill.spearman, &|rho, n_eff| {
                dependent::spearman(rho, n_eff, confidence)
            }),
            kendall: of_correlation(skill.kendall, &|tau, n_eff| {
                dependent::kendall(tau, n_eff, confidence, KendallError::Fieller)
            }),
        }
    }
}

/// The metric, if it has a value that means something.
fn finite(metric: Result<f64, MetricError>) -> Option<f64> {
    metric.ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_exactly_the_agreed_keys_in_order() {
        let skill = Skill::of(&[0.5], &[0.25]).unwrap();
        assert_eq!(
            serde_json::to_string(&skill).unwrap(),
            r#"{"n":1,"dropped":0,"bias":0.25,"rmse":0.25,"ubrmse":null,"mae":0.25,"r":null,"spearman":null,"kendall":null,"nse":null,"kge":null}"#
        );
    }

    #[test]
    fn json_round_trips_at_full_precision() {
        let skill = Skill::of(&[0.1, 0.2, 0.7], &[0.3, 0.1, 0.9]).unwrap();
        let text = serde_json::to_string(&skill).unwrap();
        assert_eq!(serde_json::from_str::<Skill>(&text).unwrap(), skill);
    }

    #[test]
    fn overflow_is_no_value() {
        let skill = Skill::of(&[1e200, -1e200], &[0.0, 0.5]).unwrap();
        assert_eq!((skill.n, skill.rmse, skill.nse), (2, None, None));
    }

    #[test]
    fn nothing_valid_gives_nothing_but_counts() {
        let skill = Skill::of(&[f64::NAN, 1.0], &[1.0, f64::NAN]).unwrap();
        assert_eq!((skill.n, skill.dropped), (0, 2));
        assert_eq!((skill.bias, skill.ubrmse, skill.kge), (None, None, None));
    }
}
