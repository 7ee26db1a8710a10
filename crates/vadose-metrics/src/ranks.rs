//! Ranks of a series, from one sort, for the rank correlations.

/// The order of a series and its ties.
#[derive(Clone, Debug)]
pub(crate) struct Ranks {
    /// Positions of the values, in rising order of the values; equal values in any order.
    pub(crate) order: Vec<u32>,
    /// For each value the number of values below it; equal values have the same.
    pub(crate) below: Vec<u32>,
    /// For each value its rank from 1, equal values with the mean of theirs.
    pub(crate) average: Vec<f64>,
    /// Sum of `t^3 - t` over the runs of `t` equal values.
    pub(crate) tie_cubes: f64,
    /// Pairs of equal values.
    pub(crate) tied_pairs: u64,
}

impl Ranks {
    /// The ranks of finite values; the two zeros are equal.
    pub(crate) fn of(values: &[f64]) -> Self {
        // One word for the value and its position, which takes the lowest bits of the value: that is sorted
        // in half the time. Values that differ in those bits alone are put in order afterwards.
        let position = (1_u64 << (u64::BITS - (values.len() as u64).leading_zeros())) - 1;
        let key = |word: u64| rising_bits(values[(word & position) as usize]);
        let mut sorted: Vec<u64> = values
            .iter()
            .zip(0..)
            .map(|(value, at)| rising_bits(*value) & !position | at)
            .collect();
        sorted.sort_unstable();
        let mut ranks = Self {
            order: Vec::with_capacity(values.len()),
            below: vec![0; values.len()],
            average: vec![0.0; values.len()],
            tie_cubes: 0.0,
            tied_pairs: 0,
        };
        for run in sorted.chunk_by_mut(|left, right| left & !position == right & !position) {
            // Most stand alone, and their values need not be looked up.
            if let [word] = run {
                ranks.push([(*word & position) as u32].into_iter());
                continue;
            }
            run.sort_unstable_by_key(|word| key(*word));
            for equal in run.chunk_by(|left, right| key(*left) == key(*right)) {
                ranks.push(equal.iter().map(|word| (word & position) as u32));
            }
        }
        ranks
    }

    /// Takes in the positions of the next larger values, which are equal.
    #[inline]
    fn push(&mut self, equal: impl ExactSizeIterator<Item = u32>) {
        let (below, count) = (self.order.len(), equal.len());
        for at in equal {
            self.order.push(at);
            self.below[at as usize] = below as u32;
            self.average[at as usize] = below as f64 + (count + 1) as f64 / 2.0;
        }
        let length = count as f64;
        self.tie_cubes += length * length * length - length;
        self.tied_pairs += pairs_among(count);
    }
}

/// Bits that rise as unsigned integers where the finite numbers do, so that sorting takes no branches.
fn rising_bits(value: f64) -> u64 {
    // Adding zero makes the negative zero positive.
    let bits = (value + 0.0).to_bits();
    let negative = bits >> 63 == 1;
    if negative { !bits } else { bits | (1 << 63) }
}

/// Number of unordered pairs among `n` things.
pub(crate) fn pairs_among(n: usize) -> u64 {
    let n = n as u64;
    n * n.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_mean_rank() {
        let ranks = Ranks::of(&[7.0, 1.0, 7.0, 9.0]);
        assert_eq!(ranks.average, [2.5, 1.0, 2.5, 4.0]);
        assert_eq!(ranks.below, [1, 0, 1, 3]);
        assert_eq!((ranks.tie_cubes, ranks.tied_pairs), (6.0, 1));
        assert_eq!(Ranks::of(&[3.0; 4]).average, [2.5; 4]);
        assert_eq!(Ranks::of(&[0.0, -0.0, 1.0]).average, [1.5, 1.5, 3.0]);
    }

    #[test]
    fn order_is_that_of_the_numbers() {
        let values = [1e300, -2.5, 0.0, 5e-324, -1e-310, -1e300, 3.0];
        assert_eq!(Ranks::of(&values).order, [5, 1, 4, 2, 3, 6, 0]);
        assert!(Ranks::of(&[]).order.is_empty());
    }
}
