//! Noise that changes with time: smooth in hours as [`Noise`] is in space.

use ndarray::Array2;

use super::{Noise, SPLINE_VARIANCE, Taps, dot};
use crate::hash;
use crate::positions::Positions;

/// A random field of the plane and of time, with mean 0 and variance 1.
///
/// Between points of a lattice in time, each with a [`Noise`] of its own, it follows a cubic
/// B-spline: values an hour apart are alike, values four lattice steps apart independent.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceTimeNoise {
    seed: u64,
    finest_cells: f64,
    coarsest_cells: f64,
    hurst: f64,
    spacing_hours: f64,
}

impl SpaceTimeNoise {
    /// Like [`Noise::fractal`] in space, with a lattice point every `spacing_hours` in time.
    ///
    /// The autocorrelation falls to 1/e at 1.2 `spacing_hours`.
    #[must_use]
    pub fn new(
        seed: u64,
        (finest_cells, coarsest_cells): (f64, f64),
        hurst: f64,
        spacing_hours: f64,
    ) -> Self {
        Self {
            seed,
            finest_cells,
            coarsest_cells,
            hurst,
            spacing_hours,
        }
    }

    /// The field at one point and hour (since 1970-01-01T00Z).
    #[must_use]
    pub fn at(&self, row: f64, col: f64, hour: f64) -> f32 {
        let taps = Taps::at(hour / self.spacing_hours);
        let values = [0, 1, 2, 3].map(|step| self.slice(taps.first + step).at(row, col));
        time_scale() * dot(&taps.weights, &values)
    }

    /// The field over a lattice of positions: the numbers of [`at`](Self::at), bit for bit.
    #[must_use]
    pub fn fill(&self, positions: &Positions, hour: f64) -> Array2<f32> {
        let taps = Taps::at(hour / self.spacing_hours);
        let [mut a, b, c, d] =
            [0, 1, 2, 3].map(|step| self.slice(taps.first + step).fill(positions));
        ndarray::azip!((a in &mut a, &b in &b, &c in &c, &d in &d) {
            *a = time_scale() * dot(&taps.weights, &[*a, b, c, d]);
        });
        a
    }

    fn slice(&self, idx: i64) -> Noise {
        let seed = hash::of_all(self.seed, &[idx]);
        Noise::fractal(seed, self.finest_cells, self.coarsest_cells, self.hurst)
    }
}

/// A random series with mean 0 and variance 1, the sum of octaves of a cubic B-spline in time.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeNoise {
    seed: u64,
    spacings_hours: Vec<f64>,
}

impl TimeNoise {
    /// Lattice spacings double from `finest_hours` to at most `coarsest_hours`, with equal variance.
    ///
    /// A sum of scales with equal variance resembles the error of a land-surface sensor, which a
    /// first-order autoregressive process (one scale) describes only at its own lag.
    #[must_use]
    pub fn new(seed: u64, finest_hours: f64, coarsest_hours: f64) -> Self {
        let next = |spacing: &f64| Some(spacing * 2.0).filter(|&next| next <= coarsest_hours);
        Self {
            seed,
            spacings_hours: std::iter::successors(Some(finest_hours), next).collect(),
        }
    }

    /// The series at an hour (since 1970-01-01T00Z).
    #[must_use]
    pub fn at(&self, hour: f64) -> f32 {
        let mut sum = 0.0;
        for (octave, spacing) in (0..).zip(&self.spacings_hours) {
            let taps = Taps::at(hour / spacing);
            let value = |step| hash::standard(hash::of_point(self.seed, octave, taps.first + step));
            sum += dot(&taps.weights, &[0, 1, 2, 3].map(value));
        }
        sum * time_scale() / (self.spacings_hours.len().max(1) as f32).sqrt()
    }
}

/// Brings the variance of a cubic B-spline along one axis to 1.
fn time_scale() -> f32 {
    (1.0 / SPLINE_VARIANCE.sqrt()) as f32
}
