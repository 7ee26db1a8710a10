//! The network as a whole: range of the output, start of training, refused inputs.

use candle_core::Var;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use vadose_nn::{
    Engine, FirstGuess, Head, ModelFile, Network, NetworkConfig, NnError, Precision,
    named_variables,
};

use crate::{values, wave};

fn small_network(head: Head) -> Network {
    let config = NetworkConfig {
        channels: 3,
        head,
        ..NetworkConfig::default()
    };
    Network::initialised(&config, 1, &Device::Cpu).unwrap().0
}

fn input(shape: &[usize]) -> Tensor {
    wave(shape, 2.0, 0.1).to_dtype(DType::F32).unwrap()
}

#[test]
fn output_starts_near_the_middle_of_its_range() {
    for head in [Head::Linear, Head::Bounded { lower: 0.0 }] {
        let y = small_network(head)
            .forward(&input(&[1, 3, 32, 32]), None)
            .unwrap();
        assert!(
            values::<f32>(&y).iter().all(|y| (0.1..0.5).contains(y)),
            "{head:?}"
        );
    }
}

#[test]
fn detached_gives_the_same_bits_without_a_graph_and_follows_a_training() {
    let x = input(&[2, 3, 32, 32]);
    for engine in [Engine::Fastest, Engine::Operators] {
        let config = NetworkConfig {
            channels: 3,
            ..NetworkConfig::default()
        };
        let (network, variables) = Network::initialised(&config, 1, &Device::Cpu).unwrap();
        let network = network.with_engine(engine);
        let detached = network.detached();
        let forward = |network: &Network| network.forward(&x, None).unwrap();
        assert_eq!(
            values::<f32>(&forward(&detached)),
            values::<f32>(&forward(&network))
        );
        assert!(!forward(&detached).track_op());
        assert!(forward(&network).track_op());

        let before = values::<f32>(&forward(&detached));
        for variable in variables.all_vars() {
            variable
                .set(&(variable.as_tensor() * 0.5).unwrap())
                .unwrap();
        }
        let after = values::<f32>(&forward(&detached));
        assert_ne!(after, before);
        assert_eq!(after, values::<f32>(&forward(&network)));
    }
}

#[test]
fn a_spread_starts_near_a_station_error_and_leaves_the_estimate_alone() {
    for head in [Head::Linear, Head::Bounded { lower: 0.0 }] {
        let plain = NetworkConfig {
            channels: 3,
            head,
            ..NetworkConfig::default()
        };
        let with_spread = NetworkConfig {
            spread_head: true,
            ..plain.clone()
        };
        let x = input(&[2, 3, 32, 32]);
        let predict = |config: &NetworkConfig| {
            let (network, _) = Network::initialised(config, 1, &Device::Cpu).unwrap();
            network.predict(&x, None).unwrap()
        };
        let (plain, with_spread) = (predict(&plain), predict(&with_spread));
        assert!(plain.spread.is_none());
        assert_eq!(
            values::<f32>(&plain.estimate),
            values::<f32>(&with_spread.estimate)
        );
        let spread = with_spread.spread.unwrap();
        assert_eq!(spread.dims(), [2, 32, 32]);
        let spread = values::<f32>(&spread);
        assert!(spread.iter().all(|spread| (0.03..0.08).contains(spread)));
    }
}

#[test]
fn the_spread_is_the_softplus_of_its_logit() {
    /// Two roundings of f32, relative.
    const MAX_ERR: f64 = 3e-7;
    let config = NetworkConfig {
        channels: 3,
        spread_head: true,
        ..NetworkConfig::default()
    };
    for z in [-12.0_f64, -1.0, 0.0, 2.0, 200.0] {
        let (network, variables) = Network::initialised(&config, 1, &Device::Cpu).unwrap();
        let of = named_variables(&variables);
        of["head.weight"]
            .set(&of["head.weight"].zeros_like().unwrap())
            .unwrap();
        of["head.bias"]
            .set(&Tensor::new(&[0.0, z as f32], &Device::Cpu).unwrap())
            .unwrap();
        let prediction = network.predict(&input(&[1, 3, 16, 16]), None).unwrap();
        let got = f64::from(values::<f32>(&prediction.spread.unwrap())[0]);
        // For 200 the exponential of f32 overflows, and the softplus is its argument.
        let want = 0.05 / 2f64.ln() * z.exp().ln_1p();
        assert!(
            (got - want).abs() <= MAX_ERR * want.max(0.05),
            "{got}, not {want}"
        );
    }
}

