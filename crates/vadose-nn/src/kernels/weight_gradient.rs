//! The gradient of a convolution's weights: how the work is cut, and how partial sums meet.
//!
//! Every weight's gradient is a dot product of the output gradient with the shifted input. A register
//! block holds the sums of up to eight output features times three column taps of one or two input
//! features, lane by lane ([`super::dots`]), and runs over a block of about a thousand positions,
//! whose output gradient stays in the first-level cache while all input features and taps pass.
//!
//! A task is (slab of blocks, run of output features, run of input features). The cut depends on the
//! shape and the instruction set only, every task sums in one order, and the slabs are added in
//! order, so the result has the same bits for any number of threads.

use rayon::prelude::*;

use super::lanes::Isa;
use super::pack::even_runs;
use super::parallel::Extent;
use super::weight_gradient_task::{Blocks, Job};

/// Output gradients that a block reads again and again: 24 KiB, half of a first-level cache.
const BLOCK_VALUES: usize = 6144;

/// Tasks of one convolution, about.
const TASKS: usize = 32;

/// How the input reaches the grid of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// As it is.
    Direct,
    /// By nearest upsampling by two along rows and columns.
    Upsampled,
}

/// The weight gradient of one convolution of one sample. Arrays are `[feature, depth, row, col]`.
pub(crate) struct WeightGradient<'a> {
    /// Input of the convolution.
    pub(crate) x: &'a [f32],
    /// Its grid.
    pub(crate) x_grid: Extent,
    /// Whether it was upsampled on the way.
    pub(crate) reach: Reach,
    /// Gradient of the output.
    pub(crate) gy: &'a [f32],
    /// Its grid.
    pub(crate) gy_grid: Extent,
    /// Kernel lengths `[depth, row, col]`; the last one is 1 or 3.
    pub(crate) kernel: [usize; 3],
    /// Zeros before the first depth and row; columns are padded by half the kernel.
    pub(crate) padding: [usize; 2],
}

/// Where the sums of a weight gradient go.
pub(crate) struct WeightSlot<'a> {
    /// Gradient `[out, in, depth, row, col]` of the whole weight; added to.
    pub(crate) weight: &'a mut [f32],
    /// Input features of the whole weight.
    pub(crate) in_features: usize,
    /// The first of them that belongs to this input.
    pub(crate) first_input: usize,
    /// Gradient of the bias, added to; `None` if another call takes care of it.
    pub(crate) bias: Option<&'a mut [f32]>,
}

impl WeightGradient<'_> {
    /// Adds the gradient to its slot.
    pub(crate) fn run(&self, isa: Isa, slot: WeightSlot<'_>) {
        let in_features = self.x.len() / self.x_grid.len();
        let out_features = self.gy.len() / self.gy_grid.len();
        assert_eq!(self.x.len(), in_features * self.x_grid.len());
        assert_eq!(self.gy.len(), out_features * self.gy_grid.len());
        assert_eq!(
            self.x_grid.depth + 2 * self.padding[0] + 1,
            self.gy_grid.depth + self.kernel[0]
        );
        assert!(
            self.kernel[2] == 1 || self.kernel[2] == 3,
            "columns are convolved by 1 or 3 taps"
        );
        match self.reach {
            Reach::Direct => {
                assert_eq!(
                    self.x_grid.rows + 2 * self.padding[1] + 1,
                    self.gy_grid.rows + self.kernel[1]
                );
                assert_eq!(self.x_grid.cols, self.gy_grid.cols);
            }
            Reach::Upsampled => {
                assert!(
                    self.x_grid.doubles_to(self.gy_grid)
                        && self.padding[1] == 1
                        && self.kernel[1..] == [3, 3]
                );
            }
        }
        let output_runs: Vec<_> = even_runs(out_features, self.output_run(isa)).collect();
        let blocks = self.blocks(output_runs[0].len());
        let input_runs: Vec<_> = even_runs(in_features, self.input_run()).collect();
        let slabs = TASKS
            .div_ceil(output_runs.len() * input_runs.len())
            .min(blocks.count);
        let mut jobs = Vec::new();
        for slab in even_runs(blocks.count, blocks.count.div_ceil(slabs)) {
            for inputs in &input_runs {
                for outputs in &output_runs {
                    let with_bias = slot.bias.is_some() && inputs.start == 0;
                    jobs.push(Job {
                        of: self,
                        blocks,
                        slab: slab.clone(),
                        outputs: outputs.clone(),
                        inputs: inputs.clone(),
                        with_bias,
                    });
                }
            }
        }
        let partial: Vec<Vec<f32>> = jobs
            .par_iter()
            // SAFETY: the assertions above are those that `Job` asks for.
            .map(|job| unsafe { isa.run(job.clone()) })
            .collect();
        let WeightSlot {
            weight,
            in_features,
            first_input,
            mut bias,
        } = slot;
        let taps: usize = self.kernel.iter().product();
        for (job, sums) in jobs.iter().zip(&partial) {
            let row = job.inputs.len() * taps;
            for (o, sums) in job.outputs.clone().zip(sums.chunks_exact(row)) {
                let at = (o * in_features + first_input + job.inputs.start) * taps;
                for (to, sum) in weight[at..at + row].iter_mut().zip(sums) {
                    *to += sum;
                }
            }
            if let (true, Some(bias)) = (job.with_bias, &mut bias) {
                let sums = &sums[job.outputs.len() * row..];
                for (to, sum) in bias[job.outputs.clone()].iter_mut().zip(sums) {
                    *to += sum;
                }
            }
        }
    }

    /// Blocks for runs of this many output features. Of an upsampled input's block, one parity of rows
    /// is read at a time.
    fn blocks(&self, outputs: usize) -> Blocks {
        let values = match self.reach {
            Reach::Direct => BLOCK_VALUES,
            Reach::Upsampled => 2 * BLOCK_VALUES,
        };
        let grid = self.gy_grid;
        let rows = (values / (outputs * grid.cols)).max(2) & !1;
        Blocks {
            grid,
            rows,
            count: grid.depth * grid.rows.div_ceil(rows),
        }
    }

    /// Most input features of a task. An upsampled input's task first splits the output gradient,
    /// which pays only if enough features share it.
    fn input_run(&self) -> usize {
        match self.reach {
            Reach::Direct => 5,
            Reach::Upsampled => 8,
        }
    }

    /// Most output features whose sums fit in the registers, by columns of sums per feature.
    fn output_run(&self, isa: Isa) -> usize {
        match (isa.is_wide(), self.reach) {
            (true, Reach::Direct) => 8,
            (true, Reach::Upsampled) => 6,
            (false, Reach::Direct) => 4,
            (false, Reach::Upsampled) => 2,
        }
    }
}
