//! Every instruction set against the portable oracle in f64.

use proptest::prelude::*;

use super::*;
use crate::kernels::scalar;

/// Bound on the difference from the f64 oracle, relative to the sum of absolute products: f32 rounding
/// of at most a few thousand terms summed in sixteen lanes.
const MAX_RELATIVE_ERR: f64 = 2e-6;

/// Reproducible values in -1..1.
fn values(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&v| f64::from(v)).collect()
}

fn magnitude(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&v| f64::from(v).abs()).collect()
}

fn assert_close(what: &str, isa: Isa, shape: &ConvShape, got: &[f32], want: &[f64], scale: &[f64]) {
    for (k, ((&got, &want), &scale)) in got.iter().zip(want).zip(scale).enumerate() {
        let difference = (f64::from(got) - want).abs();
        assert!(
            difference <= MAX_RELATIVE_ERR * scale.max(1e-3),
            "{what} {isa:?} {shape:?} [{k}]: {got} for {want}"
        );
    }
}

/// Values of NaN on both sides of every array: more than a tile and its prefetches reach beyond a row.
const MARGIN: usize = 512;

/// An array between margins of NaN: a read outside it spoils the result, and a write shows.
struct Guarded(Vec<f32>);

impl Guarded {
    fn new(values: &[f32]) -> Self {
        let margin = [f32::NAN; MARGIN];
        Self([&margin, values, &margin].concat())
    }

    /// What a kernel must overwrite without having read it.
    fn stale(len: usize) -> Self {
        Self(vec![f32::NAN; len + 2 * MARGIN])
    }

    fn inside(&self) -> &[f32] {
        &self.0[MARGIN..self.0.len() - MARGIN]
    }

    fn inside_mut(&mut self) -> &mut [f32] {
        let end = self.0.len() - MARGIN;
        &mut self.0[MARGIN..end]
    }

    fn margins_are_whole(&self) -> bool {
        let (before, rest) = self.0.split_at(MARGIN);
        let after = &rest[rest.len() - MARGIN..];
        before.iter().chain(after).all(|value| value.is_nan())
    }
}

/// Forward and both gradients of one shape on every instruction set of this machine.
fn check(shape: &ConvShape, seed: u64) {
    let x = values(shape.input_len(), seed);
    let w = values(shape.weight_len(), seed + 1);
    let b = values(shape.out_features, seed + 2);
    let gy = values(shape.output_len(), seed + 3);
    let oracle = |x: &[f64], w: &[f64], b: &[f64], gy: &[f64]| {
        let (mut y, mut gx) = (vec![0.0; shape.output_len()], vec![0.0; shape.input_len()]);
        let (mut gw, mut gb) = (vec![0.0; shape.weight_len()], vec![0.0; shape.out_features]);
        scalar::forward(shape, x, w, b, &mut y);
        scalar::backward_input(shape, w, gy, &mut gx);
        scalar::backward_weight(shape, x, gy, &mut gw, &mut gb);
        [y, gx, gw, gb]
    };
    let want = oracle(&wide(&x), &wide(&w), &wide(&b), &wide(&gy));
    let scale = oracle(
        &magnitude(&x),
        &magnitude(&w),
        &magnitude(&b),
        &magnitude(&gy),
    );
    let [x, w, b, gy] = [x, w, b, gy].map(|values| Guarded::new(&values));
    let [x, w, b, gy] = [&x, &w, &b, &gy].map(Guarded::inside);
    for isa in Isa::available() {
        let mut y = Guarded::stale(shape.output_len());
        let mut gx = Guarded::stale(shape.input_len());
        let mut gw = Guarded::stale(shape.weight_len());
        let mut gb = Guarded::stale(shape.out_features);
        forward(isa, shape, x, w, b, y.inside_mut());
        backward_input(isa, shape, w, gy, gx.inside_mut());
        backward_weight(isa, shape, x, gy, gw.inside_mut(), gb.inside_mut());
        let results = [
            ("forward", y),
            ("input gradient", gx),
            ("weight gradient", gw),
            ("bias gradient", gb),
        ];
        for (k, (what, got)) in results.iter().enumerate() {
            assert_close(what, isa, shape, got.inside(), &want[k], &scale[k]);
            assert!(got.margins_are_whole(), "{what} {isa:?} {shape:?}");
        }
    }
}

fn shape(batch: usize, features: [usize; 2], size: [usize; 3], kernel: [usize; 3]) -> ConvShape {
    let [in_features, out_features] = features;
    let [depth, rows, cols] = size;
    let padding = kernel.map(|k| k / 2);
    ConvShape {
        batch,
        in_features,
        out_features,
        depth,
        rows,
        cols,
        kernel,
        padding,
    }
}

