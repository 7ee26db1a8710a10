//! In which order tiles are visited.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use vadose_scene::seed;

use crate::{Augmentation, Orientation};

/// Visits every tile once an epoch, in an order and with orientations that depend on the seed
/// and the epoch alone: a resumed run needs no generator state to go on exactly.
#[derive(Debug, Clone)]
pub struct TileSampler {
    seed: u64,
    n_tiles: usize,
    augmentation: Augmentation,
}

impl TileSampler {
    /// A sampler of `n_tiles` tiles.
    #[must_use]
    pub fn new(seed: u64, n_tiles: usize, augmentation: Augmentation) -> Self {
        Self {
            seed,
            n_tiles,
            augmentation,
        }
    }

    /// The tiles of one epoch: position and orientation, in order.
    #[must_use]
    pub fn epoch(&self, epoch: usize) -> Vec<(usize, Orientation)> {
        let mut rng =
            ChaCha8Rng::seed_from_u64(seed::derive(self.seed, &format!("sampler epoch {epoch}")));
        let mut order: Vec<usize> = (0..self.n_tiles).collect();
        order.shuffle(&mut rng);
        order
            .into_iter()
            .map(|tile| (tile, Orientation::draw(self.augmentation, &mut rng)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tile_is_visited_once_an_epoch() {
        let sampler = TileSampler::new(3, 17, Augmentation::FlipsAndRotations);
        let mut tiles: Vec<usize> = sampler.epoch(5).into_iter().map(|(tile, _)| tile).collect();
        tiles.sort_unstable();
        assert_eq!(tiles, (0..17).collect::<Vec<_>>());
    }

    #[test]
    fn epochs_differ_and_repeat_by_seed() {
        let sampler = TileSampler::new(3, 17, Augmentation::FlipsAndRotations);
        assert_eq!(sampler.epoch(1), sampler.epoch(1));
        assert_ne!(sampler.epoch(1), sampler.epoch(2));
        assert_ne!(
            sampler.epoch(1),
            TileSampler::new(4, 17, Augmentation::FlipsAndRotations).epoch(1)
        );
    }

    #[test]
    fn without_augmentation_no_tile_is_turned() {
        let sampler = TileSampler::new(3, 40, Augmentation::None);
        assert!(
            sampler
                .epoch(1)
                .iter()
                .all(|(_, orientation)| *orientation == Orientation::IDENTITY)
        );
    }
}
