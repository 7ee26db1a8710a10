//! Our network at work, with the command line that the peers have too.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use candle_core::{Device, Tensor, Var};
use clap::{Args, ValueEnum};
use serde::Serialize;
use vadose_nn::Precision;
use vadose_study::peak_memory_bytes;

use crate::model::Shared;
use crate::set_threads;

/// Steps whose losses are part of a result: enough that the optimiser has to agree as well.
const AGREED_STEPS: usize = 4;

#[derive(Args)]
pub(crate) struct Arguments {
    /// What `inputs` has written.
    inputs: PathBuf,
    #[arg(long)]
    work: Work,
    #[arg(long, default_value_t = 1)]
    batch: usize,
    #[arg(long, default_value_t = 1)]
    runs: usize,
    #[arg(long)]
    threads: usize,
    /// Where the work `agree` writes its results.
    #[arg(long)]
    output: Option<PathBuf>,
    #[arg(long, default_value = "fused")]
    way: Way,
}

#[derive(Clone, Copy, ValueEnum)]
enum Work {
    /// Write output, gradients and the losses of a few steps.
    Agree,
    /// Time inference.
    Infer,
    /// Time training steps.
    Step,
}

/// How the network runs.
#[derive(Clone, Copy, ValueEnum)]
enum Way {
    /// As one operation.
    Fused,
    /// One candle operation a layer: what other types, sizes and kernels get.
    Layers,
    /// As one operation with feature maps in bf16, for inference.
    Bf16,
}

impl Way {
    fn precision(self) -> Precision {
        match self {
            Self::Fused | Self::Layers => Precision::F32,
            Self::Bf16 => Precision::Bf16,
        }
    }
}

/// What a program of the comparison answers.
#[derive(Serialize)]
pub(crate) struct Answer {
    version: String,
    /// Seconds of each repetition, the first one left out.
    seconds: Vec<f64>,
    /// Most memory that the process had held before the network was made.
    before_bytes: u64,
    /// Most memory that it ever held.
    peak_bytes: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer> {
    set_threads(arguments.threads)?;
    let shared = Shared::load(&arguments.inputs, arguments.batch)?;
    let before_bytes = peak_bytes()?;
    let infers = matches!(arguments.work, Work::Infer);
    ensure!(
        infers || arguments.way.precision() == Precision::F32,
        "bf16 is for inference"
    );
    let x = match arguments.way {
        Way::Fused | Way::Bf16 => shared.x.clone(),
        // The fused network has no gradient for its input, so asking for one leads to the layers.
        Way::Layers => Var::from_tensor(&shared.x)?.into_inner(),
    };
    let mut seconds = match arguments.work {
        Work::Agree => {
            let output = arguments.output.as_ref();
            let tensors = results(&shared, &x)?;
            candle_core::safetensors::save(&tensors, output.context("--output is missing")?)?;
            vec![0.0]
        }
        Work::Infer => {
            let network = shared.network()?;
            let network = network.with_precision(arguments.way.precision());
            time(arguments.runs, || {
                network.forward(&x, None)?;
                Ok(())
            })?
        }
        Work::Step => {
            let mut training = shared.training()?;
            time(arguments.runs, || {
                training.step(&x, &shared.target)?;
                Ok(())
            })?
        }
    };
    seconds.remove(0);
    Ok(Answer {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seconds,
        before_bytes,
        peak_bytes: peak_bytes()?,
    })
}

/// Largest difference of the output in bf16 from that in f32 on the first tile, m3 m-3.
pub(crate) fn bf16_difference(inputs: &Path) -> Result<f64> {
    let shared = Shared::load(inputs, 1)?;
    let network = shared.network()?.with_precision(Precision::Bf16);
    Ok(network.largest_difference(&shared.x, None)?)
}

fn peak_bytes() -> Result<u64> {
    peak_memory_bytes().context("memory is measured where there is /proc/self/status")
}

/// Seconds of the first call, and of `runs` more.
fn time(runs: usize, mut call: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    (0..=runs)
        .map(|_| {
            let start = Instant::now();
            call()?;
            Ok(start.elapsed().as_secs_f64())
        })
        .collect()
}

/// Output and gradients before the first step, and the losses of a few.
fn results(shared: &Shared, x: &Tensor) -> Result<HashMap<String, Tensor>> {
    let mut training = shared.training()?;
    let (output, _, gradients) = training.gradients(x, &shared.target)?;
    let losses = (0..AGREED_STEPS).map(|_| training.step(x, &shared.target));
    let losses = losses.collect::<Result<Vec<_>>>()?;
    let mut results: HashMap<_, _> = gradients.into_iter().collect();
    results.insert("output".to_owned(), output);
    results.insert(
        "losses".to_owned(),
        Tensor::from_vec(losses, AGREED_STEPS, &Device::Cpu)?,
    );
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_call_is_timed_too_so_that_it_can_be_left_out() {
        let mut calls = 0;
        let seconds = time(3, || {
            calls += 1;
            Ok(())
        });
        assert_eq!((seconds.unwrap().len(), calls), (4, 4));
    }
}
