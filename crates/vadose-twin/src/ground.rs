//! The state of the ground that the instruments look at, and its means over coarse cells.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayView2};
use vadose_grid::Window;
use vadose_physics::IgbpClass;

use crate::error::TwinError;
use crate::layers::Layers;
use crate::orbit::whole_coarse_cells;

/// The ground of a window at the time of an overpass: static layers and four fields of that day,
/// all of the window's shape `[row, col]`.
///
/// Soil fields of open water mean nothing and may be NaN there, save the temperature.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Static layers.
    pub layers: &'a Layers,
    /// Soil moisture of the top 5 cm, m3 m-3.
    pub soil_moisture: ArrayView2<'a, f32>,
    /// Effective temperature of soil and canopy, and of water, K.
    pub temperature_kelvin: ArrayView2<'a, f32>,
    /// Vegetation water content, kg m-2.
    pub vwc_kg_m2: ArrayView2<'a, f32>,
    /// Rain of the last hours before the overpass, mm: what is still on the leaves.
    pub recent_rain_mm: ArrayView2<'a, f32>,
}

impl Ground<'_> {
    /// The window.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.layers.window
    }

    /// The window on M09, if window and fields fit together.
    ///
    /// # Errors
    /// [`TwinError::Window`] for edges off multiples of 9; [`TwinError::Shape`].
    pub(crate) fn coarse_window(&self) -> Result<Window, TwinError> {
        let expected = self.window().shape();
        let shapes = [
            ("soil_moisture", self.soil_moisture.dim()),
            ("temperature_kelvin", self.temperature_kelvin.dim()),
            ("vwc_kg_m2", self.vwc_kg_m2.dim()),
            ("recent_rain_mm", self.recent_rain_mm.dim()),
            ("clay_fraction", self.layers.clay_fraction.dim()),
            ("bulk_density_g_cm3", self.layers.bulk_density_g_cm3.dim()),
            ("land_cover", self.layers.land_cover.dim()),
            ("water_fraction", self.layers.water_fraction.dim()),
            ("elevation_m", self.layers.elevation_m.dim()),
        ];
        for (field, got) in shapes {
            if got != expected {
                return Err(TwinError::Shape {
                    field,
                    expected,
                    got,
                });
            }
        }
        whole_coarse_cells(self.window())
    }
}

/// The class of a land-cover number; one that is no class counts as barren.
pub(crate) fn class_of(code: u8) -> IgbpClass {
    IgbpClass::try_from(code).unwrap_or(IgbpClass::Barren)
}

/// Means over blocks of `factor` x `factor` cells of a value of each cell; NaN without any finite.
///
/// `shape` is that of the blocks; `value` takes row and column of the fine cells. Sums are f64.
pub(crate) fn block_mean(
    shape: (usize, usize),
    factor: usize,
    value: impl Fn(usize, usize) -> f32 + Sync,
) -> Array2<f32> {
    let mut coarse = Array2::zeros(shape);
    coarse
        .outer_iter_mut()
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut out)| {
            for (col, cell) in out.iter_mut().enumerate() {
                let (mut sum, mut n) = (0.0_f64, 0_u32);
                for fine_row in row * factor..(row + 1) * factor {
                    for fine_col in col * factor..(col + 1) * factor {
                        let value = value(fine_row, fine_col);
                        if value.is_finite() {
                            sum += f64::from(value);
                            n += 1;
                        }
                    }
                }
                // Without any it is 0 / 0.
                *cell = (sum / f64::from(n)) as f32;
            }
        });
    coarse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_means_leave_missing_cells_out() {
        let mut fine = Array2::from_shape_fn((6, 6), |(row, col)| (row * 6 + col) as f32);
        fine[[0, 0]] = f32::NAN;
        for col in 3..6 {
            for row in 3..6 {
                fine[[row, col]] = f32::NAN;
            }
        }
        let coarse = block_mean((2, 2), 3, |row, col| fine[[row, col]]);
        assert_eq!(coarse.dim(), (2, 2));
        assert_eq!(coarse[[0, 0]], 63.0 / 8.0);
        assert_eq!(coarse[[0, 1]], 10.0);
        assert!(coarse[[1, 1]].is_nan());
    }
}
