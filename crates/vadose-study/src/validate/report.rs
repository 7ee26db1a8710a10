//! What a validation found: the table of stations, the counts, the skill over stations.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use vadose_io::ismn::{RejectReason, SkippedFile};
use vadose_io::{Product, Provenance};
use vadose_metrics::{
    AnalyticInterval, Distribution, Interval, Skill, SkillIntervals, SkillSummary,
};

use super::pairs::Tally;

/// What `vadose validate` reports; `summary.json` holds it.
#[derive(Debug, Clone, Serialize)]
pub struct ValidationSummary {
    /// How pairs and figures were made, in sentences.
    pub method: Vec<String>,
    /// The product.
    pub product: Product,
    /// Its field.
    pub field: String,
    /// Grid of its cells.
    pub grid: String,
    /// The word whose bit 0 says which values are used; `None` where all are.
    pub quality_flag: Option<String>,
    /// Files and values by what became of them.
    pub counts: ValidationCounts,
    /// Skill over the scored stations, each of equal weight.
    pub skill: SkillSummary,
    /// Every station.
    pub stations: Vec<StationResult>,
    /// Granules left out, and why.
    pub skipped_granules: Vec<SkippedFile>,
    /// Station files and rows left out, and why.
    pub skipped_station_files: Vec<SkippedFile>,
    /// Granules left out because a newer version of them is there.
    pub superseded_granules: Vec<String>,
    /// Where it came from.
    pub provenance: Provenance,
}

/// Files, stations and values by what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValidationCounts {
    /// Granules that were read.
    pub granules: usize,
    /// Granules that could not be read.
    pub granules_skipped: usize,
    /// Granules of which there is a newer version.
    pub granules_superseded: usize,
    /// Granules of other products, which were not read.
    pub granules_of_other_products: BTreeMap<String, usize>,
    /// Files beside the granules that are none.
    pub other_files: usize,
    /// Station files and rows that could not be read.
    pub station_files_skipped: usize,
    /// Soil moisture series left out because the sensor lies too deep.
    pub series_too_deep: usize,
    /// Lines of station files left out, by reason.
    pub station_lines_rejected: BTreeMap<RejectReason, u64>,
    /// Stations by what became of them.
    pub stations: BTreeMap<StationStatus, usize>,
    /// Values of the product at stations, by what became of them.
    #[serde(flatten)]
    pub values: Tally,
}

/// What became of a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StationStatus {
    /// It is in the summary.
    Scored,
    /// It has samples, but fewer than asked for: it is in the table, and not in the summary.
    TooFewSamples,
    /// The product has values there, and the station none at these times.
    NoStationValue,
    /// The product covers it, without one value that may be used.
    NoProductValue,
    /// No granule covers it.
    NotCovered,
    /// It stands beyond the product's grid.
    OutsideGrid,
}

/// One row of the table of stations.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StationResult {
    /// The station.
    pub station: String,
    /// Its network; empty where a table names none.
    pub network: String,
    /// Latitude, degrees north.
    pub lat: f64,
    /// Longitude, degrees east.
    pub lon: f64,
    /// Row of its cell on the product's grid.
    pub row: Option<usize>,
    /// Column of its cell.
    pub col: Option<usize>,
    /// What became of it.
    pub status: StationStatus,
    /// The smallest of the effective numbers of samples that its intervals rest on.
    pub n_eff: Option<f64>,
    /// Whether an interval rests on too few effective samples and is too short.
    pub few_effective: bool,
    /// Skill of its samples, if it has one.
    pub skill: Option<Skill>,
    /// Intervals of the skill.
    pub intervals: Option<SkillIntervals>,
    /// The product's values there, by what became of them.
    pub values: Tally,
}

impl StationResult {
    /// `network/station`, or the station alone.
    #[must_use]
    pub fn id(&self) -> String {
        match self.network.as_str() {
            "" => self.station.clone(),
            network => format!("{network}/{}", self.station),
        }
    }
}

/// The smallest effective number of samples of a station's intervals.
pub(super) fn smallest_n_eff(intervals: &SkillIntervals) -> Option<f64> {
    [intervals.bias, intervals.ubrmse, intervals.r]
        .into_iter()
        .flatten()
        .map(|interval| interval.n_eff)
        .min_by(f64::total_cmp)
}

impl fmt::Display for StationStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scored => "scored",
            Self::TooFewSamples => "too few samples for the summary",
            Self::NoStationValue => "no station value at these times",
            Self::NoProductValue => "no usable product value",
            Self::NotCovered => "in no granule",
            Self::OutsideGrid => "beyond the grid",
        })
    }
}

