//! From files to a cube, unit by unit.
//!
//! ```text
//! plan      files of each unit, by size and time against the journal
//! for each unit to do (a day of a source, or the static layers), at most two blocks at once:
//!   checksums → the same content as before? then nothing is written
//!   open → blocks of 1 km, written as they come → 9 km maps → files still as they were? → journal
//! stations  their tables → journal
//! finish    consolidated metadata, `build.json`
//! ```
//!
//! A unit counts from the moment its journal file is there, and every file appears whole or not at
//! all. So a build may be killed at any moment: the next one does the unfinished units again, to
//! the same bytes.

#[cfg(test)]
pub(crate) mod fake;
mod observer;
mod plan;
mod run;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use vadose_grid::Window;
use vadose_io::{IoError, Provenance, remove_unfinished};

pub use observer::{BuildObserver, UnitOutcome};
pub use plan::{BuildPlan, UnitPlan, UnitState};

use crate::coverage::n_cells;
use crate::inputs::Checksums;
use crate::journal::{Entry, Journal};
use crate::layers::{FileLayers, Layers};
use crate::lock::BuildLock;
use crate::store::{CubeStore, Times, all_variables};
use crate::{
    BuildConfig, BuildRecord, Calendar, Coverage, CubeDay, CubeError, OutOfRangeCounts, Problem,
    Problems, Source, Unit,
};
use run::Run;

/// What the values depend on besides files and configuration: to be raised when the same files
/// give other values, so that cubes are built anew.
const LAYERS_VERSION: u32 = 1;
const SOFTWARE: &str = concat!("vadose ", env!("CARGO_PKG_VERSION"));

/// What is done about files that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// They are left out and stand in the record.
    #[default]
    SkipAndReport,
    /// The build stops at the first.
    Refuse,
}

/// A cube to be built.
pub struct Build {
    config: BuildConfig,
    /// Folder of the cube.
    cube: PathBuf,
    window: Window,
    calendar: Calendar,
    lead_days: Vec<CubeDay>,
    layers: Box<dyn Layers>,
}

/// What a build did.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildOutcome {
    /// What the cube is made of and holds.
    pub record: BuildRecord,
    /// Units that were written.
    pub n_written: usize,
    /// Units that were there already.
    pub n_unchanged: usize,
    /// Units of which a file changed while it was read: the next build does them again.
    pub unsettled: Vec<Unit>,
}

impl BuildOutcome {
    /// Whether every file that was found was used, and every unit is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.record.problems.is_empty() && self.unsettled.is_empty()
    }
}

impl Build {
    /// Checks a configuration and finds the files. Relative paths are counted from `folder`: that
    /// of the configuration file.
    ///
    /// # Errors
    /// [`CubeError::Config`], [`CubeError::Grid`] for an impossible configuration;
    /// [`CubeError::Io`] for a folder that is not there.
    pub fn new(config: BuildConfig, folder: &Path) -> Result<Self, CubeError> {
        let layers = FileLayers::find(&config, folder)?;
        Self::with_layers(config, folder, Box::new(layers))
    }

