//! The arithmetic of D and of its transpose, for one fixed mask and one float width.
//!
//! With `K` the filter as a matrix, `m` the mask and `M_c` the number of ones in coarse cell `c`,
//!
//! `(D y)_c = Σ_{i in c} w_i (K (m y))_i`, `w_i = m_i / (M_c (K m)_i)`, and 0 where `c` is not valid.
//!
//! `w` is computed once. `K` is symmetric, so `D' g = m K (w g_c)`: the same filter, with weighting
//! and masking exchanged. Maps are cut into blocks of whole coarse cells that share no output.

use ndarray::Array2;
use rayon::prelude::*;

use crate::OpsError;
use crate::real::Real;
use crate::separable::{Scratch, filter_block};

use super::passes::{Average, Spread, Weigh};

/// Rows and columns of a block, to the next smaller multiple of the factor: with a halo of 12 the
/// block and its buffer of ~0.2 MB stay in the second-level cache, and the halo costs a third.
const BLOCK_ROWS: usize = 72;
const BLOCK_COLS: usize = 504;

/// What is known before any float width is chosen.
#[derive(Debug)]
pub(crate) struct Geometry {
    pub(crate) shape: (usize, usize),
    pub(crate) factor: usize,
    pub(crate) mask: Vec<bool>,
    /// One flag per whole coarse cell.
    pub(crate) valid: Array2<bool>,
    /// Ones of the mask in each whole coarse cell.
    pub(crate) counts: Array2<usize>,
    pub(crate) half_kernel: Vec<f64>,
}

impl Geometry {
    fn block_rows(&self) -> usize {
        self.factor * (BLOCK_ROWS / self.factor).max(1)
    }

    /// The columns of each block of columns.
    fn col_blocks(&self, cols: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
        let step = self.factor * (BLOCK_COLS / self.factor).max(1);
        (0..cols)
            .step_by(step)
            .map(move |start| start..(start + step).min(cols))
    }
}

/// D and its transpose in the arithmetic of `T`.
#[derive(Debug)]
pub(crate) struct CoarseKernel<T> {
    half_kernel: Vec<T>,
    /// `w`, `[rows, cols]`.
    weights: Vec<T>,
}

impl<T: Real> CoarseKernel<T> {
    pub(crate) fn new(geometry: &Geometry) -> Self {
        let (rows, cols) = geometry.shape;
        let factor = geometry.factor;
        let half_kernel: Vec<T> = geometry
            .half_kernel
            .iter()
            .map(|&k| T::from_f64(k))
            .collect();
        let mut weights = vec![T::ZERO; rows * cols];
        let (coarse_rows, coarse_cols) = geometry.valid.dim();
        let block_rows = geometry.block_rows();
        let used = &mut weights[..coarse_rows * factor * cols];
        if coarse_cols > 0 {
            used.par_chunks_mut(block_rows * cols)
                .enumerate()
                .for_each(|(block, weights)| {
                    let first = block * block_rows;
                    let last = first + weights.len() / cols;
                    let mut scratch = Scratch::new();
                    let mut counts = vec![0.0; coarse_cols * factor];
                    for block_cols in geometry.col_blocks(coarse_cols * factor) {
                        let pass = Weigh {
                            geometry,
                            first,
                            start: block_cols.start,
                            weights,
                            counts: &mut counts,
                        };
                        filter_block(
                            &half_kernel,
                            geometry.shape,
                            first..last,
                            block_cols,
                            &mut scratch,
                            pass,
                        );
                    }
                });
        }
        CoarseKernel {
            half_kernel,
            weights,
        }
    }

