//! The executor against a plain f64 network: values, and gradients by central differences.

use super::*;
use crate::kernels::{ConvShape, scalar};
use crate::{NetworkConfig, Skip};

/// Bound on the difference of a logit from f64, relative to the largest logit.
const MAX_LOGIT_ERR: f64 = 1e-5;

/// Bound on the difference of a gradient from central differences, relative to the largest of its tensor.
const MAX_GRADIENT_ERR: f64 = 2e-4;

/// Bound on the difference of a bf16 logit from f64 without rounding, relative to the largest logit: some ten
/// roundings of 2^-9 one after the other, which the ReLUs and near-cancelling sums of random weights enlarge.
const MAX_BF16_DIFFERENCE: f64 = 6e-2;

/// Step of the central differences, in f64: small, so that it seldom crosses the kink of a ReLU.
const STEP: f64 = 1e-8;

fn values(n: usize, seed: u64, scale: f64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f64 / 8_388_608.0 - 1.0
    };
    (0..n).map(|_| (scale * next()) as f32).collect()
}

/// -1/4, 0 and 1/4.
fn quarters(n: usize, seed: u64) -> Vec<f32> {
    let thirds = values(n, seed, 1.5).into_iter();
    thirds.map(|v| v.round().clamp(-1.0, 1.0) / 4.0).collect()
}

/// `[feature, depth, row, col]` with its sizes.
#[derive(Clone)]
struct Map {
    features: usize,
    size: [usize; 3],
    values: Vec<f64>,
}

impl Map {
    fn convolve(
        &self,
        weights: &mut std::slice::Iter<'_, Vec<f64>>,
        kernel: [usize; 3],
        pad_depth: usize,
        store: impl Fn(f64) -> f64,
    ) -> Map {
        let (w, b) = (
            weights.next().expect("a weight"),
            weights.next().expect("a bias"),
        );
        let [depth, rows, cols] = self.size;
        let padding = [pad_depth, kernel[1] / 2, kernel[2] / 2];
        let shape = ConvShape {
            batch: 1,
            in_features: self.features,
            out_features: b.len(),
            depth,
            rows,
            cols,
            kernel,
            padding,
        };
        let mut y = vec![0.0; shape.output_len()];
        scalar::forward(&shape, &self.values, w, b, &mut y);
        y.iter_mut().for_each(|v| *v = store(*v));
        Map {
            features: b.len(),
            size: shape.output_size(),
            values: y,
        }
    }

    /// A map of another size whose values are a function of this one's rows and columns.
    fn resample(
        &self,
        rows: usize,
        cols: usize,
        at: impl Fn(&dyn Fn(usize, usize) -> f64, usize, usize) -> f64,
    ) -> Map {
        let [depth, old_rows, old_cols] = self.size;
        let mut values = Vec::new();
        for plane in self.values.chunks_exact(old_rows * old_cols) {
            let value = |r: usize, c: usize| plane[r * old_cols + c];
            values.extend((0..rows * cols).map(|k| at(&value, k / cols, k % cols)));
        }
        Map {
            features: self.features,
            size: [depth, rows, cols],
            values,
        }
    }
}

/// The network in f64, written down as the configuration describes it; `round` is what storing does to an
/// activation.
fn oracle(
    config: &NetworkConfig,
    rows: usize,
    cols: usize,
    parameters: &[Vec<f64>],
    x: &[f64],
    round: fn(f64) -> f64,
) -> Vec<f64> {
    let relu = |v: f64| round(v.max(0.0));
    let mut weights = parameters.iter();
    let mut map = Map {
        features: 1,
        size: [config.channels, rows, cols],
        values: x.to_vec(),
    };
    let mut skips = Vec::new();
    let pad = config.kernel[0] / 2;
    for _ in &config.widths {
        for _ in 0..config.encoder_convs {
            map = map.convolve(&mut weights, config.kernel, pad, relu);
        }
        skips.push(map.clone());
        map = map.resample(map.size[1] / 2, map.size[2] / 2, |v, r, c| {
            v(2 * r, 2 * c)
                .max(v(2 * r, 2 * c + 1))
                .max(v(2 * r + 1, 2 * c))
                .max(v(2 * r + 1, 2 * c + 1))
        });
    }
    for _ in 0..config.bottleneck_convs {
        map = map.convolve(&mut weights, config.kernel, pad, relu);
    }
    for skip in skips.into_iter().rev() {
        map = map.resample(2 * map.size[1], 2 * map.size[2], |v, r, c| v(r / 2, c / 2));
        match config.skip {
            Skip::Concatenate => {
                map.features += skip.features;
                map.values.extend(skip.values);
            }
            Skip::Add => map
                .values
                .iter_mut()
                .zip(skip.values)
                .for_each(|(v, s)| *v += s),
        }
        for _ in 0..config.decoder_convs {
            map = map.convolve(&mut weights, config.kernel, pad, relu);
        }
    }
    let [head_rows, head_cols] = config.head_kernel;
    map.convolve(
        &mut weights,
        [config.channels, head_rows, head_cols],
        0,
        |v| v,
    )
    .values
}

