//! The files of an evaluation.

mod record;

use std::fs;
use std::path::Path;

use serde::Serialize;
use vadose_io::Provenance;
use vadose_metrics::StationSkill;

use self::record::Record;
use super::comparison::{Comparison, Loss, MethodSkill, PairedTest};
use super::conformal::Coverage;
use super::scale::{Band, Mean, MethodScale, StructurePoint};
use super::strata::StratumSkill;
use super::{Evaluation, SampleTable};
use crate::StudyError;
use crate::files::{finish_table, write_bytes, write_error};

impl Evaluation {
    /// Writes `skill.csv`, `stations.csv`, `comparisons.csv`, `losses.csv`, `strata.csv`, `coverage.csv` and
    /// `evaluation.json` into a folder, which is made if need be; and `scale.csv`, `spectra.csv` and
    /// `structure.csv` where scales were compared. Each file is whole or not there; files of these names are
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
        let comparisons = || self.comparisons.iter();
        let methods =
            || comparisons().flat_map(|of| of.methods.iter().map(move |method| (of, method)));
        let tables: [(&str, Vec<Record>); 6] = [
            (
                "skill.csv",
                methods().map(|(of, method)| skill(of, method)).collect(),
            ),
            (
                "stations.csv",
                methods()
                    .flat_map(|(of, method)| method.stations.iter().map(move |at| (of, method, at)))
                    .map(|(of, method, at)| self.station(of, method, at))
                    .collect(),
            ),
            (
                "comparisons.csv",
                comparisons()
                    .flat_map(|of| of.pairs.iter().map(move |test| pair(of, test)))
                    .collect(),
            ),
            (
                "losses.csv",
                comparisons()
                    .flat_map(|of| of.losses.iter().map(move |lost| loss(of, lost)))
                    .collect(),
            ),
            ("strata.csv", self.strata.iter().map(stratum).collect()),
            ("coverage.csv", self.coverage.iter().map(coverage).collect()),
        ];
        for (name, records) in tables {
            write_records(&folder.join(name), records)?;
        }
        if let Some(report) = &self.scale {
            let methods = || report.methods.iter();
            let bands = methods().flat_map(|of| of.bands.iter().map(move |at| band(of, at)));
            let points = methods().flat_map(|of| of.structure.iter().map(move |at| point(of, at)));
            write_records(&folder.join("scale.csv"), methods().map(scale))?;
            write_records(&folder.join("spectra.csv"), bands)?;
            write_records(&folder.join("structure.csv"), points)?;
        }
        let document = Document {
            provenance,
            evaluation: self,
        };
        let json = serde_json::to_vec_pretty(&document)
            .map_err(|error| write_error(folder, error.into()))?;
        write_bytes(&folder.join("evaluation.json"), &json)
    }

    fn station(&self, of: &Comparison, method: &MethodSkill, at: &StationSkill) -> Record {
        let is =
            |site: &&super::SampleSite| site.name == at.station && site.population == of.population;
        let site = self.sites.iter().find(is);
        let intervals = at.intervals;
        heading(of)
            .word("method", &method.method)
            .word("station", &at.station)
            .word("network", site.map(|site| &site.network))
            .number("lat", site.map(|site| site.location.lat_deg))
            .number("lon", site.map(|site| site.location.lon_deg))
            .word("row", site.map(|site| site.cell.row))
            .word("col", site.map(|site| site.cell.col))
            .word("n", at.skill.n)
            .number("n_eff_r", intervals.and_then(|i| i.r).map(|r| r.n_eff))
            .number(
                "n_eff_ubrmse",
                intervals.and_then(|i| i.ubrmse).map(|u| u.n_eff),
            )
            .number(
                "n_eff_bias",
                intervals.and_then(|i| i.bias).map(|b| b.n_eff),
            )
            .word(
                "few_effective",
                intervals.is_some_and(|i| i.few_effective()),
            )
            .metric("r", at.skill.r, intervals.and_then(|i| i.r))
            .metric("ubrmse", at.skill.ubrmse, intervals.and_then(|i| i.ubrmse))
            .metric("bias", at.skill.bias, intervals.and_then(|i| i.bias))
            .number("rmse", at.skill.rmse)
    }
}

impl SampleTable {
    /// Writes the table as CSV: one row a sample, one column a method, so that every figure can be computed
    /// again from it.
    ///
    /// # Errors
    /// [`StudyError::Write`], [`StudyError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), StudyError> {
        let records = self.rows().iter().enumerate().map(|(at, row)| {
            let site = &self.sites()[row.site];
            let time = jiff::Timestamp::from_second(row.hour.saturating_mul(3600));
            let fixed = Record::default()
                .word("population", site.population)
                .word("station", &site.name)
                .word("network", &site.network)
                .word("row", site.cell.row)
                .word("col", site.cell.col)
                .word("time", time.ok())
                .number("observed", f64::from(row.observed))
                .number("reference", row.reference);
            self.columns.iter().fold(fixed, |record, column| {
                let record = record.number(&column.method, column.values[at]);
                match &column.spread {
                    Some(spread) => record.number(&format!("{}_spread", column.method), spread[at]),
                    None => record,
                }
            })
        });
        write_records(path, records)
    }
}

