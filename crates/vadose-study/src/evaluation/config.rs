//! What is evaluated, and how.

use serde::{Deserialize, Serialize};
use vadose_metrics::{Bootstrap, Centre, IntervalConfig};
use vadose_scene::seed;

use super::conformal::ConformalConfig;
use super::method::ProductField;
use super::samples::{Population, SampleSite, SampleTable};

/// How an evaluation is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationConfig {
    /// Whose rows are scored: the test stations, and cells of the true field where there are any.
    pub populations: Vec<Population>,
    /// Methods that are compared with each other on the rows that all of them have. Empty for
    /// [`default_comparisons`].
    pub comparisons: Vec<ComparisonConfig>,
    /// Methods that are each tested against every other of a comparison. Empty to test every pair, which costs
    /// power: the correction is for all tests of a comparison.
    pub challengers: Vec<String>,
    /// The pairs that are tested, challenger first, where they were planned: `challengers` then says nothing.
    /// A comparison tests those of which it has both methods.
    pub pairs: Vec<[String; 2]>,
    /// Fewest rows of a station, 10 by default: below, its correlation means nothing. (A short *effective*
    /// length is no reason to leave a station out; such stations are flagged.)
    pub min_rows: usize,
    /// Fewest stations of a stratum that is to have an interval: 5 by default.
    pub min_stations: usize,
    /// Intervals of single stations.
    pub intervals: IntervalConfig,
    /// Middle of the stations in paired differences; the median by default.
    pub centre: Centre,
    /// Edge of the blocks of stations that are resampled together, in cells of the scenes' grid: 36 by default,
    /// the footprint of the radiometer; 1 resamples cells.
    pub station_block_cells: usize,
    /// The same for cells of the true field.
    pub truth_block_cells: usize,
    /// Resamples of headline intervals and paired differences.
    pub resamples: usize,
    /// Calibration of the methods that have a spread.
    pub conformal: ConformalConfig,
}

/// The footprint of SMAP's radiometer in cells of M01: M36.
const FOOTPRINT_CELLS: usize = 36;

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self {
            populations: vec![Population::Test, Population::Truth],
            comparisons: Vec::new(),
            challengers: Vec::new(),
            pairs: Vec::new(),
            min_rows: 10,
            min_stations: 5,
            intervals: IntervalConfig::default(),
            centre: Centre::Median,
            station_block_cells: FOOTPRINT_CELLS,
            truth_block_cells: FOOTPRINT_CELLS,
            resamples: 1000,
            conformal: ConformalConfig::default(),
        }
    }
}

/// Methods that are judged on the same rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonConfig {
    /// Its name in tables.
    pub name: String,
    /// The methods, in the order of the tables.
    pub methods: Vec<String>,
    /// Fewest rows of a station, where they are not those of all comparisons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_rows: Option<usize>,
}

impl EvaluationConfig {
    /// The methods that its tests name.
    pub(super) fn tested(&self) -> impl Iterator<Item = &String> {
        self.challengers.iter().chain(self.pairs.iter().flatten())
    }

    /// The bootstrap of one purpose.
    pub(super) fn bootstrap(&self, master_seed: u64, purpose: &str) -> Bootstrap {
        Bootstrap {
            resamples: self.resamples,
            confidence: self.intervals.confidence,
            ..Bootstrap::new(seed::derive(master_seed, purpose))
        }
    }

    /// The block of a site, as a label of a cluster.
    pub(super) fn block_of(&self, site: &SampleSite) -> u64 {
        let cells = match site.population {
            Population::Truth => self.truth_block_cells,
            _ => self.station_block_cells,
        }
        .max(1);
        let (row, col) = (site.cell.row / cells, site.cell.col / cells);
        ((row as u64) << 32) | col as u64
    }
}

/// Fewest rows of a station where a product with gaps takes part. Three say little of one station, least of all its
/// correlation; but ten are more than a month or two of Sentinel-1 gives, and medians over stations tell.
const MIN_ROWS_WITH_GAPS: usize = 3;

/// The three comparisons that suit the products of a cube: `everywhere`, of all methods that have a value
/// wherever there is brightness temperature; `with_spl2smap_s`, where Sentinel-1 saw the cell; and
/// `recommended`, where the products are of recommended quality as well. The last two take stations of three rows.
///
/// A comparison shrinks to the rows that its poorest method has, so the products with gaps stay out of the
/// first. Methods without a single value are in none.
#[must_use]
pub fn default_comparisons(table: &SampleTable) -> Vec<ComparisonConfig> {
    let has_values = |method: &&str| {
        let estimates = table.estimates(method).unwrap_or_default();
        estimates.iter().any(|value| value.is_finite())
    };
    let methods: Vec<&str> = table.methods().filter(has_values).collect();
    let radar = [ProductField::SPL2SMAP_S.label()];
    let recommended = [
        ProductField::SPL2SMAP_S_RECOMMENDED.label(),
        ProductField::SPL2SMP_E_RECOMMENDED.label(),
    ];
    let gappy = |method: &str| radar.contains(&method) || recommended.contains(&method);
    let all = |keep: &dyn Fn(&str) -> bool| -> Vec<String> {
        let kept = methods.iter().filter(|method| keep(method));
        kept.map(|method| (*method).to_owned()).collect()
    };
    let mut comparisons = vec![("everywhere", all(&|method| !gappy(method)), None)];
    if radar.iter().any(|name| methods.contains(name)) {
        let of = all(&|method| !recommended.contains(&method));
        comparisons.push(("with_spl2smap_s", of, Some(MIN_ROWS_WITH_GAPS)));
    }
    if recommended.iter().any(|name| methods.contains(name)) {
        comparisons.push(("recommended", all(&|_| true), Some(MIN_ROWS_WITH_GAPS)));
    }
    comparisons
        .into_iter()
        .filter(|(_, methods, _)| !methods.is_empty())
        .map(|(name, methods, min_rows)| ComparisonConfig {
            name: name.to_owned(),
            methods,
            min_rows,
        })
        .collect()
}
