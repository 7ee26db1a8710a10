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
        let shape = conv.weight_shape();
        let n_features = shape[0];
        let starts: Vec<(f64, f64)> = if layer.name == HEAD {
            let starts = head_starts(config).into_iter().take(n_features);
            let scale = |(slope, bias)| (HEAD_SCALE * slope * (3.0 / fan_in).sqrt(), bias);
            starts.map(scale).collect()
        } else {
            vec![((6.0 / fan_in).sqrt(), 0.0); n_features]
        };
        let (mut weight, mut biases) = (Vec::<f32>::new(), Vec::new());
        for (bound, bias) in starts {
            let draw = |_| (bound * (2.0 * rng.random::<f64>() - 1.0)) as f32;
            weight.extend((0..conv.fan_in()).map(draw));
            biases.push(bias as f32);
        }
        let weight = Tensor::from_vec(weight, &shape, device)?;
        let bias = Tensor::from_vec(biases, &conv.bias_shape(), device)?;
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

/// Scale and bias of the estimate and of the spread: the slope of a bounded output at its middle over that of
/// this head, and the bias that puts the estimate in the middle of its range.
fn head_starts(config: &NetworkConfig) -> [(f64, f64); 2] {
    let (slope, middle) = match config.head {
        Head::Linear => (0.25 * DEFAULT_UPPER_BOUND, 0.5 * DEFAULT_UPPER_BOUND),
        Head::Bounded { .. } => (1.0, 0.0),
    };
    let bias = match config.first_guess {
        Some(_) => 0.0,
        None => middle,
    };
    [(slope, bias), (1.0, 0.0)]
}
