//! Claims about D that can be checked by hand, and the transpose in f64.

use approx::assert_relative_eq;
use ndarray::{Array2, array};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{CoarseConfig, CoarseMode, CoarseOperator};
use crate::{LowPass, OpsError};

/// Relative: a few f32 rounding errors (6e-8) of sums whose terms all have one sign.
const F32_SUM_ERR: f32 = 1e-6;

/// Relative: the same in f64, through some thousand terms.
const F64_SUM_ERR: f64 = 1e-13;

const FILTERS: [LowPass; 3] = [
    LowPass::None,
    LowPass::Box { width: 5 },
    LowPass::Gaussian {
        fwhm_cells: 9.0,
        radius_cells: 12,
    },
];

fn random_mask(rng: &mut ChaCha8Rng, shape: (usize, usize), share: f64) -> Array2<f32> {
    Array2::from_shape_simple_fn(shape, || if rng.random_bool(share) { 1.0 } else { 0.0 })
}

fn config(low_pass: LowPass, factor: usize, min_valid_cells: usize) -> CoarseConfig {
    CoarseConfig {
        low_pass,
        factor,
        min_valid_cells,
        mode: CoarseMode::Nested9km,
    }
}

#[test]
fn transpose_is_exact_in_f64() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for low_pass in FILTERS {
        for mode in [CoarseMode::Nested9km, CoarseMode::Posted1km] {
            let mask = random_mask(&mut rng, (100, 61), 0.7);
            let coarse = CoarseOperator::new(
                mask.view(),
                &CoarseConfig {
                    low_pass,
                    mode,
                    ..Default::default()
                },
            )
            .unwrap();
            let mut random = |n: usize| {
                (0..n)
                    .map(|_| rng.random_range(-1.0..1.0))
                    .collect::<Vec<f64>>()
            };
            let (x, y) = (random(mask.len()), random(coarse.valid().len()));
            let left: f64 = coarse
                .forward(&x)
                .unwrap()
                .iter()
                .zip(&y)
                .map(|(a, b)| a * b)
                .sum();
            let right: f64 = coarse
                .transpose(&y)
                .unwrap()
                .iter()
                .zip(&x)
                .map(|(a, b)| a * b)
                .sum();
            assert_relative_eq!(
                left,
                right,
                max_relative = F64_SUM_ERR,
                epsilon = F64_SUM_ERR
            );
        }
    }
}

#[test]
fn box_filter_matches_brute_force() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mask = random_mask(&mut rng, (11, 14), 0.6);
    let map = Array2::from_shape_simple_fn((11, 14), || rng.random_range(0.0..0.6_f32));
    // With a factor of 1 every cell that counts is a coarse cell: D is the filter itself.
    let filter =
        CoarseOperator::new(mask.view(), &config(LowPass::Box { width: 5 }, 1, 1)).unwrap();
    let smooth = filter.apply(map.view()).unwrap();
    for ((row, col), &value) in smooth.indexed_iter() {
        if mask[[row, col]] == 0.0 {
            assert!(value.is_nan());
            continue;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for r in row.saturating_sub(2)..=(row + 2).min(10) {
            for c in col.saturating_sub(2)..=(col + 2).min(13) {
                sum += mask[[r, c]] * map[[r, c]];
                count += mask[[r, c]];
            }
        }
        assert_relative_eq!(value, sum / count, max_relative = F32_SUM_ERR);
    }
}

#[test]
fn constants_are_kept_beside_coasts_and_edges() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for low_pass in FILTERS {
        let mask = random_mask(&mut rng, (90, 90), 0.6);
        let coarse = CoarseOperator::new(
            mask.view(),
            &CoarseConfig {
                low_pass,
                ..Default::default()
            },
        )
        .unwrap();
        let values = coarse
            .apply(Array2::from_elem((90, 90), 0.37).view())
            .unwrap();
        for (&value, &valid) in values.iter().zip(coarse.valid()) {
            assert_eq!(valid, !value.is_nan());
            if valid {
                assert_relative_eq!(value, 0.37, max_relative = F32_SUM_ERR);
            }
        }
    }
}