fn small(
    widths: &[usize],
    bottleneck: usize,
    kernel: [usize; 3],
    skip: Skip,
    head: usize,
    convs: usize,
) -> NetworkConfig {
    NetworkConfig {
        channels: 3,
        widths: widths.to_vec(),
        bottleneck,
        kernel,
        encoder_convs: convs,
        bottleneck_convs: convs,
        decoder_convs: convs,
        skip,
        head_kernel: [head, head],
        ..NetworkConfig::preset("paper").unwrap()
    }
}

fn with_spread(config: NetworkConfig) -> NetworkConfig {
    NetworkConfig {
        spread_head: true,
        ..config
    }
}

/// Rounds a number of f32's normal range to eight significant bits, to nearest even.
fn to_bf16(v: f64) -> f64 {
    if v == 0.0 {
        return 0.0;
    }
    let unit = 2f64.powi(v.abs().log2().floor() as i32 - 7);
    (v / unit).round_ties_even() * unit
}

/// Inference in bf16 against the oracle that rounds its activations.
///
/// Inputs and weights are -1/4, 0 or 1/4, so that sums of bf16 values are exact in f32 and both round alike.
/// With any weights, a sum at a rounding boundary would sooner or later go one way here and the other way
/// there, and the two would part by as much as bf16 and f32 do.
fn check_bf16(config: &NetworkConfig, rows: usize, cols: usize, batch: usize) {
    let plan = Plan::new(config, rows, cols).expect("covered");
    let parameters: Vec<Vec<f32>> = plan
        .parameter_lengths()
        .into_iter()
        .enumerate()
        .map(|(k, len)| quarters(len, k as u64 + 1))
        .collect();
    let slices: Vec<&[f32]> = parameters.iter().map(Vec::as_slice).collect();
    let x = quarters(batch * config.channels * rows * cols, 77);
    let to_f64 = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    let parameters64: Vec<Vec<f64>> = parameters.iter().map(|p| to_f64(p)).collect();
    let network = |round| -> Vec<f64> {
        x.chunks_exact(config.channels * rows * cols)
            .flat_map(|x| oracle(config, rows, cols, &parameters64, &to_f64(x), round))
            .collect()
    };
    let (want, exact) = (network(to_bf16), network(|v| v));
    let largest = exact.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let apart = |a: &[f64], b: &[f64]| {
        let pairs = a.iter().zip(b);
        pairs.fold(0.0f64, |m, (a, b)| m.max((a - b).abs())) / largest
    };
    for isa in Isa::available() {
        let mut workspace = Workspace::for_inference(&plan, Precision::Bf16).on(isa);
        let run = |workspace: &mut Workspace| {
            let mut logits = vec![f32::NAN; batch * plan.output_len()];
            plan.forward(workspace, &slices, &x, &mut logits);
            to_f64(&logits)
        };
        let got = run(&mut workspace);
        assert!(got == run(&mut workspace), "a workspace can be used again");
        let (from_bf16, from_f64) = (apart(&got, &want), apart(&got, &exact));
        assert!(from_bf16 <= MAX_LOGIT_ERR, "{isa:?}: {from_bf16:.1e}");
        assert!(
            from_f64 > 100.0 * MAX_LOGIT_ERR && from_f64 <= MAX_BF16_DIFFERENCE,
            "{isa:?}: {from_f64:.1e}"
        );
    }
}

#[test]
fn bf16_networks_agree_with_an_f64_network_that_rounds_its_activations() {
    check_bf16(
        &small(&[2, 3], 5, [3, 3, 3], Skip::Concatenate, 1, 1),
        8,
        68,
        2,
    );
    check_bf16(
        &small(&[4, 6, 8], 7, [3, 3, 3], Skip::Concatenate, 1, 2),
        16,
        40,
        1,
    );
    check_bf16(&small(&[3, 3], 3, [3, 3, 3], Skip::Add, 3, 2), 8, 36, 3);
    let planar = small(&[3, 2], 4, [1, 3, 3], Skip::Concatenate, 3, 2);
    check_bf16(&planar, 12, 20, 1);
    check_bf16(&with_spread(planar), 12, 20, 2);
}

#[test]
fn nan_in_a_weight_reaches_the_logits_in_bf16() {
    let config = small(&[2], 3, [3, 3, 3], Skip::Concatenate, 1, 1);
    let plan = Plan::new(&config, 4, 20).expect("covered");
    let lengths = plan.parameter_lengths().into_iter();
    let mut parameters: Vec<Vec<f32>> = lengths.map(|len| vec![0.1; len]).collect();
    parameters[1][0] = f32::NAN;
    let slices: Vec<&[f32]> = parameters.iter().map(Vec::as_slice).collect();
    let x = values(plan.input_len(), 3, 1.0);
    for isa in Isa::available() {
        let mut logits = vec![0.0; 4 * 20];
        let mut workspace = Workspace::for_inference(&plan, Precision::Bf16).on(isa);
        plan.forward(&mut workspace, &slices, &x, &mut logits);
        assert!(logits.iter().all(|logit| logit.is_nan()), "{isa:?}");
    }
}

