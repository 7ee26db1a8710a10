//! Adjoint identity and linearity of both operators on random maps, masks and station lists.
#![allow(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use vadose_ops::{
    CoarseConfig, CoarseMode, CoarseOperator, LowPass, StationPoint, StationSampling,
};

/// Per term, relative to the largest product: f32 rounding of the filter sums on both sides.
const F32_ERR_PER_TERM: f64 = 3e-7;

fn map(shape: (usize, usize)) -> impl Strategy<Value = Array2<f32>> {
    prop::collection::vec(-1.0_f32..1.0, shape.0 * shape.1)
        .prop_map(move |values| Array2::from_shape_vec(shape, values).unwrap())
}

fn mask(shape: (usize, usize)) -> impl Strategy<Value = Array2<f32>> {
    (
        0.0_f64..=1.0,
        prop::collection::vec(0.0_f64..1.0, shape.0 * shape.1),
    )
        .prop_map(move |(share, values)| {
            let ones = values
                .into_iter()
                .map(|value| if value < share { 1.0 } else { 0.0 });
            Array2::from_shape_vec(shape, ones.collect()).unwrap()
        })
}

fn config() -> impl Strategy<Value = CoarseConfig> {
    let low_pass = prop_oneof![
        Just(LowPass::None),
        (0_usize..8).prop_map(|half| LowPass::Box {
            width: 2 * half + 1
        }),
        (1.0_f64..12.0, 0_usize..15).prop_map(|(fwhm_cells, radius_cells)| LowPass::Gaussian {
            fwhm_cells,
            radius_cells
        }),
    ];
    let mode = prop_oneof![Just(CoarseMode::Nested9km), Just(CoarseMode::Posted1km)];
    (low_pass, 1_usize..10, mode).prop_flat_map(|(low_pass, factor, mode)| {
        (1..=factor * factor).prop_map(move |min_valid_cells| CoarseConfig {
            low_pass,
            factor,
            min_valid_cells,
            mode,
        })
    })
}

fn dot<'a>(
    left: impl IntoIterator<Item = &'a f32>,
    right: impl IntoIterator<Item = &'a f32>,
) -> f64 {
    left.into_iter()
        .zip(right)
        .map(|(&a, &b)| f64::from(a) * f64::from(b))
        .sum()
}

proptest! {
    #[test]
    fn coarse_adjoint_is_the_transpose(
        (mask, x, config) in (1_usize..40, 1_usize..40)
            .prop_flat_map(|shape| (mask(shape), map(shape), config())),
        seed in any::<u32>(),
    ) {
        let coarse = CoarseOperator::new(mask.view(), &config).unwrap();
        // Any numbers will do for the other side.
        let y = Array2::from_shape_fn(coarse.output_shape(), |(row, col)| {
            ((seed as usize + 31 * row + 17 * col) % 101) as f32 / 50.0 - 1.0
        });
        let forward = coarse.apply(x.view()).unwrap().mapv(|v| if v.is_nan() { 0.0 } else { v });
        let left = dot(&forward, &y);
        let right = dot(&x, &coarse.adjoint(y.view()).unwrap());
        let bound = F32_ERR_PER_TERM * (1 + y.len()) as f64;
        prop_assert!((left - right).abs() <= bound, "{left} against {right}");
    }

    #[test]
    fn coarse_operator_is_linear(
        (mask, x, y, config) in (9_usize..40, 9_usize..40)
            .prop_flat_map(|shape| (mask(shape), map(shape), map(shape), config())),
        a in -3.0_f32..3.0,
    ) {
        let coarse = CoarseOperator::new(mask.view(), &config).unwrap();
        let together = coarse.apply((a * &x + &y).view()).unwrap();
        let apart = a * &coarse.apply(x.view()).unwrap() + coarse.apply(y.view()).unwrap();
        for (left, right) in together.iter().zip(&apart) {
            prop_assert!(left.is_nan() == right.is_nan());
            prop_assert!(left.is_nan() || (left - right).abs() < 4e-6, "{left} against {right}");
        }
    }

    #[test]
    fn sampling_adjoint_is_the_transpose(
        x in map((7, 5)),
        cells in prop::collection::vec((0_usize..7, 0_usize..5, 0.0_f32..0.6, 0.1_f32..3.0), 0..20),
    ) {
        let points: Vec<_> = cells
            .into_iter()
            .map(|(row, col, value, weight)| StationPoint { row, col, value, weight })
            .collect();
        let total: f32 = points.iter().map(|point| point.weight).sum();
        let sampling = StationSampling::new((7, 5), points).unwrap();
        let y: Array1<f32> = (0..sampling.len()).map(|i| i as f32 - 3.0).collect();
        let left = dot(&sampling.apply(x.view()).unwrap(), &y);
        let right = dot(&x, &sampling.adjoint(y.view()).unwrap());
        prop_assert!((left - right).abs() < 1e-12, "{left} against {right}");
        let kept: f32 = sampling.points().iter().map(|point| point.weight).sum();
        prop_assert!((total - kept).abs() <= 1e-5 * total);
    }
}
