//! Methods on the rows that all of them have: skill per station, its middle, and paired differences.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vadose_metrics::{
    CentreEstimate, Clusters, MetricError, Samples, Skill, SkillSummary, StationSkill, holm,
    paired_difference, wilcoxon_signed_rank,
};

use super::config::{ComparisonConfig, EvaluationConfig};
use super::samples::{Population, SampleSite, SampleTable};
use crate::StudyError;

/// The methods of one comparison at the stations of one population.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comparison {
    /// Its name.
    pub name: String,
    /// Whose rows.
    pub population: Population,
    /// Rows of the population.
    pub rows: usize,
    /// Rows that every method has, which are those that count.
    pub shared_rows: usize,
    /// Rows lost to each method.
    pub losses: Vec<Loss>,
    /// Stations with a shared row, but fewer than asked for; they do not count.
    pub stations_below_minimum: usize,
    /// Each method, in the order of the configuration.
    pub methods: Vec<MethodSkill>,
    /// Tests of one method against another.
    pub pairs: Vec<PairedTest>,
}

/// What the intersection of rows lost to one method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// The method.
    pub method: String,
    /// Rows at which it has no value.
    pub missing: usize,
    /// Rows at which it alone has none: what the comparison would gain without it.
    pub missing_here_only: usize,
}

/// The skill of one method.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MethodSkill {
    /// The method.
    pub method: String,
    /// The stations together, each of equal weight, with intervals from resampled blocks.
    pub summary: SkillSummary,
    /// Blocks that were resampled.
    pub blocks: usize,
    /// Each station, in order of name, with intervals by effective sample size.
    pub stations: Vec<StationSkill>,
}

/// A metric that methods are tested by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestedMetric {
    /// Correlation in time; more is better.
    R,
    /// Unbiased root-mean-square error; less is better, as of the others.
    Ubrmse,
    /// Root-mean-square error.
    Rmse,
    /// Absolute value of the bias.
    AbsoluteBias,
}

impl TestedMetric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::R, Self::Ubrmse, Self::Rmse, Self::AbsoluteBias];

    /// Its value at a station.
    #[must_use]
    pub fn of(self, skill: &Skill) -> Option<f64> {
        match self {
            Self::R => skill.r,
            Self::Ubrmse => skill.ubrmse,
            Self::Rmse => skill.rmse,
            Self::AbsoluteBias => skill.bias.map(f64::abs),
        }
    }
}

/// One method against another, by one metric.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PairedTest {
    /// The metric.
    pub metric: TestedMetric,
    /// The first method.
    pub challenger: String,
    /// The second.
    pub baseline: String,
    /// Middle of challenger minus baseline over the stations, with an interval from resampled blocks; `None`
    /// below two blocks.
    pub difference: Option<CentreEstimate>,
    /// Two-sided p-value of the bootstrap.
    pub p_value: Option<f64>,
    /// The same after Holm's correction over all pairs of this comparison, population and metric.
    pub p_holm: Option<f64>,
    /// Two-sided p-value of Wilcoxon's signed ranks of the blocks' mean differences; 1 where all differences
    /// are 0.
    pub wilcoxon: Option<f64>,
    /// The same after Holm's correction.
    pub wilcoxon_holm: Option<f64>,
}

/// The columns of one population's rows, and what goes with them.
pub(super) struct Part<'a> {
    table: &'a SampleTable,
    /// Positions in the table.
    pub(super) rows: Vec<usize>,
    /// Names of the rows' stations.
    pub(super) stations: Vec<&'a str>,
    hours: Vec<i64>,
    references: Vec<f64>,
    sites: BTreeMap<&'a str, &'a SampleSite>,
}

impl<'a> Part<'a> {
    pub(super) fn of(table: &'a SampleTable, population: Population) -> Self {
        let rows = table.rows_of(population);
        let site = |row: &usize| table.site_of(*row);
        Self {
            table,
            stations: rows.iter().map(|row| site(row).name.as_str()).collect(),
            hours: rows.iter().map(|row| table.rows()[*row].hour).collect(),
            references: rows
                .iter()
                .map(|row| table.rows()[*row].reference)
                .collect(),
            sites: rows
                .iter()
                .map(|row| (site(row).name.as_str(), site(row)))
                .collect(),
            rows,
        }
    }

