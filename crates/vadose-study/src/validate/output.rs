//! The files of a validation: two tables, the summary, the figure.

use std::fs;
use std::path::Path;

use serde::Serialize;
use vadose_metrics::{AnalyticInterval, SkillIntervals};
use vadose_viz::{Figure as _, ScatterPlot, ScatterSeries, SeriesRole, SkillNote};

use super::Validation;
use super::report::{StationResult, StationStatus};
use crate::StudyError;
use crate::files::{write_bytes, write_error, write_table};

/// One row of `samples.csv`.
#[derive(Serialize)]
struct SampleRow<'a> {
    station: &'a str,
    network: &'a str,
    lat: f64,
    lon: f64,
    row: Option<usize>,
    col: Option<usize>,
    time: String,
    estimate: f64,
    reference: f64,
    n_product_values: usize,
    n_probes: usize,
    granule: &'a str,
}

/// One row of `stations.csv`; empty where there is no figure.
#[derive(Serialize)]
struct StationRow<'a> {
    station: &'a str,
    network: &'a str,
    lat: f64,
    lon: f64,
    row: Option<usize>,
    col: Option<usize>,
    status: StationStatus,
    n: usize,
    n_eff: Option<f64>,
    few_effective: bool,
    bias: Option<f64>,
    bias_lower: Option<f64>,
    bias_upper: Option<f64>,
    rmse: Option<f64>,
    ubrmse: Option<f64>,
    ubrmse_lower: Option<f64>,
    ubrmse_upper: Option<f64>,
    r: Option<f64>,
    r_lower: Option<f64>,
    r_upper: Option<f64>,
    covered: usize,
    missing: usize,
    not_recommended: usize,
    without_time: usize,
    merged: usize,
    station_flagged: usize,
    station_silent: usize,
}

impl Validation {
    /// Writes `stations.csv`, `samples.csv`, `summary.json` and `scatter.png` into a folder, which is made if
    /// need be. Each file is whole or not there; files of these names are replaced.
    ///
    /// # Errors
    /// [`StudyError::Write`], [`StudyError::Io`], [`StudyError::Viz`].
    pub fn write(&self, folder: &Path) -> Result<(), StudyError> {
        fs::create_dir_all(folder).map_err(|source| write_error(folder, source))?;
        let stations = &self.summary.stations;
        write_table(
            &folder.join("stations.csv"),
            stations.iter().map(station_row),
        )?;
        let samples = self.samples.iter().map(|sample| {
            let station = &stations[sample.site];
            SampleRow {
                station: &station.station,
                network: &station.network,
                lat: station.lat,
                lon: station.lon,
                row: station.row,
                col: station.col,
                time: sample.time.to_string(),
                estimate: sample.estimate,
                reference: sample.reference,
                n_product_values: sample.n_values,
                n_probes: sample.n_probes,
                granule: &self.granules[sample.granule],
            }
        });
        write_table(&folder.join("samples.csv"), samples)?;
        let json = serde_json::to_vec_pretty(&self.summary)
            .map_err(|error| write_error(folder, error.into()))?;
        write_bytes(&folder.join("summary.json"), &json)?;
        Ok(self.figure().write(folder.join("scatter.png"))?)
    }

    /// Every pair of the scored stations, or of all stations where none is scored.
    fn figure(&self) -> ScatterPlot {
        let summary = &self.summary;
        let is_scored = |site: usize| summary.stations[site].status == StationStatus::Scored;
        let some_scored = (0..summary.stations.len()).any(is_scored);
        let drawn = || {
            let samples = self.samples.iter();
            samples.filter(|sample| !some_scored || is_scored(sample.site))
        };
        let skill = &summary.skill;
        let n_scored = skill.stations;
        ScatterPlot {
            title: format!("{} {} at stations", summary.product, summary.field),
            series: vec![ScatterSeries {
                label: String::new(),
                role: SeriesRole::Product,
                estimate: drawn().map(|sample| sample.estimate).collect(),
                reference: drawn().map(|sample| sample.reference).collect(),
                skill: Some(SkillNote {
                    n: drawn().count(),
                    bias: skill.bias.median,
                    ubrmse: skill.ubrmse.median,
                    r: skill.r.median,
                }),
            }],
            estimate_label: format!("{} (m³ m⁻³)", summary.product),
            footnote: format!(
                "Bias, ubRMSE and R: medians over {n_scored} stations, not of the pooled pairs."
            ),
            width_px: FIGURE_WIDTH_PX,
            ..ScatterPlot::default()
        }
    }
}

/// One square plot.
const FIGURE_WIDTH_PX: u32 = 1000;

fn station_row(station: &StationResult) -> StationRow<'_> {
    let skill = station.skill.as_ref();
    let ends = |of: fn(&SkillIntervals) -> Option<AnalyticInterval>| {
        let interval = station.intervals.as_ref().and_then(of);
        interval
            .map(|of| (of.interval.lower, of.interval.upper))
            .unzip()
    };
    let (bias_lower, bias_upper) = ends(|of| of.bias);
    let (ubrmse_lower, ubrmse_upper) = ends(|of| of.ubrmse);
    let (r_lower, r_upper) = ends(|of| of.r);
    let values = &station.values;
    StationRow {
        station: &station.station,
        network: &station.network,
        lat: station.lat,
        lon: station.lon,
        row: station.row,
        col: station.col,
        status: station.status,
        n: skill.map_or(0, |skill| skill.n),
        n_eff: station.n_eff,
        few_effective: station.few_effective,
        bias: skill.and_then(|skill| skill.bias),
        bias_lower,
        bias_upper,
        rmse: skill.and_then(|skill| skill.rmse),
        ubrmse: skill.and_then(|skill| skill.ubrmse),
        ubrmse_lower,
        ubrmse_upper,
        r: skill.and_then(|skill| skill.r),
        r_lower,
        r_upper,
        covered: values.covered,
        missing: values.missing,
        not_recommended: values.not_recommended,
        without_time: values.without_time,
        merged: values.merged,
        station_flagged: values.station_flagged,
        station_silent: values.station_silent,
    }
}
