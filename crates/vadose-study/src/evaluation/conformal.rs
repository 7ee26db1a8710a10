//! Intervals from the spread of an ensemble or of a network, calibrated on values that did not train, and how
//! often they hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vadose_metrics::{Centre, CentreEstimate, Clusters, Confidence, MetricError, centre_interval};
use vadose_scene::seed;

use super::config::EvaluationConfig;
use super::samples::{Population, SampleTable};
use crate::StudyError;

/// How intervals are calibrated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConformalConfig {
    /// Shares of the values that the intervals are to hold.
    pub levels: Vec<Confidence>,
    /// Added to the spread in squares, m3 m-3, so that members that happen to agree do not claim certainty, and for
    /// what no spread knows, as how well a station stands for its cell. By default the one that makes the
    /// intervals of training stations the narrowest ([`Calibration::narrowest_floor`]).
    pub floor_m3m3: Option<f64>,
}

impl Default for ConformalConfig {
    fn default() -> Self {
        let level = |share| Confidence::new(share).expect("a share between 0 and 1");
        Self {
            levels: [0.5, 0.8, 0.9, 0.95].map(level).to_vec(),
            floor_m3m3: None,
        }
    }
}

/// Turns a spread into half the width of an interval: `factor * sqrt(spread² + floor²)`.
///
/// Written into a model's record, it is all that a map needs for its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Share of the values that the interval is to hold.
    pub level: Confidence,
    /// What the spread is multiplied by.
    pub factor: f64,
    /// Added to the spread in squares, m3 m-3.
    pub floor_m3m3: f64,
    /// Stations or blocks it was calibrated on.
    pub groups: usize,
    /// Values of them.
    pub samples: usize,
}

/// A group's values: estimate, spread, reference.
type Sample = (f64, f64, f64);

/// Floors to choose from, m3 m-3: from one that no spread notices to one that makes all intervals as wide.
const FLOORS_M3M3: [f64; 9] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];

/// Rounding of a sum of weights that is 1 in the end.
const WEIGHT_ROUNDING: f64 = 1e-12;

impl Calibration {
    /// Calibrates on groups of values: the series of each station, or the cells of each block.
    ///
    /// The score of a value is `|estimate - reference| / sqrt(spread² + floor²)`. Values of a group depend on
    /// each other, and what an interval must hold next is a value of another group. So it is groups that are
    /// exchangeable: each of `K` has the weight `1 / (K + 1)`, shared by its values, and the factor is the score
    /// at which the weights reach the level. An interval then holds a value drawn from a new group with at least
    /// that probability, whatever the distribution and however the values of a group depend on each other. With
    /// one value a group it is the plain split conformal interval.
    ///
    /// # Missing values
    /// A value counts only if all three are finite.
    /// # Errors
    /// [`StudyError::TooFewToCalibrate`] where the level is beyond `K / (K + 1)`: 90 % need nine groups.
    /// # References
    /// Lei et al. (2018), doi:10.1080/01621459.2017.1307116; for groups Lee, Barber and Willett (2023),
    /// arXiv:2306.06342.
    /// # Examples
    /// ```
    /// use vadose_metrics::Confidence;
    /// use vadose_study::evaluation::Calibration;
    ///
    /// // Nine stations of one value each, with errors 1 to 9 times the spread.
    /// let groups = (1..10).map(|k| vec![(0.2 + 0.01 * f64::from(k), 0.01, 0.2)]);
    /// let calibration = Calibration::fit(groups, Confidence::P90, 0.0)?;
    /// assert!((calibration.factor - 9.0).abs() < 1e-9);
    /// assert!((calibration.half_width(0.02) - 0.18).abs() < 1e-9);
    /// # Ok::<(), vadose_study::StudyError>(())
    /// ```
    pub fn fit(
        groups: impl IntoIterator<Item = Vec<Sample>>,
        level: Confidence,
        floor_m3m3: f64,
    ) -> Result<Self, StudyError> {
        let scores: Vec<Vec<f64>> = groups
            .into_iter()
            .map(|group| {
                let scores = group.iter().map(|(estimate, spread, reference)| {
                    (estimate - reference).abs() / spread.hypot(floor_m3m3)
                });
                scores
                    .filter(|score| score.is_finite())
                    .collect::<Vec<f64>>()
            })
            .filter(|scores| !scores.is_empty())
            .collect();
        let n_groups = scores.len();
        let share = level.level();
        let needed = (share / (1.0 - share) - WEIGHT_ROUNDING).ceil() as usize;
        let mut weighted: Vec<(f64, f64)> = Vec::new();
        for group in &scores {
            let weight = 1.0 / ((n_groups + 1) * group.len()) as f64;
            weighted.extend(group.iter().map(|score| (*score, weight)));
        }
        weighted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut reached = 0.0;
        let quantile = weighted.iter().find(|(_, weight)| {
            reached += weight;
            reached + WEIGHT_ROUNDING >= share
        });
        let Some((factor, _)) = quantile else {
            return Err(StudyError::TooFewToCalibrate {
                groups: n_groups,
                level: share,
                needed,
            });
        };
        Ok(Self {
            level,
            factor: *factor,
            floor_m3m3,
            groups: n_groups,
            samples: weighted.len(),
        })
    }

