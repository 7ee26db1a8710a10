//! One task of a weight gradient: a slab of blocks for a run of output and a run of input features.

use std::ops::Range;

use super::dots::{BiasDots, FineDots};
use super::dots_upsampled::{CoarseDots, ParityRows, Split};
use super::lanes::{Lanes, Task};
use super::pack::PHASES;
use super::parallel::Extent;
use super::tile::taps;
use super::weight_gradient::{Reach, WeightGradient};

/// A cut of the output grid into runs of whole rows at one depth, an even number each save the last.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    pub(super) grid: Extent,
    pub(super) rows: usize,
    pub(super) count: usize,
}

impl Blocks {
    /// Depth and rows of a block.
    fn get(self, index: usize) -> (usize, Range<usize>) {
        let first = index / self.grid.depth * self.rows;
        (
            index % self.grid.depth,
            first..(first + self.rows).min(self.grid.rows),
        )
    }
}

/// One task: returns sums `[output, input, depth, row, col]` of its runs, then, if asked for, `[output]`
/// for the bias. Sound when the array lengths fit the extents as [`WeightGradient::run`] asserts.
#[derive(Clone)]
pub(super) struct Job<'a> {
    pub(super) of: &'a WeightGradient<'a>,
    pub(super) blocks: Blocks,
    pub(super) slab: Range<usize>,
    pub(super) outputs: Range<usize>,
    pub(super) inputs: Range<usize>,
    pub(super) with_bias: bool,
}

impl Task for Job<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    unsafe fn run<L: Lanes>(self) -> Vec<f32> {
        let outputs = self.outputs.len();
        let bias_at = self.inputs.len() * self.of.kernel[0] * self.per_depth_tap();
        let mut lanes = vec![0.0f32; (bias_at + outputs) * L::N];
        let mut parity = ParityRows::default();
        for index in self.slab.clone() {
            let (depth, rows) = self.blocks.get(index);
            let gy = &self.of.gy[self.outputs.start * self.of.gy_grid.len()..];
            // SAFETY: handed on from the caller; `lanes` has room for every sum by the sizes above.
            unsafe {
                if self.with_bias {
                    let sums = lanes.as_mut_ptr().add(bias_at * L::N);
                    L::outline(BiasDots {
                        gy,
                        grid: self.of.gy_grid,
                        depth,
                        rows: &rows,
                        outputs,
                        sums,
                    });
                }
                match self.of.reach {
                    Reach::Direct => self.direct::<L>(gy, depth, &rows, lanes.as_mut_ptr()),
                    Reach::Upsampled => {
                        L::outline(Split {
                            gy,
                            grid: self.of.gy_grid,
                            depth,
                            rows: &rows,
                            outputs,
                            to: &mut parity,
                        });
                        self.upsampled::<L>(&parity, depth, &rows, lanes.as_mut_ptr());
                    }
                }
            }
        }
        // SAFETY: this task runs on a CPU that has the instruction set.
        unsafe {
            let mut result = self.weights_from::<L>(&lanes);
            if self.with_bias {
                result.extend((0..outputs).map(|o| sum_of::<L>(&lanes, bias_at + o)));
            }
            result
        }
    }
}

