//! Convolution along columns: the kernel behind forward passes and input gradients.
//!
//! # Layout
//! A *tile* is one output row of `V` column vectors (four of sixteen lanes on AVX-512) times a block
//! of up to six output features, all held in registers: up to 24 accumulators. For every
//! (input feature, depth tap, row tap) the tile loads its `V` vectors at the three column shifts and
//! multiplies each by the weights of the block, one broadcast per output feature, so that 12–24
//! multiply-adds stand against at most eleven loads.
//!
//! Zero padding costs nothing: taps that leave the volume along depth or rows are left out of the
//! loop, and along columns the first and the last vector of a row are loaded with a mask. No
//! padded copy exists. Bias, ReLU or the ReLU's derivative are applied to the accumulators.
//!
//! # Two inputs
//! The decoder convolves `concatenate(upsample(coarse), fine)`. Neither is built. On the coarse input
//! the nearest upsampling by two folds into the weights (see [`super::pack::PHASES`]): an output of
//! one row and column parity reads 2×2 instead of 3×3 positions, which is 2.25 times less
//! arithmetic. A tile first sums the coarse part with even and odd columns in separate registers,
//! interleaves them, and goes on with the fine part.
//!
//! # Order of work
//! A task is a band of rows at one depth, all output features. Within it tiles run down the rows of a
//! strip of columns, so that the input rows are reused from the first-level cache; consecutive tasks
//! are consecutive depths of the same band, whose planes are still in the second level.
//! An output is computed by one task in one order, whatever the number of threads.

use rayon::prelude::*;

use super::cells::{BF16_PAIRS, Cells, F32};
use super::convolution_tile::Tile;
use super::lanes::{Isa, Lanes, Task};
use super::pack::Packed;
use super::parallel::{Bands, Extent, SharedMut};
use super::pool::PoolBand;
use super::tile::Epilogue;

/// One convolution of one sample. Arrays are `[cell, depth, row, col]`; see [`Cells`] for what a cell holds:
/// `weights.input` says it of both inputs, the epilogue of the output.
pub(crate) struct Convolution<'a> {
    /// Input on the grid `input`, with `weights.fine_features` features (may be none).
    pub(crate) fine: &'a [f32],
    /// Input on half the rows and columns, with `weights.coarse_features` features (may be none).
    pub(crate) coarse: &'a [f32],
    /// Grid of the coarse input.
    pub(crate) coarse_grid: Extent,
    /// Grid of the fine input.
    pub(crate) input: Extent,
    /// Grid of the output.
    pub(crate) output: Extent,
    /// Zeros before the first depth and row; columns are padded by half the kernel.
    pub(crate) padding: [usize; 2],
    /// Packed weights.
    pub(crate) weights: &'a Packed,
    /// One value per output feature; empty for none.
    pub(crate) bias: &'a [f32],
    /// What is done before storing.
    pub(crate) epilogue: Epilogue<'a>,
}

impl Convolution<'_> {
    /// Writes the output to `y` and, if asked for, its maxima over 2×2 windows to an array on the grid
    /// that goes with it, band by band while the rows are in cache.
    pub(crate) fn run(&self, isa: Isa, y: &mut [f32], pooled: Option<(&mut [f32], Extent)>) {
        let features = self.weights.out_features();
        let w = self.weights;
        let (input, output) = (self.input, self.output);
        assert_eq!(self.fine.len(), w.fine_cells() * input.len());
        assert_eq!(self.coarse.len(), w.coarse_cells() * self.coarse_grid.len());
        let cells = self.epilogue.cells();
        assert_eq!(y.len(), cells.of(features) * output.len());
        assert!(
            w.blocks.iter().all(|b| b.first % cells.features() == 0),
            "no cell belongs to two blocks"
        );
        let [kds, khs, kws] = w.kernel;
        let taps_and_cells = 16 * w.coarse_cells() + khs * kws * w.fine_cells();
        assert_eq!(
            w.data.len(),
            features * kds * w.input.features() * taps_and_cells,
            "weights packed for a convolution"
        );
        assert!(self.bias.is_empty() || self.bias.len() == features);
        assert!(
            w.kernel[2] == 1 || w.kernel[2] == 3,
            "columns are convolved by 1 or 3 taps"
        );
        assert_eq!(input.cols, output.cols);
        if w.coarse_features > 0 {
            assert!(
                self.coarse_grid.doubles_to(output)
                    && self.padding[1] == 1
                    && w.kernel[1..] == [3, 3]
            );
            assert_eq!(input.depth, self.coarse_grid.depth);
        }
        if let Epilogue::WherePositive(gate) = self.epilogue {
            assert_eq!(gate.len(), y.len());
        }
        let y = SharedMut::new(y);
        let pooled = pooled.map(|(pooled, grid)| {
            assert!(grid.doubles_to(output));
            assert_eq!(pooled.len(), cells.of(features) * grid.len());
            (SharedMut::new(pooled), grid)
        });
        let bands = Bands::of(output);
        (0..bands.len()).into_par_iter().for_each(|task| {
            let (depth, rows) = bands.get(task);
            let band = Band {
                conv: self,
                y: y.pointer(),
                depth,
                first_row: rows.start,
                end_row: rows.end,
            };
            // SAFETY: the assertions above are those that `Band` asks for; `Bands` gives every
            // (depth, row) to one task only, so no two tasks write the same output.
            unsafe { isa.run(band) };
            if let Some((pooled, coarse_grid)) = pooled {
                let band = PoolBand {
                    fine: y.pointer(),
                    fine_grid: output,
                    coarse: pooled.pointer(),
                    coarse_grid,
                    count: cells.of(features),
                    cells,
                    depth,
                    first_row: rows.start / 2,
                    end_row: rows.end / 2,
                };
                // SAFETY: the rows were written just above by this task, bands begin at even rows,
                // and the pooled rows belong to this band alone.
                unsafe { isa.run(band) };
            }
        });
    }
}