#[test]
fn bounded_output_stays_between_the_bounds_of_each_cell() {
    let network = small_network(Head::Bounded { lower: 0.02 });
    let upper = wave(&[1, 16, 16], 0.1, 0.3).affine(1.0, 0.5).unwrap();
    let upper = upper.to_dtype(DType::F32).unwrap();
    let y = network
        .forward(&input(&[1, 3, 16, 16]), Some(&upper))
        .unwrap();
    let pairs = values::<f32>(&y).into_iter().zip(values::<f32>(&upper));
    assert!(
        pairs
            .into_iter()
            .all(|(y, upper)| (0.02..=upper).contains(&y))
    );
}

#[test]
fn without_weights_the_output_is_the_first_guess() {
    /// Logit and sigmoid of f32.
    const TOLERANCE: f32 = 1e-6;
    let guess = FirstGuess {
        channel: 2,
        mean: 0.2,
        std_dev: 0.1,
    };
    // Encoded, and the guess that it stands for: the mean where it is missing, and no nearer to the bounds of
    // 0 and 0.5 than 2 % of their range.
    let encoded = [0.0, 1.5, -1.0, -9.0, 9.0_f32];
    for (head, expected) in [
        (Head::Linear, [0.2, 0.35, 0.1, -0.7, 1.1_f32]),
        (Head::Bounded { lower: 0.0 }, [0.2, 0.35, 0.1, 0.01, 0.49]),
    ] {
        let config = NetworkConfig {
            channels: 3,
            head,
            first_guess: Some(guess),
            ..NetworkConfig::default()
        };
        let weights = VarBuilder::zeros(DType::F32, &Device::Cpu);
        let network = Network::new(&config, weights).unwrap();
        let upper = Tensor::full(0.5_f32, (1, 16, 16), &Device::Cpu).unwrap();
        for (encoded, expected) in encoded.into_iter().zip(expected) {
            let x = Tensor::full(encoded, (1, 3, 16, 16), &Device::Cpu).unwrap();
            let y = values::<f32>(&network.forward(&x, Some(&upper)).unwrap());
            assert!(
                y.iter().all(|y| (y - expected).abs() < TOLERANCE),
                "{head:?}: {} is not {expected}",
                y[0]
            );
        }
        for wrong in [
            FirstGuess {
                channel: 3,
                ..guess
            },
            FirstGuess {
                std_dev: 0.0,
                ..guess
            },
        ] {
            let config = NetworkConfig {
                first_guess: Some(wrong),
                ..config.clone()
            };
            assert!(matches!(config.check(), Err(NnError::FirstGuess { .. })));
        }
    }
}

#[test]
fn refused_inputs_are_errors_that_say_where() {
    let network = small_network(Head::Bounded { lower: 0.0 });
    let refused = |x: &Tensor, upper: Option<&Tensor>| {
        network
            .forward(x, upper)
            .expect_err("the input must be refused")
    };
    let x = input(&[1, 3, 16, 16]);
    assert!(matches!(
        refused(&input(&[3, 16, 16]), None),
        NnError::Rank { .. }
    ));
    assert!(matches!(
        refused(&input(&[1, 4, 16, 16]), None),
        NnError::Channels {
            expected: 3,
            got: 4
        }
    ));
    assert!(matches!(
        refused(&input(&[1, 3, 16, 24]), None),
        NnError::IndivisiblePlane {
            rows: 16,
            cols: 24,
            levels: 4,
            multiple: 16
        }
    ));
    assert!(matches!(
        refused(&x.to_dtype(DType::F64).unwrap(), None),
        NnError::DTypeMismatch { tensor: "x", .. }
    ));
    let mut holed = values::<f32>(&x);
    holed[2 * 256 + 5 * 16 + 7] = f32::NAN;
    let holed = Tensor::from_vec(holed, (1, 3, 16, 16), &Device::Cpu).unwrap();
    assert!(matches!(
        refused(&holed, None),
        NnError::NonFiniteInput { index, value } if index == [0, 2, 5, 7] && value.is_nan()
    ));
    let upper = Tensor::full(0f32, (1, 16, 16), &Device::Cpu).unwrap();
    assert!(matches!(
        refused(&x, Some(&upper)),
        NnError::UpperBoundTooLow { index, .. } if index == [0, 0, 0]
    ));
    let upper = upper.narrow(1, 0, 8).unwrap();
    assert!(matches!(
        refused(&x, Some(&upper)),
        NnError::UpperBoundShape { .. }
    ));
}

