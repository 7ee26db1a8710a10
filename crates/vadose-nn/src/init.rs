//! Initial weights, drawn from a seed in the order of the layers.

use candle_core::{Device, Tensor, Var};
use candle_nn::VarMap;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::NnError;
use crate::config::{DEFAULT_UPPER_BOUND, Head, NetworkConfig};
use crate::layers::{HEAD, Operation, layers};
use crate::variables::insert;

/// Share of the linear bound that the head's weights start with: the output of an untrained
/// network stays near the middle of its range, where the sigmoid is steepest.
const HEAD_SCALE: f64 = 0.1;

/// The variables of [`Network::initialised`](crate::Network::initialised).
pub(crate) fn variables(
    config: &NetworkConfig,
    seed: u64,
    device: &Device,
) -> Result<VarMap, NnError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let variables = VarMap::new();
    for layer in layers(config)? {
        let Operation::Conv(conv) = layer.operation else {
            continue;
        };
        let fan_in = conv.fan_in() as f64;
        let (bound, bias) = if layer.name == HEAD {
            let (slope, middle) = head_start(config.head);
            let bias = match config.first_guess {
                Some(_) => 0.0,
                None => middle,
            };
            (HEAD_SCALE * slope * (3.0 / fan_in).sqrt(), bias)
        } else {
            ((6.0 / fan_in).sqrt(), 0.0)
        };
        let shape = conv.weight_shape();
        let weight: Vec<f32> = (0..shape.iter().product())
            .map(|_| (bound * (2.0 * rng.random::<f64>() - 1.0)) as f32)
            .collect();
        let weight = Tensor::from_vec(weight, &shape, device)?;
        let bias = Tensor::full(bias as f32, &conv.bias_shape(), device)?;
        insert(
            &variables,
            format!("{}.weight", layer.name),
            Var::from_tensor(&weight)?,
        );
        insert(
            &variables,
            format!("{}.bias", layer.name),
            Var::from_tensor(&bias)?,
        );
    }
    Ok(variables)
}

/// Slope of a bounded output at its middle over that of this head, and the bias that puts the
/// output in the middle of its range.
fn head_start(head: Head) -> (f64, f64) {
    match head {
        Head::Linear => (0.25 * DEFAULT_UPPER_BOUND, 0.5 * DEFAULT_UPPER_BOUND),
        Head::Bounded { .. } => (1.0, 0.0),
    }
}
