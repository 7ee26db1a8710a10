//! The work of a build.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use ndarray::{Array2, ArrayView2, Slice};
use rayon::prelude::*;
use vadose_grid::Window;
use vadose_io::ismn::SkippedFile;

use super::{Build, BuildObserver, BuildPlan, Strictness, UnitOutcome, UnitPlan};
use crate::coverage::valid_cells;
use crate::inputs::{Checksums, Input};
use crate::journal::{Entry, Journal};
use crate::sources::DayBlocks;
use crate::store::{CubeStore, coarsened};
use crate::{Axes, CubeError, Problem, Problems, Source, StationCounts, Unit, Variable, variables};

/// Blocks that are in memory at once: one is read while the other is compressed.
const BLOCKS_IN_FLIGHT: usize = 2;

/// A build at work.
pub(super) struct Run<'a> {
    pub(super) build: &'a Build,
    pub(super) store: &'a CubeStore,
    pub(super) journal: &'a Journal,
    pub(super) checksums: Checksums,
    pub(super) strictness: Strictness,
    pub(super) observer: Mutex<&'a mut dyn BuildObserver>,
    pub(super) done: Mutex<Done>,
}

/// What has been done so far.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) n_written: usize,
    pub(super) unsettled: Vec<Unit>,
    /// Those of unsettled units, which no journal file holds.
    pub(super) problems: Problems,
}

/// A gridded unit in the queue.
struct Queued<'a> {
    planned: &'a UnitPlan,
    problems: &'a Mutex<Problems>,
    open: Mutex<Option<Arc<OpenUnit<'a>>>>,
    blocks_done: AtomicUsize,
}

/// A unit whose files are known and open.
struct OpenUnit<'a> {
    inputs: Vec<Input>,
    /// None where the unit is there already, of files with the same content.
    layers: Option<OpenLayers<'a>>,
    /// Of the 9 km variables, on the whole window.
    coarse: Mutex<Vec<Array2<f32>>>,
    valid_cells: Mutex<BTreeMap<String, u64>>,
}

enum OpenLayers<'a> {
    Static,
    Day(Box<dyn DayBlocks + 'a>),
}

/// What the journal is told of a unit.
#[derive(Default)]
struct BuiltUnit {
    valid_cells: BTreeMap<String, u64>,
    stations: Option<StationCounts>,
}