#[test]
fn plain_mean_keeps_the_area_mean() {
    let map = Array2::from_shape_fn((27, 36), |(row, col)| ((row * 7 + col * 3) % 11) as f32);
    let coarse =
        CoarseOperator::new(Array2::ones((27, 36)).view(), &config(LowPass::None, 9, 41)).unwrap();
    let values = coarse.apply(map.view()).unwrap();
    assert_relative_eq!(
        values.mean().unwrap(),
        map.mean().unwrap(),
        max_relative = F32_SUM_ERR
    );
}

#[test]
fn only_whole_coarse_cells_exist() {
    let coarse = |rows, cols| {
        let mask = Array2::ones((rows, cols));
        CoarseOperator::new(mask.view(), &CoarseConfig::default()).unwrap()
    };
    assert_eq!(coarse(256, 256).coarse_shape(), (28, 28));
    assert_eq!(coarse(288, 260).coarse_shape(), (32, 28));
    for (rows, cols) in [(1, 1), (8, 100), (100, 8), (0, 0), (0, 9)] {
        let small = coarse(rows, cols);
        assert!(small.valid().is_empty());
        assert!(
            small
                .apply(Array2::ones((rows, cols)).view())
                .unwrap()
                .is_empty()
        );
        let back = small
            .adjoint(Array2::zeros(small.coarse_shape()).view())
            .unwrap();
        assert_eq!(back, Array2::<f32>::zeros((rows, cols)));
    }
}

#[test]
fn one_coarse_cell_without_filter_is_its_mean() {
    let coarse = CoarseOperator::new(
        array![[1.0, 1.0], [0.0, 1.0]].view(),
        &config(LowPass::None, 2, 2),
    )
    .unwrap();
    let values = coarse
        .apply(array![[1.0, 2.0], [f32::NAN, 6.0]].view())
        .unwrap();
    assert_eq!(values, array![[3.0]]);
    let third = 1.0 / 3.0;
    assert_eq!(
        coarse.adjoint(array![[1.0]].view()).unwrap(),
        array![[third, third], [0.0, third]]
    );
}

#[test]
fn empty_mask_gives_no_value_and_no_gradient() {
    let coarse =
        CoarseOperator::new(Array2::zeros((20, 20)).view(), &CoarseConfig::default()).unwrap();
    let all_missing = Array2::from_elem((20, 20), f32::NAN);
    assert!(
        coarse
            .apply(all_missing.view())
            .unwrap()
            .iter()
            .all(|value| value.is_nan())
    );
    let back = coarse
        .adjoint(Array2::from_elem((2, 2), f32::NAN).view())
        .unwrap();
    assert_eq!(back, Array2::<f32>::zeros((20, 20)));
}

#[test]
fn majority_of_cells_makes_a_coarse_cell_valid() {
    let mask = |n| {
        Array2::from_shape_fn(
            (9, 9),
            |(row, col)| if row * 9 + col < n { 1.0 } else { 0.0 },
        )
    };
    let valid = |n| {
        CoarseOperator::new(mask(n).view(), &CoarseConfig::default())
            .unwrap()
            .valid()[[0, 0]]
    };
    assert!(!valid(40));
    assert!(valid(41));
}

#[test]
fn missing_values_neither_leak_nor_hide() {
    let mut mask = Array2::ones((27, 27));
    mask[[13, 13]] = 0.0;
    let coarse = CoarseOperator::new(mask.view(), &CoarseConfig::default()).unwrap();
    let mut map = Array2::from_elem((27, 27), 0.2);
    let without = coarse.apply(map.view()).unwrap();
    map[[13, 13]] = f32::NAN;
    assert_eq!(coarse.apply(map.view()).unwrap(), without);
    map[[20, 5]] = f32::INFINITY;
    map[[13, 12]] = f32::NAN;
    let error = coarse.apply(map.view()).unwrap_err();
    assert!(matches!(error, OpsError::NotFinite { row: 13, col: 12, value } if value.is_nan()));
    let error = coarse
        .adjoint(array![[1.0, 2.0, 3.0], [1.0, f32::NAN, 3.0], [1.0, 2.0, 3.0]].view())
        .unwrap_err();
    assert!(matches!(error, OpsError::NotFinite { row: 1, col: 1, .. }));
}

