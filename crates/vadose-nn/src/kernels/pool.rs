//! Max pooling by two along rows and columns, and its gradient.
//!
//! Pooling runs inside the convolution that produces its input, band by band while the rows are in
//! cache. Its gradient needs no stored index: the maximum is found again by comparison with the
//! pooled value. Of equal maxima the first in row order gets the gradient, as in PyTorch.

use rayon::prelude::*;

use super::cells::{self, Cells};
use super::lanes::{Isa, Lanes, Task};
use super::parallel::{Bands, Extent, SharedMut};

/// Pools fine rows `2 * first_row..2 * end_row` of one depth, all features.
///
/// Pointers are valid for `count` volumes of their grids, and nobody else writes those rows.
pub(crate) struct PoolBand {
    pub(crate) fine: *const f32,
    pub(crate) fine_grid: Extent,
    pub(crate) coarse: *mut f32,
    pub(crate) coarse_grid: Extent,
    /// Number of cells of a position.
    pub(crate) count: usize,
    /// What they hold.
    pub(crate) cells: Cells,
    pub(crate) depth: usize,
    pub(crate) first_row: usize,
    pub(crate) end_row: usize,
}

impl Task for PoolBand {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let (fine, coarse) = (self.fine_grid, self.coarse_grid);
        for f in 0..self.count {
            for row in self.first_row..self.end_row {
                for col in (0..coarse.cols).step_by(L::N) {
                    let left = (coarse.cols - col) as isize;
                    let n = L::N as isize;
                    // SAFETY: cell, depth and row are in range; columns beyond the row's end are
                    // masked out, in the fine row as in the coarse one.
                    unsafe {
                        let upper = self.fine.add(
                            f * fine.len()
                                + self.depth * fine.plane
                                + 2 * row * fine.cols
                                + 2 * col,
                        );
                        let lower = upper.add(fine.cols);
                        let (lo_mask, hi_mask) = (L::range(0, 2 * left), L::range(0, 2 * left - n));
                        let lo = cells::max::<L>(
                            self.cells,
                            L::load_masked(upper, lo_mask),
                            L::load_masked(lower, lo_mask),
                        );
                        let (upper, lower) = (upper.wrapping_add(L::N), lower.wrapping_add(L::N));
                        let hi = cells::max::<L>(
                            self.cells,
                            L::load_masked(upper, hi_mask),
                            L::load_masked(lower, hi_mask),
                        );
                        let (even, odd) = L::deinterleave(lo, hi);
                        let to = self.coarse.add(
                            f * coarse.len() + self.depth * coarse.plane + row * coarse.cols + col,
                        );
                        let largest = cells::max::<L>(self.cells, even, odd);
                        L::store_masked(to, largest, L::range(0, left));
                    }
                }
            }
        }
    }
}

/// Gradient of max pooling after a ReLU: adds to each position of `fine_gradient` the pooled gradient
/// if the position is the window's first maximum and that is positive.
pub(crate) struct Unpool<'a> {
    /// What was pooled.
    pub(crate) fine: &'a [f32],
    /// Its grid, also of the result.
    pub(crate) fine_grid: Extent,
    /// The result of pooling.
    pub(crate) pooled: &'a [f32],
    /// Gradient of the result of pooling.
    pub(crate) pooled_gradient: &'a [f32],
    /// Grid of the latter two.
    pub(crate) coarse_grid: Extent,
}

impl Unpool<'_> {
    /// Adds to `fine_gradient`.
    pub(crate) fn run(&self, isa: Isa, fine_gradient: &mut [f32]) {
        assert!(self.coarse_grid.doubles_to(self.fine_grid));
        let features = self.fine.len() / self.fine_grid.len();
        assert_eq!(self.fine.len(), features * self.fine_grid.len());
        assert_eq!(self.fine.len(), fine_gradient.len());
        assert_eq!(self.pooled.len(), features * self.coarse_grid.len());
        assert_eq!(self.pooled.len(), self.pooled_gradient.len());
        let to = SharedMut::new(fine_gradient);
        let bands = Bands::of(self.coarse_grid);
        (0..bands.len()).into_par_iter().for_each(|task| {
            let (depth, rows) = bands.get(task);
            let band = UnpoolBand {
                unpool: self,
                to: to.pointer(),
                features,
                depth,
                first_row: rows.start,
                end_row: rows.end,
            };
            // SAFETY: the lengths were asserted above, and each window belongs to one band.
            unsafe { isa.run(band) };
        });
    }
}

/// Coarse rows `first_row..end_row` of one depth, all features, with the lengths of [`Unpool::run`].
struct UnpoolBand<'a> {
    unpool: &'a Unpool<'a>,
    to: *mut f32,
    features: usize,
    depth: usize,
    first_row: usize,
    end_row: usize,
}

impl Task for UnpoolBand<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let (fine, coarse) = (self.unpool.fine_grid, self.unpool.coarse_grid);
        for f in 0..self.features {
            for row in self.first_row..self.end_row {
                for col in (0..coarse.cols).step_by(L::N) {
                    let left = (coarse.cols - col) as isize;
                    let n = L::N as isize;
                    // SAFETY: feature, depth and row are in range; columns beyond the row's end are
                    // masked out, in the fine rows as in the coarse one.
                    unsafe {
                        let masks = [L::range(0, 2 * left), L::range(0, 2 * left - n)];
                        let at =
                            f * coarse.len() + self.depth * coarse.plane + row * coarse.cols + col;
                        let pooled =
                            L::load_masked(self.unpool.pooled.as_ptr().add(at), L::range(0, left));
                        let g = L::load_masked(
                            self.unpool.pooled_gradient.as_ptr().add(at),
                            L::range(0, left),
                        );
                        let mut rest = L::where_positive(pooled, g);
                        let upper = f * fine.len()
                            + self.depth * fine.plane
                            + 2 * row * fine.cols
                            + 2 * col;
                        for at in [upper, upper + fine.cols] {
                            let from = self.unpool.fine.as_ptr().wrapping_add(at);
                            let lo = L::load_masked(from, masks[0]);
                            let hi = L::load_masked(from.wrapping_add(L::N), masks[1]);
                            let (even, odd) = L::deinterleave(lo, hi);
                            let (to_even, to_odd);
                            (to_even, rest) = L::split_equal(even, pooled, rest);
                            (to_odd, rest) = L::split_equal(odd, pooled, rest);
                            let (lo, hi) = L::interleave(to_even, to_odd);
                            for (v, added) in [lo, hi].into_iter().enumerate() {
                                let p = self.to.wrapping_add(at + v * L::N);
                                L::store_masked(
                                    p,
                                    L::add(L::load_masked(p, masks[v]), added),
                                    masks[v],
                                );
                            }
                        }
                    }
                }
            }
        }
    }
}
