//! Leaving whole channels out of single training steps.

use ndarray::{Array3, Axis};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vadose_scene::seed;

/// Sets the inputs of a channel to 0 with a probability, for each tile of each step anew, so that no
/// estimate comes to hang on one input. Encoded inputs have mean 0 and a missing value is 0, so the
/// network meets what it meets at prediction where a channel is missing; hence nothing is scaled up.
///
/// The draws depend on the seed, the step and the tile's place in the batch alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChannelDropout {
    pub(crate) seed: u64,
    pub(crate) probability: f64,
}

impl ChannelDropout {
    /// Drops channels of inputs `[channel, row, col]`.
    pub(crate) fn apply(&self, step: u64, position: usize, inputs: &mut Array3<f32>) {
        if self.probability == 0.0 {
            return;
        }
        let purpose = format!("channel dropout step {step} tile {position}");
        let mut rng = ChaCha8Rng::seed_from_u64(seed::derive(self.seed, &purpose));
        for mut channel in inputs.axis_iter_mut(Axis(0)) {
            if rng.random_bool(self.probability) {
                channel.fill(0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(dropout: ChannelDropout, step: u64, position: usize) -> Vec<bool> {
        let mut inputs = Array3::from_elem((1000, 2, 2), 1.5);
        dropout.apply(step, position, &mut inputs);
        let channels = inputs.axis_iter(Axis(0));
        channels
            .map(|channel| {
                let first = channel[[0, 0]];
                assert!(channel.iter().all(|value| *value == first));
                assert!(first == 0.0 || first == 1.5);
                first == 0.0
            })
            .collect()
    }

    #[test]
    fn whole_channels_are_dropped_at_the_given_rate() {
        let dropout = ChannelDropout {
            seed: 5,
            probability: 0.2,
        };
        let n = dropped(dropout, 1, 0).iter().filter(|d| **d).count();
        // 1000 draws at 0.2: standard deviation 12.6.
        assert!((150..250).contains(&n), "{n}");
    }

    #[test]
    fn draws_differ_by_step_and_tile_and_repeat_by_seed() {
        let dropout = ChannelDropout {
            seed: 5,
            probability: 0.5,
        };
        assert_eq!(dropped(dropout, 1, 0), dropped(dropout, 1, 0));
        assert_ne!(dropped(dropout, 1, 0), dropped(dropout, 2, 0));
        assert_ne!(dropped(dropout, 1, 0), dropped(dropout, 1, 1));
        let other = ChannelDropout { seed: 6, ..dropout };
        assert_ne!(dropped(dropout, 1, 0), dropped(other, 1, 0));
    }
}
