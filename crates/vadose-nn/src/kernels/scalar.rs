//! Portable convolution kernels, written so that the compiler vectorises along the columns.
//!
//! The output is cut into blocks of a few rows of one plane. A block first copies the input it
//! sees into a patch with its zero padding, so that the inner loops run over whole, unchecked
//! lines; then every tile of a few features by 8 columns is summed in registers.
//!
//! An output value is summed over input features, depth, rows and columns of the kernel in this
//! order, whatever the size of the input around it. Sums run in the element type; only the sum
//! of a weight's gradient over blocks runs in f64.

use rayon::prelude::*;

use super::blocks::{add_in_order, feature_blocks, row_blocks, split_output};
use super::patch::{COLUMNS, GradientLines, LANES, Patch};
use super::{ConvShape, Element, Kernels};

/// The implementation of this module.
pub fn kernels<T: Element>() -> Kernels<T> {
    Kernels {
        name: "scalar",
        forward,
        backward_input,
        backward_weight,
    }
}

/// Overwrites `y` with the convolution of `x` with `w`, plus the bias `b`.
///
/// # Panics
/// If a slice is shorter than `shape` says.
pub fn forward<T: Element>(shape: &ConvShape, x: &[T], w: &[T], b: &[T], y: &mut [T]) {
    let taps = shape.taps();
    correlate(shape, x, |out, tap| w[out * taps + tap], |out| b[out], y);
}

/// Overwrites `gx` with the gradient of the input: the exact adjoint of [`forward`] without bias.
///
/// # Panics
/// If a slice is shorter than `shape` says.
pub fn backward_input<T: Element>(shape: &ConvShape, w: &[T], gy: &[T], gx: &mut [T]) {
    let positions: usize = shape.kernel.iter().product();
    let flipped = |feature: usize, tap: usize| {
        let (out, position) = (tap / positions, tap % positions);
        w[(out * shape.in_features + feature) * positions + positions - 1 - position]
    };
    correlate(&shape.transposed(), gy, flipped, |_| T::default(), gx);
}

/// Overwrites `gw` and `gb` with the gradients of weight and bias.
///
/// # Panics
/// If a slice is shorter than `shape` says.
pub fn backward_weight<T: Element>(
    shape: &ConvShape,
    x: &[T],
    gy: &[T],
    gw: &mut [T],
    gb: &mut [T],
) {
    let partials: Vec<Vec<T>> = row_blocks(shape)
        .into_par_iter()
        .map_init(
            || (Patch::new(shape), GradientLines::new(shape)),
            |(patch, lines), block| {
                patch.gather(shape, x, &block);
                lines.gather(shape, gy, &block);
                block_gradient(shape, patch, lines)
            },
        )
        .collect();
    let (weights, biases) = (shape.weight_len(), shape.out_features);
    add_in_order(&partials, 0, &mut gw[..weights]);
    add_in_order(&partials, weights, &mut gb[..biases]);
}

/// Weights of a few neighbouring output features, as a register tile reads them.
struct FeatureBlock<T> {
    first: usize,
    width: usize,
    /// `[tap, feature]`.
    weights: Vec<T>,
}

/// Cross-correlation of `x` with the weights `weight(out, tap)`, plus `bias(out)`.
fn correlate<T: Element>(
    shape: &ConvShape,
    x: &[T],
    weight: impl Fn(usize, usize) -> T,
    bias: impl Fn(usize) -> T + Sync,
    y: &mut [T],
) {
    let features: Vec<FeatureBlock<T>> = feature_blocks(shape.out_features)
        .map(|range| FeatureBlock {
            first: range.start,
            width: range.len(),
            weights: (0..shape.taps())
                .flat_map(|tap| range.clone().map(move |out| (out, tap)))
                .map(|(out, tap)| weight(out, tap))
                .collect(),
        })
        .collect();
    let blocks = row_blocks(shape);
    let outputs = split_output(shape, blocks.len(), y);
    blocks.into_par_iter().zip(outputs).for_each_init(
        || Patch::new(shape),
        |patch, (block, mut output)| {
            patch.gather(shape, x, &block);
            for feature in &features {
                let range = feature.first..feature.first + feature.width;
                let output = &mut output[range];
                match feature.width {
                    4 => correlate_rows::<T, 4>(shape, patch, feature, &bias, output),
                    2 => correlate_rows::<T, 2>(shape, patch, feature, &bias, output),
                    _ => correlate_rows::<T, 1>(shape, patch, feature, &bias, output),
                }
            }
        },
    );
}

fn correlate_rows<T: Element, const FEATURES: usize>(
    shape: &ConvShape,
    patch: &Patch<T>,
    block: &FeatureBlock<T>,
    bias: impl Fn(usize) -> T,
    output: &mut [&mut [T]],
) {
    let n_cols = shape.output_size()[2];
    let (weights, _) = block.weights.as_chunks::<FEATURES>();
    let bias: [T; FEATURES] = std::array::from_fn(|feature| bias(block.first + feature));
    for row in 0..output[0].len() / n_cols {
        for col in (0..n_cols).step_by(COLUMNS) {
            let tile = correlate_tile(shape, patch, weights, bias, row, col);
            let width = COLUMNS.min(n_cols - col);
            let start = row * n_cols + col;
            for (target, values) in output.iter_mut().zip(&tile) {
                target[start..start + width].copy_from_slice(&values[..width]);
            }
        }
    }
}

