//! In which order tiles are visited.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use vadose_scene::seed;

use crate::{Augmentation, Orientation};

/// Visits tiles in random orders, one after the other, each of which holds every tile once; an epoch
/// is the next stretch of them. Order and orientations depend on the seed and the epoch alone: a
/// resumed run needs no generator state to go on exactly.
#[derive(Debug, Clone)]
pub struct TileSampler {
    seed: u64,
    n_tiles: usize,
    tiles_per_epoch: usize,
    augmentation: Augmentation,
}

impl TileSampler {
    /// A sampler of `n_tiles` tiles, of which an epoch visits `tiles_per_epoch`.
    #[must_use]
    pub fn new(
        seed: u64,
        n_tiles: usize,
        tiles_per_epoch: usize,
        augmentation: Augmentation,
    ) -> Self {
        Self {
            seed,
            n_tiles,
            tiles_per_epoch,
            augmentation,
        }
    }

    /// The tiles of one epoch, counted from 1: position and orientation, in order.
    #[must_use]
    pub fn epoch(&self, epoch: usize) -> Vec<(usize, Orientation)> {
        if self.n_tiles == 0 {
            return Vec::new();
        }
        let first = epoch.saturating_sub(1) * self.tiles_per_epoch;
        let end = first + self.tiles_per_epoch;
        let orders = first / self.n_tiles..end.div_ceil(self.n_tiles);
        let skipped = first - orders.start * self.n_tiles;
        orders
            .flat_map(|order| self.order(order + 1))
            .skip(skipped)
            .take(self.tiles_per_epoch)
            .collect()
    }

    /// All tiles once.
    fn order(&self, number: usize) -> Vec<(usize, Orientation)> {
        let purpose = format!("sampler epoch {number}");
        let mut rng = ChaCha8Rng::seed_from_u64(seed::derive(self.seed, &purpose));
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

    fn sampler(seed: u64, tiles_per_epoch: usize) -> TileSampler {
        TileSampler::new(seed, 17, tiles_per_epoch, Augmentation::FlipsAndRotations)
    }

    fn sorted(visits: impl IntoIterator<Item = (usize, Orientation)>) -> Vec<usize> {
        let mut tiles: Vec<usize> = visits.into_iter().map(|(tile, _)| tile).collect();
        tiles.sort_unstable();
        tiles
    }

    #[test]
    fn every_tile_is_visited_once_an_epoch() {
        assert_eq!(sorted(sampler(3, 17).epoch(5)), Vec::from_iter(0..17));
    }

    #[test]
    fn no_tile_comes_again_before_all_were_seen_whatever_the_length_of_an_epoch() {
        for tiles_per_epoch in [1, 5, 16, 17, 40] {
            let sampler = sampler(3, tiles_per_epoch);
            let visits: Vec<_> = (1..=35).flat_map(|epoch| sampler.epoch(epoch)).collect();
            assert_eq!(visits.len(), 35 * tiles_per_epoch);
            for order in visits.chunks_exact(17) {
                assert_eq!(sorted(order.iter().copied()), Vec::from_iter(0..17));
            }
        }
    }

    #[test]
    fn epochs_differ_and_repeat_by_seed() {
        assert_eq!(sampler(3, 17).epoch(1), sampler(3, 17).epoch(1));
        assert_ne!(sampler(3, 17).epoch(1), sampler(3, 17).epoch(2));
        assert_ne!(sampler(3, 17).epoch(1), sampler(4, 17).epoch(1));
    }

    #[test]
    fn without_augmentation_no_tile_is_turned() {
        let sampler = TileSampler::new(3, 40, 40, Augmentation::None);
        assert!(
            sampler
                .epoch(1)
                .iter()
                .all(|(_, orientation)| *orientation == Orientation::IDENTITY)
        );
    }
}
