//! Local copies of what a block of output rows reads, padded so that inner loops need no edges.

use std::ops::Range;

use super::blocks::{BLOCK_ROWS, RowBlock};
use super::{ConvShape, Element};

/// Columns of a register tile: the lines of a [`Patch`] hold a whole number of tiles.
pub(super) const COLUMNS: usize = 8;
/// Lanes of a partial sum along the columns: the lines of [`GradientLines`] hold whole lanes.
pub(super) const LANES: usize = 4;

/// The input that a block sees, with its zero padding.
pub(super) struct Patch<T> {
    /// `[feature, kernel depth, line, col]`; stale where the depth lies outside the input.
    values: Vec<T>,
    lines: usize,
    stride: usize,
    kernel_depth: usize,
    /// Kernel positions along the depth that meet the input.
    pub(super) depth_taps: Range<usize>,
}

impl<T: Element> Patch<T> {
    pub(super) fn new(shape: &ConvShape) -> Self {
        let [kernel_depth, kernel_rows, kernel_cols] = shape.kernel;
        let cols = shape.output_size()[2].next_multiple_of(COLUMNS);
        let (lines, stride) = (BLOCK_ROWS + kernel_rows - 1, cols + kernel_cols - 1);
        Patch {
            values: vec![T::default(); shape.in_features * kernel_depth * lines * stride],
            lines,
            stride,
            kernel_depth,
            depth_taps: 0..0,
        }
    }

    pub(super) fn gather(&mut self, shape: &ConvShape, x: &[T], block: &RowBlock) {
        let [pad_depth, pad_rows, pad_cols] = shape.padding;
        let first = pad_depth.saturating_sub(block.depth);
        let last = (shape.depth + pad_depth - block.depth).min(self.kernel_depth);
        self.depth_taps = first..last;
        for feature in 0..shape.in_features {
            let volume = (block.sample * shape.in_features + feature) * shape.depth;
            for tap in self.depth_taps.clone() {
                let plane = (volume + block.depth + tap - pad_depth) * shape.rows;
                for line in 0..block.rows.len() + shape.kernel[1] - 1 {
                    let start = self.line_start(feature, tap, line);
                    let target = &mut self.values[start..start + self.stride];
                    let row = (block.rows.start + line).checked_sub(pad_rows);
                    match row.filter(|&row| row < shape.rows) {
                        Some(row) => {
                            let source = (plane + row) * shape.cols;
                            // Columns beside the input stay zero, as they were made.
                            target[pad_cols..pad_cols + shape.cols]
                                .copy_from_slice(&x[source..source + shape.cols]);
                        }
                        None => target.fill(T::default()),
                    }
                }
            }
        }
    }

    fn line_start(&self, feature: usize, tap: usize, line: usize) -> usize {
        ((feature * self.kernel_depth + tap) * self.lines + line) * self.stride
    }

    #[inline(always)]
    pub(super) fn line(&self, feature: usize, tap: usize, line: usize) -> &[T] {
        let start = self.line_start(feature, tap, line);
        &self.values[start..start + self.stride]
    }
}

/// The gradient of the output over a block, each line filled up with zeros to whole lanes.
pub(super) struct GradientLines<T> {
    /// `[feature, row, col]`.
    values: Vec<T>,
    stride: usize,
    pub(super) rows: usize,
}

impl<T: Element> GradientLines<T> {
    pub(super) fn new(shape: &ConvShape) -> Self {
        let stride = shape.output_size()[2].next_multiple_of(LANES);
        let values = vec![T::default(); shape.out_features * BLOCK_ROWS * stride];
        GradientLines {
            values,
            stride,
            rows: 0,
        }
    }

    pub(super) fn gather(&mut self, shape: &ConvShape, gy: &[T], block: &RowBlock) {
        let [n_depth, n_rows, n_cols] = shape.output_size();
        self.rows = block.rows.len();
        for feature in 0..shape.out_features {
            let plane = (block.sample * shape.out_features + feature) * n_depth + block.depth;
            for (line, row) in block.rows.clone().enumerate() {
                let source = (plane * n_rows + row) * n_cols;
                let target = (feature * BLOCK_ROWS + line) * self.stride;
                self.values[target..target + n_cols].copy_from_slice(&gy[source..source + n_cols]);
            }
        }
    }

    #[inline(always)]
    pub(super) fn line(&self, feature: usize, row: usize) -> &[[T; LANES]] {
        let start = (feature * BLOCK_ROWS + row) * self.stride;
        self.values[start..start + self.stride].as_chunks().0
    }
}
