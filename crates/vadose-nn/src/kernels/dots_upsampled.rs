//! The register blocks of the weight gradient of an upsampled input, on the coarse grid.

use std::ops::Range;

use super::dots::{along_row, load_at};
use super::lanes::{Lanes, Task};
use super::parallel::Extent;
use super::tile::{each_feature, taps};

/// Output gradients of one block with even and odd columns apart: `[output, row, parity, coarse col]`,
/// columns padded with zeros to whole vectors.
#[derive(Default)]
pub(crate) struct ParityRows {
    data: Vec<f32>,
    /// Columns of one parity, padded.
    stride: usize,
    /// Elements of one output feature.
    feature: usize,
}

/// Fills [`ParityRows`]. Sound when `gy` begins at the first of `outputs` features on `grid`, whose
/// columns are even in number.
pub(crate) struct Split<'a> {
    pub(crate) gy: &'a [f32],
    pub(crate) grid: Extent,
    pub(crate) depth: usize,
    pub(crate) rows: &'a Range<usize>,
    pub(crate) outputs: usize,
    pub(crate) to: &'a mut ParityRows,
}

impl Task for Split<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let half = self.grid.cols / 2;
        self.to.stride = half.next_multiple_of(L::N);
        self.to.feature = self.rows.len() * 2 * self.to.stride;
        self.to.data.resize(self.outputs * self.to.feature, 0.0);
        for o in 0..self.outputs {
            for (r, row) in self.rows.clone().enumerate() {
                let from =
                    o * self.grid.len() + self.depth * self.grid.plane + row * self.grid.cols;
                let to = o * self.to.feature + r * 2 * self.to.stride;
                for col in (0..half).step_by(L::N) {
                    let left = (self.grid.cols - 2 * col) as isize;
                    // SAFETY: reads are masked to the row; a row of `data` holds two parities of
                    // `stride` columns, which is a whole number of vectors.
                    unsafe {
                        let p = self.gy.as_ptr().add(from + 2 * col);
                        let lo = L::load_masked(p, L::range(0, left));
                        let hi =
                            L::load_masked(p.wrapping_add(L::N), L::range(0, left - L::N as isize));
                        let (even, odd) = L::deinterleave(lo, hi);
                        let to = self.to.data.as_mut_ptr().add(to + col);
                        L::store(to, even);
                        L::store(to.add(self.to.stride), odd);
                    }
                }
            }
        }
    }
}

/// Dot products of one block with the rows of one coarse input feature at one depth tap, for
/// output rows of one parity and every phase of rows and columns (see [`super::pack::PHASES`]).
///
/// Sound when `x` begins at the input plane that the depth tap reads and `sums` has room for `[row
/// phase, column phase, output]` vectors, four phases each.
#[derive(Clone, Copy)]
pub(crate) struct CoarseDots<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) x_grid: Extent,
    pub(crate) parity: &'a ParityRows,
    pub(crate) row_parity: usize,
    pub(crate) rows: &'a Range<usize>,
    pub(crate) sums: *mut f32,
    /// The output gradient's plane that the next block will split, from this parity's first row on.
    pub(crate) ahead: *const f32,
}

impl CoarseDots<'_> {
    /// Runs the block compiled for this number of output features.
    #[inline(always)]
    pub(crate) unsafe fn dispatch<L: Lanes>(self, outputs: usize) {
        // SAFETY: handed on from the caller; the number of features is that of the block.
        unsafe {
            match outputs {
                1 => L::outline(CoarseBlock::<1> { dots: self }),
                2 => L::outline(CoarseBlock::<2> { dots: self }),
                3 => L::outline(CoarseBlock::<3> { dots: self }),
                4 => L::outline(CoarseBlock::<4> { dots: self }),
                5 => L::outline(CoarseBlock::<5> { dots: self }),
                6 => L::outline(CoarseBlock::<6> { dots: self }),
                _ => unreachable!("runs of output features fit the registers"),
            }
        }
    }
}

/// [`CoarseDots`] for `O` output features.
struct CoarseBlock<'a, const O: usize> {
    dots: CoarseDots<'a>,
}

impl<const O: usize> Task for CoarseBlock<'_, O> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let CoarseDots {
            x_grid,
            parity,
            row_parity,
            rows,
            ..
        } = self.dots;
        // The upper and the lower one of the two coarse rows that an output row reads.
        for below in 0..2 {
            // SAFETY: `CoarseDots` vouches for the slices; `taps` keeps the coarse row in the grid, masks
            // keep columns of `x` in their row, and `parity` is padded to whole vectors.
            unsafe {
                let mut acc = [[L::zero(); 4]; O];
                for coarse_row in rows.start / 2..rows.end / 2 {
                    if taps(coarse_row + row_parity, 1, 2, x_grid.rows).contains(&below) {
                        let row = 2 * coarse_row + row_parity - rows.start;
                        let gy = parity.data.as_ptr().add(row * 2 * parity.stride);
                        let x = self
                            .dots
                            .x
                            .as_ptr()
                            .add((coarse_row + row_parity + below - 1) * x_grid.cols);
                        if below == 0 {
                            let ahead = self.dots.ahead.wrapping_add(4 * coarse_row * x_grid.cols);
                            for col in (0..2 * x_grid.cols).step_by(16) {
                                L::prefetch_read(ahead.wrapping_add(col));
                            }
                        }
                        self.row::<L>(&mut acc, gy, x);
                    }
                }
                let sums = self.dots.sums.add((2 * row_parity + below) * 4 * O * L::N);
                for phase in 0..4 {
                    each_feature!(F < O => {
                        let p = sums.add((phase * O + F) * L::N);
                        L::store(p, L::add(L::load(p), acc[F][phase]));
                    });
                }
            }
        }
    }
}

impl<const O: usize> CoarseBlock<'_, O> {
    /// One row.
    #[inline(always)]
    unsafe fn row<L: Lanes>(&self, acc: &mut [[L::V; 4]; O], gy: *const f32, x: *const f32) {
        let cols = self.dots.x_grid.cols;
        // SAFETY: see `run`.
        unsafe { along_row!(L, cols, (END, col) => self.step::<L, END>(acc, gy, x, col)) }
    }

    /// One vector of coarse columns from `col` on, `END` telling where in the row.
    #[inline(always)]
    unsafe fn step<L: Lanes, const END: u8>(
        &self,
        acc: &mut [[L::V; 4]; O],
        gy: *const f32,
        x: *const f32,
        col: usize,
    ) {
        let CoarseDots { parity, x_grid, .. } = self.dots;
        let left = x_grid.cols - col;
        // SAFETY: see `run`.
        unsafe {
            let x = x.add(col);
            let before = load_at::<L, -1, END>(x, col, left);
            let here = load_at::<L, 0, END>(x, col, left);
            let after = load_at::<L, 1, END>(x, col, left);
            each_feature!(F < O => {
                let even = L::load(gy.add(F * parity.feature + col));
                let odd = L::load(gy.add(F * parity.feature + parity.stride + col));
                acc[F][0] = L::fma(even, before, acc[F][0]);
                acc[F][1] = L::fma(even, here, acc[F][1]);
                acc[F][2] = L::fma(odd, here, acc[F][2]);
                acc[F][3] = L::fma(odd, after, acc[F][3]);
            });
        }
    }
}
