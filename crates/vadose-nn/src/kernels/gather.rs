//! The transpose of convolution after nearest upsampling: the gradient of the decoder's coarse input.
//!
//! A coarse position was copied to 2×2 fine ones, each of which nine outputs (per depth tap) read. Seen
//! from the coarse position, that is one 4×4 window of output gradients with folded weights
//! ([`super::pack::GATHER`]): 16 products instead of 36, and no gradient on the fine grid is
//! written. A tile is two vectors of coarse columns times up to six features; two loads of fine columns
//! are split into even and odd ones in registers.

use rayon::prelude::*;

use super::lanes::{Isa, Lanes, Task};
use super::pack::{Block, Packed};
use super::parallel::{Bands, Extent, SharedMut};
use super::tile::{Epilogue, each_feature, load_shifted, prefetch_tile, store_tile, taps};

/// One gather of one sample. Arrays are `[feature, depth, row, col]`.
pub(crate) struct Gather<'a> {
    /// Gradient of the convolution's output, on the grid `fine_grid`.
    pub(crate) fine: &'a [f32],
    /// Grid of `fine`.
    pub(crate) fine_grid: Extent,
    /// Grid of the result: half the rows and columns.
    pub(crate) coarse_grid: Extent,
    /// Zeros before the first depth, as the transpose sees it.
    pub(crate) depth_padding: usize,
    /// Weights from [`Packed::gather`].
    pub(crate) weights: &'a Packed,
    /// What is done before storing.
    pub(crate) epilogue: Epilogue<'a>,
}

impl Gather<'_> {
    /// Writes the gradient of the coarse input to `y`.
    pub(crate) fn run(&self, isa: Isa, y: &mut [f32]) {
        let out_features = self.weights.out_features();
        assert_eq!(
            self.fine.len(),
            self.weights.fine_features * self.fine_grid.len()
        );
        assert_eq!(y.len(), out_features * self.coarse_grid.len());
        assert!(self.coarse_grid.doubles_to(self.fine_grid));
        assert_eq!(
            self.weights.data.len(),
            out_features * self.weights.kernel[0] * 16 * self.weights.fine_features,
            "weights packed for a gather"
        );
        if let Epilogue::WherePositive(gate) = self.epilogue {
            assert_eq!(gate.len(), y.len());
        }
        let y = SharedMut::new(y);
        let bands = Bands::of(self.coarse_grid);
        (0..bands.len()).into_par_iter().for_each(|task| {
            let (depth, rows) = bands.get(task);
            let band = Band {
                gather: self,
                y: y.pointer(),
                depth,
                first_row: rows.start,
                end_row: rows.end,
            };
            // SAFETY: the assertions above are those that `Band` asks for; `Bands` gives every
            // (depth, row) to one task only, so no two tasks write the same output.
            unsafe { isa.run(band) };
        });
    }
}

/// Coarse rows `first_row..end_row` of one depth, all features.
///
/// Its pointers are valid when the array lengths fit the extents as [`Gather::run`] asserts.
#[derive(Clone, Copy)]
struct Band<'a> {
    gather: &'a Gather<'a>,
    y: *mut f32,
    depth: usize,
    first_row: usize,
    end_row: usize,
}

impl Task for Band<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let cols = self.gather.coarse_grid.cols;
        let mut col = 0;
        while col < cols {
            let left = cols - col;
            // SAFETY: each strip lies within the row, or is masked to it.
            unsafe {
                if left >= 2 * L::N {
                    self.strip::<L, 2, false>(col);
                    col += 2 * L::N;
                } else if left >= L::N {
                    self.strip::<L, 1, false>(col);
                    col += L::N;
                } else {
                    self.strip::<L, 1, true>(col);
                    col = cols;
                }
            }
        }
    }
}

