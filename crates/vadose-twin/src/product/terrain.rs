//! What the processors read from static maps for their flags: land cover, relief.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, Array3};

use crate::ground::{Ground, block_mean};

/// Number of IGBP classes, water included.
const N_CLASSES: usize = 17;
/// Class number of SMAP's files where a cell has fewer than three land covers.
const NO_CLASS: u8 = 99;
/// IGBP's class of built-up land.
const URBAN: usize = 13;

/// The land covers of coarse cells.
pub(super) struct LandCover {
    /// The commonest classes, `[row, col, rank]`; 99 where there are fewer.
    pub(super) classes: Array3<u8>,
    /// Their shares, likewise; NaN where there are fewer.
    pub(super) fractions: Array3<f32>,
    /// Share of built-up land, `[row, col]`.
    pub(super) urban: Array2<f32>,
}

/// Counts the classes in every block of `factor` x `factor` cells and ranks them.
///
/// Equal shares go to the lower class number.
pub(super) fn land_cover(
    ground: &Ground<'_>,
    origin: [usize; 2],
    (rows, cols): (usize, usize),
    factor: usize,
    n_ranks: usize,
) -> LandCover {
    let mut cover = LandCover {
        classes: Array3::from_elem((rows, cols, n_ranks), NO_CLASS),
        fractions: Array3::from_elem((rows, cols, n_ranks), f32::NAN),
        urban: Array2::zeros((rows, cols)),
    };
    let each = 1.0 / (factor * factor) as f32;
    cover
        .classes
        .outer_iter_mut()
        .into_par_iter()
        .zip(cover.fractions.outer_iter_mut())
        .zip(cover.urban.outer_iter_mut())
        .enumerate()
        .for_each(|(row, ((mut classes, mut fractions), mut urban))| {
            for col in 0..cols {
                let mut counts = [0_u16; N_CLASSES];
                for fine_row in row * factor..(row + 1) * factor {
                    for fine_col in col * factor..(col + 1) * factor {
                        let at = [origin[0] + fine_row, origin[1] + fine_col];
                        let class = usize::from(ground.layers.land_cover[at]);
                        counts[class.min(N_CLASSES - 1)] += 1;
                    }
                }
                urban[col] = f32::from(counts[URBAN]) * each;
                for rank in 0..n_ranks {
                    let most = counts.iter().copied().max().unwrap_or(0);
                    let class = counts.iter().position(|count| *count == most).unwrap_or(0);
                    if most == 0 {
                        break;
                    }
                    classes[[col, rank]] = class as u8;
                    fractions[[col, rank]] = f32::from(most) * each;
                    counts[class] = 0;
                }
            }
        });
    cover
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
        test.layers.land_cover[[0, 17]] = 13;
        let cover = land_cover(&test.ground(), [0, 0], (1, 2), 9, 3);
        let (classes, fractions) = (cover.classes, cover.fractions);
        assert_eq!(
            classes.iter().copied().collect::<Vec<_>>(),
            [10, 12, 99, 10, 13, 99]
        );
        assert!((fractions[[0, 0, 0]] - 2.0 / 3.0).abs() < 1e-5);
        assert!((fractions[[0, 1, 1]] - 1.0 / 81.0).abs() < 1e-5 && fractions[[0, 1, 2]].is_nan());
        assert_eq!(cover.urban[[0, 0]], 0.0);
        assert!((cover.urban[[0, 1]] - 1.0 / 81.0).abs() < 1e-6);
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