#[test]
fn errors_pass_through_a_candle_program() {
    let error: candle_core::Error = NnError::Channels {
        expected: 13,
        got: 3,
    }
    .into();
    assert!(error.to_string().contains("takes 13 channels"), "{error}");
}

#[test]
fn every_weight_receives_a_gradient() {
    for preset in NetworkConfig::PRESETS {
        let config = NetworkConfig::preset(preset).unwrap();
        let (network, variables) = Network::initialised(&config, 1, &Device::Cpu).unwrap();
        let y = network.forward(&input(&[1, 13, 16, 16]), None).unwrap();
        let gradients = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        for (name, var) in named_variables(&variables) {
            let gradient = values::<f32>(gradients.get(&var).expect("a gradient"));
            assert!(
                gradient.iter().all(|value| value.is_finite()),
                "{preset} {name}"
            );
            assert!(
                gradient.iter().any(|&value| value != 0.0),
                "{preset} {name}"
            );
        }
    }
}

/// A network without a graph, as a model file binds it.
fn inference_network(config: &NetworkConfig) -> Network {
    let (_, variables) = Network::initialised(config, 1, &Device::Cpu).unwrap();
    let file = ModelFile::from_variables(config.clone(), &variables);
    file.network(&Device::Cpu).unwrap()
}

#[test]
fn bf16_reports_its_largest_difference_and_leaves_f32_alone() {
    let config = NetworkConfig {
        channels: 3,
        ..NetworkConfig::default()
    };
    let x = input(&[2, 3, 32, 48]);
    let exact = inference_network(&config);
    assert_eq!(exact.precision(), Precision::F32, "off by default");
    assert_eq!(exact.largest_difference(&x, None).unwrap(), 0.0);
    let want = values::<f32>(&exact.forward(&x, None).unwrap());

    let reduced = inference_network(&config).with_precision(Precision::Bf16);
    let got = values::<f32>(&reduced.forward(&x, None).unwrap());
    let largest = reduced.largest_difference(&x, None).unwrap();
    let differences = got
        .iter()
        .zip(&want)
        .map(|(a, b)| f64::from(*a) - f64::from(*b));
    let by_hand = differences.fold(0.0, |largest: f64, one| largest.max(one.abs()));
    assert_eq!(largest, by_hand);
    assert!(largest > 0.0 && largest < 0.01, "{largest}");

    let again = reduced.with_precision(Precision::F32);
    assert!(values::<f32>(&again.forward(&x, None).unwrap()) == want);
}

#[test]
fn bf16_is_refused_where_only_f32_and_f64_run() {
    let config = NetworkConfig {
        channels: 3,
        ..NetworkConfig::default()
    };
    let x = input(&[1, 3, 16, 16]);
    let refused = |network: Network, x: &Tensor| {
        let network = network.with_precision(Precision::Bf16);
        let error = network.forward(x, None).expect_err("bf16 must be refused");
        assert!(
            matches!(
                error,
                NnError::PrecisionNotCovered {
                    precision: "bf16",
                    ..
                }
            ),
            "{error}"
        );
    };
    refused(small_network(Head::Linear), &x);
    refused(
        inference_network(&config).with_engine(Engine::Operators),
        &x,
    );
    refused(
        inference_network(&config),
        Var::from_tensor(&x).unwrap().as_tensor(),
    );
    let wide = NetworkConfig {
        kernel: [3, 5, 5],
        ..config
    };
    refused(inference_network(&wide), &x);
}
