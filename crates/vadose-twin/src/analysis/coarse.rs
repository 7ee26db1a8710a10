//! The layers of coarse cells.

use ndarray::{Array2, ArrayView2, Axis};
use vadose_grid::{EaseGrid2, Window};

use crate::error::TwinError;
use crate::layers::Layers;

/// Layers on M09: means over the 9 × 9 cells, of soils over those that are land; the class that
/// most cells have.
///
/// # Shapes and units
/// As [`Layers`]. The window must consist of whole M09 cells.
/// # Missing values
/// A cell without land has the means over all its cells.
/// # Errors
/// [`TwinError::Grid`] if the layers are not on M01; [`TwinError::NotAligned`] if the window cuts a
/// coarse cell.
pub fn coarsened(layers: &Layers) -> Result<Layers, TwinError> {
    let fine = layers.window;
    if fine.grid() != EaseGrid2::M01 {
        return Err(TwinError::Grid { got: fine.grid() });
    }
    let window = fine.coarsened(EaseGrid2::M09).map_err(TwinError::Place)?;
    if fine.snapped_outward(CELLS) != fine {
        return Err(TwinError::NotAligned { window: fine });
    }
    let all = Array2::from_elem(fine.shape(), 1.0);
    let land = layers.water_fraction.mapv(|water| 1.0 - water);
    let mean = |field: &Array2<f32>, weight: &Array2<f32>| block_mean(&window, field, weight, &all);
    Ok(Layers {
        window,
        elevation_m: mean(&layers.elevation_m, &all),
        wetness_index: mean(&layers.wetness_index, &land),
        clay_fraction: mean(&layers.clay_fraction, &land),
        sand_fraction: mean(&layers.sand_fraction, &land),
        bulk_density_g_cm3: mean(&layers.bulk_density_g_cm3, &land),
        land_cover: Array2::from_shape_fn(window.shape(), |at| {
            most_common(block(&layers.land_cover, at))
        }),
        water_fraction: mean(&layers.water_fraction, &all),
        ndvi_min: mean(&layers.ndvi_min, &land),
        ndvi_max: mean(&layers.ndvi_max, &land),
    })
}

/// M01 cells along an edge of an M09 cell.
const CELLS: usize = 9;

fn block<T>(field: &Array2<T>, (row, col): (usize, usize)) -> ArrayView2<'_, T> {
    let mut cells = field.view();
    cells.slice_axis_inplace(Axis(0), (row * CELLS..(row + 1) * CELLS).into());
    cells.slice_axis_inplace(Axis(1), (col * CELLS..(col + 1) * CELLS).into());
    cells
}

/// Weighted mean of each block; where the weights are all 0, by `fallback`.
fn block_mean(
    window: &Window,
    field: &Array2<f32>,
    weight: &Array2<f32>,
    fallback: &Array2<f32>,
) -> Array2<f32> {
    Array2::from_shape_fn(window.shape(), |at| {
        let values = block(field, at);
        let by = |weight: &Array2<f32>| {
            let pairs = values.iter().zip(block(weight, at));
            pairs.fold((0.0, 0.0), |(sum, total), (&value, &weight)| {
                (
                    sum + f64::from(value) * f64::from(weight),
                    total + f64::from(weight),
                )
            })
        };
        let (sum, total) = match by(weight) {
            (_, 0.0) => by(fallback),
            weighted => weighted,
        };
        (sum / total) as f32
    })
}

/// The class that most cells have; of equals, the lowest number.
fn most_common(classes: ArrayView2<'_, u8>) -> u8 {
    let mut counts = [0_u32; 256];
    classes
        .iter()
        .for_each(|&class| counts[usize::from(class)] += 1);
    let largest = counts.iter().copied().max().unwrap_or(0);
    (0..=u8::MAX)
        .find(|&class| counts[usize::from(class)] == largest)
        .unwrap_or(0)
}
