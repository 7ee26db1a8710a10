//! Where the time of a training step goes, convolution by convolution.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use candle_core::Tensor;
use serde::Serialize;
use vadose_nn::executor::{LayerTime, Plan, Workspace};
use vadose_nn::kernels::Isa;

use crate::model::{self, SIZE, Shared};

#[derive(Serialize)]
pub(crate) struct Layers {
    /// Instruction set of the kernels.
    instruction_set: &'static str,
    layers: Vec<Layer>,
}

/// One convolution: 10^9 floating-point operations as the network defines them, and seconds.
#[derive(Serialize)]
struct Layer {
    label: String,
    forward_gflop: f64,
    weight_gflop: f64,
    input_gflop: f64,
    forward_s: f64,
    weight_s: f64,
    input_s: f64,
}

pub(crate) fn measure(inputs: &Path, runs: usize) -> Result<Layers> {
    let shared = Shared::load(inputs, 1)?;
    let config = model::config()?;
    let plan = Plan::new(&config, SIZE, SIZE).context("the kernels cover the network")?;
    let mut workspace = Workspace::for_training(&plan, 1);
    let parameters = in_running_order(&shared)?;
    let parameters: Vec<_> = parameters.iter().map(Vec::as_slice).collect();
    let x = values(&shared.x)?;
    let times = plan.profile(&mut workspace, &parameters, &x, runs);
    Ok(Layers {
        instruction_set: Isa::detect().name(),
        layers: times.into_iter().map(layer).collect(),
    })
}

/// Weight and bias of each convolution, in the order in which the network runs.
fn in_running_order(shared: &Shared) -> Result<Vec<Vec<f32>>> {
    let mut parameters = Vec::new();
    for row in model::config()?.layer_table((SIZE, SIZE))? {
        if row.parameters > 0 {
            for kind in ["weight", "bias"] {
                let name = format!("{}.{kind}", row.name);
                let weight = shared.weights.get(&name);
                parameters.push(values(
                    weight.with_context(|| format!("the inputs have no `{name}`"))?,
                )?);
            }
        }
    }
    Ok(parameters)
}

fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    Ok(tensor.flatten_all()?.to_vec1()?)
}

fn layer(time: LayerTime) -> Layer {
    let gflop = 2e-9 * time.multiply_adds as f64;
    let input = if time.has_input_gradient {
        (gflop, time.input)
    } else {
        (0.0, Duration::ZERO)
    };
    Layer {
        label: time.label,
        forward_gflop: gflop,
        weight_gflop: gflop,
        input_gflop: input.0,
        forward_s: time.forward.as_secs_f64(),
        weight_s: time.weight.as_secs_f64(),
        input_s: input.1.as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_convolution_has_no_gradient_for_its_input() {
        let time = LayerTime {
            label: "0+1->4 13x256x256".into(),
            multiply_adds: 500_000_000,
            multiply_adds_done: 500_000_000,
            forward: Duration::from_millis(1),
            weight: Duration::from_millis(1),
            input: Duration::from_millis(1),
            has_input_gradient: false,
        };
        let layer = layer(time);
        assert_eq!((layer.forward_gflop, layer.input_gflop), (1.0, 0.0));
        assert_eq!(layer.input_s, 0.0);
    }
}
