//! A plain candle program: gradient descent finds the kernel that blurred a volume.
//!
//! Run: `cargo run --release -p vadose-nn --example conv3d`

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{Optimizer, SGD};
use vadose_nn::conv3d;

fn main() -> Result<()> {
    let device = Device::Cpu;
    let n = 16 * 16 * 16;
    let volume: Vec<f32> = (0..n)
        .map(|k| (0.37 * (k * k % 7919) as f32).sin())
        .collect();
    let volume = Tensor::from_vec(volume, (1, 1, 16, 16, 16), &device)?;

    // The unknown: a 3x3x3 mean.
    let no_bias = Tensor::zeros(1, DType::F32, &device)?;
    let mean = Tensor::full(1f32 / 27.0, (1, 1, 3, 3, 3), &device)?;
    let blurred = conv3d(&volume, &mean, &no_bias)?;

    let weight = Var::zeros((1, 1, 3, 3, 3), DType::F32, &device)?;
    let bias = Var::zeros(1, DType::F32, &device)?;
    let mut optimiser = SGD::new(vec![weight.clone(), bias.clone()], 0.3)?;
    for step in 0..=60 {
        let loss = (conv3d(&volume, &weight, &bias)? - &blurred)?
            .sqr()?
            .mean_all()?;
        if step % 20 == 0 {
            println!(
                "step {step:>2}: mean square error {:.2e}",
                loss.to_scalar::<f32>()?
            );
        }
        optimiser.backward_step(&loss)?;
    }
    let weight = weight.flatten_all()?.to_vec1::<f32>()?;
    println!(
        "centre of the kernel {:.4}, a corner {:.4}; both were 0.0370",
        weight[13], weight[0]
    );
    Ok(())
}
