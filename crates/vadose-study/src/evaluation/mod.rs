//! Every method on the same samples: skill per station with intervals, tests of differences, strata, scale.
//!
//! ```text
//! scenes ──► SampleTable: a row for each station cell and day, and for withheld cells of the true field
//!               │  Baselines::fit on the training rows, add_to the table
//!               ▼
//!            Evaluation::of: comparisons on shared rows, strata, calibration   ──► write: CSV, JSON
//! scenes ──► ScaleReport::of: spectra, structure functions, R inside 9 km cells ──┘
//! ```
//! [`CubeEvaluation::run`] is all of it for a cube.
//!
//! Skill belongs to a station first, and the headline is the median over stations with an interval that resamples
//! blocks of them. What is compared is compared on the rows that all compared methods have, and what that lost
//! is reported per method. The true field, where a simulation holds it, is a population of its own: station values
//! carry an error of representativeness that truth does not.
//!
//! # Examples
//! ```
//! use ndarray::Array2;
//! use vadose_grid::{Cell, EaseGrid2, Window};
//! use vadose_scene::{
//!     ChannelSet, CoarseTarget, InMemoryScenes, Scene, Split, StationCell, StationSplit, station_sites,
//! };
//! use vadose_study::evaluation::{
//!     Evaluation, EvaluationConfig, Population, SampleConfig, SampleTable, standing_methods,
//! };
//!
//! // Twelve days of one 9 km cell and a station that is wetter by 0.01 m3 m-3.
//! let scenes: InMemoryScenes = (0..12_i64)
//!     .map(|day| {
//!         let z = 0.2 + 0.01 * (day % 5) as f32;
//!         let window = Window::new(EaseGrid2::M09, 100, 200, 1, 1)?;
//!         let station = StationCell {
//!             cell: Cell { row: 904, col: 1804 },
//!             value_m3m3: z + 0.01,
//!             weight: 1.0,
//!             stations: vec!["NET/A".to_owned()],
//!         };
//!         Ok(Scene::new("day", Window::new(EaseGrid2::M01, 900, 1800, 9, 9)?)
//!             .with_time(jiff::Timestamp::from_second(day * 86_400)?)
//!             .with_coarse_target(CoarseTarget { window, values: Array2::from_elem((1, 1), z) })?
//!             .with_stations(vec![station])?)
//!     })
//!     .collect::<Result<_, Box<dyn std::error::Error>>>()?;
//!
//! let split: StationSplit = [("NET/A".to_owned(), Split::Test)].into_iter().collect();
//! let config = SampleConfig {
//!     split: &split,
//!     sites: &station_sites(&scenes)?,
//!     channels: &ChannelSet::preset("paper")?,
//!     truth_cells_per_window: 0,
//!     seed: 1,
//! };
//! let table = SampleTable::collect(&scenes, &config, &standing_methods(), &mut |_, _| ())?;
//! let evaluation = Evaluation::of(&table, &EvaluationConfig::default(), 1)?;
//! let everywhere = &evaluation.comparisons[0];
//! assert_eq!(everywhere.population, Population::Test);
//! assert_eq!(everywhere.methods[0].method, "l4_nearest"); // the products are not in these scenes
//! let station = &everywhere.methods[0].stations[0];
//! assert!((station.skill.bias.unwrap() + 0.01).abs() < 1e-6);
//! assert!(station.skill.ubrmse.unwrap() < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod baselines;
mod collect;
mod comparison;
mod config;
mod conformal;
mod cube;
mod forest;
mod method;
mod output;
mod samples;
mod scale;
mod strata;
mod summary;

pub use baselines::{BaselineConfig, Baselines, ChosenParameters, StationClimatology, StationMean};
pub use collect::SampleConfig;
pub use comparison::{Comparison, Loss, MethodSkill, PairedTest, TestedMetric};
pub use config::{ComparisonConfig, EvaluationConfig, default_comparisons};
pub use conformal::{Calibration, ConformalConfig, Coverage, CoverageReference, coverage};
pub use cube::{CubeEvaluation, ModelGroup};
pub use forest::{Forest, ForestCandidate, ForestConfig};
pub use method::{CoarseMethod, Estimate, Method, ProductField, RetrieverMethod, standing_methods};
pub use samples::{Population, SampleCounts, SampleRow, SampleSite, SampleTable, TRUTH_FIELD};
pub use scale::{Band, Consistency, Mean, MethodScale, ScaleConfig, ScaleReport, StructurePoint};
pub use strata::{Stratum, StratumSkill};

use serde::{Deserialize, Serialize};

use crate::StudyError;

