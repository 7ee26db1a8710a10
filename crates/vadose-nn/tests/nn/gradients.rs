//! Every operation that training touches against central differences in f64.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use vadose_nn::{
    Activation, Conv3dConfig, FirstGuess, Network, NetworkConfig, Padding, conv3d_with,
    max_pool_plane, upsample_plane,
};

use crate::{values, wave};

/// Step of the differences: far below the distance of any test value to a kink or tie.
const STEP: f64 = 1e-6;
/// Rounding of a sum of order 10 over twice the step, with a factor of ten to spare.
const MAX_ERR: f64 = 1e-8;

/// Compares the gradient of `sum(f(inputs) * wave)` with central differences, value by value.
fn assert_gradients(inputs: &[Tensor], f: impl Fn(&[Tensor]) -> Tensor) {
    let loss = |inputs: &[Tensor]| {
        let y = f(inputs);
        (&y * wave(y.dims(), 1.0, 0.6)).unwrap().sum_all().unwrap()
    };
    let vars: Vec<Var> = inputs
        .iter()
        .map(|input| Var::from_tensor(input).unwrap())
        .collect();
    let tracked: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
    let gradients = loss(&tracked).backward().unwrap();
    for (number, var) in vars.iter().enumerate() {
        let gradient: Vec<f64> = values(gradients.get(var).expect("every input has a gradient"));
        let point: Vec<f64> = values(&inputs[number]);
        for (idx, &got) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = point.clone();
                moved[idx] += step;
                let mut inputs = inputs.to_vec();
                inputs[number] = Tensor::from_vec(moved, var.shape(), &Device::Cpu).unwrap();
                loss(&inputs).to_scalar::<f64>().unwrap()
            };
            let want = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            assert!(
                (got - want).abs() < MAX_ERR,
                "input {number}[{idx}]: {got}, not {want}"
            );
        }
    }
}

fn assert_conv_gradients(size: [usize; 3], kernel: [usize; 3], config: Conv3dConfig) {
    assert_feature_gradients([2, 2, 3], size, kernel, config);
}

/// `features`: batch, input features, output features.
fn assert_feature_gradients(
    [batch, inputs, outputs]: [usize; 3],
    [depth, rows, cols]: [usize; 3],
    [kd, kh, kw]: [usize; 3],
    config: Conv3dConfig,
) {
    let inputs = [
        wave(&[batch, inputs, depth, rows, cols], 1.0, 0.1),
        wave(&[outputs, inputs, kd, kh, kw], 0.5, 0.2),
        wave(&[outputs], 0.1, 0.3),
    ];
    assert_gradients(&inputs, |inputs| {
        conv3d_with(&inputs[0], &inputs[1], &inputs[2], &config).unwrap()
    });
}

#[test]
fn conv3d_gradients_are_exact_for_odd_sizes() {
    let same = Conv3dConfig::default();
    for size in [[1, 1, 1], [5, 1, 7], [1, 7, 5], [5, 7, 1]] {
        for kernel in [[3, 3, 3], [1, 3, 3], [1, 1, 1]] {
            assert_conv_gradients(size, kernel, same);
        }
    }
}

#[test]
fn conv3d_gradients_are_exact_for_wide_deep_and_many_featured_volumes() {
    let same = Conv3dConfig::default();
    for (features, size) in [
        ([3, 1, 1], [2, 2, 15]),
        ([1, 2, 1], [1, 3, 17]),
        ([1, 1, 1], [1, 1, 255]),
        ([1, 1, 1], [1, 1, 257]),
        ([1, 1, 2], [16, 2, 3]),
        ([1, 33, 1], [1, 1, 3]),
        ([1, 1, 33], [1, 1, 3]),
    ] {
        assert_feature_gradients(features, size, [3, 3, 3], same);
    }
}

