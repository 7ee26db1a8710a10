//! The files of an evaluation.

use std::fs;
use std::path::Path;

use serde::Serialize;
use vadose_io::Provenance;
use vadose_metrics::{AnalyticInterval, Distribution, SkillIntervals, StationSkill};

use super::comparison::{Comparison, MethodSkill, PairedTest};
use super::strata::StratumSkill;
use super::{Evaluation, SampleSite, SampleTable};
use crate::StudyError;
use crate::files::{finish_table, write_bytes, write_error, write_table};

impl Evaluation {
    /// Writes `skill.csv`, `stations.csv`, `comparisons.csv`, `strata.csv`, `losses.csv` and `evaluation.json`
    /// into a folder, which is made if need be. Each file is whole or not there; files of these names are
    /// replaced.
    ///
    /// # Errors
    /// [`StudyError::Write`], [`StudyError::Io`].
    pub fn write(&self, folder: &Path, provenance: &Provenance) -> Result<(), StudyError> {
        /// `evaluation.json`.
        #[derive(Serialize)]
        struct Document<'a> {
            provenance: &'a Provenance,
            #[serde(flatten)]
            evaluation: &'a Evaluation,
        }
        fs::create_dir_all(folder).map_err(|source| write_error(folder, source))?;
        let per_method = || {
            let comparisons = self.comparisons.iter();
            comparisons.flat_map(|of| of.methods.iter().map(move |method| (of, method)))
        };
        write_table(
            &folder.join("skill.csv"),
            per_method().map(|(of, method)| skill_row(of, method)),
        )?;
        let stations = per_method().flat_map(|(of, method)| {
            let entries = method.stations.iter();
            entries.map(move |entry| self.station_row(of, method, entry))
        });
        write_table(&folder.join("stations.csv"), stations)?;
        let pairs = self
            .comparisons
            .iter()
            .flat_map(|of| of.pairs.iter().map(move |pair| pair_row(of, pair)));
        write_table(&folder.join("comparisons.csv"), pairs)?;
        write_table(
            &folder.join("strata.csv"),
            self.strata.iter().map(stratum_row),
        )?;
        let losses = self.comparisons.iter().flat_map(|of| {
            of.losses.iter().map(move |loss| LossRow {
                comparison: &of.name,
                population: of.population.name(),
                method: &loss.method,
                rows: of.rows,
                shared_rows: of.shared_rows,
                missing: loss.missing,
                missing_here_only: loss.missing_here_only,
            })
        });
        write_table(&folder.join("losses.csv"), losses)?;
        let document = Document {
            provenance,
            evaluation: self,
        };
        let json = serde_json::to_vec_pretty(&document)
            .map_err(|error| write_error(folder, error.into()))?;
        write_bytes(&folder.join("evaluation.json"), &json)
    }

    fn station_row<'a>(
        &'a self,
        of: &'a Comparison,
        method: &'a MethodSkill,
        entry: &'a StationSkill,
    ) -> StationRow<'a> {
        let site: Option<&SampleSite> = self
            .sites
            .iter()
            .find(|site| site.name == entry.station && site.population == of.population);
        let skill = &entry.skill;
        let ends = |of: fn(&SkillIntervals) -> Option<AnalyticInterval>| {
            let interval = entry.intervals.as_ref().and_then(of);
            interval
                .map(|of| (of.interval.lower, of.interval.upper))
                .unzip()
        };
        let (bias_lower, bias_upper) = ends(|of| of.bias);
        let (ubrmse_lower, ubrmse_upper) = ends(|of| of.ubrmse);
        let (r_lower, r_upper) = ends(|of| of.r);
        StationRow {
            comparison: &of.name,
            population: of.population.name(),
            method: &method.method,
            station: &entry.station,
            network: site.map_or("", |site| &site.network),
            lat: site.map(|site| site.location.lat_deg),
            lon: site.map(|site| site.location.lon_deg),
            row: site.map(|site| site.cell.row),
            col: site.map(|site| site.cell.col),
            n: skill.n,
            n_eff_r: entry.intervals.and_then(|of| of.r).map(|of| of.n_eff),
            n_eff_ubrmse: entry.intervals.and_then(|of| of.ubrmse).map(|of| of.n_eff),
            few_effective: entry.intervals.is_some_and(|of| of.few_effective()),
            r: skill.r,
            r_lower,
            r_upper,
            ubrmse: skill.ubrmse,
            ubrmse_lower,
            ubrmse_upper,
            bias: skill.bias,
            bias_lower,
            bias_upper,
            rmse: skill.rmse,
        }
    }
}