/// What an evaluation found; `evaluation.json` holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Evaluation {
    /// How figures were made, in sentences.
    pub method: Vec<String>,
    /// The configuration, the comparisons that were made written out.
    pub config: EvaluationConfig,
    /// What became of references on the way into the table.
    pub samples: SampleCounts,
    /// Methods without a single value, which are in no default comparison.
    pub methods_without_values: Vec<String>,
    /// What validation chose for the regressions.
    pub chosen: Option<ChosenParameters>,
    /// Every comparison, for each population.
    pub comparisons: Vec<Comparison>,
    /// The methods of the first comparison, by strata.
    pub strata: Vec<StratumSkill>,
    /// Calibrated intervals, and how often they hold, of the methods that have a spread.
    pub coverage: Vec<Coverage>,
    /// Rows of each population outside the range of the training rows, by channel.
    pub out_of_range: Vec<OutOfRangeCount>,
    /// Every method by scale, where whole maps were compared.
    pub scale: Option<ScaleReport>,
    /// The cells with references.
    pub sites: Vec<SampleSite>,
}

/// How figures are made; what every table's reader must know.
const METHOD: [&str; 6] = [
    "Errors are estimate minus reference, m3 m-3; variances divide by the number of pairs.",
    "Each comparison counts only the rows at which all its methods have a value; the rows lost to each method are listed.",
    "Skill is of one station first, over time; headlines are the mean and the median over stations, each of equal weight, with BCa bootstrap intervals that resample blocks of stations.",
    "Intervals of a station take the effective number of samples, from the autocorrelation on the real time axis; no pair of samples crosses from one season to another. Stations of fewer than 30 effective samples are flagged, and not left out.",
    "Paired differences are challenger minus baseline at the same stations; p-values are two-sided, corrected by Holm over all pairs of a comparison, population and metric.",
    "The population 'truth' is of cells of a simulated true field that hold no station; station values carry an error of representativeness, and the true field does not.",
];

impl Evaluation {
    /// Scores every method of a table.
    ///
    /// `seed` is the master seed of the resampling. A population without rows is left out.
    ///
    /// # Errors
    /// [`StudyError::UnknownMethod`] for a comparison or test that names a method the table lacks;
    /// [`StudyError::Metric`].
    pub fn of(
        table: &SampleTable,
        config: &EvaluationConfig,
        seed: u64,
    ) -> Result<Self, StudyError> {
        let mut config = config.clone();
        if config.comparisons.is_empty() {
            config.comparisons = default_comparisons(table);
        }
        for method in config.tested() {
            table.estimates(method)?;
        }
        config
            .populations
            .retain(|population| !table.rows_of(*population).is_empty());
        let (mut comparisons, mut strata) = (Vec::new(), Vec::new());
        for &population in &config.populations {
            for comparison in &config.comparisons {
                comparisons.push(comparison::compare(
                    table, comparison, population, &config, seed,
                )?);
            }
            if let Some(first) = config.comparisons.first() {
                strata.extend(strata::stratify(table, first, population, &config, seed)?);
            }
        }
        let is_empty = |method: &&str| {
            let estimates = table.estimates(method).unwrap_or_default();
            estimates.iter().all(|value| !value.is_finite())
        };
        let mut calibrated = Vec::new();
        for method in table.methods() {
            if table.spread(method)?.is_some() {
                calibrated.extend(coverage(table, method, &config, &config.conformal, seed)?);
            }
        }
        Ok(Self {
            method: METHOD.map(str::to_owned).to_vec(),
            samples: table.counts(),
            methods_without_values: table
                .methods()
                .filter(is_empty)
                .map(str::to_owned)
                .collect(),
            chosen: None,
            comparisons,
            strata,
            coverage: calibrated,
            out_of_range: out_of_range(table),
            scale: None,
            sites: table.sites().to_vec(),
            config,
        })
    }

    /// Records what validation chose for the regressions.
    #[must_use]
    pub fn with_chosen(mut self, chosen: ChosenParameters) -> Self {
        self.chosen = Some(chosen);
        self
    }

    /// Adds the comparison by scale.
    #[must_use]
    pub fn with_scale(mut self, scale: ScaleReport) -> Self {
        self.scale = Some(scale);
        self
    }
}

/// Rows whose input leaves the range of the training rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfRangeCount {
    /// Whose rows.
    pub population: Population,
    /// The channel.
    pub channel: String,
    /// Rows outside.
    pub outside: usize,
    /// Rows with a value.
    pub with_value: usize,
}

fn out_of_range(table: &SampleTable) -> Vec<OutOfRangeCount> {
    let range = table.input_range(&table.rows_of(Population::Train));
    let mut counts = Vec::new();
    for population in [Population::Validation, Population::Test, Population::Truth] {
        let rows = table.rows_of(population);
        for ((channel, range), name) in range
            .ranges()
            .iter()
            .enumerate()
            .zip(table.channels().names())
        {
            let values = rows.iter().map(|row| table.inputs()[[*row, channel]]);
            let values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
            let is_outside =
                |value: &&f32| range.is_some_and(|(low, high)| **value < low || **value > high);
            counts.push(OutOfRangeCount {
                population,
                channel: name.to_owned(),
                outside: values.iter().filter(is_outside).count(),
                with_value: values.len(),
            });
        }
    }
    counts
}

#[cfg(test)]
mod tests;
