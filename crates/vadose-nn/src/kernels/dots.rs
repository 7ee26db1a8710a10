//! The register blocks of the weight gradient: many dot products along rows at once.

use std::ops::Range;

use super::lanes::{Lanes, Task};
use super::parallel::Extent;
use super::tile::{each_feature, load_shifted};
use super::weight_gradient::WeightGradient;

/// Where in a row a whole vector lies: with neighbours on both sides, …
pub(super) const INNER: u8 = 0;
/// … at the beginning, …
pub(super) const FIRST: u8 = 1;
/// … at the end, …
pub(super) const LAST: u8 = 2;
/// … alone in its row, …
pub(super) const ONLY: u8 = 3;
/// … or anywhere, perhaps reaching beyond the row's end.
pub(super) const ANY: u8 = 4;

/// Runs a step for each vector of a row of `$cols` columns, with the constant that says where it lies.
///
/// Only the shifted loads that would leave the row are masked, because a masked load takes a place
/// where a multiply-add could have run.
macro_rules! along_row {
    ($lanes:ident, $cols:expr, ($end:ident, $col:ident) => $step:expr) => {{
        let whole = $cols / $lanes::N;
        if whole * $lanes::N == $cols && whole == 1 {
            along_row!(@ $end ONLY, $col 0, $step);
        } else if whole * $lanes::N == $cols {
            along_row!(@ $end FIRST, $col 0, $step);
            for vector in 1..whole - 1 {
                along_row!(@ $end INNER, $col vector * $lanes::N, $step);
            }
            along_row!(@ $end LAST, $col (whole - 1) * $lanes::N, $step);
        } else {
            for vector in 0..$cols.div_ceil($lanes::N) {
                along_row!(@ $end ANY, $col vector * $lanes::N, $step);
            }
        }
    }};
    (@ $end:ident $which:ident, $col:ident $at:expr, $step:expr) => {{
        const $end: u8 = $crate::kernels::dots::$which;
        let $col = $at;
        $step;
    }};
}
pub(super) use along_row;

/// Dot products of one block with the rows of one or two input features at one depth tap, for every
/// row and column tap.
///
/// Sound when `gy` begins at the first of the output features and `x` at the input plane that the depth
/// tap reads, and `sums` has room for `[row tap, col tap, output]` vectors per input feature,
/// `sums_stride` elements apart.
#[derive(Clone, Copy)]
pub(crate) struct FineDots<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) gy: &'a [f32],
    pub(crate) of: &'a WeightGradient<'a>,
    pub(crate) depth: usize,
    pub(crate) rows: &'a Range<usize>,
    pub(crate) sums: *mut f32,
    pub(crate) sums_stride: usize,
    /// Planes that the next block will read first, asked for row by row on the way: one per row tap.
    pub(crate) ahead: [*const f32; 2],
}

impl FineDots<'_> {
    /// Runs the block compiled for this number of output features, and two input features or one.
    #[inline(always)]
    pub(crate) unsafe fn dispatch<L: Lanes>(self, outputs: usize, pair: bool) {
        // SAFETY: handed on from the caller.
        unsafe {
            if self.of.kernel[2] == 3 {
                self.with_kernel::<L, 3>(outputs, pair);
            } else {
                self.with_kernel::<L, 1>(outputs, pair);
            }
        }
    }

    #[inline(always)]
    unsafe fn with_kernel<L: Lanes, const KW: usize>(self, outputs: usize, pair: bool) {
        // SAFETY: handed on from the caller; the numbers of features are those of the block.
        unsafe {
            match (outputs, pair) {
                (1, false) => L::outline(FineBlock::<1, 1, KW> { dots: self }),
                (2, false) => L::outline(FineBlock::<2, 1, KW> { dots: self }),
                (3, false) => L::outline(FineBlock::<3, 1, KW> { dots: self }),
                (4, false) => L::outline(FineBlock::<4, 1, KW> { dots: self }),
                (5, false) => L::outline(FineBlock::<5, 1, KW> { dots: self }),
                (6, false) => L::outline(FineBlock::<6, 1, KW> { dots: self }),
                (7, false) => L::outline(FineBlock::<7, 1, KW> { dots: self }),
                (8, false) => L::outline(FineBlock::<8, 1, KW> { dots: self }),
                (1, true) => L::outline(FineBlock::<1, 2, KW> { dots: self }),
                (2, true) => L::outline(FineBlock::<2, 2, KW> { dots: self }),
                (3, true) => L::outline(FineBlock::<3, 2, KW> { dots: self }),
                (4, true) => L::outline(FineBlock::<4, 2, KW> { dots: self }),
                _ => unreachable!("runs of output features fit the registers"),
            }
        }
    }
}

/// [`FineDots`] for `O` output features, `I` input features and `KW` column taps.
struct FineBlock<'a, const O: usize, const I: usize, const KW: usize> {
    dots: FineDots<'a>,
}

