//! What a build would do.

use std::path::PathBuf;

use serde::Serialize;
use vadose_grid::Window;

use crate::journal::{Entry, Journal};
use crate::store::all_variables;
use crate::{Axes, CubeError, DayFiles, Missing, Problem, Source, SupersededFile, Unit, Variable};

/// What a build would do, told without writing anything.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildPlan {
    /// The window of M01.
    pub window: Window,
    /// Number of days.
    pub n_days: usize,
    /// Everything that the cube is made of: the static layers, the lead days, the days one after the
    /// other, the stations.
    pub units: Vec<UnitPlan>,
    /// Files that were found and cannot be used, as far as their names tell.
    pub rejected: Vec<Problem>,
    /// Files that are there in a newer version too.
    pub superseded: Vec<SupersededFile>,
    /// What the cube will take on disk, roughly: what noise, gaps and 9 km fields usually compress to.
    pub bytes_estimated: u64,
}

/// What a build would do for one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitPlan {
    /// The unit.
    pub unit: Unit,
    /// The files that are there.
    pub files: Vec<PathBuf>,
    /// Names, or patterns of names, of files that are not there.
    pub missing: Vec<String>,
    /// Whether it is to be built.
    pub state: UnitState,
}

/// Whether a unit is to be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// It is not there, or its files or configuration have changed.
    ToDo,
    /// It is there, of these files.
    Done,
    /// It is there, and none of its files is there any more; it stays as it is. (To have it built
    /// without files, remove its file from the cube's folder `units`.)
    Kept,
}

impl BuildPlan {
    /// The units of a source, in the order of days.
    pub fn of(&self, source: Source) -> impl Iterator<Item = &UnitPlan> {
        self.units
            .iter()
            .filter(move |planned| planned.unit.source == source)
    }

    /// The units to be built.
    pub fn to_do(&self) -> impl Iterator<Item = &UnitPlan> {
        self.units
            .iter()
            .filter(|planned| planned.state == UnitState::ToDo)
    }

    /// What is not there.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let units = self.units.iter();
        units
            .filter(|planned| planned.state != UnitState::Kept && !planned.missing.is_empty())
            .map(|planned| Missing {
                source: planned.unit.source,
                day: planned.unit.day,
                files: planned.missing.clone(),
            })
            .collect()
    }
}

/// Looks at the files of a unit by size and time only.
pub(super) fn plan_unit(
    unit: Unit,
    found: DayFiles,
    configuration_sha256: &str,
    journal: &Journal,
) -> UnitPlan {
    let state = match journal.entry(unit) {
        Some(entry) if is_kept(&entry, configuration_sha256, &found.files) => UnitState::Kept,
        Some(entry) if is_done(&entry, configuration_sha256, &found.files) => UnitState::Done,
        _ => UnitState::ToDo,
    };
    UnitPlan {
        unit,
        files: found.files,
        missing: found.missing,
        state,
    }
}

fn is_kept(entry: &Entry, configuration_sha256: &str, files: &[PathBuf]) -> bool {
    let same = entry.configuration_sha256 == configuration_sha256;
    same && files.is_empty() && !entry.inputs.is_empty()
}

fn is_done(entry: &Entry, configuration_sha256: &str, files: &[PathBuf]) -> bool {
    let same_paths = || {
        let inputs = entry.inputs.iter().map(|input| &input.path);
        inputs.eq(files.iter())
    };
    entry.configuration_sha256 == configuration_sha256
        && same_paths()
        && entry.inputs.iter().all(crate::inputs::Input::is_as_it_was)
}

/// Bytes a cell and day that a variable takes, compressed, as in a cube of a simulated June.
fn bytes_per_cell(variable: &Variable) -> f64 {
    match (variable.axes, variable.source) {
        // Noise in every cell: f32 shrinks by a tenth or so.
        (Axes::Map | Axes::DailyCoarseMap, _) => 3.5,
        // 81 cells that are the same, on about half of the days.
        (Axes::DailyMap, Source::Radiometer) => 0.1,
        // 100 cells that are the same, most of them 0.
        (Axes::DailyMap, Source::Precipitation) | (Axes::LeadMap, _) => 0.1,
        // Noise, in the share of cells that Sentinel-1 sees on a day.
        (Axes::DailyMap, _) => 0.35,
    }
}

pub(super) fn bytes_estimated(
    window: &Window,
    n_days: usize,
    n_lead_days: usize,
) -> Result<u64, CubeError> {
    let coarse = crate::store::coarsened(window)?;
    let bytes = |variable: &Variable| {
        let cells = crate::coverage::n_cells(variable, window, &coarse) as f64;
        let n_maps = variable.axes.n_maps(n_days, n_lead_days);
        cells * n_maps as f64 * bytes_per_cell(variable)
    };
    Ok(all_variables().map(bytes).sum::<f64>() as u64)
}
