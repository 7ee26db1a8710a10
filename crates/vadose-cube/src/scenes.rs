//! The tiles and days of a cube as scenes.

use std::sync::Arc;

use rayon::prelude::*;
use vadose_grid::Window;
use vadose_scene::{COARSE_FACTOR, ChannelSet, Scene, SceneError, SceneSource, covering_tiles};

use crate::{Cube, CubeError};

/// The tiles of a cube on its days: one scene for each tile and day with a cell to predict.
///
/// Only the list lies in memory; a scene is read when it is asked for, its variables in parallel,
/// and several threads may ask at once.
#[derive(Debug)]
pub struct CubeScenes {
    cube: Arc<Cube>,
    scenes: Vec<SceneRef>,
    n_left_out: usize,
    channels: ChannelSet,
    with_products: bool,
}

/// A tile on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SceneRef {
    /// Position in [`Cube::days`].
    pub day_idx: usize,
    /// The tile, as far as it lies within the cube.
    pub window: Window,
}

impl CubeScenes {
    /// Covers the window with tiles of `size`×`size` cells that share at least `min_overlap`
    /// ([`covering_tiles`]), and takes those of the days of these positions in [`Cube::days`] that
    /// hold a cell of land with brightness temperature. The order is that of the days given, then row
    /// by row.
    ///
    /// # Errors
    /// [`CubeError::Scene`] for an impossible overlap; [`CubeError::Outside`] for a day that the cube
    /// does not have; [`CubeError::Io`] if a file of it is damaged.
    pub fn new(
        cube: Arc<Cube>,
        size: usize,
        min_overlap: usize,
        day_idxs: &[usize],
    ) -> Result<Self, CubeError> {
        let tiles = covering_tiles(cube.window(), size, min_overlap)?;
        let windows: Vec<Window> = tiles
            .iter()
            .filter_map(|tile| {
                let (row0, col0) = (tile.row0 as usize, tile.col0 as usize);
                let rows = tile
                    .size
                    .min(cube.window().row0() + cube.window().rows() - row0);
                let cols = tile
                    .size
                    .min(cube.window().col0() + cube.window().cols() - col0);
                Window::new(cube.window().grid(), row0, col0, rows, cols).ok()
            })
            .collect();
        let land = cube.map("land", 0, cube.window())?;
        let of_day = |&day_idx: &usize| {
            let seen = cube.seen(day_idx)?;
            let is_predictable = |window: &&Window| {
                let offset = [
                    window.row0() - cube.window().row0(),
                    window.col0() - cube.window().col0(),
                ];
                (offset[0]..offset[0] + window.rows()).any(|row| {
                    (offset[1]..offset[1] + window.cols()).any(|col| {
                        land[[row, col]] == 1.0 && seen[[row / COARSE_FACTOR, col / COARSE_FACTOR]]
                    })
                })
            };
            let windows = windows.iter().filter(is_predictable);
            let scenes = windows.map(|&window| SceneRef { day_idx, window });
            Ok(scenes.collect())
        };
        let scenes: Result<Vec<Vec<_>>, CubeError> = day_idxs.par_iter().map(of_day).collect();
        let scenes = scenes?.concat();
        Ok(Self {
            n_left_out: windows.len() * day_idxs.len() - scenes.len(),
            scenes,
            cube,
            channels: ChannelSet::preset("paper")?,
            with_products: false,
        })
    }

    /// The same scenes with the other channels of a set too ([`Cube::scene_with`]).
    #[must_use]
    pub fn with_channels(self, channels: &ChannelSet) -> Self {
        Self {
            channels: channels.clone(),
            ..self
        }
    }

    /// The same scenes with the [`PRODUCTS`](crate::PRODUCTS) as further fields, to compare with; those of
    /// 9 km have their value in each of the 1 km cells that nest in theirs. Training does without, which saves
    /// their reading.
    #[must_use]
    pub fn with_products(self) -> Self {
        Self {
            with_products: true,
            ..self
        }
    }

    /// The cube.
    #[must_use]
    pub fn cube(&self) -> &Arc<Cube> {
        &self.cube
    }

    /// The tiles and days, in order.
    #[must_use]
    pub fn scenes(&self) -> &[SceneRef] {
        &self.scenes
    }

    /// Tiles and days without a cell to predict.
    #[must_use]
    pub fn n_left_out(&self) -> usize {
        self.n_left_out
    }
}

/// The stations of a cube without its maps: one scene a day, of the whole window. For what looks at stations
/// alone, such as the leak report.
#[derive(Debug, Clone)]
pub struct StationScenes(Arc<Cube>);

impl StationScenes {
    /// Of all days of a cube.
    #[must_use]
    pub fn new(cube: Arc<Cube>) -> Self {
        Self(cube)
    }
}

impl SceneSource for StationScenes {
    fn len(&self) -> usize {
        self.0.days().len()
    }

    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
        let cube = &self.0;
        let day = cube.days().get(index).ok_or(SceneError::IndexOutOfRange {
            index,
            len: cube.days().len(),
        })?;
        let stations = cube.stations_in(day.date, cube.window());
        let scene = Scene::new(day.date.to_string(), *cube.window()).with_time(day.time);
        Ok(Arc::new(scene.with_stations(stations)?))
    }
}

impl SceneSource for CubeScenes {
    fn len(&self) -> usize {
        self.scenes.len()
    }

    fn scene(&self, index: usize) -> Result<Arc<Scene>, SceneError> {
        let SceneRef { day_idx, window } =
            *self.scenes.get(index).ok_or(SceneError::IndexOutOfRange {
                index,
                len: self.scenes.len(),
            })?;
        let mut scene = self.cube.scene_with(&self.channels, day_idx, &window);
        if self.with_products {
            scene = scene.and_then(|scene| self.cube.with_products(scene, day_idx));
        }
        match scene {
            Ok(scene) => Ok(Arc::new(scene)),
            Err(error) => Err(SceneError::Source {
                scene: format!("{} {window:?}", self.cube.days()[day_idx].date),
                source: Box::new(error),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