impl Job<'_> {
    /// Vectors of sums per input feature and depth tap: over row and column taps, or over phases.
    #[inline(always)]
    fn per_depth_tap(&self) -> usize {
        let [_, khs, kws] = self.of.kernel;
        self.outputs.len()
            * match self.of.reach {
                Reach::Direct => khs * kws,
                Reach::Upsampled => 16,
            }
    }

    /// Adds one block's dot products with an input on the output's grid.
    #[inline(always)]
    unsafe fn direct<L: Lanes>(
        &self,
        gy: &[f32],
        depth: usize,
        rows: &Range<usize>,
        lanes: *mut f32,
    ) {
        let (of, outputs) = (self.of, self.outputs.len());
        let sums_stride = of.kernel[0] * self.per_depth_tap() * L::N;
        // The next block lies one depth further. Features of input and output take turns in asking.
        let next_x =
            (depth + of.kernel[0] - of.padding[0]).min(of.x_grid.depth - 1) * of.x_grid.plane;
        let next_gy = (depth + 1).min(of.gy_grid.depth - 1) * of.gy_grid.plane;
        let mut turn = 0;
        let mut i = 0;
        while i < self.inputs.len() {
            let pair = L::WIDE && outputs <= 4 && i + 1 < self.inputs.len();
            for kd in taps(depth, of.padding[0], of.kernel[0], of.x_grid.depth) {
                let x = self.plane(i, depth + kd);
                let inputs =
                    (self.inputs.start + turn % self.inputs.len()) * of.x_grid.len() + next_x;
                let ahead = [
                    of.x.as_ptr().wrapping_add(inputs),
                    gy.as_ptr()
                        .wrapping_add(turn % outputs * of.gy_grid.len() + next_gy),
                ];
                turn += 1;
                // SAFETY: handed on from the caller; there is a run of sums per input and depth tap.
                unsafe {
                    let sums = lanes.add(i * sums_stride + kd * self.per_depth_tap() * L::N);
                    FineDots {
                        x,
                        gy,
                        of,
                        depth,
                        rows,
                        sums,
                        sums_stride,
                        ahead,
                    }
                    .dispatch::<L>(outputs, pair);
                }
            }
            i += if pair { 2 } else { 1 };
        }
    }

    /// Adds one block's dot products with an upsampled input.
    #[inline(always)]
    unsafe fn upsampled<L: Lanes>(
        &self,
        parity: &ParityRows,
        depth: usize,
        rows: &Range<usize>,
        lanes: *mut f32,
    ) {
        let of = self.of;
        let next_gy = (depth + 1).min(of.gy_grid.depth - 1) * of.gy_grid.plane;
        let mut turn = 0;
        // One parity of rows after the other, so that half of the split gradient is in use.
        for row_parity in 0..2 {
            for i in 0..self.inputs.len() {
                for kd in taps(depth, of.padding[0], of.kernel[0], of.x_grid.depth) {
                    let x = self.plane(i, depth + kd);
                    let gy = &of.gy
                        [(self.outputs.start + turn % self.outputs.len()) * of.gy_grid.len()..];
                    let ahead = gy
                        .as_ptr()
                        .wrapping_add(next_gy + row_parity * of.gy_grid.cols);
                    turn += 1;
                    // SAFETY: as in `direct`.
                    unsafe {
                        let sums = lanes.add((i * of.kernel[0] + kd) * self.per_depth_tap() * L::N);
                        let dots = CoarseDots {
                            x,
                            x_grid: of.x_grid,
                            parity,
                            row_parity,
                            rows,
                            sums,
                            ahead,
                        };
                        dots.dispatch::<L>(self.outputs.len());
                    }
                }
            }
        }
    }

    /// The input of the run's feature `i` from the plane on that lies `padding` before `depth`.
    #[inline(always)]
    fn plane(&self, i: usize, depth: usize) -> &[f32] {
        let grid = self.of.x_grid;
        &self.of.x
            [(self.inputs.start + i) * grid.len() + (depth - self.of.padding[0]) * grid.plane..]
    }

    /// Adds up lanes, and phases to taps: `[output, input, depth, row, col]`.
    ///
    /// # Safety
    /// As [`Lanes`].
    #[inline(always)]
    unsafe fn weights_from<L: Lanes>(&self, lanes: &[f32]) -> Vec<f32> {
        let [kds, khs, kws] = self.of.kernel;
        let (outputs, taps) = (self.outputs.len(), kds * khs * kws);
        // SAFETY: this task runs on a CPU that has the instruction set.
        let sum = |vector| unsafe { sum_of::<L>(lanes, vector) };
        let mut result = vec![0.0; outputs * (self.inputs.len() * taps)];
        for o in 0..outputs {
            for i in 0..self.inputs.len() {
                for kd in 0..kds {
                    let from = (i * kds + kd) * self.per_depth_tap() + o;
                    let to = &mut result[(o * self.inputs.len() + i) * taps + kd * khs * kws..]
                        [..khs * kws];
                    match self.of.reach {
                        Reach::Direct => {
                            for (tap, to) in to.iter_mut().enumerate() {
                                *to = sum(from + tap * outputs);
                            }
                        }
                        Reach::Upsampled => {
                            for (r, rows) in PHASES.iter().flatten().enumerate() {
                                for (c, cols) in PHASES.iter().flatten().enumerate() {
                                    let value = sum(from + (r * 4 + c) * outputs);
                                    for kh in rows.clone() {
                                        for kw in cols.clone() {
                                            to[kh * 3 + kw] += value;
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        result
    }
}

/// Sum of one vector of an array of vectors.
///
/// # Safety
/// As [`Lanes`].
#[inline(always)]
unsafe fn sum_of<L: Lanes>(lanes: &[f32], vector: usize) -> f32 {
    let lanes = &lanes[vector * L::N..][..L::N];
    // SAFETY: `lanes` is one vector; the caller vouches for the instruction set.
    unsafe { L::sum(L::load(lanes.as_ptr())) }
}