/// Rows `first_row..end_row` of one depth, all output features.
///
/// Its pointers are valid when the array lengths fit the extents as [`Convolution::run`] asserts.
#[derive(Clone, Copy)]
pub(super) struct Band<'a> {
    pub(super) conv: &'a Convolution<'a>,
    pub(super) y: *mut f32,
    pub(super) depth: usize,
    first_row: usize,
    end_row: usize,
}

impl Task for Band<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        // SAFETY: handed on from the caller.
        unsafe {
            match (self.conv.weights.kernel[2], self.conv.weights.input) {
                (3, Cells::F32) => self.columns::<L, 3, F32>(),
                (3, Cells::Bf16Pairs) => self.columns::<L, 3, BF16_PAIRS>(),
                (_, Cells::F32) => self.columns::<L, 1, F32>(),
                (_, Cells::Bf16Pairs) => self.columns::<L, 1, BF16_PAIRS>(),
            }
        }
    }
}

impl Band<'_> {
    /// Cuts the columns into strips: full ones of four, two and one vectors, then a masked rest.
    #[inline(always)]
    unsafe fn columns<L: Lanes, const KW: usize, const CELLS: usize>(self) {
        let cols = self.conv.output.cols;
        let paired = self.conv.weights.coarse_features > 0;
        let mut col = 0;
        while col < cols {
            let left = cols - col;
            // SAFETY: each strip lies within the row, or is masked to it; the rest as the caller says.
            unsafe {
                if L::WIDE && left >= 4 * L::N {
                    self.strip::<L, 4, KW, CELLS, false>(col);
                    col += 4 * L::N;
                } else if left >= 2 * L::N {
                    self.strip::<L, 2, KW, CELLS, false>(col);
                    col += 2 * L::N;
                } else if paired || left > L::N {
                    self.strip::<L, 2, KW, CELLS, true>(col);
                    col = cols;
                } else if left == L::N {
                    self.strip::<L, 1, KW, CELLS, false>(col);
                    col = cols;
                } else {
                    self.strip::<L, 1, KW, CELLS, true>(col);
                    col = cols;
                }
            }
        }
    }

    /// All rows and output features of one strip of columns.
    #[inline(always)]
    unsafe fn strip<
        L: Lanes,
        const V: usize,
        const KW: usize,
        const CELLS: usize,
        const PARTIAL: bool,
    >(
        self,
        col: usize,
    ) {
        for row in self.first_row..self.end_row {
            for block in &self.conv.weights.blocks {
                // SAFETY: handed on from the caller; `block.len` is the tile's number of features.
                unsafe {
                    match block.len {
                        1 => L::outline(Tile::<1, V, KW, CELLS, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        2 => L::outline(Tile::<2, V, KW, CELLS, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        3 => L::outline(Tile::<3, V, KW, CELLS, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        4 => L::outline(Tile::<4, V, KW, CELLS, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        5 => L::outline(Tile::<5, V, KW, CELLS, PARTIAL> {
                            band: self,
                            block,
                            row,
                            col,
                        }),
                        6 => L::outline(Tile::<6, V, KW, CELLS, PARTIAL> {
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