impl SampleTable {
    /// Writes the table as CSV: one row a sample, one column a method, so that every figure can be computed
    /// again from it.
    ///
    /// # Errors
    /// [`StudyError::Write`], [`StudyError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), StudyError> {
        let methods: Vec<&str> = self.methods().collect();
        let columns = methods
            .iter()
            .map(|method| self.estimates(method))
            .collect::<Result<Vec<_>, _>>()?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        let fail = |error: csv::Error| write_error(path, error.into());
        let fixed = [
            "population",
            "station",
            "network",
            "row",
            "col",
            "time",
            "observed",
            "reference",
        ];
        writer
            .write_record(fixed.iter().chain(&methods))
            .map_err(fail)?;
        let number = |value: f64| {
            let known = value.is_finite();
            known.then(|| value.to_string()).unwrap_or_default()
        };
        for (at, row) in self.rows().iter().enumerate() {
            let site = &self.sites()[row.site];
            let time = jiff::Timestamp::from_second(row.hour.saturating_mul(3600));
            let mut record = vec![
                site.population.name().to_owned(),
                site.name.clone(),
                site.network.clone(),
                site.cell.row.to_string(),
                site.cell.col.to_string(),
                time.map_or(String::new(), |time| time.to_string()),
                number(f64::from(row.observed)),
                number(row.reference),
            ];
            record.extend(columns.iter().map(|column| number(column[at])));
            writer.write_record(&record).map_err(fail)?;
        }
        finish_table(path, writer)
    }
}

/// One row of `skill.csv`: a method at the stations of a population.
#[derive(Serialize)]
struct SkillRow<'a> {
    comparison: &'a str,
    population: &'a str,
    method: &'a str,
    stations: usize,
    blocks: usize,
    few_effective: usize,
    rows: usize,
    r_median: Option<f64>,
    r_median_lower: Option<f64>,
    r_median_upper: Option<f64>,
    r_mean: Option<f64>,
    r_mean_lower: Option<f64>,
    r_mean_upper: Option<f64>,
    r_q25: Option<f64>,
    r_q75: Option<f64>,
    ubrmse_median: Option<f64>,
    ubrmse_median_lower: Option<f64>,
    ubrmse_median_upper: Option<f64>,
    ubrmse_mean: Option<f64>,
    ubrmse_mean_lower: Option<f64>,
    ubrmse_mean_upper: Option<f64>,
    ubrmse_q25: Option<f64>,
    ubrmse_q75: Option<f64>,
    bias_median: Option<f64>,
    bias_median_lower: Option<f64>,
    bias_median_upper: Option<f64>,
    bias_mean: Option<f64>,
    bias_mean_lower: Option<f64>,
    bias_mean_upper: Option<f64>,
    rmse_median: Option<f64>,
    rmse_median_lower: Option<f64>,
    rmse_median_upper: Option<f64>,
    rmse_mean: Option<f64>,
    rmse_mean_lower: Option<f64>,
    rmse_mean_upper: Option<f64>,
}

/// One row of `stations.csv`.
#[derive(Serialize)]
struct StationRow<'a> {
    comparison: &'a str,
    population: &'a str,
    method: &'a str,
    station: &'a str,
    network: &'a str,
    lat: Option<f64>,
    lon: Option<f64>,
    row: Option<usize>,
    col: Option<usize>,
    n: usize,
    n_eff_r: Option<f64>,
    n_eff_ubrmse: Option<f64>,
    few_effective: bool,
    r: Option<f64>,
    r_lower: Option<f64>,
    r_upper: Option<f64>,
    ubrmse: Option<f64>,
    ubrmse_lower: Option<f64>,
    ubrmse_upper: Option<f64>,
    bias: Option<f64>,
    bias_lower: Option<f64>,
    bias_upper: Option<f64>,
    rmse: Option<f64>,
}

/// One row of `comparisons.csv`.
#[derive(Serialize)]
struct PairRow<'a> {
    comparison: &'a str,
    population: &'a str,
    metric: super::TestedMetric,
    challenger: &'a str,
    baseline: &'a str,
    stations: Option<usize>,
    blocks: Option<usize>,
    difference: Option<f64>,
    difference_lower: Option<f64>,
    difference_upper: Option<f64>,
    p_value: Option<f64>,
    p_holm: Option<f64>,
    wilcoxon: Option<f64>,
    wilcoxon_holm: Option<f64>,
}

/// One row of `strata.csv`.
#[derive(Serialize)]
struct StratumRow<'a> {
    population: &'a str,
    stratum: super::Stratum,
    label: &'a str,
    method: &'a str,
    stations: usize,
    rows: usize,
    few_effective: usize,
    too_few_stations: bool,
    r_median: Option<f64>,
    r_median_lower: Option<f64>,
    r_median_upper: Option<f64>,
    ubrmse_median: Option<f64>,
    ubrmse_median_lower: Option<f64>,
    ubrmse_median_upper: Option<f64>,
    bias_median: Option<f64>,
    bias_median_lower: Option<f64>,
    bias_median_upper: Option<f64>,
    rmse_median: Option<f64>,
    rmse_median_lower: Option<f64>,
    rmse_median_upper: Option<f64>,
}

