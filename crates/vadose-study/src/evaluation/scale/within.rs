//! Inside the cells of the coarse field, and against it.

use ndarray::ArrayView2;
use vadose_grid::Window;
use vadose_scene::{COARSE_FACTOR, CoarseTarget};

/// Valid cells that a coarse cell needs; half of 81, as the operator D asks for.
const MIN_VALID_CELLS: usize = 41;

/// Sums of squares and products of deviations.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moments {
    pub(super) n: usize,
    pub(super) estimate: f64,
    pub(super) truth: f64,
    pub(super) product: f64,
    /// Of the difference.
    pub(super) error: f64,
}

impl Moments {
    /// Correlation; `None` where one side does not vary.
    pub(super) fn correlation(&self) -> Option<f64> {
        // Deviations of equal f32 values from their f64 mean are rounding: 1e-8 of 0.3, squared.
        const ROUNDING: f64 = 1e-16;
        let varies = |sum: f64| sum > ROUNDING * self.n as f64;
        (varies(self.estimate) && varies(self.truth))
            .then(|| self.product / (self.estimate * self.truth).sqrt())
    }
}

/// Deviations of estimate and truth from their means over each coarse cell, of one map.
///
/// A field that is constant inside coarse cells has no deviation at all, and one that is interpolated between
/// their centres only what a slope gives: what is left is what a finer map adds.
///
/// # Shapes and units
/// `estimate`, `truth`: `[row, col]` of `window`, m3 m-3. Sums are f64.
/// # Missing values
/// A cell counts if both have a value; a coarse cell if at least 41 of its cells do.
pub(super) fn within_coarse_cells(
    window: &Window,
    estimate: ArrayView2<'_, f32>,
    truth: ArrayView2<'_, f32>,
) -> Moments {
    let mut moments = Moments::default();
    let first = |start: usize| start / COARSE_FACTOR * COARSE_FACTOR;
    let (end_row, end_col) = (window.row0() + window.rows(), window.col0() + window.cols());
    let mut pairs = Vec::with_capacity(COARSE_FACTOR * COARSE_FACTOR);
    for block_row in (first(window.row0())..end_row).step_by(COARSE_FACTOR) {
        for block_col in (first(window.col0())..end_col).step_by(COARSE_FACTOR) {
            pairs.clear();
            for row in block_row.max(window.row0())..(block_row + COARSE_FACTOR).min(end_row) {
                for col in block_col.max(window.col0())..(block_col + COARSE_FACTOR).min(end_col) {
                    let at = (row - window.row0(), col - window.col0());
                    let pair = (f64::from(estimate[at]), f64::from(truth[at]));
                    if pair.0.is_finite() && pair.1.is_finite() {
                        pairs.push(pair);
                    }
                }
            }
            if pairs.len() >= MIN_VALID_CELLS {
                add_deviations(&mut moments, &pairs);
            }
        }
    }
    moments
}

/// Adds the deviations of pairs from their means.
pub(super) fn add_deviations(moments: &mut Moments, pairs: &[(f64, f64)]) {
    let n = pairs.len() as f64;
    let (sum_e, sum_t) = pairs
        .iter()
        .fold((0.0, 0.0), |(e, t), pair| (e + pair.0, t + pair.1));
    for (estimate, truth) in pairs {
        let (e, t) = (estimate - sum_e / n, truth - sum_t / n);
        moments.estimate += e * e;
        moments.truth += t * t;
        moments.product += e * t;
        moments.error += (e - t) * (e - t);
    }
    moments.n += pairs.len();
}

/// Pairs of two coarse fields at the cells that both hold, the first a part or the whole of the second's window.
pub(super) fn coarse_pairs(average: &CoarseTarget, target: &CoarseTarget) -> Vec<(f64, f64)> {
    let mut pairs = Vec::with_capacity(average.values.len());
    for ((row, col), value) in average.values.indexed_iter() {
        let cell = average.window.cell_at(row, col);
        let other = cell
            .and_then(|cell| target.window.offset_of(cell))
            .and_then(|at| target.values.get(at));
        if let Some(other) = other.filter(|other| other.is_finite() && value.is_finite()) {
            pairs.push((f64::from(*value), f64::from(*other)));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use vadose_grid::EaseGrid2;

    use super::*;

    fn window() -> Window {
        Window::new(EaseGrid2::M01, 900, 1800, 18, 27).unwrap()
    }

    fn detail((row, col): (usize, usize)) -> f32 {
        ((row * 31 + col * 17) % 13) as f32 * 0.01
    }

    #[test]
    fn what_is_common_to_a_coarse_cell_does_not_count() {
        let truth = Array2::from_shape_fn((18, 27), detail);
        // Any offset of each coarse cell leaves the correlation inside at 1.
        let estimate = Array2::from_shape_fn((18, 27), |(row, col)| {
            0.5 * detail((row, col)) + (row / 9) as f32 - 3.0 * (col / 9) as f32
        });
        let moments = within_coarse_cells(&window(), estimate.view(), truth.view());
        assert_eq!(moments.n, 18 * 27);
        assert!((moments.correlation().unwrap() - 1.0).abs() < 1e-6);
        assert!((moments.estimate / moments.truth - 0.25).abs() < 1e-4);
        assert!((moments.error / moments.truth - 0.25).abs() < 1e-4);
    }

    #[test]
    fn a_field_without_detail_has_no_correlation_inside() {
        let truth = Array2::from_shape_fn((18, 27), detail);
        let blocks = Array2::from_shape_fn((18, 27), |(row, col)| 0.1 * (row / 9 + col / 9) as f32);
        let moments = within_coarse_cells(&window(), blocks.view(), truth.view());
        assert_eq!(moments.correlation(), None);
        assert!((moments.error / moments.truth - 1.0).abs() < 1e-6);
    }

    #[test]
    fn coarse_cells_with_many_gaps_do_not_count() {
        let truth = Array2::from_shape_fn((18, 27), detail);
        let mut estimate = truth.clone();
        for col in 0..5 {
            for row in 0..9 {
                estimate[[row, col]] = f32::NAN; // 45 of the first coarse cell's 81
            }
        }
        let moments = within_coarse_cells(&window(), estimate.view(), truth.view());
        assert_eq!(moments.n, 18 * 27 - 81);
    }
}
