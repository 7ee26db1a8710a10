//! Plain statistics of series and maps.

use ndarray::Array2;

pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, n) = values
        .into_iter()
        .fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    sum / n
}

pub(crate) fn deviation(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    let centre = mean(values.iter().copied());
    mean(values.iter().map(|value| (value - centre).powi(2))).sqrt()
}

pub(crate) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a.iter().copied()), mean(b.iter().copied()));
    let product = mean(a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)));
    product / (deviation(a.iter().copied()) * deviation(b.iter().copied()))
}

/// Root-mean-square difference after each series loses its mean.
pub(crate) fn ubrmse(a: &[f64], b: &[f64]) -> f64 {
    deviation(a.iter().zip(b).map(|(a, b)| a - b))
}

/// Lag at which the autocorrelation falls to 1/e, in steps; `None` for a series without variance.
pub(crate) fn folding_time(values: &[f64]) -> Option<f64> {
    /// Deviation below which a series has nothing to fold, m3 m-3.
    const FLAT: f64 = 0.005;
    let centre = mean(values.iter().copied());
    let anomalies: Vec<f64> = values.iter().map(|value| value - centre).collect();
    let variance = mean(anomalies.iter().map(|a| a * a));
    if variance.sqrt() < FLAT {
        return None;
    }
    let fold = (-1.0_f64).exp();
    let mut before = 1.0;
    for lag in 1..values.len() / 2 {
        let now = mean(anomalies.iter().zip(&anomalies[lag..]).map(|(a, b)| a * b)) / variance;
        if now < fold {
            return Some(lag as f64 - 1.0 + (before - fold) / (before - now));
        }
        before = now;
    }
    Some(values.len() as f64 / 2.0)
}

/// Slope of the one-dimensional power spectrum along rows, between wavelengths of 4 and 100 cells,
/// in log-log: mean over every fourth row, Hann window, means removed.
pub(crate) fn spectral_slope(map: &Array2<f32>) -> f64 {
    let n = map.ncols();
    let wavenumbers: Vec<usize> = (1..n / 2)
        .filter(|&k| (4.0..=100.0).contains(&(n as f64 / k as f64)))
        .collect();
    let mut power = vec![0.0; wavenumbers.len()];
    for row in map.rows().into_iter().step_by(4) {
        let centre = mean(row.iter().map(|&v| f64::from(v)));
        let tapered: Vec<f64> = (0..n)
            .zip(&row)
            .map(|(idx, &v)| {
                let phase = std::f64::consts::TAU * idx as f64 / n as f64;
                (f64::from(v) - centre) * 0.5 * (1.0 - phase.cos())
            })
            .collect();
        for (power, &k) in power.iter_mut().zip(&wavenumbers) {
            let turn = std::f64::consts::TAU * k as f64 / n as f64;
            let (mut re, mut im) = (0.0, 0.0);
            for (idx, value) in tapered.iter().enumerate() {
                let (sin, cos) = (turn * idx as f64).sin_cos();
                re += value * cos;
                im += value * sin;
            }
            *power += re * re + im * im;
        }
    }
    // Equal weight per octave, not per wavenumber: one mean per half octave.
    let (mut x, mut y) = (Vec::new(), Vec::new());
    let mut first = 0;
    while first < wavenumbers.len() {
        let limit = (wavenumbers[first] as f64 * std::f64::consts::SQRT_2)
            .max(wavenumbers[first] as f64 + 1.0);
        let n_in = wavenumbers[first..]
            .iter()
            .take_while(|&&k| (k as f64) < limit)
            .count();
        x.push(mean(
            wavenumbers[first..first + n_in]
                .iter()
                .map(|&k| (k as f64).ln()),
        ));
        y.push(mean(power[first..first + n_in].iter().map(|p| p.ln())));
        first += n_in;
    }
    correlation(&x, &y) * deviation(y.iter().copied()) / deviation(x.iter().copied())
}
