//! From scenes to the table of samples.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ndarray::Array2;
use vadose_grid::{Cell, LatLonDeg};
use vadose_scene::{ChannelSet, Scene, SceneError, SceneSource, StationSite, StationSplit, seed};

use super::method::{Method, value_at};
use super::samples::{
    Column, Population, SampleCounts, SampleRow, SampleSite, SampleTable, TRUTH_FIELD,
};
use crate::StudyError;

/// What a table is collected from, beside the scenes.
#[derive(Debug, Clone)]
pub struct SampleConfig<'a> {
    /// Which station is for what.
    pub split: &'a StationSplit,
    /// All stations, those without a value included: their networks, and the cells that are kept out of the
    /// sample of the true field.
    pub sites: &'a [StationSite],
    /// Inputs of the regressions.
    pub channels: &'a ChannelSet,
    /// Cells of the true field drawn from each window; the same on all its days.
    pub truth_cells_per_window: usize,
    /// Master seed; the draw uses the purpose `truth cells …` of it.
    pub seed: u64,
}

impl SampleTable {
    /// Reads every scene once, and asks every method for its estimate where there is a reference.
    ///
    /// A station cell gives a row where its value lies inside `predictable` and its stations agree on a split.
    /// Where the scene holds [`TRUTH_FIELD`], a few cells of each window that hold no station at all, drawn
    /// once for all days, give a row each. Where scenes of one time overlap, a cell counts in the scene whose
    /// edge is furthest from it, the first of several.
    ///
    /// `progress` is told scenes done and scenes to do.
    ///
    /// # Errors
    /// [`StudyError::Scene`] for a scene that cannot be loaded, has no time, or holds a channel in other
    /// units; [`StudyError::NoSamples`]; [`StudyError::DuplicateMethod`]; those of the methods.
    pub fn collect(
        source: &dyn SceneSource,
        config: &SampleConfig<'_>,
        methods: &[Box<dyn Method>],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, StudyError> {
        for (position, method) in methods.iter().enumerate() {
            if methods[..position]
                .iter()
                .any(|m| m.name() == method.name())
            {
                return Err(StudyError::DuplicateMethod {
                    name: method.name().to_owned(),
                });
            }
        }
        let mut collection = Collection::new(config);
        for index in 0..source.len() {
            progress(index, source.len());
            collection.add(&*source.scene(index)?, methods)?;
        }
        progress(source.len(), source.len());
        collection.finish(methods)
    }
}

/// What identifies a row: stations before truth, then the cell, then the time.
type RowKey = (bool, Cell, i64);

/// A row on its way into the table.
struct Candidate {
    /// Cells from the edge of its scene's window.
    depth: usize,
    site: SampleSite,
    row: SampleRow,
    inputs: Vec<f32>,
    estimates: Vec<(f64, Option<f64>)>,
}

/// A reference in a scene, before any method is asked.
struct Reference {
    at: (usize, usize),
    site: SampleSite,
    value: f32,
}

struct Collection<'a> {
    config: &'a SampleConfig<'a>,
    /// Names and networks of the stations of each cell.
    stations: BTreeMap<Cell, [BTreeSet<&'a str>; 2]>,
    /// Cells of the true field by window.
    drawn: BTreeMap<[usize; 4], Vec<(usize, usize)>>,
    candidates: BTreeMap<RowKey, Candidate>,
    counts: SampleCounts,
}

impl<'a> Collection<'a> {
    fn new(config: &'a SampleConfig<'a>) -> Self {
        let mut stations: BTreeMap<Cell, [BTreeSet<&str>; 2]> = BTreeMap::new();
        for site in config.sites {
            let [names, networks] = stations.entry(site.cell).or_default();
            names.insert(&site.station);
            networks.extend(site.network.as_deref());
        }
        Self {
            config,
            stations,
            drawn: BTreeMap::new(),
            candidates: BTreeMap::new(),
            counts: SampleCounts::default(),
        }
    }

