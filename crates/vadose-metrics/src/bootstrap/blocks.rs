//! Circular blocks of neighbouring samples, drawn within the segments of a time axis.

use std::num::NonZeroUsize;
use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::below;
use crate::time_axis::TimeAxis;

/// How many neighbouring samples are drawn together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockLength {
    /// As the series' memory asks for: `(sqrt(6) phi / (1 - phi^2))^(2/3) n^(1/3)`, rounded, at most
    /// `3 sqrt(n)` and `n / 3`, where `phi` is the largest mean correlation of neighbours of the series.
    ///
    /// That is the length which estimates the variance of a mean best in the circular scheme
    /// (Politis and White 2004, doi:10.1081/ETC-120028836) with the spectrum of an AR(1) in place of an
    /// estimated one: 1 without memory, 18 for phi = 0.8 and n = 200.
    #[default]
    Automatic,
    /// So many samples; in a shorter segment the block is the segment.
    Samples(NonZeroUsize),
}

impl BlockLength {
    /// The length for `n` samples whose neighbours correlate by `phi`.
    pub(crate) fn of(self, n: usize, phi: f64) -> usize {
        match self {
            Self::Samples(length) => length.get().min(n),
            Self::Automatic => {
                let n = n as f64;
                let memory = 6.0_f64.sqrt() * phi / (1.0 - phi * phi);
                let length = (memory * memory * n).cbrt();
                length
                    .min((3.0 * n.sqrt()).ceil())
                    .min((n / 3.0).ceil())
                    .round()
                    .max(1.0) as usize
            }
        }
    }
}

/// The segments of a time axis; without one, all of `n` samples are one.
pub(crate) fn segments(axis: Option<&TimeAxis>, n: usize) -> Vec<Range<usize>> {
    axis.map_or_else(
        || std::iter::once(0..n).collect(),
        |axis| axis.segments().to_vec(),
    )
}

/// Samples of `K` quantities, of which blocks can be summed in a few steps.
///
/// A block starts at any sample with the same probability and runs on within that sample's segment, past
/// its end to its beginning; so each sample is as likely as any other, and no block spans two segments.
pub(crate) struct Blocks<const K: usize> {
    /// Sums of all samples before each, so one more than there are samples.
    prefix: Vec<[f64; K]>,
    segments: Vec<Range<usize>>,
    /// For each sample the position of its segment.
    segment_of: Vec<u32>,
    length: usize,
}

impl<const K: usize> Blocks<K> {
    pub(crate) fn new(
        samples: impl ExactSizeIterator<Item = [f64; K]>,
        segments: Vec<Range<usize>>,
        length: usize,
    ) -> Self {
        let mut sum = [0.0; K];
        let mut prefix = Vec::with_capacity(samples.len() + 1);
        prefix.push(sum);
        for sample in samples {
            add(&mut sum, &sample, 1.0);
            prefix.push(sum);
        }
        let segment_of = segments
            .iter()
            .enumerate()
            .flat_map(|(at, segment)| std::iter::repeat_n(at as u32, segment.len()))
            .collect();
        Self {
            prefix,
            segments,
            segment_of,
            length,
        }
    }

    fn n(&self) -> usize {
        self.segment_of.len()
    }

    /// Means over all samples.
    pub(crate) fn mean(&self) -> [f64; K] {
        self.prefix[self.n()].map(|sum| sum / self.n() as f64)
    }

    /// Means over as many samples, drawn in blocks; the last one is cut.
    pub(crate) fn resample(&self, rng: &mut ChaCha8Rng) -> [f64; K] {
        let mut sum = [0.0; K];
        let mut missing = self.n();
        while missing > 0 {
            let start = below(rng, self.n());
            let segment = &self.segments[self.segment_of[start] as usize];
            let length = self.length.min(segment.len()).min(missing);
            let end = start + length;
            self.add_range(&mut sum, start..end.min(segment.end), 1.0);
            if end > segment.end {
                self.add_range(
                    &mut sum,
                    segment.start..segment.start + end - segment.end,
                    1.0,
                );
            }
            missing -= length;
        }
        sum.map(|sum| sum / self.n() as f64)
    }

