//! Noise on a hashed lattice: smooth random fields that can be asked anywhere, alone.
//!
//! A [`Noise`] is a sum of octaves. Each octave has a nearly normal random number at every point of
//! a square lattice, hashed from the seed and the point's global indices, and a uniform cubic
//! B-spline through them: twice continuously differentiable, without the axis-aligned creases of
//! linear value noise, and of nearly the same variance everywhere. A window therefore needs no
//! halo, and a tile made alone equals the same tile of a larger window, bit for bit.
//!
//! # References
//! Value noise and its sum of octaves: Ebert, Musgrave, Peachey, Perlin and Worley (2003),
//! *Texturing and Modeling*, chapters 2 and 16. B-splines: Unser (1999), doi:10.1109/79.799930.

mod in_time;

pub use in_time::{SpaceTimeNoise, TimeNoise};

use ndarray::Array2;

use crate::hash;
use crate::positions::Positions;

/// Mean over a lattice cell of the sum of squared weights of a cubic B-spline along one axis,
/// `151/315`: the variance that interpolation leaves of independent numbers of variance 1. Within
/// a lattice cell it ranges from 0.46 to 0.5.
const SPLINE_VARIANCE: f64 = 151.0 / 315.0;

/// One octave: its own seed, the distance of its lattice points, and its weight in the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Octave {
    seed: u64,
    spacing: f64,
    amplitude: f32,
}

/// A random field of the plane with mean 0 and variance 1.
///
/// Coordinates are rows and columns of M01 (cells, about 1 km). The variance is that over many
/// lattice cells of the coarsest octave; a small window sees less of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    octaves: Vec<Octave>,
}

/// Value and derivatives of a field at a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slope {
    pub(crate) value: f32,
    /// Length of the gradient, per cell.
    pub(crate) steepness: f32,
}

impl Noise {
    /// A sum of octaves whose lattice spacing doubles from `finest_cells` to at most
    /// `coarsest_cells`, each with an amplitude proportional to its spacing to the power `hurst`.
    ///
    /// Between those scales the one-dimensional power spectrum falls as wavenumber to the power
    /// `-(2 hurst + 1)`: 0 gives equal variance in each octave, 0.5 a Brownian profile.
    ///
    /// # Examples
    /// ```
    /// use vadose_twin::Noise;
    /// let field = Noise::fractal(7, 4.0, 64.0, 0.5);
    /// assert_eq!(field.at(1700.0, 5400.0), field.at(1700.0, 5400.0));
    /// assert!(field.at(1700.0, 5400.0).abs() < 3.47 * 3.0);
    /// ```
    #[must_use]
    pub fn fractal(seed: u64, finest_cells: f64, coarsest_cells: f64, hurst: f64) -> Self {
        let spacings: Vec<f64> = std::iter::successors(Some(finest_cells), |spacing| {
            Some(spacing * 2.0).filter(|&next| next <= coarsest_cells)
        })
        .collect();
        let weights = || spacings.iter().map(|spacing| spacing.powf(hurst));
        let variance = weights().map(|weight| weight * weight).sum::<f64>();
        let scale = 1.0 / (variance.sqrt() * SPLINE_VARIANCE);
        let octaves = (0..)
            .zip(&spacings)
            .zip(weights())
            .map(|((idx, &spacing), weight)| Octave {
                seed: hash::of_all(seed, &[idx]),
                spacing,
                amplitude: (weight * scale) as f32,
            })
            .collect();
        Self { octaves }
    }

    /// One octave alone.
    #[must_use]
    pub fn single(seed: u64, spacing_cells: f64) -> Self {
        Self::fractal(seed, spacing_cells, spacing_cells, 0.0)
    }

    /// This field without the octaves whose lattice is finer than `spacing_cells`; what is left
    /// keeps its values, so the variance falls below 1.
    #[must_use]
    pub fn without_finer_than(&self, spacing_cells: f64) -> Self {
        let coarse = |octave: &&Octave| octave.spacing >= spacing_cells;
        Self {
            octaves: self.octaves.iter().filter(coarse).copied().collect(),
        }
    }

    /// The field at one point.
    #[must_use]
    pub fn at(&self, row: f64, col: f64) -> f32 {
        self.octaves.iter().fold(0.0, |sum, octave| {
            let (taps_row, taps_col) = (
                Taps::at(row / octave.spacing),
                Taps::at(col / octave.spacing),
            );
            let blended = blend(octave.seed, &taps_row, taps_col.first);
            sum + octave.amplitude * dot(&taps_col.weights, &blended)
        })
    }