impl Run<'_> {
    /// Does all that the plan has to do.
    pub(super) fn all(self, plan: &BuildPlan) -> Result<Done, CubeError> {
        let (stations, gridded): (Vec<_>, Vec<_>) = plan
            .to_do()
            .partition(|planned| planned.unit.source == Source::Stations);
        self.gridded(&gridded)?;
        for planned in stations {
            self.stations(planned)?;
        }
        Ok(self
            .done
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// The blocks of all units in one queue, from which each lane takes the next.
    fn gridded(&self, units: &[&UnitPlan]) -> Result<(), CubeError> {
        let blocks = self.store.blocks();
        let problems: Vec<Mutex<Problems>> = units.iter().map(|_| Mutex::default()).collect();
        let units: Vec<Queued<'_>> = units
            .iter()
            .zip(&problems)
            .map(|(planned, problems)| Queued {
                planned,
                problems,
                open: Mutex::default(),
                blocks_done: AtomicUsize::new(0),
            })
            .collect();
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        // Threads of their own, not rayon's: one of those would begin a third block while it waits
        // for a part of its own.
        let lane = || {
            while !failed.load(Ordering::Relaxed) {
                let position = next.fetch_add(1, Ordering::Relaxed);
                let Some(unit) = units.get(position / blocks.len()) else {
                    break;
                };
                let block = &blocks[position % blocks.len()];
                if let Err(error) = self.block(unit, block, blocks.len()) {
                    failed.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            let lanes = [(); BLOCKS_IN_FLIGHT].map(|()| scope.spawn(lane));
            let ends = lanes.map(|lane| match lane.join() {
                Ok(end) => end,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            ends.into_iter().collect()
        })
    }

    /// Writes one block of a unit; the first opens the unit, the last closes it.
    fn block(&self, queued: &Queued<'_>, block: &Window, n_blocks: usize) -> Result<(), CubeError> {
        let unit = queued.planned.unit;
        let open = {
            let mut open = lock(&queued.open);
            match &*open {
                Some(open) => Arc::clone(open),
                None => Arc::clone(open.insert(Arc::new(self.open(queued)?))),
            }
        };
        if let Some(layers) = &open.layers {
            self.write_block(unit, &open, layers, block)?;
        }
        let n_done = queued.blocks_done.fetch_add(1, Ordering::AcqRel) + 1;
        self.told(|observer| observer.on_block(unit, n_done, n_blocks))?;
        if n_done == n_blocks {
            // The unit's memory goes with it.
            lock(&queued.open).take();
            let outcome = self.close(unit, &open, queued.problems)?;
            self.told(|observer| observer.on_unit(unit, outcome))?;
        }
        Ok(())
    }

    fn open<'a>(&self, queued: &Queued<'a>) -> Result<OpenUnit<'a>, CubeError> {
        let unit = queued.planned.unit;
        let inputs = self.inputs(queued.planned, queued.problems);
        let layers = match self.build.day(unit) {
            _ if self.is_there(unit, &inputs) => None,
            None => Some(OpenLayers::Static),
            Some((_, day)) => {
                let paths: Vec<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
                let (layers, window) = (&self.build.layers, self.store.window());
                let day = layers.open_day(unit.source, &paths, day, window, queued.problems)?;
                Some(OpenLayers::Day(day))
            }
        };
        let coarse = variables(unit.source)
            .filter(|variable| variable.axes == Axes::DailyCoarseMap)
            .map(|_| Array2::from_elem(self.store.coarse().shape(), f32::NAN));
        Ok(OpenUnit {
            inputs,
            layers,
            coarse: Mutex::new(coarse.collect()),
            valid_cells: Mutex::default(),
        })
    }

    /// Checksums of a unit's files; one that cannot be read is noted and left out.
    fn inputs(&self, planned: &UnitPlan, problems: &Mutex<Problems>) -> Vec<Input> {
        let inputs: Vec<_> = planned
            .files
            .par_iter()
            .map(|path| self.checksums.of(path))
            .collect();
        let readable = planned
            .files
            .iter()
            .zip(inputs)
            .filter_map(|(path, input)| {
                let noted = |error| {
                    lock(problems).note(Problem {
                        path: path.clone(),
                        source: planned.unit.source,
                        day: planned.unit.day,
                        reason: SkippedFile::new(path, &error).reason,
                    });
                };
                input.map_err(noted).ok()
            });
        readable.collect()
    }

    /// Whether the journal has the unit, of files of the same names and content.
    fn is_there(&self, unit: Unit, inputs: &[Input]) -> bool {
        self.journal.entry(unit).is_some_and(|entry| {
            let before = entry.inputs.iter().map(Input::content);
            entry.configuration_sha256 == self.build.configuration_sha256(unit)
                && before.eq(inputs.iter().map(Input::content))
        })
    }

    fn write_block(
        &self,
        unit: Unit,
        open: &OpenUnit<'_>,
        layers: &OpenLayers<'_>,
        block: &Window,
    ) -> Result<(), CubeError> {
        let maps = match layers {
            OpenLayers::Static => self.build.layers.statics(block)?,
            OpenLayers::Day(layers) => layers.block(block)?,
        };
        let day_idx = self.day_idx(unit);
        let variables: Vec<&Variable> = variables(unit.source).collect();
        assert_eq!(maps.len(), variables.len(), "one map for each variable");
        let (coarse, fine): (Vec<_>, Vec<_>) = variables
            .into_iter()
            .zip(maps)
            .partition(|(variable, _)| variable.axes == Axes::DailyCoarseMap);
        fine.par_iter().try_for_each(|(variable, map)| {
            self.count(open, variable, map.view());
            self.store.write(variable, day_idx, block, map.view())
        })?;
        if !coarse.is_empty() {
            let part = coarsened(block)?;
            let mut whole = lock(&open.coarse);
            for (whole, (_, map)) in whole.iter_mut().zip(&coarse) {
                paste(whole, self.store.coarse(), map, &part);
            }
        }
        Ok(())
    }

    /// Writes what belongs to the whole window, and marks the unit as finished.
    fn close(
        &self,
        unit: Unit,
        open: &OpenUnit<'_>,
        problems: &Mutex<Problems>,
    ) -> Result<UnitOutcome, CubeError> {
        let is_new = open.layers.is_some();
        if is_new {
            let day_idx = self.day_idx(unit);
            let coarse = lock(&open.coarse);
            let variables: Vec<_> = variables(unit.source)
                .filter(|variable| variable.axes == Axes::DailyCoarseMap)
                .collect();
            variables
                .into_par_iter()
                .zip(&*coarse)
                .try_for_each(|(variable, map)| {
                    self.count(open, variable, map.view());
                    self.store
                        .write(variable, day_idx, self.store.coarse(), map.view())
                })?;
        }
        let built = is_new.then(|| BuiltUnit {
            valid_cells: lock(&open.valid_cells).clone(),
            stations: None,
        });
        self.settle(unit, &open.inputs, problems, built)
    }

    fn stations(&self, planned: &UnitPlan) -> Result<(), CubeError> {
        let unit = planned.unit;
        let problems = Mutex::default();
        let inputs = self.inputs(planned, &problems);
        let built = if self.is_there(unit, &inputs) {
            None
        } else {
            let (days, layers) = (self.build.calendar.days(), &self.build.layers);
            let table = layers.stations(self.store.window(), days)?;
            table.write(&self.build.cube)?;
            for problem in table.problems() {
                lock(&problems).note(problem);
            }
            Some(BuiltUnit {
                valid_cells: BTreeMap::new(),
                stations: Some(StationCounts::of(&table)),
            })
        };
        let outcome = self.settle(unit, &inputs, &problems, built)?;
        self.told(|observer| observer.on_unit(unit, outcome))
    }

    /// Marks a unit as finished, unless a file of it changed while it was read. `built` is none for
    /// a unit that was there already, of which the journal learns the new times of its files.
    fn settle(
        &self,
        unit: Unit,
        inputs: &[Input],
        problems: &Mutex<Problems>,
        built: Option<BuiltUnit>,
    ) -> Result<UnitOutcome, CubeError> {
        let mut problems = lock(problems).clone();
        let (outcome, entry) = match (built, self.journal.entry(unit)) {
            (None, Some(old)) => {
                for problem in &old.problems {
                    problems.note(problem.clone());
                }
                (UnitOutcome::Unchanged, Entry::clone(&old))
            }
            (built, _) => {
                let BuiltUnit {
                    valid_cells,
                    stations,
                } = built.unwrap_or_default();
                let entry = Entry {
                    unit,
                    configuration_sha256: self.build.configuration_sha256(unit),
                    inputs: Vec::new(),
                    problems: Vec::new(),
                    out_of_range: problems.out_of_range().clone(),
                    valid_cells,
                    stations,
                };
                (UnitOutcome::Written, entry)
            }
        };
        let changed = inputs.iter().filter(|input| !input.is_as_it_was());
        let changed: Vec<_> = changed.map(|input| &input.path).collect();
        for &path in &changed {
            problems.note(Problem {
                path: path.clone(),
                source: unit.source,
                day: unit.day,
                reason: "changed while it was read".to_owned(),
            });
        }
        let problems = problems.into_sorted();
        if self.strictness == Strictness::Refuse
            && let Some(problem) = problems.first()
        {
            return Err(CubeError::Refused(problem.clone()));
        }
        let mut done = lock(&self.done);
        if !changed.is_empty() {
            for problem in problems {
                done.problems.note(problem);
            }
            done.unsettled.push(unit);
            return Ok(UnitOutcome::Unsettled);
        }
        done.n_written += usize::from(outcome == UnitOutcome::Written);
        drop(done);
        self.journal.write(Entry {
            inputs: inputs.to_vec(),
            problems,
            ..entry
        })?;
        Ok(outcome)
    }

    fn day_idx(&self, unit: Unit) -> usize {
        self.build.day(unit).map_or(0, |(idx, _)| idx)
    }

    fn count(&self, open: &OpenUnit<'_>, variable: &Variable, map: ArrayView2<'_, f32>) {
        let n = valid_cells(variable, map);
        *lock(&open.valid_cells)
            .entry(variable.name.to_owned())
            .or_default() += n;
    }

    fn told(
        &self,
        what: impl FnOnce(&mut dyn BuildObserver) -> ControlFlow<()>,
    ) -> Result<(), CubeError> {
        match what(&mut **lock(&self.observer)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(CubeError::Stopped),
        }
    }
}

/// Puts a part of a map into the map of the whole.
fn paste(whole: &mut Array2<f32>, window: &Window, part: &Array2<f32>, place: &Window) {
    let first = [place.row0() - window.row0(), place.col0() - window.col0()];
    let mut view = whole.view_mut();
    // ndarray's slicing macro contains `unsafe`, which this crate forbids.
    view.slice_each_axis_inplace(|axis| {
        let first = first[axis.axis.index()];
        Slice::from(first..first + part.len_of(axis.axis))
    });
    view.assign(part);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