    pub(crate) fn with_layers(
        config: BuildConfig,
        folder: &Path,
        layers: Box<dyn Layers>,
    ) -> Result<Self, CubeError> {
        config.store.check()?;
        let calendar = config.calendar()?;
        Ok(Self {
            cube: folder.join(&config.output),
            window: config.window()?,
            lead_days: calendar.lead_days(config.lead_days)?,
            calendar,
            config,
            layers,
        })
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &BuildConfig {
        &self.config
    }

    /// Folder of the cube.
    #[must_use]
    pub fn cube(&self) -> &Path {
        &self.cube
    }

    /// What [`Build::run`] would do. Nothing is written, and no file is read but the journal.
    ///
    /// # Errors
    /// [`CubeError::Io`] if the cube's journal cannot be read.
    pub fn plan(&self) -> Result<BuildPlan, CubeError> {
        self.plan_by(&Journal::open(&self.cube)?)
    }

    /// Builds the cube, or what of it is not there yet.
    ///
    /// # Errors
    /// [`CubeError::Locked`] while another build is at work; [`CubeError::OtherCube`] if the folder
    /// holds a cube of another window or of other days or lead days; [`CubeError::Refused`] for a file that
    /// cannot be used, under [`Strictness::Refuse`]; [`CubeError::Stopped`] by the observer;
    /// [`CubeError::Io`] if anything cannot be written. After any of them the next build goes on.
    pub fn run(
        &self,
        strictness: Strictness,
        observer: &mut dyn BuildObserver,
    ) -> Result<BuildOutcome, CubeError> {
        let cube = &self.cube;
        fs::create_dir_all(cube).map_err(|source| IoError::File {
            action: "make the folder",
            path: cube.clone(),
            source,
        })?;
        let _lock = BuildLock::take(cube)?;
        remove_unfinished(cube)?;
        let journal = Journal::open(cube)?;
        let plan = self.plan_by(&journal)?;
        if strictness == Strictness::Refuse {
            refuse_known(&plan, &journal)?;
        }
        let times = Times::new(self.calendar.days(), &self.lead_days);
        let mut store = CubeStore::open_to_build(cube, &self.window, &self.config.store, &times)?;
        let attributes = self.attributes();
        let is_other = |(name, value)| store.attributes().get(name) != Some(value);
        if plan.to_do().next().is_some() || !store.is_finished()? || attributes.iter().any(is_other)
        {
            store.begin(attributes)?;
        }
        observer.on_plan(&plan);
        let known = journal.entries();
        let run = Run {
            build: self,
            store: &store,
            journal: &journal,
            checksums: Checksums::new(known.iter().flat_map(|entry| &entry.inputs)),
            strictness,
            observer: Mutex::new(observer),
            done: Mutex::default(),
        };
        let done = run.all(&plan)?;
        if !store.is_finished()? {
            store.finish()?;
        }
        let record = self.record(&plan, &journal, done.problems.into_sorted())?;
        Ok(BuildOutcome {
            record: record.write(cube)?,
            n_unchanged: plan.units.len() - done.n_written,
            n_written: done.n_written,
            unsettled: done.unsettled,
        })
    }

    fn plan_by(&self, journal: &Journal) -> Result<BuildPlan, CubeError> {
        let n_days = self.calendar.days().len();
        let plan_unit = |unit| {
            let day = self.day(unit).map(|(_, day)| day);
            let found = self.layers.files(unit.source, day, &self.window)?;
            let configuration = self.configuration_sha256(unit);
            Ok(plan::plan_unit(unit, found, &configuration, journal))
        };
        Ok(BuildPlan {
            window: self.window,
            n_days,
            units: self
                .units()
                .map(plan_unit)
                .collect::<Result<_, CubeError>>()?,
            rejected: self.layers.problems().to_vec(),
            superseded: self.layers.superseded().to_vec(),
            bytes_estimated: plan::bytes_estimated(&self.window, n_days, self.lead_days.len())?,
        })
    }

    /// Static layers, the lead days, then day by day, then stations.
    fn units(&self) -> impl Iterator<Item = Unit> {
        let whole = |source| [Unit { day: None, source }].into_iter();
        let of_day = |day: &CubeDay, source| Unit {
            day: Some(day.date),
            source,
        };
        let lead_days = self.lead_days.iter();
        let lead_days = lead_days.map(move |day| of_day(day, Source::Antecedent));
        let days = self.calendar.days().iter();
        let daily = days.flat_map(move |day| Source::DAILY.map(|source| of_day(day, source)));
        whole(Source::Static)
            .chain(lead_days)
            .chain(daily)
            .chain(whole(Source::Stations))
    }

    /// The day of a unit, with its place on the time axis.
    fn day(&self, unit: Unit) -> Option<(usize, &CubeDay)> {
        let days = match unit.source {
            Source::Antecedent => &self.lead_days,
            _ => self.calendar.days(),
        };
        let idx = days.binary_search_by_key(&unit.day?, |day| day.date).ok()?;
        Some((idx, &days[idx]))
    }

    /// What the values of a unit depend on besides its files, as a checksum.
    fn configuration_sha256(&self, unit: Unit) -> String {
        let part = match unit.source {
            Source::Static => json(&self.config.rasters),
            Source::Stations => json(&(&self.config.stations, &self.config.periods)),
            Source::Radiometer
            | Source::Radar
            | Source::Analysis
            | Source::Precipitation
            | Source::Antecedent => String::new(),
        };
        sha256(&format!("{LAYERS_VERSION} {part}"))
    }

    /// What the store says of its build.
    fn attributes(&self) -> Map<String, Value> {
        Map::from_iter([
            ("software".to_owned(), SOFTWARE.into()),
            (
                "configuration_sha256".to_owned(),
                sha256(&json(&self.config.anywhere())).into(),
            ),
        ])
    }

    fn record(
        &self,
        plan: &BuildPlan,
        journal: &Journal,
        problems_of_run: Vec<Problem>,
    ) -> Result<BuildRecord, CubeError> {
        let entries = journal.entries();
        let of_entries = entries.iter().flat_map(|entry| &entry.problems);
        let mut problems = Problems::default();
        for problem in of_entries.chain(&plan.rejected).chain(&problems_of_run) {
            problems.note(problem.clone());
        }
        let mut inputs: Vec<_> = entries
            .iter()
            .flat_map(|entry| &entry.inputs)
            .map(crate::inputs::Input::named)
            .collect();
        inputs.sort_by(|a, b| (&a.name, &a.sha256).cmp(&(&b.name, &b.sha256)));
        inputs.dedup();
        let no_files: [&str; 0] = [];
        let days = self.calendar.days();
        let stations = Unit {
            day: None,
            source: Source::Stations,
        };
        Ok(BuildRecord {
            provenance: Provenance {
                inputs,
                ..Provenance::collect(&json(&self.config), None, &no_files)?
            },
            window: self.window,
            days: [days[0].date, days[days.len() - 1].date],
            n_days: days.len() as u64,
            coverage: self.coverage(journal)?,
            problems: problems.into_sorted(),
            out_of_range: out_of_range(&entries),
            missing: plan.missing(),
            superseded: plan.superseded.clone(),
            stations: journal
                .entry(stations)
                .and_then(|entry| entry.stations.clone()),
        })
    }

    fn coverage(&self, journal: &Journal) -> Result<Vec<Coverage>, CubeError> {
        let coarse = crate::store::coarsened(&self.window)?;
        let entries = journal.entries();
        let (n_days, n_lead_days) = (self.calendar.days().len(), self.lead_days.len());
        let of = |variable: &crate::Variable| {
            let n_maps = variable.axes.n_maps(n_days, n_lead_days);
            let valid: Vec<u64> = entries
                .iter()
                .filter_map(|entry| entry.valid_cells.get(variable.name).copied())
                .collect();
            let all = n_cells(variable, &self.window, &coarse) * n_maps as u64;
            (n_maps > 0).then(|| Coverage {
                variable: variable.name.to_owned(),
                source: variable.source,
                days: valid.iter().filter(|&&n| n > 0).count() as u64,
                share: valid.iter().sum::<u64>() as f64 / all as f64,
            })
        };
        Ok(all_variables().filter_map(of).collect())
    }
}

/// Refuses what is known before the work begins.
fn refuse_known(plan: &BuildPlan, journal: &Journal) -> Result<(), CubeError> {
    let entries = journal.entries();
    let standing = entries.iter().filter(|entry| {
        let planned = plan.units.iter().find(|planned| planned.unit == entry.unit);
        planned.is_some_and(|planned| planned.state != UnitState::ToDo)
    });
    let mut known = standing.flat_map(|entry| &entry.problems);
    match plan.rejected.first().or_else(|| known.next()) {
        Some(problem) => Err(CubeError::Refused(problem.clone())),
        None => Ok(()),
    }
}

fn out_of_range(entries: &[Arc<Entry>]) -> BTreeMap<Source, OutOfRangeCounts> {
    let mut counts: BTreeMap<Source, OutOfRangeCounts> = BTreeMap::new();
    for entry in entries {
        for (dataset, n) in &entry.out_of_range {
            let of_source = counts.entry(entry.unit.source).or_default();
            *of_source.entry(dataset.clone()).or_default() += n;
        }
    }
    counts
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data serialise")
}

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
