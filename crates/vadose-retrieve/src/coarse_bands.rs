//! The 9 km average of a map that comes row by row.

use ndarray::{Array2, Axis, Slice};
use vadose_grid::Window;
use vadose_ops::CoarseConfig;
use vadose_scene::COARSE_FACTOR;

use crate::{RetrieveError, coarse_average};

/// Averages a 1 km map to 9 km while its rows come, holding no more rows than the low-pass reaches over.
///
/// The values are those of [`coarse_average`] on the whole map.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_retrieve::CoarseBands;
///
/// let window = Window::new(EaseGrid2::M01, 1980, 7623, 90, 18)?;
/// let mut bands = CoarseBands::new(window)?;
/// let first = bands.push(Array2::from_elem((60, 18), 0.2))?;
/// let second = bands.push(Array2::from_elem((30, 18), 0.2))?;
/// assert_eq!(first.nrows() + second.nrows(), 10);
/// assert!((first[[0, 0]] - 0.2).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CoarseBands {
    window: Window,
    /// Rows that are still needed, from `first_row` on; counted from the top of the map.
    rows: Array2<f32>,
    first_row: usize,
    /// Coarse rows that have been handed on.
    n_done: usize,
    /// Coarse rows that the low-pass reaches over.
    reach: usize,
}

impl CoarseBands {
    /// For a map of `window`, whose edges lie on edges of 9 km cells.
    ///
    /// # Errors
    /// [`RetrieveError::NoCoarseCell`] for a window whose edges do not.
    pub fn new(window: Window) -> Result<Self, RetrieveError> {
        if window.snapped_outward(COARSE_FACTOR) != window {
            return Err(RetrieveError::NoCoarseCell {
                rows: window.rows(),
                cols: window.cols(),
            });
        }
        let reach = CoarseConfig::default().low_pass.reach_cells();
        Ok(Self {
            rows: Array2::zeros((0, window.cols())),
            first_row: 0,
            n_done: 0,
            reach: reach.div_ceil(COARSE_FACTOR),
            window,
        })
    }

    /// Takes the next rows of the map, and gives the coarse rows that they complete: perhaps none, and with the
    /// last rows of the map all that are left.
    ///
    /// # Errors
    /// [`RetrieveError::ShapeMismatch`] for rows of another width, or more rows than the map has.
    pub fn push(&mut self, band: Array2<f32>) -> Result<Array2<f32>, RetrieveError> {
        let (rows, cols) = self.window.shape();
        let end = self.first_row + self.rows.nrows() + band.nrows();
        if band.ncols() != cols || end > rows {
            return Err(RetrieveError::ShapeMismatch {
                expected: (rows - (end - band.nrows()).min(rows), cols),
                got: band.dim(),
            });
        }
        self.rows
            .append(Axis(0), band.view())
            .expect("bands are as wide as the map");
        let n_ready = if end == rows {
            rows / COARSE_FACTOR
        } else {
            (end / COARSE_FACTOR).saturating_sub(self.reach)
        };
        if n_ready <= self.n_done {
            return Ok(Array2::zeros((0, cols / COARSE_FACTOR)));
        }
        // What is held begins `reach` coarse rows above the first that is not done.
        let held = self.rows.nrows() / COARSE_FACTOR * COARSE_FACTOR;
        let part = Window::new(
            self.window.grid(),
            self.window.row0() + self.first_row,
            self.window.col0(),
            held,
            cols,
        )
        .expect("a part of a window lies on its grid");
        let whole_rows = self.rows.slice_axis(Axis(0), Slice::from(..held));
        let coarse = coarse_average(&part, whole_rows)?.values;
        let first = self.n_done - self.first_row / COARSE_FACTOR;
        let done = coarse
            .slice_axis(Axis(0), Slice::from(first..first + n_ready - self.n_done))
            .to_owned();
        self.n_done = n_ready;
        let keep_from = n_ready.saturating_sub(self.reach) * COARSE_FACTOR;
        self.rows = self
            .rows
            .slice_axis(Axis(0), Slice::from(keep_from - self.first_row..))
            .to_owned();
        self.first_row = keep_from;
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use vadose_grid::EaseGrid2;

    use super::*;

    #[test]
    fn bands_of_any_height_give_the_average_of_the_whole_map() {
        let window = Window::new(EaseGrid2::M01, 900, 1800, 180, 63).unwrap();
        let map = Array2::from_shape_fn(window.shape(), |(row, col)| {
            let value = ((row * 37 + col * 11) % 101) as f32 / 250.0;
            if (row / 20 + col / 15) % 4 == 0 {
                f32::NAN
            } else {
                value
            }
        });
        let whole = coarse_average(&window, map.view()).unwrap().values;
        for height in [1, 7, 9, 64, 100, 180] {
            let mut bands = CoarseBands::new(window).unwrap();
            let mut joined = Array2::zeros((0, 7));
            for first in (0..180).step_by(height) {
                let rows = Slice::from(first..180.min(first + height));
                let done = bands.push(map.slice_axis(Axis(0), rows).to_owned());
                joined.append(Axis(0), done.unwrap().view()).unwrap();
                assert!(bands.rows.nrows() <= height + (2 * bands.reach + 1) * COARSE_FACTOR);
            }
            assert_eq!(joined.dim(), whole.dim(), "{height}");
            let same = joined
                .iter()
                .zip(&whole)
                .all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{height}");
        }
    }

    #[test]
    fn rows_that_do_not_belong_to_the_map_are_refused() {
        let window = Window::new(EaseGrid2::M01, 900, 1800, 18, 18).unwrap();
        let mut bands = CoarseBands::new(window).unwrap();
        assert!(bands.push(Array2::zeros((3, 17))).is_err());
        assert!(bands.push(Array2::zeros((19, 18))).is_err());
        assert_eq!(bands.push(Array2::zeros((18, 18))).unwrap().dim(), (2, 2));
        let cut = Window::new(EaseGrid2::M01, 901, 1800, 18, 18).unwrap();
        assert!(CoarseBands::new(cut).is_err());
    }
}