#[test]
fn conv3d_gradients_are_exact_without_padding() {
    let padding = [Padding::Valid, Padding::Same, Padding::Same];
    let config = Conv3dConfig {
        padding,
        ..Conv3dConfig::default()
    };
    assert_conv_gradients([13, 2, 3], [13, 1, 1], config);
    assert_conv_gradients([4, 3, 5], [2, 3, 3], config);
    let padding = [Padding::Valid; 3];
    assert_conv_gradients([4, 3, 9], [2, 2, 4], Conv3dConfig { padding, ..config });
}

#[test]
fn relu_gradients_are_exact() {
    let config = Conv3dConfig {
        activation: Activation::Relu,
        ..Conv3dConfig::default()
    };
    assert_conv_gradients([3, 4, 5], [3, 3, 3], config);
}

#[test]
fn conv3d_gradients_survive_a_transposed_input() {
    let inputs = [
        wave(&[1, 2, 5, 4, 3], 1.0, 0.1),
        wave(&[2, 2, 3, 3, 3], 0.5, 0.2),
        wave(&[2], 1.0, 0.3),
    ];
    assert_gradients(&inputs, |inputs| {
        let x = inputs[0].transpose(2, 4).unwrap();
        let y = conv3d_with(&x, &inputs[1], &inputs[2], &Conv3dConfig::default()).unwrap();
        y.transpose(3, 4).unwrap()
    });
}

#[test]
fn pooling_gradients_are_exact_for_even_and_odd_planes() {
    for (rows, cols) in [(2, 2), (4, 6), (5, 7), (2, 3)] {
        let x = wave(&[2, 2, 3, rows, cols], 1.0, 0.1);
        assert_gradients(&[x], |inputs| max_pool_plane(&inputs[0]).unwrap());
    }
}

#[test]
fn upsampling_gradients_are_exact_with_a_second_user_of_the_input() {
    for (rows, cols) in [(1, 1), (2, 3), (5, 4)] {
        let x = wave(&[1, 2, 2, rows, cols], 1.0, 0.1);
        assert_gradients(&[x], |inputs| {
            let up = upsample_plane(&inputs[0]).unwrap();
            (max_pool_plane(&up).unwrap() * &inputs[0]).unwrap()
        });
    }
}

#[test]
fn whole_network_gradients_are_exact() {
    let guess = FirstGuess {
        channel: 1,
        mean: 0.4,
        std_dev: 0.1,
    };
    let presets = NetworkConfig::PRESETS
        .iter()
        .map(|&preset| (preset, None, false));
    let more = [("paper", Some(guess), false), ("paper", None, true)];
    for (preset, first_guess, spread_head) in presets.chain(more) {
        let mut config = NetworkConfig::preset(preset).unwrap();
        config.channels = 3;
        config.widths = vec![2; 2];
        config.bottleneck = 2;
        config.first_guess = first_guess;
        config.spread_head = spread_head;
        let shapes = config.weight_shapes().unwrap();
        let names: Vec<&String> = shapes.keys().collect();
        let mut inputs = vec![wave(&[1, 3, 4, 8], 1.0, 0.1), wave(&[1, 4, 8], 0.1, 0.4)];
        for (number, shape) in shapes.values().enumerate() {
            inputs.push(wave(shape, 0.5, number as f64));
        }
        assert_gradients(&inputs, |inputs| {
            let weights: HashMap<String, Tensor> = names
                .iter()
                .map(|&name| name.clone())
                .zip(inputs[2..].iter().cloned())
                .collect();
            let weights = VarBuilder::from_tensors(weights, DType::F64, &Device::Cpu);
            let upper = inputs[1].affine(1.0, 0.5).unwrap();
            let network = Network::new(&config, weights).unwrap();
            let prediction = network.predict(&inputs[0], Some(&upper)).unwrap();
            match prediction.spread {
                Some(spread) => Tensor::stack(&[prediction.estimate, spread], 0).unwrap(),
                None => prediction.estimate,
            }
        });
    }
}