impl<const O: usize, const I: usize, const KW: usize> Task for FineBlock<'_, O, I, KW> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let FineDots {
            of, rows, depth, ..
        } = self.dots;
        let (x_grid, gy_grid) = (of.x_grid, of.gy_grid);
        let row_pad = of.padding[1];
        for kh in 0..of.kernel[1] {
            // Output rows whose input row `row + kh - row_pad` exists.
            let first = rows.start.max(row_pad.saturating_sub(kh));
            let end = rows.end.min((x_grid.rows + row_pad).saturating_sub(kh));
            // SAFETY: `FineDots` vouches for the slices; rows are clipped to both grids, and columns by
            // masks at the ends of a row.
            unsafe {
                let mut acc = [[[L::zero(); KW]; I]; O];
                for row in first..end {
                    let gy = self
                        .dots
                        .gy
                        .as_ptr()
                        .add(depth * gy_grid.plane + row * gy_grid.cols);
                    let x = self.dots.x.as_ptr().add((row + kh - row_pad) * x_grid.cols);
                    if let Some(ahead) = self.dots.ahead.get(kh) {
                        let ahead = ahead.wrapping_add(row * x_grid.cols);
                        for col in (0..x_grid.cols).step_by(16) {
                            L::prefetch_read(ahead.wrapping_add(col));
                        }
                    }
                    self.row::<L>(&mut acc, gy, x);
                }
                for i in 0..I {
                    let sums = self
                        .dots
                        .sums
                        .add(i * self.dots.sums_stride + kh * KW * O * L::N);
                    for kw in 0..KW {
                        each_feature!(F < O => {
                            let p = sums.add((kw * O + F) * L::N);
                            L::store(p, L::add(L::load(p), acc[F][i][kw]));
                        });
                    }
                }
            }
        }
    }
}

impl<const O: usize, const I: usize, const KW: usize> FineBlock<'_, O, I, KW> {
    /// One row.
    #[inline(always)]
    unsafe fn row<L: Lanes>(&self, acc: &mut [[[L::V; KW]; I]; O], gy: *const f32, x: *const f32) {
        let cols = self.dots.of.gy_grid.cols;
        // SAFETY: see `run`.
        unsafe { along_row!(L, cols, (END, col) => self.step::<L, END>(acc, gy, x, col)) }
    }

    /// One vector of columns from `col` on, `END` telling where in the row.
    #[inline(always)]
    unsafe fn step<L: Lanes, const END: u8>(
        &self,
        acc: &mut [[[L::V; KW]; I]; O],
        gy: *const f32,
        x: *const f32,
        col: usize,
    ) {
        let of = self.dots.of;
        let left = of.gy_grid.cols - col;
        // SAFETY: see `run`.
        unsafe {
            let mut shifted = [[L::zero(); KW]; I];
            for i in 0..I {
                let x = x.add(i * of.x_grid.len() + col);
                if KW == 3 {
                    shifted[i][0] = load_at::<L, -1, END>(x, col, left);
                    shifted[i][1] = load_at::<L, 0, END>(x, col, left);
                    shifted[i][2] = load_at::<L, 1, END>(x, col, left);
                } else {
                    shifted[i][0] = load_at::<L, 0, END>(x, col, left);
                }
            }
            each_feature!(F < O => {
                let g = load_at::<L, 0, END>(gy.add(F * of.gy_grid.len() + col), col, left);
                for i in 0..I {
                    for kw in 0..KW {
                        acc[F][i][kw] = L::fma(g, shifted[i][kw], acc[F][i][kw]);
                    }
                }
            });
        }
    }
}

/// The vector `SHIFT` columns from a place in a row; lanes outside the row are zero.
///
/// # Safety
/// `at` points into a row that has `before` columns before it and `left` from it on; `END` tells truly
/// where a whole vector lies.
#[inline(always)]
pub(super) unsafe fn load_at<L: Lanes, const SHIFT: isize, const END: u8>(
    at: *const f32,
    before: usize,
    left: usize,
) -> L::V {
    // SAFETY: a load that could leave the row is masked to it.
    unsafe {
        let leaves =
            SHIFT < 0 && matches!(END, FIRST | ONLY) || SHIFT > 0 && matches!(END, LAST | ONLY);
        if END == ANY || leaves {
            load_shifted::<L, SHIFT, true>(at, (0, 1), before, left)
        } else {
            L::load(at.offset(SHIFT))
        }
    }
}

/// Sums of the output gradient over one block, for the bias. Sound when `gy` begins at the first of
/// `outputs` features on `grid` and `sums` has room for as many vectors.
pub(crate) struct BiasDots<'a> {
    pub(crate) gy: &'a [f32],
    pub(crate) grid: Extent,
    pub(crate) depth: usize,
    pub(crate) rows: &'a Range<usize>,
    pub(crate) outputs: usize,
    pub(crate) sums: *mut f32,
}

impl Task for BiasDots<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) {
        let values = self.rows.len() * self.grid.cols;
        for o in 0..self.outputs {
            let from = o * self.grid.len()
                + self.depth * self.grid.plane
                + self.rows.start * self.grid.cols;
            // SAFETY: rows of one depth are contiguous, so `values` elements follow; the last vector
            // is masked to them.
            unsafe {
                let gy = self.gy.as_ptr().add(from);
                let mut acc = [L::zero(); 4];
                for at in (0..values).step_by(4 * L::N) {
                    for (v, acc) in acc.iter_mut().enumerate() {
                        let at = at + v * L::N;
                        let mask = L::range(0, values as isize - at as isize);
                        *acc = L::add(*acc, L::load_masked(gy.wrapping_add(at), mask));
                    }
                }
                let sum = L::add(L::add(acc[0], acc[1]), L::add(acc[2], acc[3]));
                let p = self.sums.add(o * L::N);
                L::store(p, L::add(L::load(p), sum));
            }
        }
    }
}
