//! The kernels of this machine's instruction set behind the interface of [`super::Kernels`].
//!
//! Sums run in f32, in another order than in [`super::scalar`] and with fused multiply-adds, so the
//! two agree within rounding and not to the bit. Kernels whose columns are other than one tap, or
//! three with one column of padding, go to the portable code.

use std::borrow::Cow;

use rayon::prelude::*;

use super::cells::Cells;
use super::convolution::Convolution;
use super::lanes::Isa;
use super::pack::Packed;
use super::parallel::Extent;
use super::tile::Epilogue;
use super::weight_gradient::{Reach, WeightGradient, WeightSlot};
use super::{ConvShape, Kernels, scalar};

/// The implementation of this module.
pub fn kernels() -> Kernels<f32> {
    Kernels {
        name: Isa::detect().name(),
        forward: |shape, x, w, b, y| forward(Isa::detect(), shape, x, w, b, y),
        backward_input: |shape, w, gy, gx| backward_input(Isa::detect(), shape, w, gy, gx),
        backward_weight: |shape, x, gy, gw, gb| {
            backward_weight(Isa::detect(), shape, x, gy, gw, gb);
        },
    }
}

/// Overwrites `y` with the convolution of `x` with `w`, plus the bias `b`.
///
/// # Panics
/// If `shape` fails [`ConvShape::check`], or a slice is shorter than it says.
pub fn forward(isa: Isa, shape: &ConvShape, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    assert_valid(shape);
    if !is_covered(shape) {
        return scalar::forward(shape, x, w, b, y);
    }
    let [kd, kh, kw] = shape.kernel;
    let mut weights = Packed::default();
    weights.convolution(
        shape.out_features,
        [0, shape.in_features],
        shape.kernel,
        [Cells::F32; 2],
        |o, i, k| w[((o * shape.in_features + i) * kd + k[0]) * kh * kw + k[1] * kw + k[2]],
    );
    correlate(isa, shape, x, &weights, &b[..shape.out_features], y);
}

/// Overwrites `gx` with the gradient of the input: the exact adjoint of [`forward`] without bias.
///
/// # Panics
/// If `shape` fails [`ConvShape::check`], or a slice is shorter than it says.
pub fn backward_input(isa: Isa, shape: &ConvShape, w: &[f32], gy: &[f32], gx: &mut [f32]) {
    assert_valid(shape);
    if !is_covered(shape) {
        return scalar::backward_input(shape, w, gy, gx);
    }
    let [kd, kh, kw] = shape.kernel;
    let mut weights = Packed::default();
    // Output and input as the transpose sees them, taps reversed.
    weights.convolution(
        shape.in_features,
        [0, shape.out_features],
        shape.kernel,
        [Cells::F32; 2],
        |i, o, k| {
            let tap = ((kd - 1 - k[0]) * kh + kh - 1 - k[1]) * kw + kw - 1 - k[2];
            w[(o * shape.in_features + i) * kd * kh * kw + tap]
        },
    );
    correlate(isa, &shape.transposed(), gy, &weights, &[], gx);
}

/// Overwrites `gw` and `gb` with the gradients of weight and bias.
///
/// # Panics
/// If `shape` fails [`ConvShape::check`], or a slice is shorter than it says.
pub fn backward_weight(
    isa: Isa,
    shape: &ConvShape,
    x: &[f32],
    gy: &[f32],
    gw: &mut [f32],
    gb: &mut [f32],
) {
    assert_valid(shape);
    if !is_covered(shape) {
        return scalar::backward_weight(shape, x, gy, gw, gb);
    }
    let (gw, gb) = (&mut gw[..shape.weight_len()], &mut gb[..shape.out_features]);
    gw.fill(0.0);
    gb.fill(0.0);
    let (input, output) = grids(shape);
    for sample in 0..shape.batch {
        let (x, x_grid) = apart(shape.in_features, sample, input, x);
        let (gy, gy_grid) = apart(shape.out_features, sample, output, gy);
        let gradient = WeightGradient {
            x: &x,
            x_grid,
            reach: Reach::Direct,
            gy: &gy,
            gy_grid,
            kernel: shape.kernel,
            padding: [shape.padding[0], shape.padding[1]],
        };
        let slot = WeightSlot {
            weight: gw,
            in_features: shape.in_features,
            first_input: 0,
            bias: Some(gb),
        };
        gradient.run(isa, slot);
    }
}

/// Panics unless the sizes fit together and no product of them overflows: the lengths that the kernels
/// check before they form addresses are such products.
fn assert_valid(shape: &ConvShape) {
    assert!(shape.check().is_ok(), "not a convolution: {shape:?}");
}

/// Whether the vectorised kernels know this kernel.
fn is_covered(shape: &ConvShape) -> bool {
    matches!((shape.kernel[2], shape.padding[2]), (1, 0) | (3, 1))
}

/// Grids of input and output.
fn grids(shape: &ConvShape) -> (Extent, Extent) {
    let [depth, rows, cols] = shape.output_size();
    (
        Extent::dense(shape.depth, shape.rows, shape.cols),
        Extent::dense(depth, rows, cols),
    )
}

/// Cross-correlation of every sample with packed weights.
fn correlate(
    isa: Isa,
    shape: &ConvShape,
    x: &[f32],
    weights: &Packed,
    bias: &[f32],
    y: &mut [f32],
) {
    let (dense, output) = grids(shape);
    let samples = y[..shape.output_len()].chunks_exact_mut(shape.out_features * output.len());
    for (sample, y) in samples.enumerate() {
        let (fine, input) = apart(shape.in_features, sample, dense, x);
        let convolution = Convolution {
            fine: &fine,
            coarse: &[],
            coarse_grid: Extent::dense(0, 0, 0),
            input,
            output,
            padding: [shape.padding[0], shape.padding[1]],
            weights,
            bias,
            epilogue: Epilogue::Linear,
        };
        convolution.run(isa, y, None);
    }
}

/// One sample of `x`, copied with gaps between the planes if they would crowd the same cache sets:
/// the copy costs less than a tenth of what the crowding does.
fn apart(features: usize, sample: usize, grid: Extent, x: &[f32]) -> (Cow<'_, [f32]>, Extent) {
    let x = &x[sample * features * grid.len()..][..features * grid.len()];
    if features * grid.depth < 8 || !grid.is_crowded() {
        return (Cow::Borrowed(x), grid);
    }
    let spread = grid.spread();
    let mut copy = vec![0.0; features * spread.len()];
    copy.par_chunks_mut(spread.plane)
        .zip(x.par_chunks(grid.plane))
        .for_each(|(to, from)| {
            to[..from.len()].copy_from_slice(from);
        });
    (Cow::Owned(copy), spread)
}

#[cfg(test)]
mod tests;
