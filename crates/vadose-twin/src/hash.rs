//! Hashes of integers: the source of everything random in the twin.
//!
//! A hash of (seed, place, time) needs no state, so that any cell at any hour can be asked alone.

/// 2^64 divided by the golden ratio, odd.
const ROW_STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// An odd number without relation to [`ROW_STEP`]: the first multiplier of SplitMix64's finaliser.
const COL_STEP: u64 = 0xbf58_476d_1ce4_e5b9;

/// The finaliser of SplitMix64: every input bit moves every output bit.
///
/// # References
/// Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Hash of a point of a lattice.
pub(crate) fn of_point(seed: u64, row: i64, col: i64) -> u64 {
    mix(seed
        .wrapping_add((row as u64).wrapping_mul(ROW_STEP))
        .wrapping_add((col as u64).wrapping_mul(COL_STEP)))
}

/// Hash of a list of integers.
pub(crate) fn of_all(seed: u64, parts: &[i64]) -> u64 {
    parts
        .iter()
        .fold(mix(seed), |hash, &part| of_point(hash, part, 1))
}

/// A number of mean 0 and variance 1, nearly normal: the sum of the four 16-bit parts of a hash.
///
/// The sum of four uniform numbers has excess kurtosis -0.3 and ends at ±3.46.
pub(crate) fn standard(hash: u64) -> f32 {
    /// Mean of the sum of four integers uniform in 0 ..= 65,535.
    const MEAN: i32 = 2 * 65_535;
    /// Its standard deviation, `sqrt((65536^2 - 1) / 3)`.
    const DEVIATION: f32 = 37_837.227;
    let sum = (hash & 0xffff) + ((hash >> 16) & 0xffff) + ((hash >> 32) & 0xffff) + (hash >> 48);
    (sum as i32 - MEAN) as f32 / DEVIATION
}

/// A number uniform in [0, 1).
pub(crate) fn uniform(hash: u64) -> f64 {
    /// 2^-53: one over the number of values.
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    (hash >> 11) as f64 * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_has_mean_zero_and_variance_one() {
        /// Five deviations of the mean and of the variance of 100,000 draws.
        const SAMPLING: f64 = 0.025;
        let n = 100_000;
        let draws: Vec<f64> = (0..n)
            .map(|idx| f64::from(standard(of_point(1, idx / 317, idx % 317))))
            .collect();
        let mean = draws.iter().sum::<f64>() / n as f64;
        let variance = draws.iter().map(|draw| draw * draw).sum::<f64>() / n as f64;
        assert!(mean.abs() < SAMPLING, "mean {mean}");
        assert!((variance - 1.0).abs() < SAMPLING, "variance {variance}");
    }

    #[test]
    fn neighbours_are_unrelated() {
        /// Five deviations of a correlation of 100,000 pairs.
        const SAMPLING: f64 = 0.016;
        let value = |row, col| f64::from(standard(of_point(7, row, col)));
        let mut sums = [0.0; 3];
        for idx in 0..100_000 {
            let (row, col) = (idx / 317, idx % 317);
            sums[0] += value(row, col) * value(row, col + 1);
            sums[1] += value(row, col) * value(row + 1, col);
            sums[2] += value(row, col) * f64::from(standard(of_point(8, row, col)));
        }
        for sum in sums {
            assert!((sum / 1e5).abs() < SAMPLING, "{sums:?}");
        }
    }

    #[test]
    fn uniform_stays_below_one() {
        assert_eq!(uniform(0), 0.0);
        assert!(uniform(u64::MAX) < 1.0);
    }
}
