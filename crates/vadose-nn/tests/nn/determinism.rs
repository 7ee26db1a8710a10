//! The same bits for any number of threads and any hash order.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use rayon::ThreadPoolBuilder;
use vadose_nn::{ModelFile, Network, NetworkConfig, Precision, named_variables};

use crate::{values, wave};

/// First weight that seed 5 gives `planar16`, within sqrt(6 / 9).
const FIRST_WEIGHT_OF_SEED_5: f32 = -0.4878572;

/// Bits of the output and of every gradient of a seeded `paper` network, by name.
fn training_bits(n_threads: usize) -> Vec<(String, Vec<u32>)> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .build()
        .unwrap();
    pool.install(|| {
        let config = NetworkConfig::preset("paper").unwrap();
        let (network, variables) = Network::initialised(&config, 3, &Device::Cpu).unwrap();
        let x = wave(&[2, 13, 32, 48], 1.0, 0.1)
            .to_dtype(candle_core::DType::F32)
            .unwrap();
        let y = network.forward(&x, None).unwrap();
        let gradients = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        let mut bits = vec![("output".to_owned(), bits_of(&y))];
        for (name, var) in named_variables(&variables) {
            bits.push((name, bits_of(gradients.get(&var).unwrap())));
        }
        bits
    })
}

fn bits_of(tensor: &Tensor) -> Vec<u32> {
    values::<f32>(tensor)
        .into_iter()
        .map(f32::to_bits)
        .collect()
}

#[test]
fn training_gives_the_same_bits_for_any_number_of_threads() {
    let one = training_bits(1);
    assert_eq!(one.len(), 31);
    for n_threads in [2, 3] {
        for (one, many) in one.iter().zip(training_bits(n_threads)) {
            assert!(*one == many, "{} differs with {n_threads} threads", one.0);
        }
    }
}

#[test]
fn inference_in_bf16_gives_the_same_bits_for_any_number_of_threads() {
    let config = NetworkConfig::preset("paper").unwrap();
    let (_, variables) = Network::initialised(&config, 3, &Device::Cpu).unwrap();
    let file = ModelFile::from_variables(config, &variables);
    let x = wave(&[2, 13, 32, 48], 1.0, 0.1)
        .to_dtype(candle_core::DType::F32)
        .unwrap();
    let output = |n_threads| {
        let pool = ThreadPoolBuilder::new().num_threads(n_threads).build();
        pool.unwrap().install(|| {
            let network = file.network(&Device::Cpu).unwrap();
            let network = network.with_precision(Precision::Bf16);
            bits_of(&network.forward(&x, None).unwrap())
        })
    };
    let one = output(1);
    for n_threads in [2, 3] {
        assert!(one == output(n_threads), "{n_threads} threads");
    }
}

#[test]
fn initial_weights_depend_on_the_seed_alone() {
    let config = NetworkConfig::preset("planar16").unwrap();
    let draw = |seed| {
        let (_, variables) = Network::initialised(&config, seed, &Device::Cpu).unwrap();
        let variables = named_variables(&variables).into_iter();
        variables
            .map(|(name, var)| (name, bits_of(&var)))
            .collect::<Vec<_>>()
    };
    assert!(draw(5) == draw(5));
    assert!(draw(5) != draw(6));
    // Drawn once with this code: another value here means other trained models.
    let weights: BTreeMap<_, _> = draw(5).into_iter().collect();
    let first = f32::from_bits(weights["encoder.0.conv.0.weight"][0]);
    assert_eq!(first, FIRST_WEIGHT_OF_SEED_5);
}

#[test]
fn a_sample_gives_the_same_bits_alone_and_in_a_batch() {
    let config = NetworkConfig::preset("paper").unwrap();
    let (network, _) = Network::initialised(&config, 3, &Device::Cpu).unwrap();
    let x = wave(&[3, 13, 16, 32], 1.0, 0.1)
        .to_dtype(candle_core::DType::F32)
        .unwrap();
    let batch = network.forward(&x, None).unwrap();
    for sample in 0..3 {
        let alone = network
            .forward(&x.narrow(0, sample, 1).unwrap(), None)
            .unwrap();
        assert_eq!(
            bits_of(&alone),
            bits_of(&batch.narrow(0, sample, 1).unwrap())
        );
    }
}

#[test]
fn graphs_that_live_at_once_keep_their_own_activations() {
    let config = NetworkConfig::preset("paper").unwrap();
    let (network, variables) = Network::initialised(&config, 3, &Device::Cpu).unwrap();
    let input = |phase| {
        wave(&[1, 13, 16, 32], 1.0, phase)
            .to_dtype(candle_core::DType::F32)
            .unwrap()
    };
    let loss = |x: &Tensor| {
        let y = network.forward(x, None).unwrap();
        y.sqr().unwrap().sum_all().unwrap()
    };
    let head = &named_variables(&variables)["encoder.0.conv.0.weight"];
    let gradient = |loss: &Tensor| bits_of(loss.backward().unwrap().get(head).unwrap());

    let (first, second) = (input(0.1), input(0.7));
    let alone = gradient(&loss(&first));
    let (early, late) = (loss(&first), loss(&second));
    assert!(gradient(&late) != alone);
    assert!(
        gradient(&early) == alone,
        "another forward pass came between"
    );
    assert!(gradient(&early) == alone, "a second backward pass");
}
