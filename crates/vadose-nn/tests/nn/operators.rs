//! The operations made of candle's operators against the kernels: values, gradients, corner cases.

use candle_core::{DType, Device, Tensor, Var};
use proptest::prelude::*;
use vadose_nn::{
    Activation, Conv3dConfig, Engine, Network, NetworkConfig, Padding, conv3d_with, max_pool_plane,
    named_variables, operators, upsample_plane,
};

use crate::{values, wave};

/// Largest difference in f64, relative to the largest value: sums of the same products in another order.
const MAX_ERR_F64: f64 = 1e-12;
/// The same for the gradients of a whole network in f32, where a ReLU near 0 may open in one and not in the
/// other.
const MAX_ERR_F32: f64 = 1e-4;

/// Fails unless both functions give the same values, and the same gradient to every input.
fn assert_same(
    inputs: &[Tensor],
    kernels: impl Fn(&[Tensor]) -> Tensor,
    operators: impl Fn(&[Tensor]) -> Tensor,
) {
    let run = |f: &dyn Fn(&[Tensor]) -> Tensor| -> Vec<Vec<f64>> {
        let vars: Vec<Var> = inputs
            .iter()
            .map(|input| Var::from_tensor(input).unwrap())
            .collect();
        let tracked: Vec<Tensor> = vars.iter().map(|var| var.as_tensor().clone()).collect();
        let y = f(&tracked);
        let loss = (&y * wave(y.dims(), 1.0, 0.6)).unwrap().sum_all().unwrap();
        let gradients = loss.backward().unwrap();
        let gradients = vars
            .iter()
            .map(|var| values(gradients.get(var).expect("every input has a gradient")));
        [values(&y)].into_iter().chain(gradients).collect()
    };
    for (got, want) in run(&operators).iter().zip(run(&kernels)) {
        assert_close(got, &want, MAX_ERR_F64);
    }
}

fn assert_close(got: &[f64], want: &[f64], max_error: f64) {
    assert_eq!(got.len(), want.len());
    let scale = want.iter().fold(0.0f64, |max, value| max.max(value.abs()));
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= max_error * scale, "{got}, not {want}");
    }
}

prop_compose! {
    fn convolution()(
        features in (1usize..=3, 1usize..=5, 1usize..=5),
        size in [1usize..=5, 1usize..=6, 1usize..=9],
        kernel in [0usize..=2, 0usize..=2, 0usize..=2],
        valid in any::<[bool; 3]>(),
        relu in any::<bool>(),
    ) -> ((usize, usize, usize), [usize; 3], [usize; 3], Conv3dConfig) {
        let padding = valid.map(|valid| if valid { Padding::Valid } else { Padding::Same });
        // Odd kernels for same padding, any for none, as long as they fit.
        let kernel = std::array::from_fn(|axis| match padding[axis] {
            Padding::Same => 2 * kernel[axis] + 1,
            Padding::Valid => (kernel[axis] + 1).min(size[axis]),
        });
        let activation = if relu { Activation::Relu } else { Activation::Identity };
        (features, size, kernel, Conv3dConfig { padding, activation })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn convolution_by_operators_equals_the_kernels(
        ((batch, inputs, outputs), size, kernel, config) in convolution()
    ) {
        let inputs = [
            wave(&[&[batch, inputs][..], &size].concat(), 1.0, 0.1),
            wave(&[&[outputs, inputs][..], &kernel].concat(), 0.5, 0.2),
            wave(&[outputs], 0.1, 0.3),
        ];
        assert_same(
            &inputs,
            |t| conv3d_with(&t[0], &t[1], &t[2], &config).unwrap(),
            |t| operators::conv3d_with(&t[0], &t[1], &t[2], &config).unwrap(),
        );
    }
}

#[test]
fn resampling_by_operators_equals_the_kernels() {
    for (rows, cols) in [(2, 2), (4, 6), (5, 7), (2, 3)] {
        let x = [wave(&[2, 2, 3, rows, cols], 1.0, 0.1)];
        assert_same(
            &x,
            |x| max_pool_plane(&x[0]).unwrap(),
            |x| operators::max_pool_plane(&x[0]).unwrap(),
        );
        assert_same(
            &x,
            |x| upsample_plane(&x[0]).unwrap(),
            |x| operators::upsample_plane(&x[0]).unwrap(),
        );
    }
}

#[test]
fn among_equal_cells_operators_too_give_the_first_the_gradient() {
    let x = Var::new(&[[1f32, 1.0, 2.0, 5.0], [1.0, 1.0, 5.0, 2.0]], &Device::Cpu).unwrap();
    let y = operators::max_pool_plane(&x).unwrap();
    let gradients = y.sum_all().unwrap().backward().unwrap();
    let gradient = gradients.get(&x).unwrap().to_vec2::<f32>().unwrap();
    assert_eq!(gradient, [[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]]);
}

#[test]
fn nan_passes_through_operators() {
    for position in 0..4 {
        let mut block = [1f32, 2.0, 3.0, 4.0];
        block[position] = f32::NAN;
        let x = Tensor::from_slice(&block, (2, 2), &Device::Cpu).unwrap();
        let y = values::<f32>(&operators::max_pool_plane(&x).unwrap());
        assert!(y[0].is_nan(), "at {position}");
    }
    let x = Tensor::new(&[f32::NAN, -1.0, 2.0], &Device::Cpu).unwrap();
    let x = x.reshape((1, 1, 1, 1, 3)).unwrap();
    let weight = Tensor::ones((1, 1, 1, 1, 1), DType::F32, &Device::Cpu).unwrap();
    let bias = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
    let config = Conv3dConfig {
        activation: Activation::Relu,
        ..Conv3dConfig::default()
    };
    let y = values::<f32>(&operators::conv3d_with(&x, &weight, &bias, &config).unwrap());
    assert!(y[0].is_nan());
    assert_eq!(y[1..], [0.0, 2.0]);
}

#[test]
fn a_network_of_operators_equals_the_fused_one() {
    let presets = NetworkConfig::PRESETS.iter().map(|&preset| (preset, false));
    for (preset, spread_head) in presets.chain([("paper", true)]) {
        let config = NetworkConfig {
            spread_head,
            ..NetworkConfig::preset(preset).unwrap()
        };
        let size = 2 * config.size_multiple();
        let x = wave(&[2, config.channels, size, size], 1.0, 0.1);
        let x = x.to_dtype(DType::F32).unwrap();
        let run = |engine: Engine| -> Vec<Vec<f64>> {
            let (network, variables) = Network::initialised(&config, 3, &Device::Cpu).unwrap();
            let prediction = network.with_engine(engine).predict(&x, None).unwrap();
            assert_eq!(prediction.spread.is_some(), spread_head);
            let outputs: Vec<Tensor> = [prediction.estimate]
                .into_iter()
                .chain(prediction.spread)
                .collect();
            let y = Tensor::stack(&outputs, 0).unwrap();
            let gradients = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            let gradients = named_variables(&variables)
                .into_values()
                .map(|var| gradients.get(&var).unwrap().clone());
            std::iter::once(y)
                .chain(gradients)
                .map(|tensor| values(&tensor.to_dtype(DType::F64).unwrap()))
                .collect()
        };
        for (got, want) in run(Engine::Operators).iter().zip(run(Engine::Fastest)) {
            assert_close(got, &want, MAX_ERR_F32);
        }
    }
}
