//! The 9 km average of a map that comes in bands of rows.

use ndarray::{Array2, ArrayView2, Axis, Slice};
use vadose_grid::Window;
use vadose_scene::COARSE_FACTOR;

use crate::{RetrieveError, coarse_average};

/// Rows of M09 whose fine rows the low-pass filter needs on either side: its radius of 12 cells.
const MARGIN: usize = 2;

/// `D` of a 1 km map, row by row: the rows of [`coarse_average`] on the whole map, as soon as they are known.
///
/// It holds some 50 rows of the map and the band that came last. Rounding differs from that of the whole
/// map by f32 at most.
///
/// # Examples
/// ```
/// use ndarray::Array2;
/// use vadose_grid::{EaseGrid2, Window};
/// use vadose_retrieve::{CoarseBands, coarse_average};
///
/// let window = Window::new(EaseGrid2::M01, 900, 1800, 90, 36)?;
/// let mut coarse = CoarseBands::new(window);
/// let first = coarse.push(Array2::from_elem((80, 36), 0.2).view())?;
/// let rest = coarse.finish(Array2::from_elem((10, 36), 0.2).view())?;
/// assert_eq!((first.dim(), rest.dim()), ((6, 4), (4, 4)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CoarseBands {
    window: Window,
    /// Rows of the map, from position `first` in the window.
    held: Array2<f32>,
    first: usize,
    /// The next row of M09 to be given.
    next: usize,
}

impl CoarseBands {
    /// For a map of `window`, on M01.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self {
            window,
            held: Array2::zeros((0, window.cols())),
            first: 0,
            next: window.row0().div_ceil(COARSE_FACTOR),
        }
    }

    /// Takes the next rows of the map and gives the rows of M09 that they complete, maybe none.
    ///
    /// # Shapes and units
    /// `band`: `[row, col]`, as wide as the window, m3 m-3. Result: the next rows of the M09 cells that lie
    /// wholly inside the window.
    /// # Missing values
    /// As [`coarse_average`].
    /// # Errors
    /// As [`coarse_average`]; [`RetrieveError::ShapeMismatch`] for a band of another width or too many rows.
    pub fn push(&mut self, band: ArrayView2<'_, f32>) -> Result<Array2<f32>, RetrieveError> {
        self.take(band)?;
        let reached = self.window.row0() + self.first + self.held.nrows();
        self.rows_before((reached / COARSE_FACTOR).saturating_sub(MARGIN))
    }

    /// Takes the last rows, maybe none, and gives what is left.
    ///
    /// # Errors
    /// As [`CoarseBands::push`]; [`RetrieveError::ShapeMismatch`] if rows of the map are missing.
    pub fn finish(mut self, band: ArrayView2<'_, f32>) -> Result<Array2<f32>, RetrieveError> {
        self.take(band)?;
        let got = (self.first + self.held.nrows(), self.window.cols());
        if got != self.window.shape() {
            let expected = self.window.shape();
            return Err(RetrieveError::ShapeMismatch { expected, got });
        }
        self.rows_before((self.window.row0() + self.window.rows()) / COARSE_FACTOR)
    }

    fn take(&mut self, band: ArrayView2<'_, f32>) -> Result<(), RetrieveError> {
        let rows = self.first + self.held.nrows() + band.nrows();
        if band.ncols() != self.window.cols() || rows > self.window.rows() {
            return Err(RetrieveError::ShapeMismatch {
                expected: self.window.shape(),
                got: (rows, band.ncols()),
            });
        }
        self.held
            .append(Axis(0), band)
            .expect("the band is as wide as the map");
        Ok(())
    }

    /// The rows of M09 up to `end`, and forgets what the later ones do not need.
    fn rows_before(&mut self, end: usize) -> Result<Array2<f32>, RetrieveError> {
        let window = &self.window;
        let n_cols = (window.col0() + window.cols()) / COARSE_FACTOR
            - window
                .col0()
                .div_ceil(COARSE_FACTOR)
                .min((window.col0() + window.cols()) / COARSE_FACTOR);
        if end <= self.next {
            return Ok(Array2::zeros((0, n_cols)));
        }
        let row0 = window.row0() + self.first;
        let part = Window::new(
            window.grid(),
            row0,
            window.col0(),
            self.held.nrows(),
            window.cols(),
        )
        .expect("held rows lie in the window");
        let mut rows = coarse_average(&part, self.held.view())?;
        let offset = rows.window.row0();
        rows.values
            .slice_axis_inplace(Axis(0), Slice::from(self.next - offset..end - offset));
        self.next = end;
        let first_needed = end.saturating_sub(MARGIN) * COARSE_FACTOR;
        let done = first_needed.saturating_sub(row0).min(self.held.nrows());
        let rest = self.held.slice_axis(Axis(0), Slice::from(done..));
        self.held = rest.to_owned();
        self.first += done;
        Ok(rows.values)
    }
}

#[cfg(test)]
mod tests {
    use vadose_grid::EaseGrid2;

    use super::*;

    /// f32 results of f64 sums in another order.
    const MAX_ERR_M3M3: f32 = 1e-6;

    #[test]
    fn bands_of_any_height_give_the_rows_of_the_whole_map() {
        // Off the 9 km grid on every side, with a gap.
        let window = Window::new(EaseGrid2::M01, 904, 1805, 200, 64).unwrap();
        let map = Array2::from_shape_fn(window.shape(), |(row, col)| {
            if (60..90).contains(&row) && col > 30 {
                f32::NAN
            } else {
                0.2 + 0.1 * (row as f32 * 0.3).sin() * (col as f32 * 0.2).cos()
            }
        });
        let whole = coarse_average(&window, map.view()).unwrap().values;
        for height in [1, 7, 45, 130, 200] {
            let mut coarse = CoarseBands::new(window);
            let mut rows = Array2::zeros((0, whole.ncols()));
            for start in (0..200).step_by(height) {
                let band = map.slice_axis(Axis(0), Slice::from(start..(start + height).min(200)));
                rows.append(Axis(0), coarse.push(band).unwrap().view())
                    .unwrap();
                assert!(coarse.held.nrows() <= height + 50);
            }
            let last = coarse.finish(Array2::zeros((0, 64)).view()).unwrap();
            rows.append(Axis(0), last.view()).unwrap();
            assert_eq!(rows.dim(), whole.dim());
            for (found, whole) in rows.iter().zip(&whole) {
                assert_eq!(found.is_nan(), whole.is_nan());
                assert!(found.is_nan() || (found - whole).abs() < MAX_ERR_M3M3);
            }
        }
    }

    #[test]
    fn too_few_and_too_many_rows_are_refused() {
        let window = Window::new(EaseGrid2::M01, 900, 1800, 18, 18).unwrap();
        let band = Array2::zeros((17, 18));
        let mut coarse = CoarseBands::new(window);
        coarse.push(band.view()).unwrap();
        assert!(coarse.push(band.view()).is_err());
        assert!(coarse.finish(Array2::zeros((0, 18)).view()).is_err());
        assert!(
            CoarseBands::new(window)
                .push(Array2::zeros((9, 17)).view())
                .is_err()
        );
    }
}
