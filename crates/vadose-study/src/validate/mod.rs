//! Validation of any SMAP soil moisture product against stations: `vadose validate`.
//!
//! Nothing is trained and nothing is interpolated. A station is compared with the product's own cell that it
//! stands in, found by EASE-Grid 2.0 indices; a value of the product with the station's value nearest to the
//! time of that cell (`tb_time_seconds` of half orbits and days, the overpass of a SPL2SMAP_S scene, the middle
//! of SPL4SMGP's three hours), or the means of both over a UTC day. The probes of a station are averaged;
//! several stations in one cell stay stations, each with its own skill. Skill belongs to a station first, with
//! intervals that know of autocorrelation; the summary over stations has intervals of its own.
//!
//! Limits: the polar group of SPL2SMP_E and SPL3SMP_E is not read; SPL2SMAP_S is read at 1 km. How far a point
//! speaks for a cell of 1 to 36 km is no part of the intervals.

mod granules;
mod output;
mod pairs;
mod product;
mod report;
mod sites;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use vadose_grid::{Cell, EaseGrid2};
use vadose_io::ismn::{FlagPolicy, SURFACE_LAYER_M, SkippedFile};
use vadose_io::{GranuleFile, Product, Provenance};
use vadose_metrics::{Bootstrap, Clusters, IntervalConfig, Samples, SkillSummary, StationSkill};

pub use pairs::Tally;
pub use report::{StationResult, StationStatus, ValidationCounts, ValidationSummary};

use crate::StudyError;
use granules::ProductGranules;
use pairs::{Pairs, Sample, SiteValues, pair};
use product::ProductField;
use report::smallest_n_eff;
use sites::{Site, Sources};

/// What is compared, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidateConfig {
    /// The product, where the granules are of several; by default the only one there is.
    pub product: Option<Product>,
    /// The field, by base name: `soil_moisture` by default, `sm_surface` of SPL4SMGP.
    pub field: Option<String>,
    /// Which values of the product are used.
    pub quality: QualityPolicy,
    /// Which value of a station belongs to a value of the product.
    pub matching: Matching,
    /// Which flags a station's value may carry. Frozen soil (`D01` to `D03`) is never good.
    pub flags: FlagPolicy,
    /// Lower end of the deepest layer that counts as surface, m: 0.055 by default, so that sensors at 2 inches
    /// (0.0508 m) belong to it.
    pub max_depth_m: f64,
    /// Stations with fewer samples are listed, and not in the summary.
    pub min_samples: usize,
    /// Seed of the resampling of stations.
    pub seed: u64,
}

/// Which values of the product are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityPolicy {
    /// Those of recommended quality: bit 0 of the field's quality word is clear. A model has no such word.
    #[default]
    Recommended,
    /// All within the valid range.
    All,
}

/// Which value of a station belongs to a value of the product.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// The nearest good one, at most so many hours away.
    Nearest {
        /// Hours, 0 to 24.
        window_hours: f64,
    },
    /// The mean of its good values over the UTC day, with the mean of the product's over the same day.
    DailyMean,
}

/// Correlations need this many samples for an interval, and ten leave some freedom.
const DEFAULT_MIN_SAMPLES: usize = 10;
/// Half of the three hours that SPL4SMGP averages over, and a quarter of the time between two passes.
const DEFAULT_WINDOW_HOURS: f64 = 1.5;
/// A window beyond a day would pair values of different days.
const WINDOW_HOURS_RANGE: [f64; 2] = [0.0, 24.0];
/// No probe of ISMN lies deeper than 10 m.
const MAX_DEPTH_RANGE_M: [f64; 2] = [0.0, 10.0];

impl Default for ValidateConfig {
    fn default() -> Self {
        Self {
            product: None,
            field: None,
            quality: QualityPolicy::default(),
            matching: Matching::Nearest {
                window_hours: DEFAULT_WINDOW_HOURS,
            },
            flags: FlagPolicy::default(),
            max_depth_m: SURFACE_LAYER_M[1],
            min_samples: DEFAULT_MIN_SAMPLES,
            seed: 1,
        }
    }
}