    pub(super) fn column(&self, method: &str) -> Result<Vec<f64>, StudyError> {
        let column = self.table.estimates(method)?;
        Ok(self.rows.iter().map(|row| column[*row]).collect())
    }

    pub(super) fn columns(&self, methods: &[String]) -> Result<Vec<Vec<f64>>, StudyError> {
        methods.iter().map(|method| self.column(method)).collect()
    }

    pub(super) fn references(&self) -> &[f64] {
        &self.references
    }

    /// The rows that every column has.
    pub(super) fn shared(
        &'a self,
        columns: &[Vec<f64>],
        config: &EvaluationConfig,
    ) -> Result<Samples<'a>, StudyError> {
        let mut all: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        all.push(&self.references);
        Ok(Samples::new(&self.stations)
            .in_time(&self.hours, config.intervals)?
            .shared(&all)?)
    }

    /// The block of each station of a list of skills.
    pub(super) fn blocks(&self, skill: &[StationSkill], config: &EvaluationConfig) -> Vec<u64> {
        let of = |entry: &StationSkill| config.block_of(self.sites[entry.station.as_str()]);
        skill.iter().map(of).collect()
    }
}

/// Compares methods at the stations of one population.
///
/// # Errors
/// [`StudyError::UnknownMethod`]; [`StudyError::Metric`].
pub(super) fn compare(
    table: &SampleTable,
    comparison: &ComparisonConfig,
    population: Population,
    config: &EvaluationConfig,
    seed: u64,
) -> Result<Comparison, StudyError> {
    let part = Part::of(table, population);
    let columns = part.columns(&comparison.methods)?;
    let shared = part.shared(&columns, config)?;
    let counted = shared.with_at_least(comparison.min_rows.unwrap_or(config.min_rows));
    let bootstrap = config.bootstrap(seed, "skill of stations");
    let mut methods = Vec::with_capacity(columns.len());
    for (method, column) in comparison.methods.iter().zip(&columns) {
        let stations = counted.skill(column, part.references())?;
        let blocks = part.blocks(&stations, config);
        let mut distinct = blocks.clone();
        distinct.sort_unstable();
        distinct.dedup();
        methods.push(MethodSkill {
            method: method.clone(),
            summary: SkillSummary::resampled(&stations, Clusters::Labelled(&blocks), &bootstrap)?,
            blocks: distinct.len(),
            stations,
        });
    }
    let blocks = methods
        .first()
        .map_or(Vec::new(), |first| part.blocks(&first.stations, config));
    Ok(Comparison {
        name: comparison.name.clone(),
        population,
        rows: part.rows.len(),
        shared_rows: shared.len(),
        losses: losses(&comparison.methods, &columns),
        stations_below_minimum: shared.stations().count() - counted.stations().count(),
        pairs: paired_tests(&methods, &blocks, config, seed)?,
        methods,
    })
}

fn losses(methods: &[String], columns: &[Vec<f64>]) -> Vec<Loss> {
    let mut losses: Vec<Loss> = methods
        .iter()
        .map(|method| Loss {
            method: method.clone(),
            missing: 0,
            missing_here_only: 0,
        })
        .collect();
    for row in 0..columns.first().map_or(0, Vec::len) {
        let missing: Vec<usize> = (0..columns.len())
            .filter(|column| !columns[*column][row].is_finite())
            .collect();
        for method in &missing {
            losses[*method].missing += 1;
        }
        if let [only] = missing[..] {
            losses[only].missing_here_only += 1;
        }
    }
    losses
}

/// Each challenger and every other method; every pair without challengers.
fn challenged<'a>(
    methods: &'a [MethodSkill],
    challengers: &[String],
) -> Vec<(&'a MethodSkill, &'a MethodSkill)> {
    let is_challenger =
        |of: &MethodSkill| challengers.is_empty() || challengers.contains(&of.method);
    let mut pairs = Vec::new();
    for (i, first) in methods.iter().enumerate() {
        for second in &methods[i + 1..] {
            // A challenger comes first; of two, the one that the configuration lists first.
            if is_challenger(first) {
                pairs.push((first, second));
            } else if is_challenger(second) {
                pairs.push((second, first));
            }
        }
    }
    pairs
}