/// A table for people: a line a station with samples, then the skill over stations, then what was left out.
impl fmt::Display for ValidationSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(
            f,
            "{} {} ({}): {} granules, {} stations, {} samples",
            self.product,
            self.field,
            self.grid,
            counts.granules,
            self.stations.len(),
            counts.values.samples
        )?;
        let with_skill = || self.stations.iter().filter(|row| row.skill.is_some());
        let width = with_skill().map(|row| row.id().chars().count());
        let width = width.max().unwrap_or(0).max("station".len());
        writeln!(
            f,
            "{:<width$}  {:>4} {:>5}  {:>6} {:<16}  {:>5}  {:>6} {:<14}  {:>5} {:<13}",
            "station", "n", "n_eff", "bias", "", "RMSE", "ubRMSE", "", "R", ""
        )?;
        for row in with_skill() {
            write_station(f, row, width)?;
        }
        if with_skill().any(|row| row.few_effective) {
            writeln!(
                f,
                "* fewer than 30 effective samples: its intervals are too short"
            )?;
        }
        let scored = counts.stations.get(&StationStatus::Scored).unwrap_or(&0);
        writeln!(
            f,
            "\nover {scored} stations   median  95 % interval    quartiles        mean"
        )?;
        for (name, distribution) in [
            ("bias", &self.skill.bias),
            ("RMSE", &self.skill.rmse),
            ("ubRMSE", &self.skill.ubrmse),
            ("R", &self.skill.r),
        ] {
            write_distribution(f, name, distribution)?;
        }
        writeln!(f)?;
        for (status, n) in &counts.stations {
            writeln!(f, "{n:>6} stations: {status}")?;
        }
        let values = &counts.values;
        for (n, what) in [
            (values.missing, "product values missing or out of range"),
            (
                values.not_recommended,
                "product values not of recommended quality",
            ),
            (values.without_time, "product values without a time"),
            (
                values.merged,
                "product values averaged into another of the same moment",
            ),
            (
                values.station_flagged,
                "moments with flagged station values only",
            ),
            (values.station_silent, "moments without a station value"),
            (counts.series_too_deep, "station series of deeper sensors"),
            (
                counts.granules_superseded,
                "granules of which a newer version is there",
            ),
            (counts.granules_skipped, "granules that cannot be read"),
            (
                counts.station_files_skipped,
                "station files or rows that cannot be used",
            ),
        ] {
            if n > 0 {
                writeln!(f, "{n:>6} {what}")?;
            }
        }
        for (product, n) in &counts.granules_of_other_products {
            writeln!(f, "{n:>6} granules of {product}, not read")?;
        }
        Ok(())
    }
}

fn write_station(f: &mut fmt::Formatter<'_>, row: &StationResult, width: usize) -> fmt::Result {
    let Some(skill) = &row.skill else {
        return Ok(());
    };
    let interval = |of: fn(&SkillIntervals) -> Option<AnalyticInterval>| {
        row.intervals.as_ref().and_then(of).map(|of| of.interval)
    };
    let n_eff = row.n_eff.map_or("–".to_owned(), |n| format!("{n:.0}"));
    let mark = if row.few_effective { "*" } else { "" };
    writeln!(
        f,
        "{:<width$}  {:>4} {:>5}  {} {:<16}  {}  {:>6} {:<14}  {:>5} {:<13}",
        row.id(),
        skill.n,
        format!("{n_eff}{mark}"),
        figure(skill.bias, 3),
        range(interval(|of| of.bias), 3),
        figure(skill.rmse, 3),
        figure(skill.ubrmse, 3),
        range(interval(|of| of.ubrmse), 3),
        figure(skill.r, 2),
        range(interval(|of| of.r), 2),
    )
}

fn write_distribution(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    distribution: &Distribution,
) -> fmt::Result {
    let quartiles = distribution
        .q25
        .zip(distribution.q75)
        .map(|(lower, upper)| Interval { lower, upper });
    writeln!(
        f,
        "  {name:<14} {:>10}  {:<16} {:<15} {:>6}",
        figure(distribution.median, 3),
        range(distribution.median_interval, 3),
        range(quartiles, 3),
        figure(distribution.mean, 3),
    )
}

fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:>6.decimals$}"))
}

fn range(interval: Option<Interval>, decimals: usize) -> String {
    interval.map_or(String::new(), |Interval { lower, upper }| {
        format!("[{lower:.decimals$}, {upper:.decimals$}]")
    })
}
