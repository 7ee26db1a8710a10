//! A cube that has been built.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use ndarray::{Array2, Zip};
use rayon::prelude::*;
use vadose_grid::Window;
use vadose_scene::{COARSE_FACTOR, ChannelSet, CoarseTarget, Scene, StationCell, StationSite};

use crate::channels::{ANALYSIS, with_paper};
use crate::config::middle_longitude_deg;
use crate::schema::PRODUCTS;
use crate::store::{CubeStore, all_variables, coarsened};
use crate::{Axes, BuildRecord, CellObservation, CubeDay, CubeError, StationTable, Variable};

/// The mask of land with all static layers.
const LAND: &str = "land";
/// Brightness temperatures, without which no cell is predicted.
const BRIGHTNESS: [&str; 2] = ["tb_h", "tb_v"];
/// Cells of one station and of several count alike, as in the paper.
const STATION_WEIGHT: f32 = 1.0;

/// A cube that has been built, to read from. Threads may share it.
#[derive(Debug)]
pub struct Cube {
    path: PathBuf,
    store: CubeStore,
    days: Vec<CubeDay>,
    lead_days: Vec<CubeDay>,
    stations: StationTable,
}

impl Cube {
    /// Opens the cube in a folder.
    ///
    /// # Errors
    /// [`CubeError::Unfinished`] if its build has not come to its end; [`CubeError::Io`] and
    /// [`CubeError::Table`] if there is none, or if it is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CubeError> {
        let path = path.as_ref().to_path_buf();
        let store = CubeStore::open(&path)?;
        if !store.is_finished()? {
            return Err(CubeError::Unfinished { path });
        }
        let longitude_deg = middle_longitude_deg(store.window())?;
        let of_times = |times: &[Timestamp]| {
            let times = times.iter();
            let days = times.map(|&time| CubeDay::of_time(time, longitude_deg));
            days.collect()
        };
        Ok(Self {
            days: of_times(&store.times().days),
            lead_days: of_times(&store.times().lead_days),
            stations: StationTable::read(&path)?,
            path,
            store,
        })
    }

    /// Folder of the cube.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The window of M01; its edges lie on edges of 9 km cells.
    #[must_use]
    pub fn window(&self) -> &Window {
        self.store.window()
    }

    /// The days, ascending.
    #[must_use]
    pub fn days(&self) -> &[CubeDay] {
        &self.days
    }

    /// The lead days, of which the cube holds the precipitation alone, ascending ([`Calendar::lead_days`]); none
    /// in cubes of versions that knew none.
    ///
    /// [`Calendar::lead_days`]: crate::Calendar::lead_days
    #[must_use]
    pub fn lead_days(&self) -> &[CubeDay] {
        &self.lead_days
    }

    /// What the cube is made of and holds.
    ///
    /// # Errors
    /// Those of [`BuildRecord::read`].
    pub fn record(&self) -> Result<BuildRecord, CubeError> {
        BuildRecord::read(&self.path)
    }

    /// Where the stations stand.
    pub fn sites(&self) -> impl ExactSizeIterator<Item = &StationSite> {
        self.stations.sites.iter().map(|site| &site.site)
    }

    /// What the stations report, by day, then cell.
    #[must_use]
    pub fn observations(&self) -> &[CellObservation] {
        &self.stations.observations
    }

    /// What the stations report of one day.
    pub fn observations_of(&self, date: Date) -> &[CellObservation] {
        let all = self.observations();
        let first = all.partition_point(|observation| observation.date < date);
        let end = all.partition_point(|observation| observation.date <= date);
        &all[first..end]
    }

    /// The cells of a part of the window that hold stations with an observation on a day.
    pub(crate) fn stations_in(&self, date: Date, part: &Window) -> Vec<StationCell> {
        let observations = self.observations_of(date).iter();
        let inside = observations.filter(|observation| part.contains(observation.cell));
        inside
            .map(|observation| StationCell {
                cell: observation.cell,
                value_m3m3: observation.soil_moisture_m3m3,
                weight: STATION_WEIGHT,
                stations: observation.stations.clone(),
            })
            .collect()
    }

    /// The window of 9 km cells that covers it exactly.
    pub(crate) fn coarse_window(&self) -> &Window {
        self.store.coarse()
    }

    /// Reads a part of a map by the name of its variable ([`variables`](crate::variables)).
    ///
    /// # Shapes and units
    /// `[row, col]` of `part`, which lies on M01, or for 9 km variables on M09. The units are the
    /// variable's. `day_idx` counts from 0 in [`Cube::days`], for `antecedent_precipitation` in
    /// [`Cube::lead_days`]; static layers take any.
    /// # Missing values
    /// NaN.
    /// # Errors
    /// [`CubeError::Outside`] for a name, day or part that the cube does not have;
    /// [`CubeError::Io`] if a file of it is damaged.
    pub fn map(&self, name: &str, day_idx: usize, part: &Window) -> Result<Array2<f32>, CubeError> {
        self.read(named(name)?, day_idx, part)
    }

    fn read(
        &self,
        variable: &Variable,
        day_idx: usize,
        part: &Window,
    ) -> Result<Array2<f32>, CubeError> {
        let outside = |what| Err(CubeError::Outside { what });
        let n_maps = variable.axes.n_maps(self.days.len(), self.lead_days.len());
        if variable.axes != Axes::Map && day_idx >= n_maps {
            return outside(format!("day {day_idx} of {n_maps}"));
        }
        let whole = match variable.axes {
            Axes::Map | Axes::DailyMap | Axes::LeadMap => self.store.window(),
            Axes::DailyCoarseMap => self.store.coarse(),
        };
        if whole.intersection(part).as_ref() != Some(part) {
            return outside(format!("{part:?}"));
        }
        self.store.read(variable, day_idx, part)
    }

    /// Which 9 km cells of the window have both brightness temperatures on a day: a cell of 1 km
    /// has that of the cell that holds it.
    pub(crate) fn seen(&self, day_idx: usize) -> Result<Array2<bool>, CubeError> {
        let (window, coarse) = (self.store.window(), self.store.coarse());
        let mut seen = Array2::from_elem(coarse.shape(), true);
        for block in self.store.blocks() {
            for name in BRIGHTNESS {
                let map = self.map(name, day_idx, &block)?;
                let first = [block.row0() - window.row0(), block.col0() - window.col0()];
                for row in (0..block.rows()).step_by(COARSE_FACTOR) {
                    for col in (0..block.cols()).step_by(COARSE_FACTOR) {
                        let cell = [
                            (first[0] + row) / COARSE_FACTOR,
                            (first[1] + col) / COARSE_FACTOR,
                        ];
                        seen[cell] &= !map[[row, col]].is_nan();
                    }
                }
            }
        }
        Ok(seen)
    }

    /// Everything about a part of the window on one day: the channels of preset `paper`, land
    /// (mask), where a prediction is wanted (land with both brightness temperatures), the analysis
    /// as coarse target, the stations. Its time is the day's.
    ///
    /// The variables are read and decompressed in parallel.
    ///
    /// # Errors
    /// Those of [`Cube::map`].
    pub fn scene(&self, day_idx: usize, part: &Window) -> Result<Scene, CubeError> {
        self.scene_with(&ChannelSet::preset("paper")?, day_idx, part)
    }

    /// The same with the other channels of a set too, for a network of preset `context` for example.
    ///
    /// A sum of precipitation is missing where the cube lacks one of its days, lead days among them; soil moisture of 9 km, the analysis
    /// or SMAP's retrieval, is that of the day, bilinear between the centres of its cells.
    ///
    /// # Errors
    /// [`CubeError::Outside`] for a channel that no cube has; those of [`Cube::map`].
    pub fn scene_with(
        &self,
        channels: &ChannelSet,
        day_idx: usize,
        part: &Window,
    ) -> Result<Scene, CubeError> {
        let channels = with_paper(channels)?;
        let names: Vec<&str> = channels.names().chain([LAND]).collect();
        let maps: Result<Vec<_>, _> = names
            .par_iter()
            .map(|name| self.channel(name, day_idx, part))
            .collect();
        let mut maps = maps?;
        let land = maps
            .pop()
            .expect("land is the last")
            .mapv(|land| land == 1.0);
        let day = self.days[day_idx];
        let id = format!("{} row {} col {}", day.date, part.row0(), part.col0());
        let mut scene = Scene::new(id, *part).with_time(day.time);
        for (channel, map) in channels.iter().zip(maps) {
            scene = scene.with_field(&channel.name, &channel.units, map)?;
        }
        let mut predictable = land.clone();
        for name in BRIGHTNESS {
            let brightness = scene.field(name).expect("it is a channel");
            Zip::from(&mut predictable)
                .and(brightness)
                .for_each(|predictable, tb| *predictable &= !tb.is_nan());
        }
        let coarse = coarsened(part)?;
        let coarse_target = CoarseTarget {
            values: self.map(ANALYSIS, day_idx, &coarse)?,
            window: coarse,
        };
        Ok(scene
            .with_land(land)?
            .with_predictable(predictable)?
            .with_coarse_target(coarse_target)?
            .with_stations(self.stations_in(day.date, part))?)
    }

    /// A scene of a day with the [`PRODUCTS`] as further fields, those of 9 km in each 1 km cell that nests in
    /// theirs.
    pub(crate) fn with_products(&self, scene: Scene, day_idx: usize) -> Result<Scene, CubeError> {
        let part = *scene.window();
        let field = |name: &&str| {
            let variable = named(name)?;
            Ok((variable, self.on_cells(variable, day_idx, &part)?))
        };
        let fields: Result<Vec<_>, CubeError> = PRODUCTS.par_iter().map(field).collect();
        fields?.into_iter().try_fold(scene, |scene, (of, map)| {
            Ok(scene.with_field(of.name, of.units, map)?)
        })
    }

    /// A variable on the 1 km cells of a part.
    fn on_cells(
        &self,
        variable: &Variable,
        day_idx: usize,
        part: &Window,
    ) -> Result<Array2<f32>, CubeError> {
        if variable.axes != Axes::DailyCoarseMap {
            return self.read(variable, day_idx, part);
        }
        let coarse = coarsened(part)?;
        let map = self.read(variable, day_idx, &coarse)?;
        Ok(Array2::from_shape_fn(part.shape(), |(row, col)| {
            let row = (part.row0() + row) / COARSE_FACTOR - coarse.row0();
            let col = (part.col0() + col) / COARSE_FACTOR - coarse.col0();
            map[[row, col]]
        }))
    }
}

fn named(name: &str) -> Result<&'static Variable, CubeError> {
    all_variables()
        .find(|variable| variable.name == name)
        .ok_or_else(|| CubeError::Outside {
            what: format!("variable `{name}`"),
        })
}

#[cfg(test)]
mod tests;
