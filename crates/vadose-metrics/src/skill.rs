//! All metrics of one pair of series at once.

use serde::{Deserialize, Serialize};

use crate::confidence::Confidence;
use crate::correlation::spearman_of_ranks;
use crate::dependent::{self, Dependent};
use crate::error::{MetricError, Series};
use crate::interval::{AnalyticInterval, Dependence};
use crate::kendall::kendall_of_ranks;
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
        let moments = pairs.moments();
        let correlates = pairs.need_correlation().is_ok();
        let reference_varies = pairs.len() >= 2 && pairs.need_variation(Series::Reference).is_ok();
        let ranks = correlates.then(|| pairs.ranks());
        let from =
            |needed: usize, metric: f64| finite(Some(metric).filter(|_| pairs.len() >= needed));
        Self {
            n: pairs.len(),
            dropped: pairs.dropped,
            bias: from(1, moments.bias),
            rmse: from(1, moments.rmse()),
            ubrmse: from(2, moments.ubrmse()),
            mae: from(1, moments.mean_abs_difference),
            r: finite(correlates.then(|| moments.correlation())),
            spearman: ranks.as_ref().map(spearman_of_ranks),
            kendall: ranks.as_ref().map(kendall_of_ranks),
            nse: finite(reference_varies.then(|| moments.nse())),
            kge: finite(moments.kge().ok().filter(|_| correlates)),
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
    /// [`crate::bias_interval`].
    pub bias: Option<AnalyticInterval>,
    /// [`crate::ubrmse_interval`].
    pub ubrmse: Option<AnalyticInterval>,
    /// [`crate::pearson_interval`].
    pub r: Option<AnalyticInterval>,
    /// [`crate::spearman_interval`].
    pub spearman: Option<AnalyticInterval>,
    /// [`crate::kendall_interval`], with [`crate::KendallError::Fieller`].
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
        let sizes = samples.sizes();
        let scatters = samples.need_scatter().is_ok();
        let correlates = samples.need_correlation().is_ok();
        let usable = |interval: AnalyticInterval| interval.interval.is_finite().then_some(interval);
        let (r, rho, tau) = (skill.r, skill.spearman, skill.kendall);
        let of_correlation = |metric: Option<f64>, interval: &dyn Fn(f64) -> AnalyticInterval| {
            metric.filter(|_| correlates).map(interval).and_then(usable)
        };
        Self {
            confidence,
            bias: skill
                .bias
                .zip(skill.ubrmse)
                .filter(|_| scatters)
                .map(|(bias, ubrmse)| dependent::bias(bias, ubrmse, sizes, confidence))
                .and_then(usable),
            ubrmse: skill
                .ubrmse
                .filter(|_| scatters)
                .map(|ubrmse| dependent::ubrmse(ubrmse, sizes, confidence))
                .and_then(usable),
            r: of_correlation(r, &|r| dependent::pearson(r, sizes, confidence)),
            spearman: of_correlation(rho, &|rho| dependent::spearman(rho, sizes, confidence)),
            kendall: of_correlation(tau, &|tau| {
                dependent::kendall(tau, sizes, confidence, KendallError::Fieller)
            }),
        }
    }
}

/// The metric, if it has a value that means something.
fn finite(metric: Option<f64>) -> Option<f64> {
    metric.filter(|value| value.is_finite())
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