impl ValidateConfig {
    /// # Errors
    /// [`StudyError::ConfigOutOfRange`], and for a NaN too.
    fn check(&self) -> Result<(), StudyError> {
        let within = |name, value: f64, [low, high]: [f64; 2]| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(StudyError::ConfigOutOfRange {
                name,
                value,
                low,
                high,
            })
        };
        if let Matching::Nearest { window_hours } = self.matching {
            within("the window in hours", window_hours, WINDOW_HOURS_RANGE)?;
        }
        within(
            "the greatest depth in metres",
            self.max_depth_m,
            MAX_DEPTH_RANGE_M,
        )
    }
}

impl Matching {
    /// How far a station's value may lie from the product's.
    fn tolerance(self) -> SignedDuration {
        match self {
            Self::Nearest { window_hours } => {
                SignedDuration::try_from_secs_f64(window_hours * 3600.0)
                    .expect("the window was checked")
            }
            Self::DailyMean => SignedDuration::from_hours(24),
        }
    }
}

/// A validation: what it found, and every pair.
#[derive(Debug, Clone)]
pub struct Validation {
    /// What it found.
    pub summary: ValidationSummary,
    samples: Vec<Sample>,
    /// Names of the granules that samples point to.
    granules: Vec<String>,
}

/// Compares granules of one product with stations.
///
/// Granules are files, or folders in which granules are looked for by their names. Stations are archives of
/// ISMN (folder, zip, one `.stm` file) and tables (`.csv`, see [`vadose_io::read_station_csv`]; their values
/// count as good and as of the surface). Of a granule that is there in several versions the newest is read.
/// `progress` hears of each granule: how many are done, and of how many.
///
/// Granules are read one by one, and of the series only what belongs to the product's times stays, so that
/// memory does not grow with the archives.
///
/// # Missing values
/// A value of the product that is missing, out of its valid range, not recommended, or without a time makes no
/// sample; nor does a time without a good value of the station. All are counted, by station too. A damaged
/// granule or station file is skipped and listed with its reason.
/// # Errors
/// A path that is not there or no station archive; granules of several products, or of none; a field that the
/// product lacks; [`StudyError::NoGranuleReadable`]; [`StudyError::NoStations`]; [`StudyError::NoPairs`].
/// # References
/// Gruber et al. (2020), doi:10.1016/j.rse.2020.111806. Intervals: see [`vadose_metrics`].
pub fn validate(
    granules: &[PathBuf],
    stations: &[PathBuf],
    config: &ValidateConfig,
    mut progress: impl FnMut(usize, usize),
) -> Result<Validation, StudyError> {
    config.check()?;
    let mut list = ProductGranules::find(granules, config.product)?;
    let field = ProductField::new(list.product, config.field.as_deref(), config.quality)?;
    let mut sources = Sources::open(stations, config.max_depth_m)?;
    let sites = sources.sites(field.grid());
    if sites.is_empty() {
        return Err(StudyError::NoStations {
            max_depth_m: config.max_depth_m,
            too_deep: sources.n_too_deep,
            skipped: sources.skipped.len(),
        });
    }

    let mut sites_of_cell: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
    for (idx, site) in sites.iter().enumerate() {
        if let Some(cell) = site.cell {
            sites_of_cell.entry(cell).or_default().push(idx);
        }
    }
    let cells: BTreeSet<Cell> = sites_of_cell.keys().copied().collect();
    let mut values = vec![SiteValues::default(); sites.len()];
    let mut read = Vec::new();
    for (idx, file) in list.files.iter().enumerate() {
        match field.read(file, &cells) {
            Ok(seen) => {
                for (cell, seen) in seen {
                    for site in &sites_of_cell[&cell] {
                        values[*site].add(seen, idx);
                    }
                }
                read.push(file.path.clone());
            }
            Err(error) => list.skipped.push(SkippedFile::new(&file.path, &error)),
        }
        progress(idx + 1, list.files.len());
    }
    if let (true, Some(first)) = (read.is_empty(), list.skipped.first()) {
        return Err(StudyError::NoGranuleReadable {
            n: list.skipped.len(),
            path: PathBuf::from(&first.path),
            reason: first.reason.clone(),
        });
    }

    let mut pairs = pair(&sources, &sites, values, config.matching, config.flags);
    sources.skipped.append(&mut pairs.skipped);
    let skill = skill_of(&sites, &pairs)?;
    let stations = station_results(&sites, &pairs, skill, config.min_samples);
    let counts = counts_of(&list, &sources, &stations, &pairs, read.len());
    if pairs.samples.is_empty() {
        return Err(no_pairs(&counts, stations.len()));
    }

    let skipped_paths: BTreeSet<&str> = sources
        .skipped
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    let is_whole = |path: &&PathBuf| !skipped_paths.contains(path.display().to_string().as_str());
    let inputs: Vec<&PathBuf> = read
        .iter()
        .chain(sources.inputs.iter().filter(is_whole))
        .collect();
    let toml = toml::to_string(config).expect("a plain configuration serialises");
    let summary = ValidationSummary {
        method: method(config, &field),
        product: list.product,
        grid: field.grid().name().to_owned(),
        quality_flag: field
            .quality_flag()
            .filter(|_| config.quality == QualityPolicy::Recommended),
        field: field.field,
        skill: summarised(&sites, &stations, config.seed)?,
        counts,
        stations,
        skipped_granules: list.skipped,
        skipped_station_files: sources.skipped.clone(),
        superseded_granules: list
            .superseded
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
        provenance: Provenance::collect(&toml, Some(config.seed), &inputs)?,
    };
    let name = |file: &GranuleFile| {
        let name = file.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    Ok(Validation {
        summary,
        samples: pairs.samples,
        granules: list.files.iter().map(name).collect(),
    })
}

/// Skill of each station that has samples, by its place among the sites.
fn skill_of(sites: &[Site], pairs: &Pairs) -> Result<BTreeMap<usize, StationSkill>, StudyError> {
    // Places, not names, so that two stations that are written alike stay two.
    let labels: Vec<String> = pairs
        .samples
        .iter()
        .map(|sample| format!("{:0width$}", sample.site, width = digits(sites.len())))
        .collect();
    let hours: Vec<i64> = pairs
        .samples
        .iter()
        .map(|sample| sample.time.as_second().div_euclid(3600))
        .collect();
    let column = |of: fn(&Sample) -> f64| pairs.samples.iter().map(of).collect::<Vec<f64>>();
    let skill = Samples::new(&labels)
        .in_time(&hours, IntervalConfig::default())?
        .skill(
            &column(|sample| sample.estimate),
            &column(|sample| sample.reference),
        )?;
    let with_samples: BTreeSet<usize> = pairs.samples.iter().map(|sample| sample.site).collect();
    Ok(with_samples.into_iter().zip(skill).collect())
}

fn digits(n: usize) -> usize {
    n.to_string().len()
}

fn station_results(
    sites: &[Site],
    pairs: &Pairs,
    mut skill: BTreeMap<usize, StationSkill>,
    min_samples: usize,
) -> Vec<StationResult> {
    let result = |(idx, (site, tally)): (usize, (&Site, &Tally))| {
        let skill = skill.remove(&idx);
        let unusable = tally.missing + tally.not_recommended + tally.without_time;
        let status = match &skill {
            Some(found) if found.skill.n >= min_samples => StationStatus::Scored,
            Some(_) => StationStatus::TooFewSamples,
            None if site.cell.is_none() => StationStatus::OutsideGrid,
            None if tally.covered == 0 => StationStatus::NotCovered,
            None if tally.covered == unusable => StationStatus::NoProductValue,
            None => StationStatus::NoStationValue,
        };
        let intervals = skill.as_ref().and_then(|found| found.intervals);
        StationResult {
            station: site.station.clone(),
            network: site.network.clone(),
            lat: site.position.lat_deg,
            lon: site.position.lon_deg,
            row: site.cell.map(|cell| cell.row),
            col: site.cell.map(|cell| cell.col),
            status,
            n_eff: intervals.as_ref().and_then(smallest_n_eff),
            few_effective: intervals.is_some_and(|intervals| intervals.few_effective()),
            skill: skill.map(|found| found.skill),
            intervals,
            values: *tally,
        }
    };
    sites
        .iter()
        .zip(&pairs.tallies)
        .enumerate()
        .map(result)
        .collect()
}

/// Skill over the scored stations. Those of one 36 km cell are resampled together: they share weather, and a
/// pixel of the radiometer.
fn summarised(
    sites: &[Site],
    stations: &[StationResult],
    seed: u64,
) -> Result<SkillSummary, StudyError> {
    let (mut scored, mut blocks) = (Vec::new(), Vec::new());
    for (site, station) in sites.iter().zip(stations) {
        if let (StationStatus::Scored, Some(skill)) = (station.status, station.skill) {
            scored.push(StationSkill {
                station: station.id(),
                skill,
                intervals: station.intervals,
            });
            let grid = EaseGrid2::M36;
            let block = grid.locate(site.position).ok();
            blocks.push(block.map_or(u64::MAX, |cell| (cell.row * grid.cols() + cell.col) as u64));
        }
    }
    let bootstrap = Bootstrap::new(seed);
    Ok(SkillSummary::resampled(
        &scored,
        Clusters::Labelled(&blocks),
        &bootstrap,
    )?)
}

fn counts_of(
    list: &ProductGranules,
    sources: &Sources,
    stations: &[StationResult],
    pairs: &Pairs,
    n_read: usize,
) -> ValidationCounts {
    let mut by_status: BTreeMap<StationStatus, usize> = BTreeMap::new();
    for station in stations {
        *by_status.entry(station.status).or_default() += 1;
    }
    ValidationCounts {
        granules: n_read,
        granules_skipped: list.skipped.len(),
        granules_superseded: list.superseded.len(),
        granules_of_other_products: list.other_products.clone(),
        other_files: list.n_other_files,
        station_files_skipped: sources.skipped.len(),
        series_too_deep: sources.n_too_deep,
        station_lines_rejected: pairs.rejected_lines.clone(),
        stations: by_status,
        values: pairs.tallies.iter().copied().sum(),
    }
}

/// Says where the pairs were lost, and what may help.
fn no_pairs(counts: &ValidationCounts, n_stations: usize) -> StudyError {
    let statuses = counts.stations.iter();
    let mut found: Vec<String> = statuses
        .map(|(status, n)| format!("{n} {status}"))
        .collect();
    let values = &counts.values;
    if values.not_recommended > 0 {
        let n = values.not_recommended;
        found.push(format!("{n} product values are not of recommended quality"));
    }
    if values.station_flagged > 0 {
        let n = values.station_flagged;
        found.push(format!(
            "at {n} moments the station's values are flagged or unchecked"
        ));
    }
    StudyError::NoPairs {
        granules: counts.granules,
        stations: n_stations,
        flagged: values.station_flagged,
        found: found.join("; "),
    }
}

fn method(config: &ValidateConfig, field: &ProductField) -> Vec<String> {
    let matching = match config.matching {
        Matching::Nearest { window_hours } => format!(
            "Each value of the product is paired with the station's good value nearest in time, at most {window_hours} h away; values of the product less than an hour apart are averaged."
        ),
        Matching::DailyMean => {
            "Means over UTC days are paired, of the product's values and of the station's good values.".to_owned()
        }
    };
    vec![
        format!(
            "A station is compared with the cell of {} that it stands in; probes of one station down to {} m are averaged, stations of one cell are not.",
            field.grid().name(),
            config.max_depth_m
        ),
        matching,
        "Bias is product minus station. Intervals are at 95 % with effective sample sizes; n_eff is the smallest of them.".to_owned(),
        format!(
            "The summary is over stations with at least {} samples, each of equal weight; its intervals come from resampled stations, those of one 36 km cell together.",
            config.min_samples
        ),
    ]
}
