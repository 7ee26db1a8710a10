//! How the work of one convolution is cut into pieces: by its shape alone, so that results have the
//! same bits for any number of threads.

use std::ops::Range;

use rayon::prelude::*;

use super::{ConvShape, Element};

/// Output rows of a block: their lines stay in the first-level cache at 256 columns.
pub(super) const BLOCK_ROWS: usize = 8;
/// Weights whose partial gradients one thread adds up at a time.
const REDUCE_CHUNK: usize = 512;

/// A few output rows of one plane: the unit of work, the same for any number of threads.
pub(super) struct RowBlock {
    pub(super) sample: usize,
    pub(super) depth: usize,
    pub(super) rows: Range<usize>,
}

pub(super) fn row_blocks(shape: &ConvShape) -> Vec<RowBlock> {
    let [n_depth, n_rows, _] = shape.output_size();
    let mut blocks = Vec::with_capacity(shape.batch * n_depth * n_rows.div_ceil(BLOCK_ROWS));
    for sample in 0..shape.batch {
        for depth in 0..n_depth {
            for row in (0..n_rows).step_by(BLOCK_ROWS) {
                let rows = row..n_rows.min(row + BLOCK_ROWS);
                blocks.push(RowBlock {
                    sample,
                    depth,
                    rows,
                });
            }
        }
    }
    blocks
}

/// For each block, in order, its rows of every output feature.
pub(super) fn split_output<'a, T>(
    shape: &ConvShape,
    n_blocks: usize,
    y: &'a mut [T],
) -> Vec<Vec<&'a mut [T]>> {
    let [n_depth, n_rows, n_cols] = shape.output_size();
    let per_plane = n_rows.div_ceil(BLOCK_ROWS);
    let mut outputs: Vec<Vec<&mut [T]>> = Vec::new();
    outputs.resize_with(n_blocks, || Vec::with_capacity(shape.out_features));
    let planes = y[..shape.output_len()].chunks_exact_mut(n_rows * n_cols);
    for (plane, values) in planes.enumerate() {
        let (sample, depth) = (plane / n_depth / shape.out_features, plane % n_depth);
        let first = (sample * n_depth + depth) * per_plane;
        for (block, rows) in values.chunks_mut(BLOCK_ROWS * n_cols).enumerate() {
            outputs[first + block].push(rows);
        }
    }
    outputs
}

/// Cuts features into fours, then a two, then a one.
pub(super) fn feature_blocks(features: usize) -> impl Iterator<Item = Range<usize>> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let width = match features - first {
            0 => return None,
            1 => 1,
            2 | 3 => 2,
            _ => 4,
        };
        first += width;
        Some(first - width..first)
    })
}

/// `target[k]` becomes the sum of `partials[..][offset + k]`, in order and in f64.
pub(super) fn add_in_order<T: Element>(partials: &[Vec<T>], offset: usize, target: &mut [T]) {
    target
        .par_chunks_mut(REDUCE_CHUNK)
        .enumerate()
        .for_each(|(chunk, target)| {
            let start = offset + chunk * REDUCE_CHUNK;
            let mut sums = [0.0f64; REDUCE_CHUNK];
            for partial in partials {
                for (sum, &value) in sums.iter_mut().zip(&partial[start..start + target.len()]) {
                    *sum += value.to_f64();
                }
            }
            for (target, sum) in target.iter_mut().zip(sums) {
                *target = T::from_f64(sum);
            }
        });
}
