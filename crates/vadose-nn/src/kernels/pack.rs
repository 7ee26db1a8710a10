//! Weights in the order in which the convolution kernels read them.
//!
//! Output features are cut into blocks of at most [`MAX_BLOCK`], as even as can be, because a
//! block times a few column vectors of accumulators is what fits in the registers. Within a block
//! the weights lie `[input cell, kernel depth, …, tap, feature of the cell, output feature]`, so that the
//! innermost loop reads them once, in order, and they stay in the first-level cache. A cell that two
//! features share ([`super::cells`]) belongs to one block, and where a feature is missing its weights are 0.

use std::ops::Range;

use super::cells::Cells;

/// Most output features that one register block holds.
pub(crate) const MAX_BLOCK: usize = 6;

/// How weights on a nearest-upsampled input fold onto the coarse grid, along one axis.
///
/// Fine positions `2R + a - 1 .. 2R + a + 1`, which output position `2R + a` reads through taps
/// 0, 1, 2, are copies of coarse positions `R + a - 1` and `R + a`. So tap weights can be added
/// first: `PHASES[a][p]` names the taps that fall on coarse position `R + a - 1 + p`.
pub(crate) const PHASES: [[Range<usize>; 2]; 2] = [[0..1, 1..3], [0..2, 2..3]];

/// How the transpose of the same gathers: coarse position `R` receives from fine positions
/// `2R - 1 + t` through the taps `GATHER[t]`.
pub(crate) const GATHER: [Range<usize>; 4] = [2..3, 1..3, 0..2, 0..1];

/// A run of output features that one register block computes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// First output feature.
    pub(crate) first: usize,
    /// Number of output features, at most [`MAX_BLOCK`].
    pub(crate) len: usize,
    /// Where its weights on the fine input begin.
    pub(crate) fine: usize,
    /// Where its weights on the coarse input begin.
    pub(crate) coarse: usize,
}

/// Packed weights of one convolution.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    pub(crate) blocks: Vec<Block>,
    pub(crate) data: Vec<f32>,
    pub(crate) kernel: [usize; 3],
    pub(crate) fine_features: usize,
    pub(crate) coarse_features: usize,
    /// What the cells of the inputs hold.
    pub(crate) input: Cells,
}

/// Cuts `0..n` into runs of at most `most`, as even as can be.
pub(crate) fn even_runs(n: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let count = n.div_ceil(most);
    (0..count).map(move |k| k * n / count..(k + 1) * n / count)
}

impl Packed {
    /// Starts over for a convolution with `out_features`, keeping the memory.
    fn reset(&mut self, out_features: usize, kernel: [usize; 3], [input, output]: [Cells; 2]) {
        self.data.clear();
        self.blocks.clear();
        self.kernel = kernel;
        self.fine_features = 0;
        self.coarse_features = 0;
        self.input = input;
        let per_cell = output.features();
        let runs = even_runs(output.of(out_features), MAX_BLOCK / per_cell);
        self.blocks.extend(runs.map(|run| Block {
            first: run.start * per_cell,
            len: out_features.min(run.end * per_cell) - run.start * per_cell,
            fine: 0,
            coarse: 0,
        }));
    }

    /// Cells of a position of the fine input.
    pub(crate) fn fine_cells(&self) -> usize {
        self.input.of(self.fine_features)
    }

    /// Cells of a position of the coarse input.
    pub(crate) fn coarse_cells(&self) -> usize {
        self.input.of(self.coarse_features)
    }

    /// Packs a convolution of a fine input of `fine` features and, if `coarse > 0`, of a coarse one
    /// that is upsampled by two along rows and columns on the way.
    ///
    /// `weight(output, input, [kd, kh, kw])` gives one weight of the convolution as it is defined,
    /// that is after upsampling and concatenation, where the coarse features come first. `cells` says what the
    /// cells of the inputs and of the output hold.
    pub(crate) fn convolution(
        &mut self,
        out_features: usize,
        [coarse, fine]: [usize; 2],
        kernel: [usize; 3],
        cells: [Cells; 2],
        weight: impl Fn(usize, usize, [usize; 3]) -> f32,
    ) {
        self.reset(out_features, kernel, cells);
        (self.fine_features, self.coarse_features) = (fine, coarse);
        let [kds, khs, kws] = kernel;
        for b in 0..self.blocks.len() {
            let Block { first, len, .. } = self.blocks[b];
            self.blocks[b].coarse = self.data.len();
            let outputs = first..first + len;
            for cell in self.cells_of(0..coarse) {
                for kd in 0..kds {
                    for row_phase in &PHASES {
                        for rows in row_phase {
                            for cols in PHASES.iter().flatten() {
                                self.push_sums(&outputs, &cell, kd, rows, cols, &weight);
                            }
                        }
                    }
                }
            }
            self.blocks[b].fine = self.data.len();
            for cell in self.cells_of(coarse..coarse + fine) {
                for kd in 0..kds {
                    for kh in 0..khs {
                        for kw in 0..kws {
                            let (rows, cols) = (kh..kh + 1, kw..kw + 1);
                            self.push_sums(&outputs, &cell, kd, &rows, &cols, &weight);
                        }
                    }
                }
            }
        }
    }

    /// Packs the transpose of convolution after upsampling: from `in_features` gradients on the
    /// fine grid to `out_features` on the coarse one. `weight` as in [`Packed::convolution`], with
    /// output and input as the *transpose* sees them, depth taps already reversed.
    pub(crate) fn gather(
        &mut self,
        out_features: usize,
        in_features: usize,
        kernel_depth: usize,
        weight: impl Fn(usize, usize, [usize; 3]) -> f32,
    ) {
        self.reset(out_features, [kernel_depth, 3, 3], [Cells::F32; 2]);
        self.fine_features = in_features;
        for b in 0..self.blocks.len() {
            let Block { first, len, .. } = self.blocks[b];
            self.blocks[b].fine = self.data.len();
            for i in 0..in_features {
                for kd in 0..kernel_depth {
                    for rows in &GATHER {
                        for cols in &GATHER {
                            let (outputs, cell) = (first..first + len, i..i + 1);
                            self.push_sums(&outputs, &cell, kd, rows, cols, &weight);
                        }
                    }
                }
            }
        }
    }

    /// Number of output features.
    pub(crate) fn out_features(&self) -> usize {
        self.blocks
            .last()
            .map_or(0, |block| block.first + block.len)
    }

    /// Input features cell by cell; the last cell may have fewer.
    fn cells_of(&self, features: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        let per_cell = self.input.features();
        let end = features.end;
        features
            .step_by(per_cell)
            .map(move |first| first..end.min(first + per_cell))
    }

    /// One packed entry per feature of the cell and output feature: the sum of the weights of a set of taps.
    fn push_sums(
        &mut self,
        outputs: &Range<usize>,
        cell: &Range<usize>,
        kd: usize,
        rows: &Range<usize>,
        cols: &Range<usize>,
        weight: &impl Fn(usize, usize, [usize; 3]) -> f32,
    ) {
        for input in cell.clone() {
            self.data.extend(outputs.clone().map(|o| {
                rows.clone()
                    .flat_map(|kh| cols.clone().map(move |kw| weight(o, input, [kd, kh, kw])))
                    .sum::<f32>()
            }));
        }
        let missing = self.input.features() - cell.len();
        self.data
            .extend(std::iter::repeat_n(0.0, missing * outputs.len()));
    }
}
