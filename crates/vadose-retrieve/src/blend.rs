//! Overlapping tiles become one map without a seam.

use std::collections::VecDeque;
use std::f32::consts::FRAC_PI_2;

use ndarray::{Array1, Array2, ArrayView2};
use vadose_grid::Window;
use vadose_scene::Tile;

/// Weight of each cell of a tile: 1 inside, falling as a squared sine over the overlap at each edge.
///
/// Two neighbours that overlap by exactly `overlap` cells have weights that add up to 1. All weights are
/// positive, so a cell that only one tile covers keeps that tile's value.
#[derive(Debug, Clone, PartialEq)]
pub struct BlendWeights {
    ramp: Array1<f32>,
}

impl BlendWeights {
    /// Weights of a tile of `size` cells whose neighbours overlap by `overlap`.
    #[must_use]
    pub fn new(size: usize, overlap: usize) -> Self {
        let ramp = Array1::from_shape_fn(size, |position| {
            let from_edge = position.min(size - 1 - position) as f32;
            let share = ((from_edge + 0.5) / overlap.max(1) as f32).min(1.0);
            (share * FRAC_PI_2).sin().powi(2)
        });
        Self { ramp }
    }

    /// Weight of a cell of the tile.
    #[must_use]
    pub fn at(&self, row: usize, col: usize) -> f32 {
        self.ramp[row] * self.ramp[col]
    }
}

/// Adds up weighted tiles over a window.
///
/// It holds the rows from the first that was not taken ([`Blender::take_rows`]) to the last that a tile
/// has reached: with tiles that come in rows from the north, and rows taken as they are finished, one row
/// of tiles.
#[derive(Debug, Clone)]
pub struct Blender {
    window: Window,
    weights: BlendWeights,
    /// Position in the window of the first row that is held.
    first: usize,
    rows: VecDeque<WeightedRow>,
}

/// One row of a map that is not finished.
#[derive(Debug, Clone)]
struct WeightedRow {
    sum: Vec<f32>,
    weight: Vec<f32>,
}

impl Blender {
    /// An empty map of `window`.
    #[must_use]
    pub fn new(window: Window, weights: BlendWeights) -> Self {
        Self {
            window,
            weights,
            first: 0,
            rows: VecDeque::new(),
        }
    }

    /// Adds the estimate `[row, col]` of a tile. Cells outside the window or in rows that were taken, and NaN,
    /// are left out.
    pub fn add(&mut self, tile: &Tile, estimate: ArrayView2<'_, f32>) {
        let n_cols = self.window.cols();
        let (row0, col0) = (self.window.row0() as i64, self.window.col0() as i64);
        for (row, values) in estimate.outer_iter().enumerate() {
            let Some(held) = usize::try_from(tile.row0 + row as i64 - row0)
                .ok()
                .filter(|&position| position < self.window.rows())
                .and_then(|position| position.checked_sub(self.first))
            else {
                continue;
            };
            while self.rows.len() <= held {
                self.rows.push_back(WeightedRow {
                    sum: vec![0.0; n_cols],
                    weight: vec![0.0; n_cols],
                });
            }
            let WeightedRow { sum, weight } = &mut self.rows[held];
            for (col, &value) in values.iter().enumerate() {
                let position = usize::try_from(tile.col0 + col as i64 - col0);
                let Some(position) = position.ok().filter(|&position| position < n_cols) else {
                    continue;
                };
                if value.is_finite() {
                    let share = self.weights.at(row, col);
                    sum[position] += share * value;
                    weight[position] += share;
                }
            }
        }
    }

    /// Takes the rows, not yet taken, above position `end` in the window: their weighted means, NaN where no
    /// tile has a value. No tile that comes later may reach them.
    pub fn take_rows(&mut self, end: usize) -> Array2<f32> {
        let end = end.clamp(self.first, self.window.rows());
        let mut taken = Array2::from_elem((end - self.first, self.window.cols()), f32::NAN);
        for mut out in taken.outer_iter_mut() {
            let Some(WeightedRow { sum, weight }) = self.rows.pop_front() else {
                break;
            };
            for ((out, sum), weight) in out.iter_mut().zip(sum).zip(weight) {
                if weight > 0.0 {
                    *out = sum / weight;
                }
            }
        }
        self.first = end;
        taken
    }

