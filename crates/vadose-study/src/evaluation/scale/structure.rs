//! Structure functions: how much a field differs between cells so far apart.

use ndarray::{ArrayView2, Axis, Slice, Zip};

/// Distances, in cells of the grid (1 km).
pub(super) const LAGS: [usize; 9] = [1, 2, 3, 6, 9, 18, 36, 72, 144];

/// Sum of squared differences of cells so far apart along rows and columns, and their number.
///
/// # Shapes and units
/// `map`: `[row, col]`, m3 m-3. Result: (m3 m-3)², summed in f64; the structure function is sum over number.
/// # Missing values
/// A pair counts only if both cells are finite, so gaps need no filling.
pub(super) fn squared_differences(map: ArrayView2<'_, f32>, lag: usize) -> (f64, usize) {
    let (mut sum, mut n) = (0.0, 0);
    for axis in [Axis(0), Axis(1)] {
        let length = map.len_of(axis);
        if length <= lag {
            continue;
        }
        let (mut near, mut far) = (map, map);
        near.slice_axis_inplace(axis, Slice::from(..length - lag));
        far.slice_axis_inplace(axis, Slice::from(lag..));
        Zip::from(near).and(far).for_each(|a, b| {
            let difference = f64::from(a - b);
            if difference.is_finite() {
                sum += difference * difference;
                n += 1;
            }
        });
    }
    (sum, n)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn a_slope_grows_with_the_square_of_the_distance() {
        // Along columns the field rises by 1 a cell, along rows not at all: half of the pairs differ.
        let map = Array2::from_shape_fn((20, 20), |(_, col)| col as f32);
        for lag in [1, 2, 6] {
            let (sum, n) = squared_differences(map.view(), lag);
            assert_eq!(
                (sum, n),
                ((lag * lag * 20 * (20 - lag)) as f64, 2 * 20 * (20 - lag))
            );
        }
    }

    #[test]
    fn pairs_with_a_gap_do_not_count() {
        let map = ndarray::array![[1.0, f32::NAN, 3.0]];
        assert_eq!(squared_differences(map.view(), 1), (0.0, 0));
        assert_eq!(squared_differences(map.view(), 2), (4.0, 1));
        assert_eq!(squared_differences(map.view(), 3), (0.0, 0));
    }
}
