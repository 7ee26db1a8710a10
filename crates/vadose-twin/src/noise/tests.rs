//! Tests: Random fields.

use vadose_grid::{EaseGrid2, Window};

use super::*;

fn positions(row0: usize, col0: usize, rows: usize, cols: usize) -> Positions {
    Positions::of_window(&Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()).unwrap()
}

#[test]
fn mean_is_zero_and_variance_one() {
    /// Some 40 x 40 lattice cells of the coarsest octave (8 cells) are in the window: a deviation
    /// of the mean of 0.03 and of the variance of 0.04; four are allowed.
    const SAMPLING: f64 = 0.16;
    let field = Noise::fractal(3, 2.0, 8.0, 0.5).fill(&positions(2000, 6000, 320, 320));
    let n = field.len() as f64;
    let mean = field.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = field
        .iter()
        .map(|&v| (f64::from(v) - mean).powi(2))
        .sum::<f64>()
        / n;
    assert!(mean.abs() < SAMPLING, "mean {mean}");
    assert!((variance - 1.0).abs() < SAMPLING, "variance {variance}");
}

#[test]
fn a_tile_alone_equals_the_tile_of_the_whole() {
    let noise = Noise::fractal(5, 1.7, 90.0, 0.6);
    let whole = noise.fill(&positions(1700, 5400, 60, 80));
    let tile = noise.fill(&positions(1723, 5431, 20, 30));
    for ((row, col), &value) in tile.indexed_iter() {
        assert_eq!(value, whole[[row + 23, col + 31]]);
        let (row_at, col_at) = (1723.0 + row as f64, 5431.0 + col as f64);
        assert_eq!(value, noise.at(row_at, col_at));
        assert_eq!(value, noise.slope_at(row_at, col_at).value);
    }
}

#[test]
fn steepness_is_the_length_of_the_gradient() {
    /// Central differences over 0.02 cells of f32 values near 1.
    const DIFFERENCE: f32 = 2e-3;
    let noise = Noise::single(11, 9.0);
    for (row, col) in [(1700.3, 5401.9), (1811.0, 5500.5), (3000.75, 7000.25)] {
        let step = 0.01;
        let by_row = (noise.at(row + step, col) - noise.at(row - step, col)) / 0.02;
        let by_col = (noise.at(row, col + step) - noise.at(row, col - step)) / 0.02;
        let expected = by_row.hypot(by_col);
        let got = noise.slope_at(row, col).steepness;
        approx::assert_abs_diff_eq!(got, expected, epsilon = DIFFERENCE);
    }
}

#[test]
fn coarse_octaves_keep_their_values() {
    let noise = Noise::fractal(5, 2.0, 32.0, 0.5);
    let coarse = noise.without_finer_than(8.0);
    assert_eq!(coarse.octaves, noise.octaves[2..]);
}

#[test]
fn noise_in_time_is_smooth_and_forgets() {
    /// Five deviations of a correlation over 3,000 independent places.
    const SAMPLING: f64 = 0.1;
    let noise = SpaceTimeNoise::new(9, (4.0, 4.0), 0.0, 48.0);
    let grid = positions(2000, 6000, 220, 220);
    let fields = [0.0, 48.0 * 1.2, 48.0 * 4.0].map(|lag| noise.fill(&grid, 420_000.0 + lag));
    let correlation = |other: &Array2<f32>| {
        let mut sums = [0.0; 3];
        for (&a, &b) in fields[0].iter().zip(other) {
            let (a, b) = (f64::from(a), f64::from(b));
            sums[0] += a * b;
            sums[1] += a * a;
            sums[2] += b * b;
        }
        sums[0] / (sums[1] * sums[2]).sqrt()
    };
    let (at_fold, after) = (correlation(&fields[1]), correlation(&fields[2]));
    assert!((at_fold - (-1.0_f64).exp()).abs() < SAMPLING, "{at_fold}");
    assert!(after.abs() < SAMPLING, "{after}");
    assert_eq!(
        noise.at(2003.0, 6007.0, 420_048.0 * 1.0),
        noise.fill(&grid, 420_048.0)[[3, 7]]
    );
}

#[test]
fn a_series_has_mean_zero_and_variance_one() {
    /// 30,000 hours are some 300 steps of the coarsest octave (96 h): five deviations.
    const SAMPLING: f64 = 0.3;
    let noise = TimeNoise::new(4, 12.0, 96.0);
    let n = 30_000;
    let values: Vec<f64> = (0..n)
        .map(|hour| f64::from(noise.at(f64::from(hour))))
        .collect();
    let mean = values.iter().sum::<f64>() / f64::from(n);
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(n);
    assert!(
        mean.abs() < SAMPLING && (variance - 1.0).abs() < SAMPLING,
        "{mean} {variance}"
    );
}