    /// The field at one point, with the length of its gradient.
    pub(crate) fn slope_at(&self, row: f64, col: f64) -> Slope {
        let mut sums = [0.0_f32; 3];
        for octave in &self.octaves {
            let (taps_row, taps_col) = (
                Taps::at(row / octave.spacing),
                Taps::at(col / octave.spacing),
            );
            let (along_row, along_col) = (
                Taps::slope(row / octave.spacing),
                Taps::slope(col / octave.spacing),
            );
            let blended = blend(octave.seed, &taps_row, taps_col.first);
            let inclined = blend(octave.seed, &along_row, taps_col.first);
            let per_cell = octave.amplitude / octave.spacing as f32;
            sums[0] += octave.amplitude * dot(&taps_col.weights, &blended);
            sums[1] += per_cell * dot(&taps_col.weights, &inclined);
            sums[2] += per_cell * dot(&along_col.weights, &blended);
        }
        let [value, by_row, by_col] = sums;
        Slope {
            value,
            steepness: (by_row * by_row + by_col * by_col).sqrt(),
        }
    }

    /// The field over a lattice of positions: the numbers of [`at`](Self::at), bit for bit, at a
    /// few nanoseconds per octave and position.
    #[must_use]
    pub fn fill(&self, positions: &Positions) -> Array2<f32> {
        let mut field = Array2::zeros(positions.shape());
        for octave in &self.octaves {
            octave.add_to(positions, &mut field);
        }
        field
    }
}

impl Octave {
    fn add_to(&self, positions: &Positions, field: &mut Array2<f32>) {
        let taps_of_col: Vec<Taps> = positions
            .cols()
            .iter()
            .map(|col| Taps::at(col / self.spacing))
            .collect();
        let firsts = || taps_of_col.iter().map(|taps| taps.first);
        let (Some(first), Some(last)) = (firsts().min(), firsts().max()) else {
            return;
        };
        let n_lattice = (last - first) as usize + 4;
        // Lattice values of the four lattice rows in use, and their blend at the current row.
        let mut lattice = vec![[0.0_f32; 4]; n_lattice];
        let mut lattice_first_row = None;
        let mut blended = vec![0.0_f32; n_lattice];
        for (&row, mut out) in positions.rows().iter().zip(field.rows_mut()) {
            let taps = Taps::at(row / self.spacing);
            if lattice_first_row != Some(taps.first) {
                lattice_first_row = Some(taps.first);
                for (idx, values) in (first..).zip(lattice.iter_mut()) {
                    *values = lattice_column(self.seed, taps.first, idx);
                }
            }
            for (blend, values) in blended.iter_mut().zip(&lattice) {
                *blend = dot(&taps.weights, values);
            }
            for (cell, taps) in out.iter_mut().zip(&taps_of_col) {
                let start = (taps.first - first) as usize;
                let [a, b, c, d] = blended[start..start + 4] else {
                    continue; // four values by construction
                };
                *cell += self.amplitude * dot(&taps.weights, &[a, b, c, d]);
            }
        }
    }
}

/// Which four lattice points a coordinate touches, and with which weights.
#[derive(Debug, Clone, Copy)]
struct Taps {
    first: i64,
    weights: [f32; 4],
}

impl Taps {
    /// Weights of a uniform cubic B-spline at `x`, in lattice units.
    fn at(x: f64) -> Self {
        let floor = x.floor();
        let t = (x - floor) as f32;
        let u = 1.0 - t;
        Self {
            first: floor as i64 - 1,
            weights: [
                u * u * u / 6.0,
                (4.0 + t * t * (3.0 * t - 6.0)) / 6.0,
                (4.0 + u * u * (3.0 * u - 6.0)) / 6.0,
                t * t * t / 6.0,
            ],
        }
    }

    /// Weights of the spline's derivative at `x`, per lattice unit.
    fn slope(x: f64) -> Self {
        let floor = x.floor();
        let t = (x - floor) as f32;
        let u = 1.0 - t;
        Self {
            first: floor as i64 - 1,
            weights: [
                -u * u / 2.0,
                t * (1.5 * t - 2.0),
                -u * (1.5 * u - 2.0),
                t * t / 2.0,
            ],
        }
    }
}

/// The numbers of four consecutive lattice rows in one lattice column.
fn lattice_column(seed: u64, first_row: i64, col: i64) -> [f32; 4] {
    [0, 1, 2, 3].map(|step| hash::standard(hash::of_point(seed, first_row + step, col)))
}

/// Four consecutive lattice columns, blended across rows.
fn blend(seed: u64, rows: &Taps, first_col: i64) -> [f32; 4] {
    [0, 1, 2, 3].map(|step| {
        dot(
            &rows.weights,
            &lattice_column(seed, rows.first, first_col + step),
        )
    })
}

/// A sum of four products in a fixed order, so that every path to a point gives the same bits.
fn dot(weights: &[f32; 4], values: &[f32; 4]) -> f32 {
    weights[0] * values[0]
        + weights[1] * values[1]
        + (weights[2] * values[2] + weights[3] * values[3])
}

#[cfg(test)]
mod tests;
