//! What the processors read from static maps for their flags: land cover, relief.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, Array3};

use crate::ground::{Ground, block_mean};

/// Number of IGBP classes, water included.
const N_CLASSES: usize = 17;
/// Class number of SMAP's files where a cell has fewer than three land covers.
const NO_CLASS: u8 = 99;
/// IGBP's class of built-up land.
pub(super) const URBAN: usize = 13;

/// Share of each class in every block of `factor` x `factor` cells, `[row, col, class]`.
pub(super) fn class_shares(
    ground: &Ground<'_>,
    origin: [usize; 2],
    shape: (usize, usize),
    factor: usize,
) -> Array3<f32> {
    let mut shares = Array3::zeros((shape.0, shape.1, N_CLASSES));
    let each = 1.0 / (factor * factor) as f32;
    shares
        .outer_iter_mut()
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut cells)| {
            for fine_row in row * factor..(row + 1) * factor {
                for fine_col in 0..shape.1 * factor {
                    let at = [origin[0] + fine_row, origin[1] + fine_col];
                    let class = usize::from(ground.layers.land_cover[at]).min(N_CLASSES - 1);
                    cells[[fine_col / factor, class]] += each;
                }
            }
        });
    shares
}

/// The commonest classes of every cell and their shares, `[row, col, rank]`.
///
/// Equal shares go to the lower class number. Ranks that no class has hold 99 and NaN.
pub(super) fn commonest(shares: &Array3<f32>, n_ranks: usize) -> (Array3<u8>, Array3<f32>) {
    let (rows, cols, n_classes) = shares.dim();
    let mut classes = Array3::from_elem((rows, cols, n_ranks), NO_CLASS);
    let mut fractions = Array3::from_elem((rows, cols, n_ranks), f32::NAN);
    for row in 0..rows {
        for col in 0..cols {
            let mut order: Vec<usize> = (0..n_classes).collect();
            order.sort_by(|a, b| shares[[row, col, *b]].total_cmp(&shares[[row, col, *a]]));
            for (rank, class) in order.into_iter().take(n_ranks).enumerate() {
                let share = shares[[row, col, class]];
                if share > 0.0 {
                    classes[[row, col, rank]] = class as u8;
                    fractions[[row, col, rank]] = share;
                }
            }
        }
    }
    (classes, fractions)
}

/// Standard deviation of elevation in the blocks, m.
pub(super) fn relief_m(
    ground: &Ground<'_>,
    origin: [usize; 2],
    shape: (usize, usize),
    factor: usize,
) -> Array2<f32> {
    let height =
        |row: usize, col: usize| ground.layers.elevation_m[[origin[0] + row, origin[1] + col]];
    let mean = block_mean(shape, factor, height);
    let square = block_mean(shape, factor, |row, col| {
        (height(row, col) - mean[[row / factor, col / factor]]).powi(2)
    });
    square.mapv(f32::sqrt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_ground::TestGround;

    #[test]
    fn shares_rank_the_classes() {
        let mut test = TestGround::new(9, 18);
        test.layers.land_cover.fill(10);
        for row in 0..3 {
            for col in 0..9 {
                test.layers.land_cover[[row, col]] = 12;
            }
        }
        let shares = class_shares(&test.ground(), [0, 0], (1, 2), 9);
        let (classes, fractions) = commonest(&shares, 3);
        assert_eq!(
            classes.iter().copied().collect::<Vec<_>>(),
            [10, 12, 99, 10, 99, 99]
        );
        assert!((fractions[[0, 0, 0]] - 2.0 / 3.0).abs() < 1e-5);
        assert!((fractions[[0, 1, 0]] - 1.0).abs() < 1e-5 && fractions[[0, 1, 1]].is_nan());
    }

    #[test]
    fn relief_is_the_deviation_of_elevation() {
        let mut test = TestGround::new(9, 9);
        test.layers.elevation_m =
            Array2::from_shape_fn((9, 9), |(row, _)| if row % 2 == 0 { 0.0 } else { 90.0 });
        let relief = relief_m(&test.ground(), [0, 0], (1, 1), 9);
        // Five rows of 0 and four of 90.
        assert!((relief[[0, 0]] - 90.0 * (20.0_f32 / 81.0).sqrt()).abs() < 1e-3);
    }
}