    fn add(&mut self, scene: &Scene, methods: &[Box<dyn Method>]) -> Result<(), StudyError> {
        self.counts.scenes += 1;
        check_units(scene, self.config.channels)?;
        let time = scene.time().ok_or_else(|| SceneError::NoTime {
            scene: scene.id().to_owned(),
        })?;
        let hour = hour_of(time);
        let mut references = self.stations(scene)?;
        references.extend(self.truth(scene)?);
        references.retain(|reference| self.is_best(scene, reference, hour));
        if references.is_empty() {
            return Ok(());
        }
        let estimates = methods
            .iter()
            .map(|method| method.estimate(scene))
            .collect::<Result<Vec<_>, _>>()?;
        for Reference { at, site, value } in references {
            let of = |name| {
                let field = scene.field(name);
                field.map_or(f32::NAN, |field| field[at])
            };
            let row = SampleRow {
                site: 0,
                hour,
                reference: f64::from(value),
                land_cover: of("land_cover"),
                clay_fraction: of("clay_fraction"),
                vegetation_water_content: of("vegetation_water_content"),
                observed: of("observed"),
            };
            let channels = self.config.channels.iter();
            let inputs = channels.map(|channel| channel.transform.apply(of(&channel.name)));
            let estimates = estimates.iter().map(|estimate| {
                let spread = estimate.spread.as_ref();
                let spread = spread.map(|spread| value_at(spread.view(), at));
                (value_at(estimate.values.view(), at), spread)
            });
            let candidate = Candidate {
                depth: depth(scene, at),
                row,
                inputs: inputs.collect(),
                estimates: estimates.collect(),
                site,
            };
            self.candidates
                .insert(key(&candidate.site, hour), candidate);
        }
        Ok(())
    }

    /// Whether no other scene holds the cell at this time further from its edge.
    fn is_best(&mut self, scene: &Scene, reference: &Reference, hour: i64) -> bool {
        let known = self.candidates.get(&key(&reference.site, hour));
        self.counts.repeated += usize::from(known.is_some());
        known.is_none_or(|known| known.depth < depth(scene, reference.at))
    }

    fn stations(&mut self, scene: &Scene) -> Result<Vec<Reference>, StudyError> {
        let mut references = Vec::new();
        for station in scene.stations() {
            let Some(at) = scene.window().offset_of(station.cell) else {
                continue; // a scene refuses such a station
            };
            if !scene.predictable()[at] {
                self.counts.not_predictable += 1;
                continue;
            }
            let Some(split) = self.config.split.of_all(&station.stations) else {
                self.counts.without_split += 1;
                continue;
            };
            let [name, network] = match self.stations.get(&station.cell) {
                Some(known) => [&known[0], &known[1]]
                    .map(|names| Vec::from_iter(names.iter().copied()).join(" + ")),
                None => [station.stations.join(" + "), String::new()],
            };
            references.push(Reference {
                at,
                site: SampleSite {
                    name,
                    network,
                    cell: station.cell,
                    location: centre(scene, station.cell)?,
                    population: split.into(),
                },
                value: station.value_m3m3,
            });
        }
        Ok(references)
    }

    fn truth(&mut self, scene: &Scene) -> Result<Vec<Reference>, StudyError> {
        let Some(truth) = scene.field(TRUTH_FIELD) else {
            return Ok(Vec::new());
        };
        let window = scene.window();
        let name = [window.row0(), window.col0(), window.rows(), window.cols()];
        if !self.drawn.contains_key(&name) {
            let cells = self.draw(scene, &name);
            self.drawn.insert(name, cells);
        }
        let mut references = Vec::new();
        for &at in &self.drawn[&name] {
            let cell = window.cell_at(at.0, at.1).expect("drawn from the window");
            let held = scene.stations().iter().any(|station| station.cell == cell);
            if held || !scene.predictable()[at] || !truth[at].is_finite() {
                continue;
            }
            references.push(Reference {
                at,
                site: SampleSite {
                    name: format!("truth-{}-{}", cell.row, cell.col),
                    network: Population::Truth.name().to_owned(),
                    cell,
                    location: centre(scene, cell)?,
                    population: Population::Truth,
                },
                value: truth[at],
            });
        }
        Ok(references)
    }