#[test]
fn posted_form_repeats_the_nested_values() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mask = random_mask(&mut rng, (40, 30), 0.55);
    let map = Array2::from_shape_simple_fn((40, 30), || rng.random_range(0.0..0.6_f32));
    let build = |mode| {
        CoarseOperator::new(
            mask.view(),
            &CoarseConfig {
                mode,
                ..Default::default()
            },
        )
        .unwrap()
    };
    let (nested, posted) = (build(CoarseMode::Nested9km), build(CoarseMode::Posted1km));
    assert_eq!(
        (posted.coarse_shape(), posted.output_shape()),
        ((4, 3), (40, 30))
    );
    let (small, large) = (
        nested.apply(map.view()).unwrap(),
        posted.apply(map.view()).unwrap(),
    );
    for ((row, col), value) in large.indexed_iter() {
        let expected = small.get([row / 9, col / 9]).copied().unwrap_or(f32::NAN);
        assert_eq!(value.to_bits(), expected.to_bits());
        assert_eq!(posted.valid()[[row, col]], !value.is_nan());
    }
    // The weight makes a sum over the posting count each coarse cell once.
    let squares = |values: &Array2<f32>| {
        values
            .iter()
            .filter(|v| !v.is_nan())
            .map(|&v| f64::from(v * v))
            .sum::<f64>()
    };
    assert_eq!(nested.posting_weight(), 1.0);
    assert_relative_eq!(
        posted.posting_weight() * squares(&large),
        squares(&small),
        max_relative = F64_SUM_ERR
    );
}

#[test]
fn any_memory_order_gives_the_same_bits() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mask = random_mask(&mut rng, (50, 70), 0.8);
    let map = Array2::from_shape_simple_fn((50, 70), || rng.random_range(0.0..0.6_f32));
    let coarse = CoarseOperator::new(mask.view(), &CoarseConfig::default()).unwrap();
    let by_columns = map.t().as_standard_layout().into_owned();
    assert_eq!(
        coarse.apply(by_columns.t()).unwrap(),
        coarse.apply(map.view()).unwrap()
    );
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let shape = (400, 1100); // several blocks both ways
    let mask = random_mask(&mut rng, shape, 0.8);
    let map = Array2::from_shape_simple_fn(shape, || rng.random_range(0.0..0.6_f32));
    let run = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                let coarse = CoarseOperator::new(mask.view(), &CoarseConfig::default()).unwrap();
                let values = coarse.apply(map.view()).unwrap();
                let back = coarse.adjoint(values.view()).unwrap();
                let bits =
                    |map: Array2<f32>| map.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                (bits(values), bits(back))
            })
    };
    let one = run(1);
    assert_eq!(run(2), one);
    assert_eq!(run(5), one);
}

#[test]
fn masks_and_configurations_that_make_no_sense_are_refused() {
    let ones = Array2::ones((9, 9));
    let build = |config: CoarseConfig| CoarseOperator::new(ones.view(), &config).unwrap_err();
    assert_eq!(build(config(LowPass::None, 0, 1)), OpsError::ZeroFactor);
    assert_eq!(
        build(config(LowPass::None, 9, 0)),
        OpsError::MinValidCells {
            min_valid_cells: 0,
            limit: 81
        }
    );
    assert_eq!(
        build(config(LowPass::None, 9, 82)),
        OpsError::MinValidCells {
            min_valid_cells: 82,
            limit: 81
        }
    );
    for value in [0.5, -1.0, f32::NAN] {
        let mut mask = ones.clone();
        mask[[2, 3]] = value;
        let error = CoarseOperator::new(mask.view(), &CoarseConfig::default()).unwrap_err();
        assert!(matches!(
            error,
            OpsError::MaskNotBinary { row: 2, col: 3, .. }
        ));
    }
    let coarse = CoarseOperator::new(ones.view(), &CoarseConfig::default()).unwrap();
    let error = coarse.apply(Array2::ones((9, 10)).view()).unwrap_err();
    assert_eq!(
        error,
        OpsError::ShapeMismatch {
            expected: (9, 9),
            got: (9, 10)
        }
    );
}