impl Band<'_> {
    /// All rows and features of one strip of columns.
    #[inline(always)]
    unsafe fn strip<L: Lanes, const V: usize, const PARTIAL: bool>(self, col: usize) {
        for row in self.first_row..self.end_row {
            for block in &self.gather.weights.blocks {
                // SAFETY: handed on from the caller; `block.len` is the tile's number of features.
                unsafe {
                    match block.len {
                        1 => L::outline(Tile::<1, V, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        2 => L::outline(Tile::<2, V, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        3 => L::outline(Tile::<3, V, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        4 => L::outline(Tile::<4, V, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        5 => L::outline(Tile::<5, V, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        6 => L::outline(Tile::<6, V, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        _ => unreachable!("blocks hold at most MAX_BLOCK features"),
                    }
                }
            }
        }
    }
}

/// `O` features of `V` vectors of one coarse row, starting at column `col`. `PARTIAL` where the
/// vectors reach beyond the row's end.
struct Tile<'a, const O: usize, const V: usize, const PARTIAL: bool> {
    band: Band<'a>,
    block: &'a Block,
    row: usize,
    col: usize,
}

impl<const O: usize, const V: usize, const PARTIAL: bool> Task for Tile<'_, O, V, PARTIAL> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let Band {
            gather, y, depth, ..
        } = self.band;
        let (fine, coarse) = (gather.fine_grid, gather.coarse_grid);
        let kds = gather.weights.kernel[0];
        let depth_taps = taps(depth, gather.depth_padding, kds, fine.depth);
        let row_taps = taps(2 * self.row, 1, 4, fine.rows);
        // SAFETY: `Gather::run` asserted the lengths from which every address is formed: feature,
        // depth and row are in range (the loops clip the taps to the volume), and `load_shifted`
        // and `store_tile` keep the columns within their row.
        unsafe {
            let weights = gather.weights.data.as_ptr().add(self.block.fine);
            let at = self.block.first * coarse.len()
                + depth * coarse.plane
                + self.row * coarse.cols
                + self.col;
            prefetch_tile::<L, O, V>(gather.epilogue, y, at, coarse.len());
            let mut acc = [[L::zero(); V]; O];
            for i in 0..gather.weights.fine_features {
                for kd in depth_taps.clone() {
                    let plane = i * fine.len() + (depth + kd - gather.depth_padding) * fine.plane;
                    for t in row_taps.clone() {
                        let row = plane + (2 * self.row + t - 1) * fine.cols;
                        let from = gather.fine.as_ptr().add(row + 2 * self.col);
                        let w = weights.add(((i * kds + kd) * 4 + t) * 4 * O);
                        self.add_pair::<L, -1>(&mut acc, from, w);
                        self.add_pair::<L, 1>(&mut acc, from, w.add(2 * O));
                    }
                }
            }
            let left = coarse.cols - self.col;
            store_tile::<L, O, V, PARTIAL>(&acc, gather.epilogue, y, at, coarse.len(), left);
        }
    }
}

impl<const O: usize, const V: usize, const PARTIAL: bool> Tile<'_, O, V, PARTIAL> {
    /// Adds the two column taps that begin `SHIFT` fine columns from each coarse column's first.
    #[inline(always)]
    unsafe fn add_pair<L: Lanes, const SHIFT: isize>(
        &self,
        acc: &mut [[L::V; V]; O],
        at: *const f32,
        w: *const f32,
    ) {
        let before = 2 * self.col;
        let left = self.band.gather.fine_grid.cols - before;
        // SAFETY: see `run`; the weights are those of two taps.
        unsafe {
            let mut even = [L::zero(); V];
            let mut odd = [L::zero(); V];
            for v in 0..V {
                let lo = load_shifted::<L, SHIFT, PARTIAL>(at, (2 * v, 2 * V), before, left);
                let hi = load_shifted::<L, SHIFT, PARTIAL>(at, (2 * v + 1, 2 * V), before, left);
                (even[v], odd[v]) = L::deinterleave(lo, hi);
            }
            each_feature!(F < O => {
                let (first, second) = (L::splat(w.add(F)), L::splat(w.add(O + F)));
                for v in 0..V {
                    acc[F][v] = L::fma(odd[v], second, L::fma(even[v], first, acc[F][v]));
                }
            });
        }
    }
}