    /// The rows that were not taken: the weighted mean; NaN where no tile has a value.
    #[must_use]
    pub fn finish(mut self) -> Array2<f32> {
        self.take_rows(self.window.rows())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Axis;
    use vadose_grid::EaseGrid2;
    use vadose_scene::covering_tiles;

    /// Rounding of a weighted mean of equal f32 values.
    const MAX_CONSTANT_ERR: f32 = 1e-6;

    fn window() -> Window {
        Window::new(EaseGrid2::M01, 900, 1800, 150, 233).unwrap()
    }

    fn blended(value_of: impl Fn(i64, i64) -> f32) -> Array2<f32> {
        let (size, overlap) = (64, 18);
        let mut blender = Blender::new(window(), BlendWeights::new(size, overlap));
        for tile in covering_tiles(&window(), size, overlap).unwrap() {
            let estimate = Array2::from_shape_fn((size, size), |(r, c)| {
                value_of(tile.row0 + r as i64, tile.col0 + c as i64)
            });
            blender.add(&tile, estimate.view());
        }
        blender.finish()
    }

    #[test]
    fn a_constant_field_comes_out_constant() {
        let map = blended(|_, _| 0.25);
        assert!(
            map.iter()
                .all(|value| (value - 0.25).abs() <= MAX_CONSTANT_ERR)
        );
    }

    #[test]
    fn a_field_common_to_all_tiles_is_kept() {
        let map = blended(|row, col| (row * 3 + col) as f32);
        for ((row, col), value) in map.indexed_iter() {
            let expected = ((row + 900) * 3 + col + 1800) as f32;
            assert!((value - expected).abs() <= expected * MAX_CONSTANT_ERR);
        }
    }

    #[test]
    fn tiles_that_disagree_meet_without_a_step() {
        // Each tile has its own constant: the steepest step across the map must be that of the ramp.
        let (size, overlap) = (64usize, 18usize);
        let weights = BlendWeights::new(size, overlap);
        let mut blender = Blender::new(window(), weights);
        for (position, tile) in covering_tiles(&window(), size, overlap)
            .unwrap()
            .iter()
            .enumerate()
        {
            blender.add(
                tile,
                Array2::from_elem((size, size), (position % 2) as f32).view(),
            );
        }
        let map = blender.finish();
        let steepest = map
            .windows((1, 2))
            .into_iter()
            .map(|w| (w[[0, 0]] - w[[0, 1]]).abs())
            .fold(0.0, f32::max);
        let ramp_slope = std::f32::consts::FRAC_PI_2 / overlap as f32;
        assert!(
            steepest <= 1.5 * ramp_slope,
            "step of {steepest}, ramp allows {ramp_slope}"
        );
    }

    #[test]
    fn weights_of_neighbours_add_up_to_one() {
        let weights = BlendWeights::new(64, 18);
        for position in 0..18 {
            let sum = weights.ramp[64 - 18 + position] + weights.ramp[position];
            assert!((sum - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn cells_that_no_tile_reaches_are_missing() {
        let blender = Blender::new(window(), BlendWeights::new(64, 18));
        assert!(blender.finish().iter().all(|value| value.is_nan()));
    }

    #[test]
    fn rows_taken_as_they_are_finished_are_those_of_the_whole_map() {
        let (size, overlap) = (64, 18);
        let tiles = covering_tiles(&window(), size, overlap).unwrap();
        let estimate = |tile: &Tile| {
            Array2::from_shape_fn((size, size), |(row, col)| {
                let row = (tile.row0 + row as i64) as f32;
                (0.1 * row).sin() + tile.col0 as f32 * 1e-3 + col as f32 * 1e-2
            })
        };
        let mut whole = Blender::new(window(), BlendWeights::new(size, overlap));
        let mut taking = whole.clone();
        let mut rows = Array2::zeros((0, window().cols()));
        for (idx, tile) in tiles.iter().enumerate() {
            whole.add(tile, estimate(tile).view());
            taking.add(tile, estimate(tile).view());
            assert!(taking.rows.len() <= size, "one row of tiles is held");
            if let Some(next) = tiles.get(idx + 1) {
                let end = next.row0 - window().row0() as i64;
                let taken = taking.take_rows(usize::try_from(end).unwrap());
                rows.append(Axis(0), taken.view()).unwrap();
            }
        }
        rows.append(Axis(0), taking.finish().view()).unwrap();
        assert_eq!(rows, whole.finish());
    }
}