fn heading(of: &Comparison) -> Record {
    Record::default()
        .word("comparison", &of.name)
        .word("population", of.population)
}

fn skill(of: &Comparison, method: &MethodSkill) -> Record {
    let summary = &method.summary;
    heading(of)
        .word("method", &method.method)
        .word("stations", summary.stations)
        .word("blocks", method.blocks)
        .word("few_effective", summary.few_effective)
        .word("rows", summary.n)
        .distribution("r", &summary.r)
        .distribution("ubrmse", &summary.ubrmse)
        .distribution("bias", &summary.bias)
        .distribution("rmse", &summary.rmse)
}

fn pair(of: &Comparison, test: &PairedTest) -> Record {
    heading(of)
        .word("metric", test.metric)
        .word("challenger", &test.challenger)
        .word("baseline", &test.baseline)
        .word("stations", test.difference.map(|of| of.stations))
        .word("blocks", test.difference.map(|of| of.clusters))
        .centre("difference", test.difference)
        .number("p_value", test.p_value)
        .number("p_holm", test.p_holm)
        .number("wilcoxon", test.wilcoxon)
        .number("wilcoxon_holm", test.wilcoxon_holm)
}

fn loss(of: &Comparison, lost: &Loss) -> Record {
    heading(of)
        .word("method", &lost.method)
        .word("rows", of.rows)
        .word("shared_rows", of.shared_rows)
        .word("missing", lost.missing)
        .word("missing_here_only", lost.missing_here_only)
}

fn stratum(of: &StratumSkill) -> Record {
    Record::default()
        .word("population", of.population)
        .word("stratum", of.stratum)
        .word("label", &of.label)
        .word("method", &of.method)
        .word("stations", of.stations)
        .word("rows", of.rows)
        .word("few_effective", of.few_effective)
        .word("too_few_stations", of.too_few_stations)
        .median("r", &of.r)
        .median("ubrmse", &of.ubrmse)
        .median("bias", &of.bias)
        .median("rmse", &of.rmse)
}

fn coverage(of: &Coverage) -> Record {
    let calibration = &of.calibration;
    Record::default()
        .word("method", &of.method)
        .word("reference", of.reference)
        .number("level", calibration.level.level())
        .number("factor", calibration.factor)
        .number("floor_m3m3", calibration.floor_m3m3)
        .word("calibration_groups", calibration.groups)
        .word("calibration_samples", calibration.samples)
        .centre("coverage", of.coverage)
        .word("samples", of.samples)
        .number("mean_width", of.mean_width)
        .number("constant_width", of.constant_width)
}

fn scale(of: &MethodScale) -> Record {
    let mean = |record: Record, name: &str, of: Option<Mean>| {
        record.interval(name, of.map(|of| of.value), of.and_then(|of| of.interval))
    };
    let record = Record::default().word("method", &of.method);
    let record =
        mean(record, "r_inside", of.r_inside_coarse_cells).number("detail_ratio", of.detail_ratio);
    let record = mean(record, "gain", of.gain_over_bilinear);
    mean(record, "pattern_gain", of.pattern_gain_over_bilinear)
        .number("consistency_bias", of.consistency.map(|of| of.bias))
        .number("consistency_rmsd", of.consistency.map(|of| of.rmsd))
        .number("consistency_r", of.consistency.and_then(|of| of.r))
}

fn band(of: &MethodScale, band: &Band) -> Record {
    Record::default()
        .word("method", &of.method)
        .word("scenes", of.spectrum_scenes)
        .number("from_km", band.from_km)
        .number("until_km", band.until_km)
        .number("estimate_variance", band.estimate_variance)
        .number("truth_variance", band.truth_variance)
        .interval(
            "error_variance",
            Some(band.error_variance),
            band.error_interval,
        )
        .number("r", band.r)
}

fn point(of: &MethodScale, point: &StructurePoint) -> Record {
    Record::default()
        .word("method", &of.method)
        .word("distance_km", point.distance_km)
        .number("estimate", point.estimate)
        .number("truth", point.truth)
        .number("error", point.error)
}

/// Records as CSV; without any, an empty file.
fn write_records(path: &Path, records: impl IntoIterator<Item = Record>) -> Result<(), StudyError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |error: csv::Error| write_error(path, error.into());
    for (position, record) in records.into_iter().enumerate() {
        if position == 0 {
            writer.write_record(record.names()).map_err(fail)?;
        }
        writer.write_record(record.values()).map_err(fail)?;
    }
    finish_table(path, writer)
}