    /// The floor that makes the intervals of these groups the narrowest, by their mean over values.
    ///
    /// Choose it on groups that do not calibrate, such as the stations of the training, whose errors are too small
    /// but vary with the spread as others do: then what [`Calibration::fit`] promises holds as it stands.
    ///
    /// # Missing values
    /// As [`Calibration::fit`].
    /// # Errors
    /// As [`Calibration::fit`].
    /// # Examples
    /// ```
    /// use vadose_metrics::Confidence;
    /// use vadose_study::evaluation::Calibration;
    ///
    /// // Errors of 0.03 m3 m-3, whatever the spread: it is best drowned.
    /// let groups: Vec<_> = (1..20).map(|k| vec![(0.23, 0.001 * f64::from(k), 0.2)]).collect();
    /// assert_eq!(Calibration::narrowest_floor(&groups, Confidence::P90)?, 1.0);
    /// // Errors that are the spread: any floor would widen the small ones.
    /// let spread = |k: i32| 0.01 * f64::from(k);
    /// let groups: Vec<_> = (1..20).map(|k| vec![(0.2 + spread(k), spread(k), 0.2)]).collect();
    /// assert_eq!(Calibration::narrowest_floor(&groups, Confidence::P90)?, 0.002);
    /// # Ok::<(), vadose_study::StudyError>(())
    /// ```
    pub fn narrowest_floor(groups: &[Vec<Sample>], level: Confidence) -> Result<f64, StudyError> {
        let mut narrowest = (f64::INFINITY, FLOORS_M3M3[0]);
        for floor_m3m3 in FLOORS_M3M3 {
            let calibration = Self::fit(groups.iter().cloned(), level, floor_m3m3)?;
            let widths = groups.iter().flatten();
            let widths = widths.map(|(_, spread, _)| calibration.half_width(*spread));
            let total = widths.filter(|width| width.is_finite()).sum();
            if total < narrowest.0 {
                narrowest = (total, floor_m3m3);
            }
        }
        Ok(narrowest.1)
    }

    /// Half the width of the interval of a value with this spread, m3 m-3; NaN for NaN.
    #[must_use]
    pub fn half_width(&self, spread: f64) -> f64 {
        self.factor * spread.hypot(self.floor_m3m3)
    }

    /// Whether the interval of a value holds its reference; `None` if one of them is missing.
    fn holds(&self, (estimate, spread, reference): Sample) -> Option<bool> {
        let (error, half_width) = ((estimate - reference).abs(), self.half_width(spread));
        (error.is_finite() && half_width.is_finite()).then_some(error <= half_width)
    }
}

