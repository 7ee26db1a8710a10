//! The fictitious land: relief with rivers, soils, land cover and greenness, from one seed.
//!
//! Order of causes, as in nature: relief and regional climate first, then the rivers that carve
//! it, then soils (finer and wetter in valleys), then land cover and greenness. Every field is a
//! function of a cell's global indices alone.

mod cover;
mod soil;
mod terrain;

use ndarray::{Array2, Axis, Zip};
use rayon::prelude::*;
use vadose_grid::{EaseGrid2, Window};
use vadose_scene::seed;

use crate::climate::Climate;
use crate::error::TwinError;
use crate::layers::Layers;
use crate::positions::Positions;
use cover::{Cover, Site};
use soil::Soil;
use terrain::Terrain;

/// The static half of the twin.
///
/// # Examples
/// ```
/// use vadose_grid::{Cell, EaseGrid2, Window};
/// use vadose_twin::Landscape;
/// let landscape = Landscape::new(42);
/// let large = landscape.layers(&Window::new(EaseGrid2::M01, 2000, 6000, 24, 24)?)?;
/// let small = landscape.layers(&Window::new(EaseGrid2::M01, 2010, 6010, 1, 1)?)?;
/// assert_eq!(small.elevation_m[[0, 0]], large.elevation_m[[10, 10]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Landscape {
    climate: Climate,
    terrain: Terrain,
    soil: Soil,
    cover: Cover,
}

/// Rows of one unit of work: a few milliseconds for a row of 2,565 cells.
const ROWS_PER_TASK: usize = 16;

impl Landscape {
    /// The landscape of this master seed.
    #[must_use]
    pub fn new(master: u64) -> Self {
        let seed = seed::derive(master, "landscape");
        Self {
            climate: Climate::new(master),
            terrain: Terrain::new(seed),
            soil: Soil::new(seed),
            cover: Cover::new(seed),
        }
    }

    /// The static layers of a window of M01, on all threads of the current rayon pool.
    ///
    /// A window made alone equals the same cells of a larger one, bit for bit.
    ///
    /// # Errors
    /// [`TwinError::Grid`] for a window of another grid.
    pub fn layers(&self, window: &Window) -> Result<Layers, TwinError> {
        if window.grid() != EaseGrid2::M01 {
            return Err(TwinError::Grid { got: window.grid() });
        }
        let bands = bands(window)?;
        let parts: Vec<Layers> = bands
            .par_iter()
            .map(|band| self.band(band))
            .collect::<Result<_, _>>()?;
        Ok(stack(*window, &parts))
    }

    fn band(&self, window: &Window) -> Result<Layers, TwinError> {
        let positions = Positions::of_window(window)?;
        let mountains = self.climate.mountainousness(&positions);
        let wetness = self.climate.wetness(&positions);
        let relief = self.terrain.relief(&positions, &mountains, &wetness);
        let soil = self.soil.fields(&positions, &relief, &mountains, &wetness);
        let mut layers = Layers {
            window: *window,
            elevation_m: relief.elevation_m,
            wetness_index: relief.wetness_index,
            clay_fraction: soil.clay_fraction,
            sand_fraction: soil.sand_fraction,
            bulk_density_g_cm3: soil.bulk_density_g_cm3,
            land_cover: Array2::zeros(window.shape()),
            water_fraction: relief.water_fraction,
            ndvi_min: Array2::zeros(window.shape()),
            ndvi_max: Array2::zeros(window.shape()),
        };
        let draws = self.cover.draws(&positions);
        for ((row, col), class) in layers.land_cover.indexed_iter_mut() {
            let at = [row, col];
            let site = Site {
                elevation_m: layers.elevation_m[at],
                wetness_index: layers.wetness_index[at],
                water_fraction: layers.water_fraction[at],
                mountainousness: mountains[at],
                log_wetness: wetness[at].ln(),
                patch: draws.patch[at],
                mosaic: draws.mosaic[at],
                town: draws.town[at],
            };
            let chosen = cover::class_of(&site);
            *class = chosen.code();
            (layers.ndvi_min[at], layers.ndvi_max[at]) = cover::greenness(chosen, &site);
        }
        Ok(layers)
    }
}

/// The window in bands of [`ROWS_PER_TASK`] rows.
fn bands(window: &Window) -> Result<Vec<Window>, TwinError> {
    let end = window.row0() + window.rows();
    (window.row0()..end)
        .step_by(ROWS_PER_TASK)
        .map(|row0| {
            let rows = ROWS_PER_TASK.min(end - row0);
            Window::new(window.grid(), row0, window.col0(), rows, window.cols())
                .map_err(TwinError::Place)
        })
        .collect()
}

/// Bands from north to south, as one window.
fn stack(window: Window, bands: &[Layers]) -> Layers {
    fn join<T: Copy + Default>(
        bands: &[Layers],
        shape: (usize, usize),
        field: impl Fn(&Layers) -> &Array2<T>,
    ) -> Array2<T> {
        let mut whole = Array2::from_elem(shape, T::default());
        for (mut rows, band) in whole
            .axis_chunks_iter_mut(Axis(0), ROWS_PER_TASK)
            .zip(bands)
        {
            Zip::from(&mut rows)
                .and(field(band))
                .for_each(|to, &from| *to = from);
        }
        whole
    }
    let shape = window.shape();
    Layers {
        window,
        elevation_m: join(bands, shape, |band| &band.elevation_m),
        wetness_index: join(bands, shape, |band| &band.wetness_index),
        clay_fraction: join(bands, shape, |band| &band.clay_fraction),
        sand_fraction: join(bands, shape, |band| &band.sand_fraction),
        bulk_density_g_cm3: join(bands, shape, |band| &band.bulk_density_g_cm3),
        land_cover: join(bands, shape, |band| &band.land_cover),
        water_fraction: join(bands, shape, |band| &band.water_fraction),
        ndvi_min: join(bands, shape, |band| &band.ndvi_min),
        ndvi_max: join(bands, shape, |band| &band.ndvi_max),
    }
}

#[cfg(test)]
mod tests;
