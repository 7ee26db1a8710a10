//! Which cells of the granule train, validate and are withheld.

use std::collections::BTreeSet;
use std::path::Path;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use vadose_grid::Cell;
use vadose_io::Spl2SmapS;
use vadose_retrieve::coarse_average;
use vadose_scene::{
    COARSE_FACTOR, CoarseTarget, Scene, Split, StationSplit, pseudo_stations, seed,
};

use super::DemoConfig;
use crate::StudyError;

/// The granule as a scene with pseudo-stations, and the cells that were held back.
pub struct Experiment {
    granule_name: String,
    scene: Scene,
    split: StationSplit,
    soil_moisture: Array2<f32>,
    withheld: Vec<(usize, usize)>,
    withheld_blocks: Vec<(usize, usize)>,
}

/// Cells by what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellCounts {
    /// Cells of recommended quality that can be predicted.
    pub recommended: usize,
    /// Pseudo-stations that train.
    pub train: usize,
    /// Pseudo-stations that validate.
    pub validation: usize,
    /// Recommended cells that are no pseudo-station.
    pub withheld: usize,
    /// Withheld cells in 9 km cells without any pseudo-station drawn from them.
    pub withheld_in_withheld_m09_cells: usize,
}

impl Experiment {
    /// Draws pseudo-stations and computes the coarse target `Z = D(granule soil moisture)`.
    pub(super) fn new(
        product: &Spl2SmapS,
        granule: &Path,
        config: &DemoConfig,
    ) -> Result<Self, StudyError> {
        let scene = product.to_scene()?;
        let soil_moisture = scene
            .field("soil_moisture")
            .map(|field| field.to_owned())
            .unwrap_or_else(|| Array2::from_elem(scene.window().shape(), f32::NAN));
        let recommended = product.recommended();
        let usable = Array2::from_shape_fn(scene.window().shape(), |at| {
            recommended[at] && scene.predictable()[at]
        });
        let n_usable = usable.iter().filter(|cell| **cell).count();
        let blocks = withheld_blocks(&scene, &usable, config);
        let eligible = Array2::from_shape_fn(usable.dim(), |at| {
            usable[at] && !blocks.contains(&block_of(&scene, at))
        });
        let n_stations = config.n_train + config.n_validation;
        let n_eligible = eligible.iter().filter(|cell| **cell).count();
        if n_eligible < n_stations {
            return Err(StudyError::TooFewCells {
                path: granule.to_owned(),
                found: n_eligible,
                needed: n_stations,
            });
        }
        let stations = pseudo_stations(
            soil_moisture.view(),
            &eligible,
            scene.window(),
            n_stations,
            config.station_noise,
            config.seed,
        )?;
        let split: StationSplit = stations
            .iter()
            .enumerate()
            .flat_map(|(position, cell)| {
                let split = if position < config.n_train {
                    Split::Train
                } else {
                    Split::Validation
                };
                cell.stations
                    .iter()
                    .map(move |station| (station.clone(), split))
            })
            .collect();
        let taken: BTreeSet<Cell> = stations.iter().map(|station| station.cell).collect();
        let withheld: Vec<(usize, usize)> = usable
            .indexed_iter()
            .filter(|(at, usable)| {
                **usable
                    && !scene
                        .window()
                        .cell_at(at.0, at.1)
                        .is_some_and(|c| taken.contains(&c))
            })
            .map(|(at, _)| at)
            .collect();
        let withheld_blocks = withheld
            .iter()
            .copied()
            .filter(|at| blocks.contains(&block_of(&scene, *at)))
            .collect();
        debug_assert_eq!(withheld.len() + stations.len(), n_usable);
        let coarse = coarse_average(scene.window(), soil_moisture.view())?;
        let scene = scene.with_stations(stations)?.with_coarse_target(coarse)?;
        let granule_name = granule
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            granule_name,
            scene,
            split,
            soil_moisture,
            withheld,
            withheld_blocks,
        })
    }

    /// The granule's file name.
    #[must_use]
    pub fn granule_name(&self) -> &str {
        &self.granule_name
    }

    /// The scene, with pseudo-stations and coarse target.
    #[must_use]
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Which pseudo-station trains, which validates.
    #[must_use]
    pub fn split(&self) -> &StationSplit {
        &self.split
    }

    /// The granule's own soil moisture, m3 m-3.
    #[must_use]
    pub fn soil_moisture(&self) -> ArrayView2<'_, f32> {
        self.soil_moisture.view()
    }

    /// The coarse target.
    #[must_use]
    pub fn coarse_target(&self) -> &CoarseTarget {
        self.scene
            .coarse_target()
            .expect("the experiment sets a coarse target")
    }

    /// Recommended cells that are no pseudo-station: row and column in the window.
    #[must_use]
    pub fn withheld(&self) -> &[(usize, usize)] {
        &self.withheld
    }

    /// The withheld cells that lie in 9 km cells without a pseudo-station.
    #[must_use]
    pub fn withheld_blocks(&self) -> &[(usize, usize)] {
        &self.withheld_blocks
    }

    /// Pseudo-stations of a split: row and column in the window, and value.
    #[must_use]
    pub fn stations(&self, split: Split) -> Vec<((usize, usize), f32)> {
        self.scene
            .stations()
            .iter()
            .filter(|station| self.split.of_all(&station.stations) == Some(split))
            .filter_map(|station| {
                Some((
                    self.scene.window().offset_of(station.cell)?,
                    station.value_m3m3,
                ))
            })
            .collect()
    }

    /// How many cells serve what.
    #[must_use]
    pub fn counts(&self) -> CellCounts {
        let split = self.split.counts();
        CellCounts {
            recommended: self.withheld.len() + split.train + split.validation,
            train: split.train,
            validation: split.validation,
            withheld: self.withheld.len(),
            withheld_in_withheld_m09_cells: self.withheld_blocks.len(),
        }
    }
}

/// The 9 km cell of a cell of the window.
fn block_of(scene: &Scene, at: (usize, usize)) -> (usize, usize) {
    let window = scene.window();
    (
        (window.row0() + at.0) / COARSE_FACTOR,
        (window.col0() + at.1) / COARSE_FACTOR,
    )
}

/// Draws the 9 km cells from which no pseudo-station may come, among those that hold a usable cell.
fn withheld_blocks(
    scene: &Scene,
    usable: &Array2<bool>,
    config: &DemoConfig,
) -> BTreeSet<(usize, usize)> {
    let with_cells: BTreeSet<_> = usable
        .indexed_iter()
        .filter(|(_, usable)| **usable)
        .map(|(at, _)| block_of(scene, at))
        .collect();
    let mut blocks: Vec<_> = with_cells.into_iter().collect();
    seed::shuffle(
        &mut seed::rng(config.seed, "withheld 9 km cells"),
        &mut blocks,
    );
    let n = (blocks.len() as f64 * config.withheld_coarse_fraction).round() as usize;
    blocks.into_iter().take(n).collect()
}
