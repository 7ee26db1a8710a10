//! A Gaussian footprint on 9 km cells: what it sees, and noise that is correlated like it.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis};
use vadose_grid::{EaseGrid2, Window};

use crate::draw;

/// A separable Gaussian on the 9 km cells, cut off at three deviations.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Footprint {
    /// Weights at distances 0, 1, 2 … cells; the first is 1.
    weights: Vec<f32>,
}

impl Footprint {
    /// The Gaussian of this full width at half maximum, km; 0 sees one cell.
    ///
    /// Cells are taken as squares; on the ground they are wider at low latitudes.
    pub(crate) fn gaussian(full_width_km: f64) -> Self {
        /// Full width at half maximum of a Gaussian, in deviations.
        const FULL_WIDTH: f64 = 2.354_820_045;
        let std_cells = 1e3 * full_width_km / FULL_WIDTH / EaseGrid2::M09.cell_size_m();
        let radius = (3.0 * std_cells).ceil() as usize;
        let weight = |distance: usize| {
            if distance == 0 {
                1.0
            } else {
                (-0.5 * (distance as f64 / std_cells).powi(2)).exp() as f32
            }
        };
        Self {
            weights: (0..=radius).map(weight).collect(),
        }
    }

    /// The mean that the footprint sees around every cell: over the finite cells inside the array.
    pub(crate) fn smooth(&self, cells: &Array2<f32>) -> Array2<f32> {
        let weight = cells.mapv(|value| if value.is_finite() { 1.0 } else { 0.0 });
        let weighted = cells.mapv(|value| if value.is_finite() { value } else { 0.0 });
        let pass = |array: &Array2<f32>| self.along(&self.along(array, Axis(0)), Axis(1));
        pass(&weighted) / pass(&weight)
    }

    /// The cells that contribute to what is seen of the finite cells of `seen`.
    pub(crate) fn reach(&self, seen: &Array2<f32>) -> Array2<bool> {
        let swath = seen.mapv(|value| if value.is_finite() { 1.0 } else { 0.0 });
        self.along(&self.along(&swath, Axis(0)), Axis(1))
            .mapv(|weight| weight > 0.0)
    }

    /// Noise of unit variance that is correlated like the overlap of footprints.
    pub(crate) fn noise(&self, window: &Window, seed: u64, time: i64) -> Array2<f32> {
        let radius = self.weights.len() - 1;
        let squares: f32 = self.weights.iter().map(|w| w * w).sum::<f32>() * 2.0 - 1.0;
        let (rows, cols) = window.shape();
        // Draws around the window too, so that its edges are no different.
        let (row0, col0) = (window.row0() as i64, window.col0() as i64);
        let mut white = Array2::zeros((rows + 2 * radius, cols + 2 * radius));
        white
            .outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(row, mut out)| {
                for (col, value) in out.iter_mut().enumerate() {
                    let row = row0 + row as i64 - radius as i64;
                    let col = col0 + col as i64 - radius as i64;
                    *value = draw::normal(seed, row, col, time);
                }
            });
        let filtered = self.along(&self.along(&white, Axis(0)), Axis(1));
        Array2::from_shape_fn((rows, cols), |(row, col)| {
            filtered[[row + radius, col + radius]] / squares
        })
    }

    /// Weighted sums along one axis; what lies outside counts as 0.
    fn along(&self, array: &Array2<f32>, axis: Axis) -> Array2<f32> {
        let mut out = Array2::zeros(array.dim());
        ndarray::Zip::from(out.lanes_mut(axis))
            .and(array.lanes(axis))
            .par_for_each(|mut out, lane| {
                for (idx, value) in out.iter_mut().enumerate() {
                    let mut sum = 0.0;
                    for (distance, weight) in self.weights.iter().enumerate() {
                        let before = idx.checked_sub(distance).and_then(|i| lane.get(i));
                        let after = lane.get(idx + distance).filter(|_| distance > 0);
                        for value in before.into_iter().chain(after) {
                            sum += weight * value;
                        }
                    }
                    *value = sum;
                }
            });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_stays_constant_to_the_edges_and_around_gaps() {
        let mut cells = Array2::from_elem((12, 15), 250.0);
        cells[[3, 4]] = f32::NAN;
        let seen = Footprint::gaussian(39.0).smooth(&cells);
        assert!(seen.iter().all(|tb| (tb - 250.0).abs() < 1e-3));
    }

    #[test]
    fn half_the_power_is_seen_half_a_width_away() {
        let mut cells = Array2::zeros((41, 41));
        cells[[20, 20]] = 1.0;
        // Two cells are 18 km: half of a full width of 36 km.
        let seen = Footprint::gaussian(2.0 * 2.0 * 9.008_055).smooth(&cells);
        let ratio = seen[[20, 22]] / seen[[20, 20]];
        assert!((ratio - 0.5).abs() < 1e-4, "{ratio}");
    }

    #[test]
    fn noise_has_unit_variance_and_does_not_depend_on_the_window() {
        let whole = Window::new(EaseGrid2::M09, 200, 600, 120, 130).unwrap();
        let part = Window::new(EaseGrid2::M09, 210, 615, 20, 25).unwrap();
        let filter = Footprint::gaussian(20.0);
        let noise = filter.noise(&whole, 5, 77);
        let variance = noise.iter().map(|n| f64::from(n * n)).sum::<f64>() / noise.len() as f64;
        // About 15,600 / 8 independent values: deviation 0.03; four are allowed.
        assert!((variance - 1.0).abs() < 0.13, "{variance}");
        let cut = filter.noise(&part, 5, 77);
        for ((row, col), value) in cut.indexed_iter() {
            assert_eq!(*value, noise[[row + 10, col + 15]]);
        }
        assert_ne!(cut, filter.noise(&part, 5, 78));
    }
}
