//! Random numbers by position: a pure function of seed, row, column and time, in any order.

use crate::hash;

/// Uniform in [0, 1].
pub(crate) fn uniform(seed: u64, row: i64, col: i64, time: i64) -> f32 {
    hash::uniform(hash::of_all(seed, &[row, col, time])) as f32
}

/// A number of mean 0 and variance 1, nearly normal: [`hash::standard`].
pub(crate) fn normal(seed: u64, row: i64, col: i64, time: i64) -> f32 {
    hash::standard(hash::of_all(seed, &[row, col, time]))
}

/// Correlated standard normal noise: values at the knots of a lattice in space and time, with
/// straight lines between them, scaled back to unit variance everywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lattice {
    /// Seed of the purpose.
    pub(crate) seed: u64,
    /// Distance of knots in rows and columns, cells.
    pub(crate) cells: f32,
    /// Distance of knots in time, days.
    pub(crate) days: f32,
}

impl Lattice {
    /// The noise of some columns of one row at one time.
    ///
    /// `row` and `first_col` count on the whole grid, so that every window sees the same noise.
    pub(crate) fn row(&self, row: f32, first_col: f32, step: f32, day: f32, out: &mut [f32]) {
        let (row_knot, row_weights) = knot(row / self.cells);
        let (day_knot, day_weights) = knot(day / self.days);
        let at_knot = |col_knot: i64| {
            let mut sum = 0.0;
            for (i, row_weight) in (0..).zip(row_weights) {
                for (j, day_weight) in (0..).zip(day_weights) {
                    let value = normal(self.seed, row_knot + i, col_knot, day_knot + j);
                    sum += row_weight * day_weight * value;
                }
            }
            sum
        };
        let mut current = i64::MIN;
        let mut ends = [0.0; 2];
        for (idx, value) in out.iter_mut().enumerate() {
            let (col_knot, weights) = knot((first_col + step * idx as f32) / self.cells);
            if col_knot != current {
                ends = if current != i64::MIN && col_knot == current + 1 {
                    [ends[1], at_knot(col_knot + 1)]
                } else {
                    [at_knot(col_knot), at_knot(col_knot + 1)]
                };
                current = col_knot;
            }
            *value = weights[0] * ends[0] + weights[1] * ends[1];
        }
    }

    /// The noise at one place and time.
    #[cfg(test)]
    pub(crate) fn at(&self, row: f32, col: f32, day: f32) -> f32 {
        let mut value = [0.0];
        self.row(row, col, 0.0, day, &mut value);
        value[0]
    }
}

/// The knot below a coordinate, and the weights of it and the next, whose squares add up to 1.
fn knot(coordinate: f32) -> (i64, [f32; 2]) {
    let below = coordinate.floor();
    let upper = coordinate - below;
    let lower = 1.0 - upper;
    let norm = (lower * lower + upper * upper).sqrt();
    (below as i64, [lower / norm, upper / norm])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: impl Iterator<Item = f32>) -> (f64, f64) {
        let values: Vec<f64> = values.map(f64::from).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        (mean, variance)
    }

    #[test]
    fn places_and_times_are_independent_and_repeatable() {
        assert_eq!(normal(1, 5, 6, 7), normal(1, 5, 6, 7));
        for other in [normal(2, 5, 6, 7), normal(1, 6, 5, 7), normal(1, 5, 6, 8)] {
            assert_ne!(normal(1, 5, 6, 7), other);
        }
    }

    #[test]
    fn lattice_noise_has_unit_variance_and_is_smooth() {
        let lattice = Lattice {
            seed: 3,
            cells: 8.0,
            days: 5.0,
        };
        let mut row = vec![0.0; 400];
        let mut all = Vec::new();
        for r in 0..100 {
            lattice.row((r * 9) as f32, 0.0, 9.0, 1.5, &mut row);
            all.extend_from_slice(&row);
        }
        let (mean, variance) = moments(all.iter().copied());
        assert!(
            mean.abs() < 0.04 && (variance - 1.0).abs() < 0.08,
            "{mean} {variance}"
        );
        let step = lattice.at(100.0, 101.0, 1.0) - lattice.at(100.0, 100.0, 1.0);
        assert!(step.abs() < 0.8, "{step}");
    }

    #[test]
    fn a_row_is_its_cells() {
        let lattice = Lattice {
            seed: 11,
            cells: 6.0,
            days: 4.0,
        };
        let mut row = vec![0.0; 40];
        lattice.row(17.0, 1003.0, 1.0, 9.25, &mut row);
        for (idx, value) in row.iter().enumerate() {
            assert_eq!(*value, lattice.at(17.0, 1003.0 + idx as f32, 9.25));
        }
    }
}
