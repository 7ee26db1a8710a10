//! The raster that is resampled: an array, where it lies, and whether it wraps around.

use ndarray::ArrayView2;

use crate::GridError;

/// A point in the coordinates of a source raster, in its own units (metres or degrees).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SourcePoint {
    /// First coordinate: easting or longitude.
    pub x: f64,
    /// Second coordinate: northing or latitude.
    pub y: f64,
}

/// A position on a raster in pixels from the outer corner of its first pixel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PixelPoint {
    pub(crate) row: f64,
    pub(crate) col: f64,
}

/// A regular raster: `values[row, col]` and the GDAL geotransform that places it.
///
/// # Examples
/// A 2 × 2 raster of 1° pixels with its upper-left corner at 10° E, 50° N:
/// ```
/// use ndarray::array;
/// use vadose_grid::resample::SourceRaster;
/// let values = array![[1.0_f32, 2.0], [3.0, f32::NAN]];
/// let raster = SourceRaster::new(values.view(), [10.0, 1.0, 0.0, 50.0, 0.0, -1.0])?;
/// # Ok::<(), vadose_grid::GridError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SourceRaster<'a, T> {
    values: ArrayView2<'a, T>,
    /// Inverse of the geotransform: `[col0, dcol/dx, dcol/dy, row0, drow/dx, drow/dy]`.
    to_pixels: [f64; 6],
    /// Period of the x axis, in source units.
    x_period: Option<f64>,
}

impl<'a, T: Copy> SourceRaster<'a, T> {
    /// A raster with the geotransform `[x0, dx/dcol, dx/drow, y0, dy/dcol, dy/drow]`, where
    /// (x0, y0) is the outer corner of `values[0, 0]`; rotated and south-up rasters are fine.
    ///
    /// # Errors
    /// [`GridError::EmptyRaster`], [`GridError::Geotransform`] if it is not finite or not
    /// invertible.
    pub fn new(values: ArrayView2<'a, T>, geotransform: [f64; 6]) -> Result<Self, GridError> {
        let (rows, cols) = values.dim();
        if values.is_empty() {
            return Err(GridError::EmptyRaster { rows, cols });
        }
        let [x0, x_col, x_row, y0, y_col, y_row] = geotransform;
        let determinant = x_col * y_row - x_row * y_col;
        let (col_x, col_y) = (y_row / determinant, -x_row / determinant);
        let (row_x, row_y) = (-y_col / determinant, x_col / determinant);
        let (col0, row0) = (-(col_x * x0 + col_y * y0), -(row_x * x0 + row_y * y0));
        let to_pixels = [col0, col_x, col_y, row0, row_x, row_y];
        if determinant == 0.0 || to_pixels.iter().any(|c| !c.is_finite()) {
            return Err(GridError::Geotransform { geotransform });
        }
        Ok(Self {
            values,
            to_pixels,
            x_period: None,
        })
    }

    /// The same raster with an x axis that repeats itself: 360 for longitudes in degrees.
    ///
    /// Then -100° finds a raster whose columns run from 0° to 360°, and a global raster continues
    /// across its seam.
    ///
    /// # Errors
    /// [`GridError::Period`] unless it is positive and finite.
    pub fn with_x_period(self, period: f64) -> Result<Self, GridError> {
        if period > 0.0 && period.is_finite() {
            Ok(Self {
                x_period: Some(period),
                ..self
            })
        } else {
            Err(GridError::Period { period })
        }
    }

    /// Where a source coordinate lies on the raster; `None` unless it is finite.
    pub(crate) fn pixel_point(&self, point: SourcePoint) -> Option<PixelPoint> {
        let [col0, col_x, col_y, row0, row_x, row_y] = self.to_pixels;
        let row = row0 + row_x * point.x + row_y * point.y;
        let col = col0 + col_x * point.x + col_y * point.y;
        (row.is_finite() && col.is_finite()).then_some(PixelPoint { row, col })
    }

    /// `point` moved by whole periods to the side of `anchor`, so that a cell across the seam is
    /// not torn apart.
    pub(crate) fn beside(&self, anchor: SourcePoint, point: SourcePoint) -> SourcePoint {
        let x = match self.x_period {
            Some(period) => point.x - ((point.x - anchor.x) / period).round() * period,
            None => point.x,
        };
        SourcePoint { x, y: point.y }
    }

    /// The pixel at signed indices; `None` beyond the raster.
    pub(crate) fn pixel(&self, row: i64, col: i64) -> Option<T> {
        let row = usize::try_from(row).ok()?;
        let col = usize::try_from(self.first_turn(col)).ok()?;
        self.values.get((row, col)).copied()
    }

    /// A column index moved by whole periods to the first turn that starts at column 0.
    fn first_turn(&self, col: i64) -> i64 {
        match self.x_period.map(|period| period * self.to_pixels[1].abs()) {
            // On a raster whose period is no whole number of pixels the seam is a fraction off.
            Some(period_pixels) if period_pixels >= 1.0 => {
                (col as f64 + 0.5).rem_euclid(period_pixels).floor() as i64
            }
            _ => col,
        }
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.values.nrows()
    }

    /// Columns that signed indices may name: those of the raster, or all if the x axis repeats.
    pub(crate) fn col_limits(&self) -> (f64, f64) {
        match self.x_period {
            Some(_) => (f64::NEG_INFINITY, f64::INFINITY),
            None => (0.0, self.values.ncols() as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn a_rotated_geotransform_is_inverted() {
        let values = Array2::<f32>::zeros((3, 4));
        // x = 5 + 2 col - row, y = 7 + col + 3 row
        let raster = SourceRaster::new(values.view(), [5.0, 2.0, -1.0, 7.0, 1.0, 3.0]).unwrap();
        let (row, col) = (1.25, 2.5);
        let point = SourcePoint {
            x: 5.0 + 2.0 * col - row,
            y: 7.0 + col + 3.0 * row,
        };
        let pixel = raster.pixel_point(point).unwrap();
        assert!((pixel.row - row).abs() < 1e-12 && (pixel.col - col).abs() < 1e-12);
    }

    #[test]
    fn a_degenerate_raster_is_refused() {
        let values = array![[1.0_f32]];
        for geotransform in [[0.0; 6], [0.0, f64::NAN, 0.0, 0.0, 0.0, -1.0]] {
            let refused = SourceRaster::new(values.view(), geotransform).unwrap_err();
            assert!(matches!(refused, GridError::Geotransform { .. }));
        }
        let empty = Array2::<f32>::zeros((0, 3));
        let refused = SourceRaster::new(empty.view(), [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
        assert_eq!(
            refused.unwrap_err(),
            GridError::EmptyRaster { rows: 0, cols: 3 }
        );
    }

    #[test]
    fn a_period_that_is_none_is_refused() {
        let values = array![[1.0_f32]];
        let raster = SourceRaster::new(values.view(), [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]).unwrap();
        for period in [0.0, -360.0, f64::NAN, f64::INFINITY] {
            assert!(raster.with_x_period(period).is_err());
        }
    }
}