/// The planned pairs of which both methods are there.
fn planned_pairs<'a>(
    methods: &'a [MethodSkill],
    planned: &[[String; 2]],
) -> Vec<(&'a MethodSkill, &'a MethodSkill)> {
    let find = |name: &String| methods.iter().find(|of| of.method == *name);
    let both = planned
        .iter()
        .map(|[challenger, baseline]| find(challenger).zip(find(baseline)));
    both.flatten().collect()
}

/// Every pair that is to be tested, by every metric, corrected metric by metric.
fn paired_tests(
    methods: &[MethodSkill],
    blocks: &[u64],
    config: &EvaluationConfig,
    seed: u64,
) -> Result<Vec<PairedTest>, StudyError> {
    let pairs = match &config.pairs[..] {
        [] => challenged(methods, &config.challengers),
        planned => planned_pairs(methods, planned),
    };
    let mut tests = Vec::with_capacity(pairs.len() * TestedMetric::ALL.len());
    for metric in TestedMetric::ALL {
        let mut of_metric = pairs
            .iter()
            .map(|(challenger, baseline)| test(metric, challenger, baseline, blocks, config, seed))
            .collect::<Result<Vec<_>, _>>()?;
        correct(
            &mut of_metric,
            |test| test.p_value,
            |test, p| test.p_holm = Some(p),
        )?;
        correct(
            &mut of_metric,
            |test| test.wilcoxon,
            |test, p| test.wilcoxon_holm = Some(p),
        )?;
        tests.extend(of_metric);
    }
    Ok(tests)
}

fn test(
    metric: TestedMetric,
    challenger: &MethodSkill,
    baseline: &MethodSkill,
    blocks: &[u64],
    config: &EvaluationConfig,
    seed: u64,
) -> Result<PairedTest, StudyError> {
    let values = |method: &MethodSkill| -> Vec<f64> {
        let stations = method.stations.iter();
        stations
            .map(|entry| metric.of(&entry.skill).unwrap_or(f64::NAN))
            .collect()
    };
    let (ours, theirs) = (values(challenger), values(baseline));
    let bootstrap = config.bootstrap(seed, "paired differences");
    let clusters = Clusters::Labelled(blocks);
    let difference = match paired_difference(&ours, &theirs, clusters, config.centre, &bootstrap) {
        Ok(difference) => Some(difference),
        Err(MetricError::TooFewClusters { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(PairedTest {
        metric,
        challenger: challenger.method.clone(),
        baseline: baseline.method.clone(),
        difference: difference.map(|difference| difference.difference),
        p_value: difference.map(|difference| difference.p_value),
        p_holm: None,
        wilcoxon: signed_ranks(&ours, &theirs, blocks)?,
        wilcoxon_holm: None,
    })
}

/// Wilcoxon's test takes its differences as independent, so it gets one for each block.
fn signed_ranks(ours: &[f64], theirs: &[f64], blocks: &[u64]) -> Result<Option<f64>, StudyError> {
    let mut by_block: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
    for ((ours, theirs), block) in ours.iter().zip(theirs).zip(blocks) {
        let difference = ours - theirs;
        if difference.is_finite() {
            let (sum, n) = by_block.entry(*block).or_default();
            *sum += difference;
            *n += 1.0;
        }
    }
    let differences: Vec<f64> = by_block.values().map(|(sum, n)| sum / n).collect();
    match wilcoxon_signed_rank(&differences, &vec![0.0; differences.len()]) {
        Ok(test) => Ok(Some(test.p_value)),
        Err(MetricError::TooFewPairs { .. }) => Ok((!differences.is_empty()).then_some(1.0)),
        Err(error) => Err(error.into()),
    }
}

/// Holm's correction of those tests that have a p-value.
fn correct(
    tests: &mut [PairedTest],
    p_value: impl Fn(&PairedTest) -> Option<f64>,
    set: impl Fn(&mut PairedTest, f64),
) -> Result<(), StudyError> {
    let tested: Vec<usize> = (0..tests.len())
        .filter(|at| p_value(&tests[*at]).is_some())
        .collect();
    let p_values: Vec<f64> = tested
        .iter()
        .filter_map(|at| p_value(&tests[*at]))
        .collect();
    for (at, corrected) in tested.iter().zip(holm(&p_values)?) {
        set(&mut tests[*at], corrected);
    }
    Ok(())
}
