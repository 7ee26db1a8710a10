//! Skill by land cover, soil texture, vegetation, network, and whether the radar saw the cell.

use serde::{Deserialize, Serialize};
use vadose_metrics::{Clusters, Distribution, Samples, SkillSummary};

use super::comparison::Part;
use super::config::{ComparisonConfig, EvaluationConfig};
use super::samples::{Population, SampleRow, SampleSite, SampleTable};
use crate::StudyError;

/// What rows are parted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stratum {
    /// IGBP class of the cell.
    LandCover,
    /// Clay fraction of the cell: below 18 %, to 35 %, above. (The bounds of FAO's coarse, medium and fine
    /// texture; a cube holds no sand fraction, so classes are by clay alone.)
    Texture,
    /// Vegetation water content of the day, kg m-2: below 1, to 3, to 5, above. SMAP's accuracy is required up
    /// to 5.
    Vegetation,
    /// Network of the station.
    Network,
    /// Whether Sentinel-1 saw the cell that day.
    Observed,
}

/// One method in one part of the rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StratumSkill {
    /// Whose rows.
    pub population: Population,
    /// What they are parted by.
    pub stratum: Stratum,
    /// Which part.
    pub label: String,
    /// The method.
    pub method: String,
    /// Rows that count.
    pub rows: usize,
    /// Stations that count.
    pub stations: usize,
    /// Stations of which an interval rests on few effective samples.
    pub few_effective: usize,
    /// Whether there are fewer stations than asked for; then nothing has an interval, and a figure is an
    /// example and no estimate.
    pub too_few_stations: bool,
    /// Correlation over the stations.
    pub r: Distribution,
    /// Unbiased root-mean-square error.
    pub ubrmse: Distribution,
    /// Bias.
    pub bias: Distribution,
    /// Root-mean-square error.
    pub rmse: Distribution,
    /// Unbiased root-mean-square error of each station that has one, m3 m-3; what a box plot is made of.
    pub ubrmse_of_stations: Vec<f64>,
}

const UNKNOWN: &str = "unknown";

/// IGBP classes in SMAP's convention, water as 0.
const LAND_COVER: [&str; 17] = [
    "water",
    "evergreen needleleaf forest",
    "evergreen broadleaf forest",
    "deciduous needleleaf forest",
    "deciduous broadleaf forest",
    "mixed forest",
    "closed shrubland",
    "open shrubland",
    "woody savanna",
    "savanna",
    "grassland",
    "permanent wetland",
    "cropland",
    "urban",
    "cropland and natural mosaic",
    "snow and ice",
    "barren",
];

impl Stratum {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::LandCover,
        Self::Texture,
        Self::Vegetation,
        Self::Network,
        Self::Observed,
    ];

    /// The part that a row belongs to; `unknown` where the scene does not say.
    #[must_use]
    pub fn label<'a>(self, row: &SampleRow, site: &'a SampleSite) -> &'a str {
        match self {
            Self::LandCover => {
                let class = row.land_cover;
                let known = (class >= 0.0).then(|| LAND_COVER.get(class as usize));
                known.flatten().unwrap_or(&UNKNOWN)
            }
            Self::Texture => bin(
                row.clay_fraction,
                &[0.18, 0.35],
                &["clay below 18 %", "clay 18 to 35 %", "clay above 35 %"],
            ),
            Self::Vegetation => bin(
                row.vegetation_water_content,
                &[1.0, 3.0, 5.0],
                &[
                    "0 to 1 kg m-2",
                    "1 to 3 kg m-2",
                    "3 to 5 kg m-2",
                    "above 5 kg m-2",
                ],
            ),
            Self::Network if site.network.is_empty() => UNKNOWN,
            Self::Network => &site.network,
            Self::Observed => bin(row.observed, &[0.5], &["not observed", "observed"]),
        }
    }
}

/// The label of the bin that a value lies in; a value on an edge belongs to the bin above.
fn bin(value: f32, edges: &[f32], labels: &[&'static str]) -> &'static str {
    if value.is_nan() {
        return UNKNOWN;
    }
    labels[edges.partition_point(|edge| *edge <= value)]
}

/// The skill of each method in every part of the rows that they share.
pub(super) fn stratify(
    table: &SampleTable,
    comparison: &ComparisonConfig,
    population: Population,
    config: &EvaluationConfig,
    seed: u64,
) -> Result<Vec<StratumSkill>, StudyError> {
    let part = Part::of(table, population);
    let columns = part.columns(&comparison.methods)?;
    let shared = part.shared(&columns, config)?;
    let bootstrap = config.bootstrap(seed, "skill of strata");
    let mut skills = Vec::new();
    for stratum in Stratum::ALL {
        let rows = part.rows.iter();
        let labels: Vec<&str> = rows
            .map(|row| stratum.label(&table.rows()[*row], table.site_of(*row)))
            .collect();
        for (label, samples) in shared.strata(&labels)? {
            let samples: Samples<'_> = samples.with_at_least(config.min_rows);
            let n_stations = samples.stations().count();
            if n_stations == 0 {
                continue;
            }
            let too_few_stations = n_stations < config.min_stations;
            for (method, column) in comparison.methods.iter().zip(&columns) {
                let stations = samples.skill(column, part.references())?;
                let summary = if too_few_stations {
                    SkillSummary::of(&stations)
                } else {
                    let blocks = part.blocks(&stations, config);
                    SkillSummary::resampled(&stations, Clusters::Labelled(&blocks), &bootstrap)?
                };
                skills.push(StratumSkill {
                    population,
                    stratum,
                    label: label.to_owned(),
                    method: method.clone(),
                    rows: samples.len(),
                    stations: n_stations,
                    few_effective: summary.few_effective,
                    too_few_stations,
                    r: summary.r,
                    ubrmse: summary.ubrmse,
                    bias: summary.bias,
                    rmse: summary.rmse,
                    ubrmse_of_stations: stations
                        .iter()
                        .filter_map(|station| station.skill.ubrmse)
                        .collect(),
                });
            }
        }
    }
    Ok(skills)
}
