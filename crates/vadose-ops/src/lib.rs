//! The observation operators of 1 km retrieval, with exact adjoints.
//!
//! A map of soil moisture at 1 km is never seen directly. Stations see a few of its cells, and a
//! coarse product sees its blurred average. Two linear operators say so:
//!
//! * [`StationSampling`], P_Ω: the values of the cells that hold a station;
//! * [`CoarseOperator`], D: a mask-aware low-pass filter, then the mean over 9×9 cells.
//!
//! Both come with their transpose, which is what a gradient needs, and both give the same bits on
//! any number of threads. With the feature `candle` they are also differentiable tensor operations
//! (`apply_tensor`), built on the same arithmetic.
//!
//! # Arrays and missing data
//! Row 0 is northernmost, axes are `[row, col]`. What is missing is told by a mask of zeros and
//! ones, not by the values: a value where the mask is 0 is never read, so NaN may stand there. A
//! value that is not finite where the mask is 1 is an error and not a silent spread of NaN.
//!
//! # Precision
//! Fields and filter sums are f32 (f64 for f64 tensors); the sum over the columns of a coarse cell
//! is f64. All weights are non-negative, so nothing cancels, and the result stays within a few f32
//! rounding errors of the largest value that enters it.

#![forbid(unsafe_code)]

mod coarse;
mod error;
mod low_pass;
mod real;
mod sampling;
mod separable;
#[cfg(feature = "candle")]
mod tensor;

pub use coarse::{CoarseConfig, CoarseMode, CoarseOperator};
pub use error::OpsError;
pub use low_pass::LowPass;
pub use sampling::{StationPoint, StationSampling};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