    /// Means without one block each; the blocks lie side by side.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = [f64; K]> + Clone {
        self.segments
            .iter()
            .flat_map(|segment| {
                segment
                    .clone()
                    .step_by(self.length)
                    .map(|start| start..(start + self.length).min(segment.end))
            })
            .map(|block| {
                let n = (self.n() - block.len()) as f64;
                let mut sum = self.prefix[self.n()];
                self.add_range(&mut sum, block, -1.0);
                sum.map(|sum| sum / n)
            })
    }

    fn add_range(&self, sum: &mut [f64; K], range: Range<usize>, weight: f64) {
        add(sum, &self.prefix[range.end], weight);
        add(sum, &self.prefix[range.start], -weight);
    }
}

fn add<const K: usize>(sum: &mut [f64; K], sample: &[f64; K], weight: f64) {
    for (sum, value) in sum.iter_mut().zip(sample) {
        *sum += weight * value;
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    /// Samples that tell which of them were drawn: powers of a base above any count.
    fn tallied(n: usize, length: usize, segments: &[Range<usize>], seed: u8) -> Vec<f64> {
        const N: usize = 12;
        assert!(n <= N);
        let one_hot =
            |at: usize| std::array::from_fn::<f64, N, _>(|k| f64::from(u8::from(k == at)));
        let blocks = Blocks::new((0..n).map(one_hot), segments.to_vec(), length);
        let mean = blocks.resample(&mut ChaCha8Rng::from_seed([seed; 32]));
        mean[..n]
            .iter()
            .map(|share| (share * n as f64).round())
            .collect()
    }

    #[test]
    fn a_resample_is_as_long_as_the_series() {
        for length in [1, 3, 5, 12] {
            for seed in 0..20 {
                let counts = tallied(12, length, &[0..5, 5..12], seed);
                assert_eq!(counts.iter().sum::<f64>(), 12.0);
            }
        }
    }

    #[test]
    fn blocks_wrap_within_their_segment() {
        // Blocks as long as a segment are that segment, each sample once, wherever they start.
        for seed in 0..20 {
            let counts = tallied(12, 6, &[0..6, 6..12], seed);
            assert!(counts[..6].iter().all(|count| *count == counts[0]));
            assert!(counts[6..].iter().all(|count| *count == counts[6]));
        }
    }

    #[test]
    fn every_sample_is_equally_likely() {
        let mut counts = [0.0; 12];
        for seed in 0..=255 {
            for (count, more) in counts.iter_mut().zip(tallied(12, 4, &[0..4, 4..12], seed)) {
                *count += more;
            }
        }
        // 256 draws of each; blocks of 4 make the deviation 32 at most, and four are allowed.
        assert!(
            counts.iter().all(|count| (count - 256.0).abs() < 128.0),
            "{counts:?}"
        );
        assert_eq!(counts.iter().sum::<f64>(), 12.0 * 256.0);
    }

    #[test]
    fn left_out_blocks_tile_the_series() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let blocks = Blocks::new(values.iter().map(|value| [*value]), vec![0..3, 3..7], 2);
        let left_out: Vec<f64> = blocks.left_out().flatten().collect();
        // Without 1 2, without 3, without 4 5, without 6 7.
        assert_eq!(left_out, [5.0, 25.0 / 6.0, 19.0 / 5.0, 3.0]);
        assert_eq!(blocks.mean(), [4.0]);
    }

    #[test]
    fn automatic_length_grows_with_memory_and_size() {
        let of = |n, phi| BlockLength::Automatic.of(n, phi);
        assert_eq!((of(200, 0.0), of(200, 0.8), of(1000, 0.8)), (1, 18, 31));
        // Never more than a third of the series.
        assert_eq!((of(30, 0.95), of(1, 0.9), of(4, 0.9999)), (10, 1, 2));
        let fixed = BlockLength::Samples(NonZeroUsize::new(7).unwrap());
        assert_eq!((fixed.of(200, 0.8), fixed.of(5, 0.8)), (7, 5));
    }
}