    /// `D y`, `[rows, cols]` → `[coarse rows, coarse cols]`, 0 where not valid.
    pub(crate) fn forward(&self, geometry: &Geometry, map: &[T]) -> Result<Vec<T>, OpsError> {
        let (_, cols) = geometry.shape;
        let factor = geometry.factor;
        let (coarse_rows, coarse_cols) = geometry.valid.dim();
        let mut coarse = vec![T::ZERO; coarse_rows * coarse_cols];
        if coarse.is_empty() {
            return Ok(coarse);
        }
        let block_rows = geometry.block_rows();
        let all_finite = coarse
            .par_chunks_mut(block_rows / factor * coarse_cols)
            .enumerate()
            .map(|(block, coarse)| {
                let first = block * block_rows;
                let last = first + coarse.len() / coarse_cols * factor;
                let mut all_finite = true;
                let mut scratch = Scratch::new();
                let mut sums = vec![T::ZERO; coarse_cols * factor];
                for block_cols in geometry.col_blocks(coarse_cols * factor) {
                    let pass = Average {
                        geometry,
                        first,
                        start: block_cols.start,
                        map,
                        weights: &self.weights,
                        sums: &mut sums,
                        coarse,
                        all_finite: &mut all_finite,
                    };
                    filter_block(
                        &self.half_kernel,
                        geometry.shape,
                        first..last,
                        block_cols,
                        &mut scratch,
                        pass,
                    );
                }
                all_finite
            })
            .reduce(|| true, |left, right| left & right);
        if all_finite {
            Ok(coarse)
        } else {
            Err(first_not_finite(map, cols, |cell| geometry.mask[cell]))
        }
    }

    /// `D' g`, `[coarse rows, coarse cols]` → `[rows, cols]`; what is not valid contributes 0.
    pub(crate) fn transpose(&self, geometry: &Geometry, coarse: &[T]) -> Result<Vec<T>, OpsError> {
        let (rows, cols) = geometry.shape;
        let factor = geometry.factor;
        let (coarse_rows, coarse_cols) = geometry.valid.dim();
        let mut map = vec![T::ZERO; rows * cols];
        if coarse_rows * coarse_cols == 0 {
            return Ok(map);
        }
        // The coarse rows, repeated along the columns only.
        let mut posted = vec![T::ZERO; coarse_rows * cols];
        let valid = geometry.valid.as_slice().expect("built in standard layout");
        let all_finite = posted
            .par_chunks_mut(cols)
            .zip(coarse.par_chunks(coarse_cols))
            .zip(valid.par_chunks(coarse_cols))
            .map(|((posted, values), valid)| {
                let mut all_finite = true;
                let cells = posted.chunks_exact_mut(factor);
                for ((cells, &value), &valid) in cells.zip(values).zip(valid) {
                    if valid {
                        cells.fill(value);
                        all_finite &= value.is_finite();
                    }
                }
                all_finite
            })
            .reduce(|| true, |left, right| left & right);
        if !all_finite {
            return Err(first_not_finite(coarse, coarse_cols, |cell| valid[cell]));
        }
        let block_rows = geometry.block_rows();
        map.par_chunks_mut(block_rows * cols)
            .enumerate()
            .for_each(|(block, map)| {
                let first = block * block_rows;
                let last = first + map.len() / cols;
                let mut scratch = Scratch::new();
                for block_cols in geometry.col_blocks(cols) {
                    let pass = Spread {
                        geometry,
                        first,
                        start: block_cols.start,
                        posted: &posted,
                        weights: &self.weights,
                        map,
                    };
                    filter_block(
                        &self.half_kernel,
                        geometry.shape,
                        first..last,
                        block_cols,
                        &mut scratch,
                        pass,
                    );
                }
            });
        Ok(map)
    }
}

/// The error for the first value, in reading order, that counts and is not finite.
fn first_not_finite<T: Real>(
    values: &[T],
    cols: usize,
    counts: impl Fn(usize) -> bool,
) -> OpsError {
    let cell = (0..values.len())
        .find(|&cell| counts(cell) && !values[cell].is_finite())
        .expect("called after such a value was met");
    OpsError::NotFinite {
        row: cell / cols,
        col: cell % cols,
        value: values[cell].to_f64(),
    }
}
