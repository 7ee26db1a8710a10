//! The register block of a convolution: one row of a few column vectors, times a few features.

use super::cells::{self, BF16_PAIRS};
use super::convolution::Band;
use super::lanes::{Lanes, Task};
use super::pack::Block;
use super::tile::{each_feature, load_shifted, prefetch_tile, store_tile, taps};

/// `O` output features of `V` column vectors of one row, starting at column `col`, from input cells that hold
/// `CELLS` features. `PARTIAL` where the vectors reach beyond the row's end.
pub(super) struct Tile<
    'a,
    const O: usize,
    const V: usize,
    const KW: usize,
    const CELLS: usize,
    const PARTIAL: bool,
> {
    pub(super) band: Band<'a>,
    pub(super) block: &'a Block,
    pub(super) row: usize,
    pub(super) col: usize,
}

impl<const O: usize, const V: usize, const KW: usize, const CELLS: usize, const PARTIAL: bool> Task
    for Tile<'_, O, V, KW, CELLS, PARTIAL>
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let conv = self.band.conv;
        // SAFETY: `Convolution::run` asserted the lengths from which every address below is formed:
        // feature, depth and row are in range (the loops clip the taps to the volume), and
        // `load_shifted` and the store masks keep the columns within their row.
        unsafe {
            let Band { y, depth, .. } = self.band;
            let first_cell = self.block.first / conv.epilogue.cells().features();
            let at = first_cell * conv.output.len()
                + depth * conv.output.plane
                + self.row * conv.output.cols
                + self.col;
            prefetch_tile::<L, O, V>(conv.epilogue, y, at, conv.output.len());
            let mut acc = [[L::zero(); V]; O];
            if !conv.bias.is_empty() {
                each_feature!(F < O => {
                    acc[F] = [L::splat(conv.bias.as_ptr().add(self.block.first + F)); V];
                });
            }
            if V > 1 && KW == 3 && conv.weights.coarse_features > 0 {
                self.coarse::<L>(&mut acc);
            }
            self.fine::<L>(&mut acc);
            let left = conv.output.cols - self.col;
            store_tile::<L, O, V, PARTIAL>(&acc, conv.epilogue, y, at, conv.output.len(), left);
        }
    }
}