#[inline(always)]
fn correlate_tile<T: Element, const FEATURES: usize>(
    shape: &ConvShape,
    patch: &Patch<T>,
    weights: &[[T; FEATURES]],
    bias: [T; FEATURES],
    row: usize,
    col: usize,
) -> [[T; COLUMNS]; FEATURES] {
    let [kernel_depth, kernel_rows, kernel_cols] = shape.kernel;
    let mut sums = bias.map(|bias| [bias; COLUMNS]);
    for feature in 0..shape.in_features {
        for tap_depth in patch.depth_taps.clone() {
            for tap_row in 0..kernel_rows {
                let first =
                    ((feature * kernel_depth + tap_depth) * kernel_rows + tap_row) * kernel_cols;
                let weights = &weights[first..first + kernel_cols];
                let line = &patch.line(feature, tap_depth, row + tap_row)[col..];
                for (values, weights) in line.array_windows::<COLUMNS>().zip(weights) {
                    for (sums, &weight) in sums.iter_mut().zip(weights) {
                        for (sum, &value) in sums.iter_mut().zip(values) {
                            *sum += weight * value;
                        }
                    }
                }
            }
        }
    }
    sums
}

/// Gradient of weight, then bias, from one block.
fn block_gradient<T: Element>(
    shape: &ConvShape,
    patch: &Patch<T>,
    lines: &GradientLines<T>,
) -> Vec<T> {
    let mut gradient = vec![T::default(); shape.weight_len() + shape.out_features];
    for features in feature_blocks(shape.out_features) {
        match features.len() {
            4 => weight_gradient::<T, 4>(shape, patch, lines, features.start, &mut gradient),
            2 => weight_gradient::<T, 2>(shape, patch, lines, features.start, &mut gradient),
            _ => weight_gradient::<T, 1>(shape, patch, lines, features.start, &mut gradient),
        }
    }
    for feature in 0..shape.out_features {
        let mut sums = [T::default(); LANES];
        for row in 0..lines.rows {
            for values in lines.line(feature, row) {
                for (sum, &value) in sums.iter_mut().zip(values) {
                    *sum += value;
                }
            }
        }
        gradient[shape.weight_len() + feature] = sums.into_iter().sum();
    }
    gradient
}

fn weight_gradient<T: Element, const FEATURES: usize>(
    shape: &ConvShape,
    patch: &Patch<T>,
    lines: &GradientLines<T>,
    first: usize,
    gradient: &mut [T],
) {
    let [kernel_depth, kernel_rows, kernel_cols] = shape.kernel;
    for feature in 0..shape.in_features {
        for tap_depth in patch.depth_taps.clone() {
            for tap_row in 0..kernel_rows {
                let tap =
                    ((feature * kernel_depth + tap_depth) * kernel_rows + tap_row) * kernel_cols;
                let input = |row: usize| patch.line(feature, tap_depth, row + tap_row);
                let mut store = |tap_col: usize, sums: [T; FEATURES]| {
                    for (out, sum) in sums.into_iter().enumerate() {
                        gradient[(first + out) * shape.taps() + tap + tap_col] = sum;
                    }
                };
                let mut tap_col = 0;
                while tap_col + 3 <= kernel_cols {
                    let sums = gradient_tile::<T, FEATURES, 3>(lines, first, input, tap_col);
                    for (offset, sums) in sums.into_iter().enumerate() {
                        store(tap_col + offset, sums);
                    }
                    tap_col += 3;
                }
                for tap_col in tap_col..kernel_cols {
                    let [sums] = gradient_tile::<T, FEATURES, 1>(lines, first, input, tap_col);
                    store(tap_col, sums);
                }
            }
        }
    }
}

/// Products of `FEATURES` gradient lines with the input, shifted by `TAPS` kernel columns, summed
/// over a block.
#[inline(always)]
fn gradient_tile<'a, T: Element, const FEATURES: usize, const TAPS: usize>(
    lines: &GradientLines<T>,
    first: usize,
    input: impl Fn(usize) -> &'a [T],
    tap_col: usize,
) -> [[T; FEATURES]; TAPS] {
    let mut sums = [[[T::default(); LANES]; FEATURES]; TAPS];
    for row in 0..lines.rows {
        let input = &input(row)[tap_col..];
        let gradients: [_; FEATURES] = std::array::from_fn(|out| lines.line(first + out, row));
        for chunk in 0..gradients[0].len() {
            let window = &input[chunk * LANES..chunk * LANES + LANES + TAPS - 1];
            for (sums, values) in sums.iter_mut().zip(window.array_windows::<LANES>()) {
                for (sums, gradients) in sums.iter_mut().zip(&gradients) {
                    let gradients = &gradients[chunk];
                    for lane in 0..LANES {
                        sums[lane] += gradients[lane] * values[lane];
                    }
                }
            }
        }
    }
    sums.map(|sums| sums.map(|lanes| lanes.into_iter().sum()))
}