#[test]
fn odd_widths_agree_with_the_oracle() {
    for (k, cols) in [
        1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 96, 255, 256, 257,
    ]
    .into_iter()
    .enumerate()
    {
        check(&shape(1, [2, 3], [2, 5, cols], [3, 3, 3]), k as u64);
    }
}

#[test]
fn every_depth_agrees_with_the_oracle() {
    for depth in 1..=16 {
        check(&shape(1, [2, 2], [depth, 3, 20], [3, 3, 3]), depth as u64);
    }
}

#[test]
fn every_number_of_features_agrees_with_the_oracle() {
    for features in 1..=33 {
        check(
            &shape(1, [features, 34 - features], [2, 3, 18], [3, 3, 3]),
            features as u64,
        );
    }
}

#[test]
fn batches_and_small_kernels_agree_with_the_oracle() {
    for (k, kernel) in [
        [1, 1, 1],
        [1, 3, 3],
        [3, 1, 1],
        [5, 5, 3],
        [3, 3, 1],
        [3, 3, 5],
    ]
    .into_iter()
    .enumerate()
    {
        for batch in 1..=3 {
            check(
                &shape(batch, [3, 5], [5, 6, 37], kernel),
                (10 * batch + k) as u64,
            );
        }
    }
}

#[test]
fn a_head_over_all_depths_agrees_with_the_oracle() {
    let mut head = shape(2, [4, 1], [13, 6, 40], [13, 1, 1]);
    head.padding = [0; 3];
    check(&head, 3);
    let mut head = shape(1, [4, 1], [13, 6, 40], [13, 3, 3]);
    head.padding[0] = 0;
    check(&head, 4);
}

#[test]
fn planes_of_whole_pages_agree_with_the_oracle() {
    check(&shape(1, [5, 5], [3, 32, 64], [3, 3, 3]), 5);
}

/// Products of a random case, at most: a few hundredths of a second for the oracle.
const MAX_PRODUCTS: usize = 6_000_000;

/// Kernels that the network uses, the last one unpadded and as deep as asked.
fn kernel(depth: usize) -> impl Strategy<Value = ([usize; 3], [usize; 3])> {
    prop_oneof![
        Just(([1, 1, 1], [0, 0, 0])),
        Just(([3, 3, 3], [1, 1, 1])),
        Just(([1, 3, 3], [0, 1, 1])),
        (1..=depth).prop_map(|taps| ([taps, 1, 1], [0, 0, 0])),
    ]
}

prop_compose! {
    fn random_shape()(depth in 1usize..=16)(
        depth in Just(depth),
        (kernel, padding) in kernel(depth),
        batch in 1usize..=3,
        in_features in 1usize..=33,
        out_features in 1usize..=33,
        rows in 1usize..=9,
        // Widths one off the vectors of any instruction set, and all others.
        cols in prop_oneof![Just(1usize), Just(15), Just(17), Just(255), Just(257), 1usize..=300],
    ) -> ConvShape {
        ConvShape { batch, in_features, out_features, depth, rows, cols, kernel, padding }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_shapes_agree_with_the_oracle(
        shape in random_shape().prop_filter("quick enough", |shape| {
            shape.batch * shape.out_features * shape.taps() * shape.depth * shape.rows * shape.cols
                <= MAX_PRODUCTS
        }),
        seed in 0u64..1000,
    ) {
        check(&shape, seed);
    }
}

#[test]
#[should_panic(expected = "not a convolution")]
fn sizes_whose_product_overflows_are_refused() {
    let shape = shape(1, [1, 1], [1 << 20, 1 << 22, 1 << 22], [1, 1, 1]);
    forward(Isa::detect(), &shape, &[], &[1.0], &[0.0], &mut []);
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let shape = shape(1, [5, 9], [4, 37, 70], [3, 3, 3]);
    let (x, w) = (values(shape.input_len(), 1), values(shape.weight_len(), 2));
    let (b, gy) = (values(9, 3), values(shape.output_len(), 4));
    for isa in Isa::available() {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("threads start");
            pool.install(|| {
                let (mut y, mut gx) = (vec![0.0; shape.output_len()], vec![0.0; shape.input_len()]);
                let (mut gw, mut gb) = (vec![0.0; shape.weight_len()], vec![0.0; 9]);
                forward(isa, &shape, &x, &w, &b, &mut y);
                backward_input(isa, &shape, &w, &gy, &mut gx);
                backward_weight(isa, &shape, &x, &gy, &mut gw, &mut gb);
                [y, gx, gw, gb].map(|v| v.into_iter().map(f32::to_bits).collect::<Vec<_>>())
            })
        };
        let one = on(1);
        for threads in [2, 3, 8] {
            assert!(on(threads) == one, "{isa:?} with {threads} threads");
        }
    }
}
