//! A coarse field on the 1 km grid: repeated, or bilinear between cell centres.

use ndarray::Array2;
use vadose_grid::Window;

use crate::CoarseTarget;

/// Repeats each value of a 9 km field over the cells of a 1 km window that nest in it.
///
/// # Shapes and units
/// Result: `[row, col]` of `window`, in the units of the field.
/// # Missing values
/// NaN where the coarse cell is NaN or lies outside the field.
#[must_use]
pub fn nearest_to(window: &Window, coarse: &CoarseTarget, factor: usize) -> Array2<f32> {
    Array2::from_shape_fn(window.shape(), |(row, col)| {
        let block = (
            (window.row0() + row) / factor,
            (window.col0() + col) / factor,
        );
        let at = block
            .0
            .checked_sub(coarse.window.row0())
            .zip(block.1.checked_sub(coarse.window.col0()));
        at.and_then(|at| coarse.values.get(at))
            .copied()
            .unwrap_or(f32::NAN)
    })
}

/// Interpolates a 9 km field to the cells of a 1 km window that it nests in.
///
/// Beyond the outermost centres the nearest values hold.
///
/// # Shapes and units
/// Result: `[row, col]` of `window`, in the units of the field.
/// # Missing values
/// Neighbours that are NaN are left out and the weights of the others scaled up; where all are NaN, so is
/// the result.
#[must_use]
pub fn bilinear_to(window: &Window, coarse: &CoarseTarget, factor: usize) -> Array2<f32> {
    let (rows, cols) = coarse.values.dim();
    Array2::from_shape_fn(window.shape(), |(row, col)| {
        let (row_low, row_share) =
            position(window.row0() + row, coarse.window.row0(), factor, rows);
        let (col_low, col_share) =
            position(window.col0() + col, coarse.window.col0(), factor, cols);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (r, row_weight) in [
            (row_low, 1.0 - row_share),
            ((row_low + 1).min(rows - 1), row_share),
        ] {
            for (c, col_weight) in [
                (col_low, 1.0 - col_share),
                ((col_low + 1).min(cols - 1), col_share),
            ] {
                let value = coarse.values[[r, c]];
                if value.is_finite() {
                    sum += row_weight * col_weight * value;
                    weights += row_weight * col_weight;
                }
            }
        }
        if weights > 0.0 {
            sum / weights
        } else {
            f32::NAN
        }
    })
}

/// The coarse cell whose centre lies at or before a fine cell's centre, and the share of the next one.
fn position(fine: usize, coarse0: usize, factor: usize, n: usize) -> (usize, f32) {
    let centre = (fine as f64 + 0.5) / factor as f64 - 0.5 - coarse0 as f64;
    let clamped = centre.clamp(0.0, (n - 1) as f64);
    (clamped.floor() as usize, clamped.fract() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vadose_grid::EaseGrid2;

    fn ramp() -> (Window, CoarseTarget) {
        let fine = Window::new(EaseGrid2::M01, 90, 180, 36, 45).unwrap();
        let window = Window::new(EaseGrid2::M09, 10, 20, 4, 5).unwrap();
        (
            fine,
            CoarseTarget {
                window,
                values: Array2::from_shape_fn((4, 5), |(_, c)| c as f32),
            },
        )
    }

    #[test]
    fn a_linear_field_is_kept_between_centres() {
        let (fine, coarse) = ramp();
        let map = bilinear_to(&fine, &coarse, 9);
        assert_eq!(map[[0, 4]], 0.0); // centre of the first coarse cell
        approx::assert_abs_diff_eq!(map[[20, 4 + 9]], 1.0, epsilon = 1e-6);
        approx::assert_abs_diff_eq!(map[[20, 4 + 12]], 1.0 + 3.0 / 9.0, epsilon = 1e-6);
        assert_eq!(map[[20, 44]], 4.0); // beyond the last centre
    }

    #[test]
    fn nearest_repeats_the_coarse_value_inside_its_cell() {
        let (fine, coarse) = ramp();
        let map = nearest_to(&fine, &coarse, 9);
        assert_eq!((map[[0, 8]], map[[0, 9]], map[[35, 44]]), (0.0, 1.0, 4.0));
    }

    #[test]
    fn missing_neighbours_do_not_spread() {
        let (fine, mut coarse) = ramp();
        coarse.values[[0, 0]] = f32::NAN;
        let map = bilinear_to(&fine, &coarse, 9);
        assert!(map[[0, 0]].is_nan());
        assert!(map[[0, 8]].is_finite());
    }
}