/// A method's intervals at one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The method.
    pub method: String,
    /// Whose values the interval was calibrated on, and whose it was held against.
    pub reference: CoverageReference,
    /// The calibration, on all that calibrates.
    pub calibration: Calibration,
    /// Share of the values that lie in their intervals: of each station first, then the mean over stations, with
    /// an interval that resamples blocks; `None` below two blocks.
    pub coverage: Option<CentreEstimate>,
    /// Values that were held against.
    pub samples: usize,
    /// Mean width of the intervals, m3 m-3.
    pub mean_width: f64,
    /// Width of an interval that is the same everywhere, calibrated alike: what knowing the spread must beat.
    pub constant_width: f64,
}

/// What intervals are calibrated on and held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageReference {
    /// Calibrated on validation stations, held against test stations. Station values carry an error of
    /// representativeness, which these intervals include. They come out somewhat short where the method itself
    /// was chosen on the validation stations.
    Stations,
    /// Calibrated on one half of the blocks of the true field, held against the other, and the other way round.
    Truth,
    /// Calibrated on validation stations, held against the true field: too wide by what a station does not
    /// represent.
    StationsAgainstTruth,
}

impl CoverageReference {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Stations, Self::Truth, Self::StationsAgainstTruth];
}

/// A value with its site's block and its site.
struct Placed {
    block: u64,
    site: usize,
    sample: Sample,
}

/// Groups that calibrate, and values that the intervals are held against.
type Fold<'a> = (Vec<Vec<Sample>>, Vec<&'a Placed>);

/// Calibrates the spread of a method, and measures how often its intervals hold, at every level.
///
/// A level for which there are too few groups, or too few to choose a floor, is left out.
///
/// # Errors
/// [`StudyError::UnknownMethod`]; [`StudyError::NoSpread`]; [`StudyError::Metric`].
pub fn coverage(
    table: &SampleTable,
    method: &str,
    config: &EvaluationConfig,
    conformal: &ConformalConfig,
    master_seed: u64,
) -> Result<Vec<Coverage>, StudyError> {
    let estimates = table.estimates(method)?;
    let spread = table.spread(method)?.ok_or_else(|| StudyError::NoSpread {
        name: method.to_owned(),
    })?;
    let of = |population| -> Vec<Placed> {
        let rows = table.rows_of(population).into_iter();
        rows.map(|row| {
            let site = table.rows()[row].site;
            Placed {
                block: config.block_of(&table.sites()[site]),
                site,
                sample: (estimates[row], spread[row], table.rows()[row].reference),
            }
        })
        .collect()
    };
    let [train, validation, test, truth] = [
        Population::Train,
        Population::Validation,
        Population::Test,
        Population::Truth,
    ]
    .map(of);
    let half = calibration_blocks(&truth, master_seed);
    let (one_half, other_half): (Vec<&Placed>, Vec<&Placed>) = truth
        .iter()
        .partition(|placed| half.contains(&placed.block));
    let by_site = |placed: &Placed| placed.site as u64;
    let by_block = |placed: &Placed| placed.block;
    let train = grouped(&train, by_site);
    let calibrate = |groups: &[Vec<Sample>], level| {
        let floor = conformal
            .floor_m3m3
            .map_or_else(|| Calibration::narrowest_floor(&train, level), Ok)?;
        Calibration::fit(groups.iter().cloned(), level, floor)
    };
    let mut found = Vec::new();
    for reference in CoverageReference::ALL {
        let folds: Vec<Fold> = match reference {
            CoverageReference::Stations => {
                vec![(grouped(&validation, by_site), Vec::from_iter(&test))]
            }
            CoverageReference::Truth => [(&one_half, &other_half), (&other_half, &one_half)]
                .map(|(on, against)| (grouped(on.iter().copied(), by_block), against.clone()))
                .to_vec(),
            CoverageReference::StationsAgainstTruth => {
                vec![(grouped(&validation, by_site), Vec::from_iter(&truth))]
            }
        };
        if folds.iter().any(|(_, against)| against.is_empty()) {
            continue;
        }
        for &level in &conformal.levels {
            let of_folds: Result<Vec<_>, _> = folds
                .iter()
                .map(|(on, against)| {
                    let calibration = calibrate(on, level)?;
                    let constant = constant_width(on, &calibration)?;
                    Ok((calibration, constant, against.as_slice()))
                })
                .collect();
            let of_folds = match of_folds {
                Ok(of_folds) => of_folds,
                Err(StudyError::TooFewToCalibrate { .. }) => continue,
                Err(error) => return Err(error),
            };
            let all: Vec<_> = folds.iter().flat_map(|(on, _)| on.clone()).collect();
            let calibration = calibrate(&all, level)?;
            found.push(measure(
                method,
                reference,
                calibration,
                &of_folds,
                config,
                master_seed,
            )?);
        }
    }
    Ok(found)
}

