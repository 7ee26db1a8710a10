//! Mean over the area of each cell.

use super::area::{Accumulator, gather};
use super::{Resampled, SourcePoint, SourceRaster};
use crate::{ProjectedM, Window};

/// Mean of the valid pixels under each cell of `window`, weighted by the overlap.
///
/// `value = Σ w v / Σ w` with `w` the area that pixel and cell share; sums in `f64`. The remapping
/// is conservative: where all is valid, the sum of value times area is that of the source.
///
/// Average radar backscatter in linear power, never in dB.
///
/// # Shapes and units
/// `source`: `[row, col]` in any unit; the result is in the same unit, shaped as the window.
/// `to_source` takes a point of the window's projection, in metres, to the source's coordinates.
/// # Missing values
/// NaN and infinite pixels, and the area outside the source, have no weight; `valid_fraction` is
/// the share of the cell's area that remains. A cell without any is NaN, and so is one of which
/// `to_source` does not know a corner. Cells that touch a pole are not reliable in a source in
/// degrees, where the pole is a line.
/// # References
/// Jones (1999), doi:10.1175/1520-0493(1999)127<2204:FASOCR>2.0.CO;2 (first order).
/// # Examples
/// A source of 2 × 2 pixels per M36 cell, one pixel missing:
/// ```
/// use ndarray::array;
/// use vadose_grid::resample::{SourcePoint, SourceRaster, area_mean};
/// use vadose_grid::{EaseGrid2, Window};
///
/// let window = Window::new(EaseGrid2::M36, 100, 200, 1, 1)?;
/// let [x, size, _, y, _, _] = window.geotransform();
/// let values = array![[1.0_f32, 2.0], [6.0, f32::NAN]];
/// let source = SourceRaster::new(values.view(), [x, size / 2.0, 0.0, y, 0.0, -size / 2.0])?;
///
/// let mean = area_mean(&source, &window, |p| Some(SourcePoint { x: p.x_m, y: p.y_m }));
/// assert!((mean.values[[0, 0]] - 3.0).abs() < 1e-6);
/// assert!((mean.valid_fraction[[0, 0]] - 0.75).abs() < 1e-6);
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
pub fn area_mean<F>(source: &SourceRaster<'_, f32>, window: &Window, to_source: F) -> Resampled<f32>
where
    F: Fn(ProjectedM) -> Option<SourcePoint> + Sync,
{
    gather::<f32, Mean, F>(source, window, to_source)
}

#[derive(Default)]
struct Mean {
    weighted_sum: f64,
    weight: f64,
}

impl Accumulator<f32> for Mean {
    type Value = f32;
    const MISSING: f32 = f32::NAN;

    fn add(&mut self, pixel: f32, overlap: f64) -> bool {
        let valid = pixel.is_finite();
        if valid {
            self.weighted_sum += overlap * f64::from(pixel);
            self.weight += overlap;
        }
        valid
    }

    fn value(&self) -> f32 {
        (self.weighted_sum / self.weight) as f32
    }
}
