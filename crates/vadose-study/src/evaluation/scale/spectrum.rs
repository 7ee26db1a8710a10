//! Variance by wavelength, of an estimate, of the truth and of their difference.

use ndarray::{Array2, ArrayView2};
use rustfft::num_complex::Complex64;
use rustfft::{FftDirection, FftPlanner};

/// Wavelengths that part the bands, in cells of the grid (1 km): 9 is a cell of the coarse field, 18 the shortest
/// wave that such cells can hold, 36 the radiometer's footprint.
pub(super) const BAND_EDGES: [f64; 6] = [3.0, 9.0, 18.0, 36.0, 72.0, 144.0];
/// Bands: below the first edge, between two, above the last.
pub(super) const N_BANDS: usize = BAND_EDGES.len() + 1;

/// A wave as long as an edge belongs to the band above it, whatever the rounding of a division says.
const EDGE_ROUNDING: f64 = 1e-9;

/// Sums over the waves of each band.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct BandSums {
    /// Variance of the estimate, (m3 m-3)².
    pub(super) estimate: f64,
    /// Variance of the truth.
    pub(super) truth: f64,
    /// Variance of estimate minus truth.
    pub(super) error: f64,
    /// Covariance of estimate and truth.
    pub(super) covariance: f64,
}

/// Variance by band of two maps where both have values; the bands add up to the tapered maps' variances.
///
/// Both maps lose their mean, are multiplied by a Hann taper in rows and columns, which keeps their edges from
/// leaking into short waves, and transformed. Missing cells count as the mean and are taken out of the norm;
/// they leak, so `None` where fewer than `min_valid_fraction` of the cells have both values.
///
/// # Shapes and units
/// `estimate`, `truth`: `[row, col]`, m3 m-3. Result: (m3 m-3)², f64 throughout.
pub(super) fn band_sums(
    estimate: ArrayView2<'_, f32>,
    truth: ArrayView2<'_, f32>,
    min_valid_fraction: f64,
) -> Option<[BandSums; N_BANDS]> {
    let (rows, cols) = truth.dim();
    let valid = |at: (usize, usize)| estimate[at].is_finite() && truth[at].is_finite();
    let weights = Array2::from_shape_fn((rows, cols), |at| {
        let weight = hann(at.0, rows) * hann(at.1, cols);
        if valid(at) { weight } else { 0.0 }
    });
    let n_valid = weights.indexed_iter().filter(|(at, _)| valid(*at)).count();
    let sum = weights.sum();
    if (n_valid as f64) < min_valid_fraction * (rows * cols) as f64 || sum <= 0.0 {
        return None;
    }
    let transformed = |map: ArrayView2<'_, f32>| {
        let value = |at: (usize, usize)| if valid(at) { f64::from(map[at]) } else { 0.0 };
        let weighted = weights
            .indexed_iter()
            .map(|(at, weight)| weight * value(at));
        let mean = weighted.sum::<f64>() / sum;
        let mut waves = Array2::from_shape_fn((rows, cols), |at| {
            Complex64::new(weights[at] * (value(at) - mean), 0.0)
        });
        transform(&mut waves);
        waves
    };
    let (estimate, truth) = (transformed(estimate), transformed(truth));
    // Parseval: the squares of the waves sum to `rows * cols` times those of the cells.
    let norm = (rows * cols) as f64 * weights.iter().map(|weight| weight * weight).sum::<f64>();
    let mut bands = [BandSums::default(); N_BANDS];
    for ((at, e), t) in estimate.indexed_iter().zip(&truth) {
        if at == (0, 0) {
            continue;
        }
        let frequency = frequency(at.0, rows).hypot(frequency(at.1, cols));
        let wavelength = (1.0 + EDGE_ROUNDING) / frequency;
        let band = &mut bands[BAND_EDGES.partition_point(|edge| *edge <= wavelength)];
        band.estimate += e.norm_sqr() / norm;
        band.truth += t.norm_sqr() / norm;
        band.error += (e - t).norm_sqr() / norm;
        band.covariance += (e * t.conj()).re / norm;
    }
    Some(bands)
}

/// Hann's taper over `n` cells, never 0.
fn hann(position: usize, n: usize) -> f64 {
    (std::f64::consts::PI * (position as f64 + 0.5) / n as f64)
        .sin()
        .powi(2)
}

/// Waves per cell of the `k`-th coefficient of `n`.
fn frequency(k: usize, n: usize) -> f64 {
    k.min(n - k) as f64 / n as f64
}

/// The Fourier transform along both axes, in place.
fn transform(waves: &mut Array2<Complex64>) {
    let (rows, cols) = waves.dim();
    let mut planner = FftPlanner::new();
    let along_cols = planner.plan_fft(cols, FftDirection::Forward);
    along_cols.process(waves.as_slice_mut().expect("made in standard layout"));
    let along_rows = planner.plan_fft(rows, FftDirection::Forward);
    for mut column in waves.columns_mut() {
        let mut values = column.to_vec();
        along_rows.process(&mut values);
        column.assign(&ndarray::ArrayView1::from(&values));
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::*;

    /// What a Hann taper leaks of a wave into the bands beside its own, as a share of its variance.
    const MAX_LEAK: f64 = 0.01;

    fn wave(wavelength: f32, amplitude: f32) -> Array2<f32> {
        Array2::from_shape_fn((144, 144), |(_, col)| {
            0.2 + amplitude * (TAU * col as f32 / wavelength).sin()
        })
    }

    #[test]
    fn a_wave_has_its_variance_in_its_band() {
        // Wavelength 24 lies between 18 and 36; a sine of amplitude 0.1 has the variance 0.005.
        let map = wave(24.0, 0.1);
        let flat = Array2::from_elem((144, 144), 0.2_f32);
        let bands = band_sums(map.view(), flat.view(), 0.8).unwrap();
        let total: f64 = bands.iter().map(|band| band.estimate).sum();
        assert!((bands[3].estimate / 0.005 - 1.0).abs() < MAX_LEAK);
        assert!((total / 0.005 - 1.0).abs() < MAX_LEAK);
        assert!(bands.iter().all(|band| band.truth < 1e-12));
        assert!((bands[3].error - bands[3].estimate).abs() < 1e-12);
    }

    #[test]
    fn agreement_is_told_band_by_band() {
        // Long waves agree; short ones are opposite.
        let (long, short) = (wave(48.0, 0.1), wave(6.0, 0.02));
        let truth = &long + &short;
        let estimate = &long - &short;
        let bands = band_sums(estimate.view(), truth.view(), 0.8).unwrap();
        let r = |band: BandSums| band.covariance / (band.estimate * band.truth).sqrt();
        assert!(r(bands[4]) > 0.999);
        assert!(r(bands[1]) < -0.999);
        assert!((bands[1].error / (4.0 * 0.0002) - 1.0).abs() < MAX_LEAK);
    }

    #[test]
    fn few_gaps_change_little_and_many_are_refused() {
        let whole = wave(24.0, 0.1);
        let flat = Array2::from_elem((144, 144), 0.2_f32);
        let with_gaps = |share: usize| {
            let mut map = whole.clone();
            for (k, value) in map.iter_mut().enumerate() {
                if (k * 7919) % 100 < share {
                    *value = f32::NAN;
                }
            }
            band_sums(map.view(), flat.view(), 0.8)
        };
        let bands = with_gaps(5).unwrap();
        assert!((bands[3].estimate / 0.005 - 1.0).abs() < 0.1);
        assert!(with_gaps(30).is_none());
    }
}