    /// Land cells of a window without a station.
    fn draw(&self, scene: &Scene, window: &[usize; 4]) -> Vec<(usize, usize)> {
        let free = |at: (usize, usize)| {
            let cell = scene.window().cell_at(at.0, at.1);
            cell.is_some_and(|cell| !self.stations.contains_key(&cell))
        };
        let mut cells: Vec<(usize, usize)> = scene
            .land()
            .indexed_iter()
            .filter(|(at, land)| **land && free(*at))
            .map(|(at, _)| at)
            .collect();
        let purpose = format!("truth cells {window:?}");
        seed::shuffle(&mut seed::rng(self.config.seed, &purpose), &mut cells);
        cells.truncate(self.config.truth_cells_per_window);
        cells.sort_unstable();
        cells
    }

    fn finish(self, methods: &[Box<dyn Method>]) -> Result<SampleTable, StudyError> {
        if self.candidates.is_empty() {
            return Err(StudyError::NoSamples {
                scenes: self.counts.scenes,
                not_predictable: self.counts.not_predictable,
                without_split: self.counts.without_split,
            });
        }
        let n_rows = self.candidates.len();
        let n_channels = self.config.channels.len();
        let mut columns: Vec<Column> = methods
            .iter()
            .map(|method| Column {
                method: method.name().to_owned(),
                values: Vec::with_capacity(n_rows),
                spread: None,
            })
            .collect();
        let (mut sites, mut rows): (Vec<SampleSite>, Vec<SampleRow>) = (Vec::new(), Vec::new());
        let mut inputs = Vec::with_capacity(n_rows * n_channels);
        for candidate in self.candidates.into_values() {
            let is_known = |site: &SampleSite| {
                site.cell == candidate.site.cell && site.population == candidate.site.population
            };
            let known = sites.iter().rposition(is_known);
            let site = known.unwrap_or(sites.len());
            if known.is_none() {
                sites.push(candidate.site);
                name_apart(&mut sites);
            }
            rows.push(SampleRow {
                site,
                ..candidate.row
            });
            inputs.extend(candidate.inputs);
            for (column, (value, spread)) in columns.iter_mut().zip(candidate.estimates) {
                column.values.push(value);
                if let Some(spread) = spread {
                    column.spread.get_or_insert_default().push(spread);
                }
            }
        }
        Ok(SampleTable {
            sites,
            rows,
            channels: self.config.channels.clone(),
            inputs: Array2::from_shape_vec((n_rows, n_channels), inputs)
                .expect("one value a row and channel"),
            columns,
            counts: self.counts,
        })
    }
}

/// A station that moved stands in two cells; each is a series of its own, and needs a name of its own.
fn name_apart(sites: &mut [SampleSite]) {
    if let Some((last, others)) = sites.split_last_mut()
        && others.iter().any(|other| other.name == last.name)
    {
        last.name = format!("{} ({}, {})", last.name, last.cell.row, last.cell.col);
    }
}

fn key(site: &SampleSite, hour: i64) -> RowKey {
    (site.population == Population::Truth, site.cell, hour)
}

/// Cells between a cell and the nearest edge of the scene's window.
fn depth(scene: &Scene, (row, col): (usize, usize)) -> usize {
    let (rows, cols) = scene.window().shape();
    row.min(col).min(rows - 1 - row).min(cols - 1 - col)
}

fn centre(scene: &Scene, cell: Cell) -> Result<LatLonDeg, StudyError> {
    let centre = scene.window().grid().centre(cell);
    Ok(centre.map_err(|source| SceneError::Grid { source })?)
}

fn check_units(scene: &Scene, channels: &ChannelSet) -> Result<(), StudyError> {
    for channel in channels {
        match scene.field_units(&channel.name) {
            Some(units) if units != channel.units => {
                return Err(SceneError::UnitsMismatch {
                    scene: scene.id().to_owned(),
                    channel: channel.name.clone(),
                    expected: channel.units.clone(),
                    got: units.to_owned(),
                }
                .into());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whole hours since 1970-01-01T00Z.
fn hour_of(time: Timestamp) -> i64 {
    time.as_second().div_euclid(3600)
}
