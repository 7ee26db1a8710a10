//! The network against PyTorch, forward and backward (`tests/golden/unet`).

use std::collections::{BTreeMap, HashMap};

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use serde::Deserialize;
use vadose_nn::{Head, Network, NetworkConfig};

use crate::golden_summary::Summary;
use crate::{values, wave};

/// Largest difference to PyTorch in f64, relative to the largest value of the tensor: both round
/// some thousand sums, in different order.
const MAX_ERR_F64: f64 = 1e-11;
/// The same for f32, where PyTorch's values are still those of f64.
const MAX_ERR_F32: f64 = 2e-4;
/// The output of `paper` is stored every third row and column.
const OUTPUT_STRIDE: usize = 3;

#[derive(Deserialize)]
struct Case {
    parameters: usize,
    output: Vec<f64>,
    input_gradient: Values,
    gradients: BTreeMap<String, Values>,
}

/// All values of a tensor, or a summary of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Whole(Vec<f64>),
    Summary(Summary),
}

fn golden() -> HashMap<String, Case> {
    serde_json::from_str(include_str!("../golden/unet/values.json")).unwrap()
}

fn assert_close(got: &[f64], want: &[f64], max_error: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(0.0f64, |max, value| max.max(value.abs()));
    for (got, want) in got.iter().zip(want) {
        assert!(
            (got - want).abs() <= max_error * scale,
            "{what}: {got}, not {want}"
        );
    }
}

impl Values {
    fn assert_close(&self, got: &[f64], max_error: f64, what: &str) {
        match self {
            Values::Whole(want) => assert_close(got, want, max_error, what),
            Values::Summary(want) => want.assert_close(got, max_error, what),
        }
    }
}

/// Names of the layers with weights, in the order in which the generator makes them.
fn running_order(config: &NetworkConfig) -> Vec<String> {
    let size = config.size_multiple();
    let table = config.layer_table((size, size)).unwrap();
    table
        .into_iter()
        .filter(|row| row.parameters > 0)
        .map(|row| row.name)
        .collect()
}

/// How the network runs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Run {
    /// Layer by layer in f64, with a gradient for the input.
    F64,
    /// Layer by layer in f32, with a gradient for the input.
    F32,
    /// As one operation in f32, which a constant input brings about: what training runs.
    Fused,
}

const RUNS: [Run; 3] = [Run::F64, Run::F32, Run::Fused];

fn assert_matches_pytorch(case: &str, config: &NetworkConfig, shape: [usize; 4], run: Run) {
    let dtype = if run == Run::F64 {
        DType::F64
    } else {
        DType::F32
    };
    let max_error = if dtype == DType::F64 {
        MAX_ERR_F64
    } else {
        MAX_ERR_F32
    };
    let golden = &golden()[case];
    assert_eq!(
        config.parameter_count().unwrap(),
        golden.parameters,
        "{case}"
    );

    let variable = |tensor: Tensor| Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap();
    let shapes = config.weight_shapes().unwrap();
    let mut vars = BTreeMap::new();
    for (number, layer) in running_order(config).into_iter().enumerate() {
        let shape = &shapes[&format!("{layer}.weight")];
        let gain = if layer == "head" { 0.4 } else { 4.0 };
        let scale = (gain / shape[1..].iter().product::<usize>() as f64).sqrt();
        let weight = wave(shape, scale, 0.5 + number as f64);
        let bias = wave(&shape[..1], 0.1, 0.9 + number as f64);
        vars.insert(format!("{layer}.weight"), variable(weight));
        vars.insert(format!("{layer}.bias"), variable(bias));
    }
    let weights = vars
        .iter()
        .map(|(name, var)| (name.clone(), var.as_tensor().clone()));
    let weights = VarBuilder::from_tensors(weights.collect(), dtype, &Device::Cpu);
    let network = Network::new(config, weights).unwrap();

    let [batch, _, rows, cols] = shape;
    let x = variable(wave(&shape, 1.0, 0.2));
    let input = if run == Run::Fused {
        x.as_detached_tensor()
    } else {
        x.as_tensor().clone()
    };
    let upper = wave(&[batch, rows, cols], 0.1, 0.4)
        .affine(1.0, 0.5)
        .unwrap();
    let y = network
        .forward(&input, Some(&upper.to_dtype(dtype).unwrap()))
        .unwrap();
    let factor = wave(&[batch, rows, cols], 1.0, 0.6)
        .to_dtype(dtype)
        .unwrap();
    let gradients = (&y * factor)
        .unwrap()
        .sum_all()
        .unwrap()
        .backward()
        .unwrap();

    let as_f64 = |tensor: &Tensor| values::<f64>(&tensor.to_dtype(DType::F64).unwrap());
    let mut output = as_f64(&y);
    if output.len() != golden.output.len() {
        let kept = |cell: &usize| {
            (cell / cols % rows).is_multiple_of(OUTPUT_STRIDE)
                && (cell % cols).is_multiple_of(OUTPUT_STRIDE)
        };
        output = (0..output.len())
            .filter(kept)
            .map(|cell| output[cell])
            .collect();
    }
    assert_close(
        &output,
        &golden.output,
        max_error,
        &format!("{case} output"),
    );
    if run != Run::Fused {
        let gradient = as_f64(gradients.get(&x).unwrap());
        let what = format!("{case} input gradient");
        golden
            .input_gradient
            .assert_close(&gradient, max_error, &what);
    }
    assert!(golden.gradients.keys().eq(vars.keys()), "{case}");
    for (name, want) in &golden.gradients {
        let gradient = as_f64(gradients.get(&vars[name]).unwrap());
        want.assert_close(&gradient, max_error, &format!("{case} {name}"));
    }
}

/// A preset with fewer channels and levels, as in the generator.
fn tiny(preset: &str, widths: &[usize], bottleneck: usize) -> NetworkConfig {
    NetworkConfig {
        channels: 3,
        widths: widths.to_vec(),
        bottleneck,
        head: Head::Bounded { lower: 0.0 },
        ..NetworkConfig::preset(preset).unwrap()
    }
}

#[test]
fn tiny_networks_match_pytorch_forward_and_backward() {
    for run in RUNS {
        let paper = tiny("paper", &[2, 3], 4);
        assert_matches_pytorch("paper_tiny", &paper, [2, 3, 8, 12], run);
        let planar = tiny("planar16", &[2, 2], 2);
        assert_matches_pytorch("planar_tiny", &planar, [2, 3, 8, 12], run);
        let additive = tiny("additive10", &[3, 3], 3);
        assert_matches_pytorch("additive_tiny", &additive, [2, 3, 16, 16], run);
    }
}

#[test]
fn paper_matches_pytorch_forward_and_backward() {
    let paper = NetworkConfig::preset("paper").unwrap();
    for run in RUNS {
        assert_matches_pytorch("paper", &paper, [1, 13, 32, 32], run);
    }
}