/// Width of an interval that is the same everywhere, calibrated on the values that `calibration` counts.
fn constant_width(groups: &[Vec<Sample>], calibration: &Calibration) -> Result<f64, StudyError> {
    // A spread of 0 and a floor of 1 leave the errors as they are.
    let errors = groups.iter().map(|group| {
        let counted = group
            .iter()
            .filter(|sample| calibration.holds(**sample).is_some());
        counted
            .map(|(estimate, _, reference)| (*estimate, 0.0, *reference))
            .collect()
    });
    let constant = Calibration::fit(errors, calibration.level, 1.0)?;
    Ok(constant.half_width(0.0) * 2.0)
}

/// Values by group, in the order of the groups' keys.
fn grouped<'a>(
    placed: impl IntoIterator<Item = &'a Placed>,
    key: impl Fn(&Placed) -> u64,
) -> Vec<Vec<Sample>> {
    let mut groups: BTreeMap<u64, Vec<Sample>> = BTreeMap::new();
    for placed in placed {
        groups.entry(key(placed)).or_default().push(placed.sample);
    }
    groups.into_values().collect()
}

/// A random half of the blocks.
fn calibration_blocks(placed: &[Placed], master_seed: u64) -> Vec<u64> {
    let mut blocks: Vec<u64> = placed.iter().map(|placed| placed.block).collect();
    blocks.sort_unstable();
    blocks.dedup();
    let mut rng = seed::rng(master_seed, "truth blocks for calibration");
    seed::shuffle(&mut rng, &mut blocks);
    blocks.truncate(blocks.len() / 2);
    blocks
}

fn measure(
    method: &str,
    reference: CoverageReference,
    calibration: Calibration,
    folds: &[(Calibration, f64, &[&Placed])],
    config: &EvaluationConfig,
    master_seed: u64,
) -> Result<Coverage, StudyError> {
    /// Of one site: its block, values held, values.
    type Held = (u64, f64, f64);
    let mut by_site: BTreeMap<usize, Held> = BTreeMap::new();
    let (mut widths, mut constant_widths, mut samples) = (0.0, 0.0, 0);
    for (of_fold, constant, against) in folds {
        for placed in *against {
            let Some(holds) = of_fold.holds(placed.sample) else {
                continue;
            };
            let (_, held, n) = by_site
                .entry(placed.site)
                .or_insert((placed.block, 0.0, 0.0));
            *held += f64::from(u8::from(holds));
            *n += 1.0;
            widths += 2.0 * of_fold.half_width(placed.sample.1);
            constant_widths += constant;
            samples += 1;
        }
    }
    let shares: Vec<f64> = by_site.values().map(|(_, held, n)| held / n).collect();
    let blocks: Vec<u64> = by_site.values().map(|(block, ..)| *block).collect();
    let bootstrap = config.bootstrap(master_seed, "coverage");
    let coverage = centre_interval(
        &shares,
        Clusters::Labelled(&blocks),
        Centre::Mean,
        &bootstrap,
    );
    Ok(Coverage {
        method: method.to_owned(),
        reference,
        calibration,
        coverage: match coverage {
            Ok(coverage) => Some(coverage),
            Err(MetricError::TooFewClusters { .. }) => None,
            Err(error) => return Err(error.into()),
        },
        samples,
        mean_width: widths / samples as f64,
        constant_width: constant_widths / samples as f64,
    })
}