fn check(config: &NetworkConfig, rows: usize, cols: usize, batch: usize) {
    let plan = Plan::new(config, rows, cols).expect("covered");
    let parameters: Vec<Vec<f32>> = plan
        .parameter_lengths()
        .into_iter()
        .enumerate()
        .map(|(k, len)| values(len, k as u64 + 1, 0.25))
        .collect();
    let slices: Vec<&[f32]> = parameters.iter().map(Vec::as_slice).collect();
    let x = values(batch * config.channels * rows * cols, 77, 1.0);
    let weighting = values(batch * plan.output_len(), 78, 1.0);
    let to_f64 = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    let parameters64: Vec<Vec<f64>> = parameters.iter().map(|p| to_f64(p)).collect();
    let network = |parameters: &[Vec<f64>]| -> Vec<f64> {
        to_f64(&x)
            .chunks_exact(config.channels * rows * cols)
            .flat_map(|x| oracle(config, rows, cols, parameters, x, |v| v))
            .collect()
    };
    let want = network(&parameters64);
    let largest = want.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let loss = |parameters: &[Vec<f64>]| -> f64 {
        network(parameters)
            .iter()
            .zip(&weighting)
            .map(|(y, &w)| y * f64::from(w))
            .sum()
    };
    for isa in Isa::available() {
        let mut logits = vec![f32::NAN; batch * plan.output_len()];
        let mut workspace = Workspace::for_training(&plan, batch).on(isa);
        plan.forward(&mut workspace, &slices, &x, &mut logits);
        let mut lean = vec![f32::NAN; batch * plan.output_len()];
        plan.forward(
            &mut Workspace::for_inference(&plan, Precision::F32).on(isa),
            &slices,
            &x,
            &mut lean,
        );
        assert!(logits == lean, "training and inference give the same bits");
        for (&got, &want) in logits.iter().zip(&want) {
            assert!(
                (f64::from(got) - want).abs() <= MAX_LOGIT_ERR * largest,
                "{isa:?}: {got} for {want}"
            );
        }
        let mut gradients = vec![Vec::new(); slices.len()];
        plan.backward(&mut workspace, &slices, &x, &weighting, &mut gradients);
        for (tensor, gradient) in gradients.iter().enumerate() {
            let scale = gradient
                .iter()
                .fold(0.0f64, |m, &v| m.max(f64::from(v).abs()));
            for k in (0..gradient.len()).step_by(1 + gradient.len() / 7) {
                let shifted = |by: f64| {
                    let mut moved = parameters64.clone();
                    moved[tensor][k] += by;
                    loss(&moved)
                };
                let want = (shifted(STEP) - shifted(-STEP)) / (2.0 * STEP);
                let got = f64::from(gradient[k]);
                assert!(
                    (got - want).abs() <= MAX_GRADIENT_ERR * scale,
                    "{isa:?} parameter {tensor}[{k}]: {got} for {want}"
                );
            }
        }
    }
}

#[test]
fn concatenating_network_agrees_with_f64_and_central_differences() {
    check(
        &small(&[2, 3], 5, [3, 3, 3], Skip::Concatenate, 1, 1),
        8,
        68,
        2,
    );
    check(
        &small(&[4, 6, 8], 7, [3, 3, 3], Skip::Concatenate, 1, 2),
        16,
        40,
        1,
    );
    let deep = small(&[2, 3], 5, [3, 3, 3], Skip::Concatenate, 1, 1);
    check(&with_spread(deep), 8, 68, 2);
}

#[test]
fn inference_shares_memory_that_training_keeps() {
    let plan = Plan::new(&NetworkConfig::preset("paper").unwrap(), 64, 64).expect("covered");
    let lean = Workspace::for_inference(&plan, Precision::F32).bytes();
    let one = Workspace::for_training(&plan, 1).bytes();
    assert!(lean < one, "{lean} and {one} bytes");
    assert_eq!(Workspace::for_training(&plan, 3).bytes(), 3 * one);
    let reduced = Workspace::for_inference(&plan, Precision::Bf16).bytes();
    assert_eq!(2 * reduced, lean, "every width of this network is even");
}

#[test]
fn adding_and_planar_networks_agree_with_f64_and_central_differences() {
    check(&small(&[3, 3], 3, [3, 3, 3], Skip::Add, 3, 2), 8, 36, 1);
    let planar = small(&[3, 2], 4, [1, 3, 3], Skip::Concatenate, 3, 2);
    check(&planar, 12, 20, 1);
    check(&with_spread(planar), 12, 20, 2);
}