/// One row of `losses.csv`.
#[derive(Serialize)]
struct LossRow<'a> {
    comparison: &'a str,
    population: &'a str,
    method: &'a str,
    rows: usize,
    shared_rows: usize,
    missing: usize,
    missing_here_only: usize,
}

/// Middle, lower and upper end.
type Three = [Option<f64>; 3];

fn median(of: &Distribution) -> Three {
    let interval = of.median_interval;
    [
        of.median,
        interval.map(|i| i.lower),
        interval.map(|i| i.upper),
    ]
}

fn mean(of: &Distribution) -> Three {
    let interval = of.mean_interval;
    [
        of.mean,
        interval.map(|i| i.lower),
        interval.map(|i| i.upper),
    ]
}

fn skill_row<'a>(of: &'a Comparison, skill: &'a MethodSkill) -> SkillRow<'a> {
    let summary = &skill.summary;
    let [r_median, r_median_lower, r_median_upper] = median(&summary.r);
    let [r_mean, r_mean_lower, r_mean_upper] = mean(&summary.r);
    let [ubrmse_median, ubrmse_median_lower, ubrmse_median_upper] = median(&summary.ubrmse);
    let [ubrmse_mean, ubrmse_mean_lower, ubrmse_mean_upper] = mean(&summary.ubrmse);
    let [bias_median, bias_median_lower, bias_median_upper] = median(&summary.bias);
    let [bias_mean, bias_mean_lower, bias_mean_upper] = mean(&summary.bias);
    let [rmse_median, rmse_median_lower, rmse_median_upper] = median(&summary.rmse);
    let [rmse_mean, rmse_mean_lower, rmse_mean_upper] = mean(&summary.rmse);
    SkillRow {
        comparison: &of.name,
        population: of.population.name(),
        method: &skill.method,
        stations: summary.stations,
        blocks: skill.blocks,
        few_effective: summary.few_effective,
        rows: summary.n,
        r_median,
        r_median_lower,
        r_median_upper,
        r_mean,
        r_mean_lower,
        r_mean_upper,
        r_q25: summary.r.q25,
        r_q75: summary.r.q75,
        ubrmse_median,
        ubrmse_median_lower,
        ubrmse_median_upper,
        ubrmse_mean,
        ubrmse_mean_lower,
        ubrmse_mean_upper,
        ubrmse_q25: summary.ubrmse.q25,
        ubrmse_q75: summary.ubrmse.q75,
        bias_median,
        bias_median_lower,
        bias_median_upper,
        bias_mean,
        bias_mean_lower,
        bias_mean_upper,
        rmse_median,
        rmse_median_lower,
        rmse_median_upper,
        rmse_mean,
        rmse_mean_lower,
        rmse_mean_upper,
    }
}

fn pair_row<'a>(of: &'a Comparison, pair: &'a PairedTest) -> PairRow<'a> {
    let difference = pair.difference;
    PairRow {
        comparison: &of.name,
        population: of.population.name(),
        metric: pair.metric,
        challenger: &pair.challenger,
        baseline: &pair.baseline,
        stations: difference.map(|of| of.stations),
        blocks: difference.map(|of| of.clusters),
        difference: difference.map(|of| of.value),
        difference_lower: difference.map(|of| of.interval.lower),
        difference_upper: difference.map(|of| of.interval.upper),
        p_value: pair.p_value,
        p_holm: pair.p_holm,
        wilcoxon: pair.wilcoxon,
        wilcoxon_holm: pair.wilcoxon_holm,
    }
}

fn stratum_row(of: &StratumSkill) -> StratumRow<'_> {
    let [r_median, r_median_lower, r_median_upper] = median(&of.r);
    let [ubrmse_median, ubrmse_median_lower, ubrmse_median_upper] = median(&of.ubrmse);
    let [bias_median, bias_median_lower, bias_median_upper] = median(&of.bias);
    let [rmse_median, rmse_median_lower, rmse_median_upper] = median(&of.rmse);
    StratumRow {
        population: of.population.name(),
        stratum: of.stratum,
        label: &of.label,
        method: &of.method,
        stations: of.stations,
        rows: of.rows,
        few_effective: of.few_effective,
        too_few_stations: of.too_few_stations,
        r_median,
        r_median_lower,
        r_median_upper,
        ubrmse_median,
        ubrmse_median_lower,
        ubrmse_median_upper,
        bias_median,
        bias_median_lower,
        bias_median_upper,
        rmse_median,
        rmse_median_lower,
        rmse_median_upper,
    }
}
