//! Tests of the public interface: against brute force, central differences and PyTorch.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are as free as the tests"
)]

mod brute_force;
mod determinism;
mod golden_conv3d;
mod golden_summary;
mod golden_unet;
mod gradients;
mod layer_table;
mod model_file;
mod network;
mod operators;
mod planes;

use candle_core::{Device, Tensor, WithDType};

/// `scale * sin(phase + 0.37 k^2)` for k = 0, 1, ..: the closed formula of the golden values.
fn wave(shape: &[usize], scale: f64, phase: f64) -> Tensor {
    let values = (0..shape.iter().product::<usize>()).map(|k| {
        let k = k as f64;
        scale * (phase + 0.37 * k * k).sin()
    });
    Tensor::from_vec(values.collect::<Vec<f64>>(), shape, &Device::Cpu).unwrap()
}

/// All values in memory order.
fn values<T: WithDType>(tensor: &Tensor) -> Vec<T> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}
