//! Random numbers by position: a pure function of seed, row, column and time, in any order.

/// One step of SplitMix64.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Sixty-four random bits of a place and time.
fn bits(seed: u64, row: i64, col: i64, time: i64) -> u64 {
    // Rows and columns stay below 2^32 on every grid.
    let place = ((row as u64) << 32) ^ (col as u64 & 0xffff_ffff);
    mix(mix(seed ^ place).wrapping_add(time as u64))
}

/// Uniform in [0, 1).
pub(crate) fn uniform(seed: u64, row: i64, col: i64, time: i64) -> f32 {
    /// 2^-24: one over the number of values.
    const STEP: f32 = 1.0 / 16_777_216.0;
    (bits(seed, row, col, time) >> 40) as f32 * STEP
}

/// A number of mean 0 and variance 1, nearly normal: the sum of the four 16-bit parts of a hash.
///
/// It ends at ±3.46, with an excess kurtosis of -0.3.
pub(crate) fn normal(seed: u64, row: i64, col: i64, time: i64) -> f32 {
    /// Mean of the sum of four integers uniform in 0 ..= 65,535.
    const MEAN: f32 = 131_070.0;
    /// Its standard deviation, `sqrt((65536^2 - 1) / 3)`.
    const DEVIATION: f32 = 37_837.227;
    let bits = bits(seed, row, col, time);
    let sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
    (sum as f32 - MEAN) / DEVIATION
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
    fn normal_numbers_have_mean_0_and_variance_1() {
        // 40,000 draws: deviations 0.005 of the mean and 0.007 of the variance; five are allowed.
        let draws = (0..200).flat_map(|row| (0..200).map(move |col| normal(7, row, col, 3)));
        let (mean, variance) = moments(draws);
        assert!(
            mean.abs() < 0.025 && (variance - 1.0).abs() < 0.035,
            "{mean} {variance}"
        );
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