#[cfg(test)]
mod tests {
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    /// Groups of values whose error is `spread` times a normal draw that half of a group shares.
    fn groups(n: usize, of: usize, purpose: &str) -> Vec<Vec<Sample>> {
        let mut rng = seed::rng(11, purpose);
        let mut draw = || -> f64 { StandardNormal.sample(&mut rng) };
        let mut group = |k: usize| {
            let shared = draw();
            let spread = 0.01 + 0.01 * (k % 5) as f64;
            let value = |draw: f64| (0.2 + spread * (shared + draw), spread, 0.2);
            (0..of).map(|_| value(draw())).collect()
        };
        (0..n).map(&mut group).collect()
    }

    fn share_held(calibration: &Calibration, groups: &[Vec<Sample>]) -> f64 {
        let values = groups.iter().flatten();
        let held = values
            .clone()
            .filter(|value| calibration.holds(**value) == Some(true));
        held.count() as f64 / values.count() as f64
    }

    #[test]
    fn new_values_lie_in_their_intervals_as_often_as_promised() {
        // One value a group. Given the calibration, coverage is Beta(k, n + 1 - k) with k = ceil(0.9 (n + 1)):
        // of n = 2,000 its deviation is 0.0067, and that of a share of 20,000 is 0.0021. Four of both together.
        let calibration = Calibration::fit(groups(2000, 1, "one"), Confidence::P90, 0.0).unwrap();
        let held = share_held(&calibration, &groups(20_000, 1, "new"));
        assert!(
            (held - 0.9).abs() < 4.0 * 0.0067_f64.hypot(0.0021),
            "{held}"
        );
        // Errors are the sum of two normal draws of the spread.
        assert!((calibration.factor / (1.6449 * 2.0_f64.sqrt()) - 1.0).abs() < 0.06);
    }

    #[test]
    fn groups_that_err_together_count_once() {
        // 200 groups of 50: the coverage of new groups has the uncertainty of 200 things and not of 10,000.
        let calibration = Calibration::fit(groups(200, 50, "many"), Confidence::P90, 0.0).unwrap();
        assert_eq!((calibration.groups, calibration.samples), (200, 10_000));
        let held = share_held(&calibration, &groups(2000, 50, "new groups"));
        assert!((0.87..0.93).contains(&held), "{held}");
    }

    #[test]
    fn a_group_weighs_the_same_however_many_values_it_has() {
        let small = |k: usize| vec![(0.1 * k as f64, 1.0, 0.0)];
        let mut groups: Vec<Vec<Sample>> = (1..=9).map(small).collect();
        let alone = Calibration::fit(groups.clone(), Confidence::P80, 0.0).unwrap();
        groups[0] = groups[0].repeat(1000);
        let repeated = Calibration::fit(groups, Confidence::P80, 0.0).unwrap();
        assert_eq!(alone.factor, repeated.factor);
        assert!((alone.factor - 0.8).abs() < 1e-12); // the eighth of nine: 8 / 10
    }

    #[test]
    fn too_few_groups_promise_nothing() {
        let fit = |n, level| Calibration::fit(groups(n, 3, "few"), level, 0.0);
        assert!(fit(9, Confidence::P90).is_ok());
        assert!(matches!(
            fit(8, Confidence::P90),
            Err(StudyError::TooFewToCalibrate {
                groups: 8,
                needed: 9,
                ..
            })
        ));
        assert!(matches!(
            fit(9, Confidence::P95),
            Err(StudyError::TooFewToCalibrate { needed: 19, .. })
        ));
    }

    #[test]
    fn missing_values_do_not_count_and_the_floor_does() {
        let mut groups: Vec<Vec<Sample>> = (0..20).map(|_| vec![(0.23, 0.0, 0.2)]).collect();
        groups.push(vec![(f64::NAN, 0.0, 0.2), (0.2, f64::NAN, 0.2)]);
        let calibration = Calibration::fit(groups, Confidence::P90, 0.01).unwrap();
        assert_eq!((calibration.groups, calibration.samples), (20, 20));
        assert!((calibration.half_width(0.0) - 0.03).abs() < 1e-12);
        assert_eq!(calibration.holds((0.2, 0.0, f64::NAN)), None);
    }
}
