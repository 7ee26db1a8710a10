//! Convolution on plain slices: what a kernel computes, and which implementation runs.
//!
//! Tensors are dense, row-major slices: `x` `[batch, in, depth, row, col]`, `y` and its gradient
//! `[batch, out, depth, row, col]`, `w` `[out, in, depth, row, col]`, `b` `[out]`. Stride is one,
//! padding is zeros.
//!
//! Every implementation gives the same bits for any number of threads: work is cut into pieces by
//! the shape and the instruction set alone, and sums over pieces run in the order of the pieces.
//! [`Element::kernels`] chooses the implementation: [`vectorised`] for f32, [`scalar`] for f64. The
//! latter is the oracle that the former is tested against, and takes the kernels that it lacks.
//!
//! # How the vectorised kernels are laid out
//! - **One body, three instruction sets** (`lanes`, `avx512`, `avx2`). A kernel is written once over a
//!   trait of some fifteen vector operations and compiled for AVX-512, for AVX2 with FMA and for plain
//!   Rust; [`Isa::detect`] chooses when the program runs.
//! - **Registers** (`convolution`, `convolution_tile`, `tile`). A tile is one row of a few column vectors
//!   times up to six output features, all in accumulators: a loaded vector is multiplied by the
//!   weights of the whole block before the next is loaded. Bias, ReLU and the ReLU's derivative
//!   are applied before the only store.
//! - **Packing** (`pack`). Weights are copied once a call into the order in which tiles read them.
//! - **Upsampling folded by phase** (`pack`, `gather`, `dots_upsampled`). An output of one row and column
//!   parity sees nearest-upsampled positions in pairs, so the weights of a pair are added first and
//!   the coarse map is read as it is: 4 products for 9, and no upsampled or concatenated map.
//! - **Slabs** (`parallel`). A task is a band of rows at one depth that fits the second-level cache;
//!   neighbouring tasks are neighbouring depths, which share most of their planes. Weight
//!   gradients (`weight_gradient`, `weight_gradient_task`, `dots`) sum lane by lane over slabs
//!   of blocks that fit the first level, and the slabs are added in order.
//! - **Gaps between planes** (`parallel`). Planes a multiple of 4 KiB apart would compete for the same few
//!   cache sets, so the planes of activations lie an odd number of cache lines apart.
//! - **bf16** (`cells`). A 32-bit cell of an activation holds one f32 feature or two in bf16, and tiles are
//!   compiled for either; products and sums are f32.
//! - **Edges**. No padded copy exists: taps that leave the volume along depth and rows are skipped, and
//!   the first and last vector of a row are loaded under a mask. Pooling (`pool`) runs on the rows of
//!   a band as soon as they are written.

#![allow(
    unsafe_code,
    reason = "vector instructions and writes shared between tasks; each block argues"
)]
#![allow(
    clippy::needless_range_loop,
    reason = "blocks of registers are indexed by constants that several arrays share"
)]

pub mod peak;
pub mod scalar;
pub mod vectorised;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocks;
pub(crate) mod cells;
pub(crate) mod convolution;
mod convolution_tile;
mod dots;
mod dots_upsampled;
pub(crate) mod gather;
mod lanes;
pub(crate) mod pack;
pub(crate) mod parallel;
mod patch;
pub(crate) mod pool;
pub(crate) mod tile;
pub(crate) mod weight_gradient;
mod weight_gradient_task;

pub use lanes::Isa;

use std::iter::Sum;
use std::ops::{AddAssign, Mul};

use crate::NnError;

/// Names of the spatial axes, in memory order.
pub(crate) const AXES: [&str; 3] = ["depth", "row", "col"];

/// Sizes of one convolution with stride one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvShape {
    /// Samples in the batch.
    pub batch: usize,
    /// Features of the input.
    pub in_features: usize,
    /// Features of the output.
    pub out_features: usize,
    /// Length of the input along the depth axis.
    pub depth: usize,
    /// Rows of the input.
    pub rows: usize,
    /// Columns of the input.
    pub cols: usize,
    /// Kernel lengths `[depth, row, col]`.
    pub kernel: [usize; 3],
    /// Zeros put before and after each axis, `[depth, row, col]`; each below its kernel length.
    pub padding: [usize; 3],
}

