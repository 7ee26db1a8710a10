//! The value of the source at the centre of each cell.

use ndarray::{Array2, Zip};

use super::source_raster::PixelPoint;
use super::{Resampled, SourcePoint, SourceRaster};
use crate::{ProjectedM, Window};

/// The pixel under the centre of each cell of `window`.
///
/// # Shapes and units
/// `source`: `[row, col]` in any unit; the result is in the same unit, shaped as the window.
/// `to_source` as for [`area_mean`](super::area_mean). A pixel owns its edges of lower index.
/// # Missing values
/// NaN pixels, centres outside the source, and centres that `to_source` does not know give NaN and
/// a `valid_fraction` of 0; elsewhere it is 1.
/// # Examples
/// ```
/// use ndarray::array;
/// use vadose_grid::resample::{SourceRaster, geographic, nearest};
/// use vadose_grid::{EaseGrid2, LatLonDeg, Window};
///
/// let values = array![[1.0_f32, 2.0], [3.0, 4.0]];
/// let source = SourceRaster::new(values.view(), [-180.0, 180.0, 0.0, 90.0, 0.0, -90.0])?;
/// let boulder = EaseGrid2::M09.locate(LatLonDeg { lat_deg: 40.0150, lon_deg: -105.2705 })?;
/// let window = Window::new(EaseGrid2::M09, boulder.row, boulder.col, 1, 1)?;
/// assert_eq!(nearest(&source, &window, geographic(EaseGrid2::M09)).values[[0, 0]], 1.0);
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
pub fn nearest<F>(source: &SourceRaster<'_, f32>, window: &Window, to_source: F) -> Resampled<f32>
where
    F: Fn(ProjectedM) -> Option<SourcePoint> + Sync,
{
    sample(source, window, to_source, |source, centre| {
        let value = source.pixel(centre.row.floor() as i64, centre.col.floor() as i64)?;
        value.is_finite().then_some((value, 1.0))
    })
}

/// Bilinear interpolation between the four pixel centres around the centre of each cell.
///
/// Exact for fields that are linear in the source's coordinates.
///
/// # Shapes and units
/// As for [`nearest`].
/// # Missing values
/// A missing pixel, and one outside the source, gives its weight up to the others;
/// `valid_fraction` is the sum of the weights that remain. So within half a pixel of the source's
/// edge, and beside gaps, the result leans on fewer than four pixels. NaN where none remains.
/// # Examples
/// Halfway between two pixel centres:
/// ```
/// use ndarray::array;
/// use vadose_grid::resample::{SourcePoint, SourceRaster, bilinear};
/// use vadose_grid::{EaseGrid2, Window};
///
/// let window = Window::new(EaseGrid2::M09, 100, 200, 1, 1)?;
/// let values = array![[0.1_f32, 0.3]];
/// let source = SourceRaster::new(values.view(), [0.0, 1.0, 0.0, 1.0, 0.0, -1.0])?;
/// let result = bilinear(&source, &window, |_| Some(SourcePoint { x: 1.0, y: 0.5 }));
/// assert!((result.values[[0, 0]] - 0.2).abs() < 1e-7);
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
pub fn bilinear<F>(source: &SourceRaster<'_, f32>, window: &Window, to_source: F) -> Resampled<f32>
where
    F: Fn(ProjectedM) -> Option<SourcePoint> + Sync,
{
    sample(source, window, to_source, |source, centre| {
        // Pixel centres lie at half-integers.
        let (row, col) = (centre.row - 0.5, centre.col - 0.5);
        let (row0, col0) = (row.floor(), col.floor());
        let (down, right) = (row - row0, col - col0);
        let mut weighted_sum = 0.0;
        let mut weight = 0.0;
        for (row_step, row_weight) in [(0, 1.0 - down), (1, down)] {
            for (col_step, col_weight) in [(0, 1.0 - right), (1, right)] {
                let pixel = source.pixel(row0 as i64 + row_step, col0 as i64 + col_step);
                if let Some(value) = pixel.filter(|value| value.is_finite()) {
                    weighted_sum += row_weight * col_weight * f64::from(value);
                    weight += row_weight * col_weight;
                }
            }
        }
        (weight > 0.0).then(|| ((weighted_sum / weight) as f32, weight as f32))
    })
}

/// Applies `at` to the position of each cell's centre on the raster.
fn sample<F, S>(
    source: &SourceRaster<'_, f32>,
    window: &Window,
    to_source: F,
    at: S,
) -> Resampled<f32>
where
    F: Fn(ProjectedM) -> Option<SourcePoint> + Sync,
    S: Fn(&SourceRaster<'_, f32>, PixelPoint) -> Option<(f32, f32)> + Sync,
{
    let (x_m, y_m) = (window.x_centres_m(), window.y_centres_m());
    let mut values = Array2::from_elem(window.shape(), f32::NAN);
    let mut valid_fraction = Array2::zeros(window.shape());
    Zip::indexed(&mut values)
        .and(&mut valid_fraction)
        .par_for_each(|(row, col), value, fraction| {
            let sampled = to_source(ProjectedM {
                x_m: x_m[col],
                y_m: y_m[row],
            })
            .and_then(|point| source.pixel_point(point))
            .and_then(|centre| at(source, centre));
            if let Some(sampled) = sampled {
                (*value, *fraction) = sampled;
            }
        });
    Resampled {
        values,
        valid_fraction,
    }
}