impl<const O: usize, const V: usize, const KW: usize, const CELLS: usize, const PARTIAL: bool>
    Tile<'_, O, V, KW, CELLS, PARTIAL>
{
    /// Depth taps that stay within the input.
    #[inline(always)]
    fn depth_taps(&self) -> std::ops::Range<usize> {
        let (conv, depth) = (self.band.conv, self.band.depth);
        taps(
            depth,
            conv.padding[0],
            conv.weights.kernel[0],
            conv.input.depth,
        )
    }

    /// Adds the part of the input on the output's own grid.
    #[inline(always)]
    unsafe fn fine<L: Lanes>(&self, acc: &mut [[L::V; V]; O]) {
        let conv = self.band.conv;
        let input = conv.input;
        let [depth_pad, row_pad] = conv.padding;
        let [kds, khs, _] = conv.weights.kernel;
        let row_taps = taps(self.row, row_pad, khs, input.rows);
        // SAFETY: see `run`.
        unsafe {
            let weights = conv.weights.data.as_ptr().add(self.block.fine);
            // The plane that the next depth adds to those in cache.
            let next_plane = (self.band.depth + kds - depth_pad).min(input.depth - 1) * input.plane;
            for i in 0..conv.weights.fine_cells() {
                let next = conv
                    .fine
                    .as_ptr()
                    .wrapping_add(i * input.len() + next_plane + self.row * input.cols + self.col);
                if self.block.first == 0 {
                    for v in 0..V {
                        L::prefetch_read(next.wrapping_add(v * L::N));
                    }
                }
                for kd in self.depth_taps() {
                    let plane = i * input.len() + (self.band.depth + kd - depth_pad) * input.plane;
                    for kh in row_taps.clone() {
                        let row = plane + (self.row + kh - row_pad) * input.cols;
                        let at = conv.fine.as_ptr().add(row + self.col);
                        let w = weights.add(((i * kds + kd) * khs + kh) * KW * CELLS * O);
                        self.add_row::<L, 0>(acc, at, w);
                        if CELLS == BF16_PAIRS {
                            self.add_row::<L, 1>(acc, at, w.add(O));
                        }
                    }
                }
            }
        }
    }

    /// Adds all column taps of one input row, for feature `PART` of its cells.
    #[inline(always)]
    unsafe fn add_row<L: Lanes, const PART: usize>(
        &self,
        acc: &mut [[L::V; V]; O],
        at: *const f32,
        w: *const f32,
    ) {
        // SAFETY: see `run`; `w` points to the weights of the first tap.
        unsafe {
            if KW == 3 {
                self.add_shifted::<L, PART, -1>(acc, at, w);
                self.add_shifted::<L, PART, 0>(acc, at, w.add(CELLS * O));
                self.add_shifted::<L, PART, 1>(acc, at, w.add(2 * CELLS * O));
            } else {
                self.add_shifted::<L, PART, 0>(acc, at, w);
            }
        }
    }

    /// Adds one tap: the tile's columns shifted by `SHIFT`, times one weight per output feature.
    #[inline(always)]
    unsafe fn add_shifted<L: Lanes, const PART: usize, const SHIFT: isize>(
        &self,
        acc: &mut [[L::V; V]; O],
        at: *const f32,
        w: *const f32,
    ) {
        // SAFETY: see `run`.
        unsafe {
            let mut x = [L::zero(); V];
            for v in 0..V {
                let left = self.band.conv.input.cols - self.col;
                let cells = load_shifted::<L, SHIFT, PARTIAL>(at, (v, V), self.col, left);
                x[v] = cells::part::<L, CELLS, PART>(cells);
            }
            each_feature!(F < O => {
                let weight = L::splat(w.add(F));
                for v in 0..V {
                    acc[F][v] = L::fma(x[v], weight, acc[F][v]);
                }
            });
        }
    }

    /// Adds the part of the upsampled coarse input, with weights folded onto the coarse grid.
    #[inline(always)]
    unsafe fn coarse<L: Lanes>(&self, acc: &mut [[L::V; V]; O]) {
        let conv = self.band.conv;
        let coarse = conv.coarse_grid;
        let kds = conv.weights.kernel[0];
        let (parity, middle, col) = (self.row % 2, self.row / 2, self.col / 2);
        // SAFETY: see `run`. Registers `acc[F][2u]`, `acc[F][2u + 1]` hold the even and the odd
        // columns of coarse vector `u` until they are interleaved at the end.
        unsafe {
            let weights = conv.weights.data.as_ptr().add(self.block.coarse);
            for i in 0..conv.weights.coarse_cells() {
                for kd in self.depth_taps() {
                    let plane =
                        i * coarse.len() + (self.band.depth + kd - conv.padding[0]) * coarse.plane;
                    for p in taps(middle + parity, 1, 2, coarse.rows) {
                        let row = plane + (middle + parity + p - 1) * coarse.cols;
                        let at = conv.coarse.as_ptr().add(row + col);
                        let w =
                            weights.add((((i * kds + kd) * 2 + parity) * 2 + p) * 4 * CELLS * O);
                        self.add_coarse_row::<L, 0>(acc, at, w);
                        if CELLS == BF16_PAIRS {
                            self.add_coarse_row::<L, 1>(acc, at, w.add(O));
                        }
                    }
                }
            }
            for sums in acc.iter_mut() {
                for u in 0..V / 2 {
                    (sums[2 * u], sums[2 * u + 1]) = L::interleave(sums[2 * u], sums[2 * u + 1]);
                }
            }
        }
    }

    /// Adds the column taps of one coarse row, for feature `PART` of its cells.
    #[inline(always)]
    unsafe fn add_coarse_row<L: Lanes, const PART: usize>(
        &self,
        acc: &mut [[L::V; V]; O],
        at: *const f32,
        w: *const f32,
    ) {
        // SAFETY: see `run`; `w` points to the weights of the first of four taps.
        unsafe {
            let before = self.coarse_columns::<L, PART, -1>(at);
            let here = self.coarse_columns::<L, PART, 0>(at);
            let after = self.coarse_columns::<L, PART, 1>(at);
            Self::add_parity::<L, 0>(acc, &before, w);
            Self::add_parity::<L, 0>(acc, &here, w.add(CELLS * O));
            Self::add_parity::<L, 1>(acc, &here, w.add(2 * CELLS * O));
            Self::add_parity::<L, 1>(acc, &after, w.add(3 * CELLS * O));
        }
    }

    /// Adds one coarse tap to the output columns of parity `ODD`.
    #[inline(always)]
    unsafe fn add_parity<L: Lanes, const ODD: usize>(
        acc: &mut [[L::V; V]; O],
        x: &[L::V; V],
        w: *const f32,
    ) {
        // SAFETY: see `run`; `w` points to the weights of one tap.
        unsafe {
            each_feature!(F < O => {
                let weight = L::splat(w.add(F));
                for u in 0..V / 2 {
                    acc[F][2 * u + ODD] = L::fma(x[u], weight, acc[F][2 * u + ODD]);
                }
            });
        }
    }

    /// The `V / 2` coarse vectors under the tile, shifted by `SHIFT` coarse columns.
    #[inline(always)]
    unsafe fn coarse_columns<L: Lanes, const PART: usize, const SHIFT: isize>(
        &self,
        at: *const f32,
    ) -> [L::V; V] {
        let col = self.col / 2;
        let left = self.band.conv.input.cols / 2 - col;
        // SAFETY: see `run`.
        unsafe {
            let mut x = [L::zero(); V];
            for u in 0..V / 2 {
                let cells = load_shifted::<L, SHIFT, PARTIAL>(at, (u, V / 2), col, left);
                x[u] = cells::part::<L, CELLS, PART>(cells);
            }
            x
        }
    }
}