impl ConvShape {
    /// Checks that the kernel fits into the padded input, that the padding is below the kernel, and that
    /// the number of values of each tensor is a number that this machine can count to.
    ///
    /// # Errors
    /// [`NnError::KernelTooLarge`]; [`NnError::Empty`] if any size is zero; [`NnError::TooLarge`].
    pub fn check(&self) -> Result<(), NnError> {
        let input = [
            self.batch,
            self.in_features,
            self.depth,
            self.rows,
            self.cols,
        ];
        if input.contains(&0) {
            return Err(NnError::Empty {
                tensor: "x",
                got: input.to_vec(),
            });
        }
        let [kd, kh, kw] = self.kernel;
        let weight = [self.out_features, self.in_features, kd, kh, kw];
        if weight.contains(&0) {
            return Err(NnError::Empty {
                tensor: "weight",
                got: weight.to_vec(),
            });
        }
        addressable("x", input)?;
        addressable("weight", weight)?;
        let sizes = [self.depth, self.rows, self.cols];
        for axis in 0..3 {
            let (kernel, padding) = (self.kernel[axis], self.padding[axis]);
            let size = sizes[axis].saturating_add(padding.saturating_mul(2));
            if kernel > size || padding >= kernel {
                return Err(NnError::KernelTooLarge {
                    axis: AXES[axis],
                    kernel,
                    size,
                });
            }
        }
        let [depth, rows, cols] = self.output_size();
        addressable("y", [self.batch, self.out_features, depth, rows, cols])
    }

    /// Output lengths `[depth, rows, cols]`: input + 2 padding - kernel + 1.
    pub fn output_size(&self) -> [usize; 3] {
        let sizes = [self.depth, self.rows, self.cols];
        std::array::from_fn(|axis| sizes[axis] + 2 * self.padding[axis] + 1 - self.kernel[axis])
    }

    /// Values in the input.
    pub fn input_len(&self) -> usize {
        self.batch * self.in_features * self.depth * self.rows * self.cols
    }

    /// Values in the output.
    pub fn output_len(&self) -> usize {
        self.batch * self.out_features * self.output_size().iter().product::<usize>()
    }

    /// Values in the weight.
    pub fn weight_len(&self) -> usize {
        self.out_features * self.taps()
    }

    /// Weights of one output feature: input features times kernel positions.
    pub fn taps(&self) -> usize {
        self.in_features * self.kernel.iter().product::<usize>()
    }

    /// The convolution that carries a gradient back to the input: features swapped, the kernel
    /// flipped (by the caller), padding `kernel - 1 - padding`.
    pub fn transposed(&self) -> ConvShape {
        let [depth, rows, cols] = self.output_size();
        ConvShape {
            batch: self.batch,
            in_features: self.out_features,
            out_features: self.in_features,
            depth,
            rows,
            cols,
            kernel: self.kernel,
            padding: std::array::from_fn(|axis| self.kernel[axis] - 1 - self.padding[axis]),
        }
    }
}

/// Refuses a tensor of more f64 than a slice can hold, so that products of its sizes do not overflow.
fn addressable(tensor: &'static str, sizes: [usize; 5]) -> Result<(), NnError> {
    const MOST: usize = isize::MAX as usize / size_of::<f64>();
    let values = sizes.into_iter().try_fold(1usize, usize::checked_mul);
    match values {
        Some(..=MOST) => Ok(()),
        _ => Err(NnError::TooLarge { tensor }),
    }
}

/// `(shape, x, w, b, y)`: overwrites `y` with the convolution of `x`, plus the bias.
pub type Forward<T> = fn(&ConvShape, &[T], &[T], &[T], &mut [T]);
/// `(shape, w, gy, gx)`: overwrites `gx` with the gradient that `gy` gives the input.
pub type BackwardInput<T> = fn(&ConvShape, &[T], &[T], &mut [T]);
/// `(shape, x, gy, gw, gb)`: overwrites `gw` and `gb` with the gradients that `gy` gives weight
/// and bias, summed over batch and positions.
pub type BackwardWeight<T> = fn(&ConvShape, &[T], &[T], &mut [T], &mut [T]);

/// One implementation of convolution.
pub struct Kernels<T> {
    /// Name of the implementation, for benchmarks and reports.
    pub name: &'static str,
    /// The convolution.
    pub forward: Forward<T>,
    /// Its gradient for the input.
    pub backward_input: BackwardInput<T>,
    /// Its gradients for weight and bias.
    pub backward_weight: BackwardWeight<T>,
}

/// A number that kernels compute with: f32 or f64.
pub trait Element:
    Copy + Default + PartialOrd + AddAssign + Mul<Output = Self> + Sum + Send + Sync + 'static
{
    /// The implementation that this machine runs.
    fn kernels() -> Kernels<Self>;
    /// Rounds from f64.
    fn from_f64(value: f64) -> Self;
    /// Widens to f64, exactly.
    fn to_f64(self) -> f64;
}

impl Element for f32 {
    fn kernels() -> Kernels<f32> {
        vectorised::kernels()
    }

    fn from_f64(value: f64) -> f32 {
        value as f32
    }

    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Element for f64 {
    fn kernels() -> Kernels<f64> {
        scalar::kernels()
    }

    fn from_f64(value: f64) -> f64 {
        value
    }

    fn to_f64(self) -> f64 {
        self
    }
}
