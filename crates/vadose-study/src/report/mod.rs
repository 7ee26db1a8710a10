//! The report of an evaluation: one HTML page of everything that its folder holds.
//!
//! ```text
//! evaluation.json, samples.csv, runs.json, maps.zarr ──┐
//! run.json, history.csv, config.toml of each model   ──┴► write_report ──► report.html
//! ```
//!
//! The page computes nothing that the evaluation has not: tables show its medians and intervals, and what
//! figures pool for the eye, their captions say. A missing file costs its figures and is named; wherever a true
//! field takes part, the page says that it is simulated.

mod in_short;
mod intervals;
mod maps;
mod page;
mod provenance;
mod run;
mod sample_coverage;
mod samples;
mod scale;
mod series;
mod settings;
mod skill;
mod stations;
mod strata;
mod sweeps;
mod training;
mod training_section;

use std::path::{Path, PathBuf};

use serde::Serialize;
use vadose_viz::report::Report;

use self::run::Run;
use crate::StudyError;

/// What a report came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportSummary {
    /// The page.
    pub report: PathBuf,
    /// Figures on it.
    pub figures: usize,
    /// Files that are not there, with what they would show.
    pub absent: Vec<String>,
    /// Files that cannot be read, with the reason.
    pub unusable: Vec<String>,
}

/// Writes the report of an evaluation's folder as one HTML file, whole or not at all.
///
/// `run` is a folder that `vadose evaluate` wrote. Only its `evaluation.json` has to be there. What is missing
/// beside it (`samples.csv`, `maps.zarr`, `runs.json`, and the records that training leaves beside each model)
/// is named on the page and in the summary; so is a file that cannot be read.
///
/// # Errors
/// [`StudyError::Read`] where `evaluation.json` is not there or is not what an evaluation writes;
/// [`StudyError::Viz`] if the page cannot be written.
pub fn write_report(run: &Path, output: &Path) -> Result<ReportSummary, StudyError> {
    let mut run = Run::read(run)?;
    let report = assemble(&mut run)?;
    report.write(output)?;
    Ok(ReportSummary {
        report: output.to_path_buf(),
        figures: report.figure_count(),
        absent: run.gaps.absent,
        unusable: run.gaps.unusable,
    })
}

fn assemble(run: &mut Run) -> Result<Report, StudyError> {
    let mut report = Report::new(
        "Evaluation of soil moisture at 1 km",
        in_short::summary(run),
    );
    in_short::add(report.section("In short"), run)?;
    sample_coverage::add(report.section("Samples"), run)?;
    training_section::add(report.section("Training"), run)?;
    let section = report.section("Maps");
    if let Err(error) = maps::add(section, run) {
        section.warning(format!("The maps cannot be shown: {error}."));
        run.gaps.unusable.push(error.to_string());
    }
    stations::add(report.section("Test stations"), run);
    skill::add(report.section("Skill"), run)?;
    sweeps::add(report.section("What settings do"), run);
    strata::add(report.section("By kind of place"), run);
    scale::add(report.section("By scale"), run)?;
    intervals::add(report.section("Uncertainty"), run)?;
    provenance::add(report.section("What was run"), run)?;
    Ok(report)
}
