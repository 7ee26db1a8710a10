//! The candle forms: the same numbers as the ndarray forms, and right gradients.
#![cfg(feature = "candle")]
#![allow(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use candle_core::{DType, Device, Tensor, Var};
use ndarray::{Array1, Array2};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vadose_ops::{
    CoarseConfig, CoarseMode, CoarseOperator, LowPass, StationPoint, StationSampling,
};

/// Absolute, f64: the truncation of a central difference is 0 for a quadratic whatever the step, so
/// only the rounding of a loss of order 100 (1e-14) over twice the step is left, times some terms.
const MAX_GRADIENT_ERR: f64 = 1e-11;
const STEP: f64 = 0.1;

const SHAPE: (usize, usize) = (23, 29);

fn random_map(seed: u64) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_simple_fn(SHAPE, || rng.random_range(0.0..0.6))
}

fn mask() -> Array2<f32> {
    // A lake in the lower left coarse cell makes that one not valid.
    Array2::from_shape_fn(SHAPE, |(row, col)| {
        let lake = row >= 10 && col < 9;
        if lake || (row * 5 + col * 3) % 7 == 0 {
            0.0
        } else {
            1.0
        }
    })
}

fn stations() -> StationSampling {
    let point = |row, col, value| StationPoint {
        row,
        col,
        value,
        weight: 1.0,
    };
    let points = vec![
        point(3, 4, 0.2),
        point(22, 28, 0.3),
        point(3, 4, 0.4),
        point(0, 0, 0.1),
    ];
    StationSampling::new(SHAPE, points).unwrap()
}

fn coarse(low_pass: LowPass, mode: CoarseMode) -> CoarseOperator {
    CoarseOperator::new(
        mask().view(),
        &CoarseConfig {
            low_pass,
            mode,
            ..Default::default()
        },
    )
    .unwrap()
}

fn all_coarse() -> Vec<CoarseOperator> {
    let filters = [LowPass::None, LowPass::Box { width: 7 }, LowPass::default()];
    let modes = [CoarseMode::Nested9km, CoarseMode::Posted1km];
    filters
        .iter()
        .flat_map(|&low_pass| modes.map(|mode| coarse(low_pass, mode)))
        .collect()
}

fn tensor(map: &Array2<f32>) -> Tensor {
    Tensor::from_iter(map.iter().copied(), &Device::Cpu)
        .unwrap()
        .reshape(map.dim())
        .unwrap()
}

fn zero_where_nan(values: Array2<f32>) -> Array2<f32> {
    values.mapv(|value| if value.is_nan() { 0.0 } else { value })
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Compares the gradient of `Σ c_i (op(x))_i^2` with central differences, at every cell.
fn check_gradient(apply: impl Fn(&Tensor) -> candle_core::Result<Tensor>) {
    let loss = |x: &Tensor| -> Tensor {
        let y = apply(x).unwrap().flatten_all().unwrap();
        let c = Tensor::arange(0_i64, y.elem_count() as i64, &Device::Cpu).unwrap();
        let c = c.to_dtype(DType::F64).unwrap().affine(0.001, 1.0).unwrap();
        (y.sqr().unwrap() * c).unwrap().sum_all().unwrap()
    };
    let start: Vec<f64> = random_map(7)
        .iter()
        .map(|&value| f64::from(value))
        .collect();
    let at = |values: &[f64]| Tensor::from_slice(values, SHAPE, &Device::Cpu).unwrap();
    let x = Var::from_tensor(&at(&start)).unwrap();
    let gradients = loss(&x).backward().unwrap();
    let gradient: Vec<f64> = gradients
        .get(&x)
        .unwrap()
        .flatten_all()
        .unwrap()
        .to_vec1()
        .unwrap();
    for cell in 0..start.len() {
        let moved = |by: f64| {
            let mut values = start.clone();
            values[cell] += by;
            loss(&at(&values)).to_scalar::<f64>().unwrap()
        };
        let difference = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
        let error = (gradient[cell] - difference).abs();
        assert!(
            error <= MAX_GRADIENT_ERR,
            "cell {cell}: {} against {difference}",
            gradient[cell]
        );
    }
}

#[test]
fn tensor_and_array_forms_give_the_same_bits() {
    let map = random_map(1);
    let sampling = stations();
    let values = sampling.apply_tensor(&tensor(&map)).unwrap();
    assert_eq!(flat(&values), sampling.apply(map.view()).unwrap().to_vec());
    for coarse in all_coarse() {
        let values = coarse.apply_tensor(&tensor(&map)).unwrap();
        let expected = zero_where_nan(coarse.apply(map.view()).unwrap());
        assert_eq!(values.dims2().unwrap(), coarse.output_shape());
        assert_eq!(flat(&values), expected.as_slice().unwrap());
    }
}

#[test]
fn backward_gives_the_bits_of_the_adjoint() {
    let x = Var::from_tensor(&tensor(&random_map(2))).unwrap();
    let gradient_of = |y: &Tensor, seed: &Tensor| {
        let gradients = (y * seed).unwrap().sum_all().unwrap().backward().unwrap();
        flat(gradients.get(&x).unwrap())
    };
    let sampling = stations();
    let seed = Array1::from_iter((0..sampling.len()).map(|i| i as f32 - 0.5));
    let seed_tensor =
        Tensor::from_slice(seed.as_slice().unwrap(), seed.len(), &Device::Cpu).unwrap();
    let expected = sampling.adjoint(seed.view()).unwrap();
    assert_eq!(
        gradient_of(&sampling.apply_tensor(&x).unwrap(), &seed_tensor),
        expected.as_slice().unwrap()
    );
    for coarse in all_coarse() {
        let seed = Array2::from_shape_fn(coarse.output_shape(), |(row, col)| {
            (row * 3 + col) as f32 * 0.1 - 1.0
        });
        let expected = coarse.adjoint(seed.view()).unwrap();
        assert_eq!(
            gradient_of(&coarse.apply_tensor(&x).unwrap(), &tensor(&seed)),
            expected.as_slice().unwrap()
        );
    }
}

#[test]
fn gradients_match_central_differences() {
    let sampling = stations();
    check_gradient(|x| sampling.apply_tensor(x));
    for coarse in all_coarse() {
        check_gradient(|x| coarse.apply_tensor(x));
    }
}

#[test]
fn gradients_reach_through_other_operations_and_strides() {
    let sampling = stations();
    let coarse = coarse(LowPass::default(), CoarseMode::Nested9km);
    // Transposed twice and narrowed out of a larger tensor: neither is contiguous.
    check_gradient(|x| {
        let wide = Tensor::cat(&[x, &x.affine(2.0, 0.1)?, x], 1)?;
        let middle = wide.narrow(1, SHAPE.1, SHAPE.1)?;
        let columns = middle.t()?.contiguous()?.t()?;
        assert!(!middle.is_contiguous() && !columns.is_contiguous());
        let both = (
            coarse.apply_tensor(&columns)?.flatten_all()?,
            sampling.apply_tensor(&middle)?,
        );
        Tensor::cat(&[both.0, both.1], 0)
    });
}

#[test]
fn strided_input_gives_the_same_bits() {
    let map = random_map(3);
    let by_columns = Tensor::from_iter(map.t().iter().copied(), &Device::Cpu).unwrap();
    let view = by_columns.reshape((SHAPE.1, SHAPE.0)).unwrap().t().unwrap();
    assert!(!view.is_contiguous());
    let coarse = coarse(LowPass::default(), CoarseMode::Nested9km);
    assert_eq!(
        flat(&coarse.apply_tensor(&view).unwrap()),
        flat(&coarse.apply_tensor(&tensor(&map)).unwrap())
    );
}

#[test]
fn no_station_gives_no_loss_and_a_zero_gradient() {
    let sampling = StationSampling::new(SHAPE, Vec::new()).unwrap();
    let x = Var::from_tensor(&tensor(&random_map(4))).unwrap();
    let loss = sampling
        .apply_tensor(&x)
        .unwrap()
        .sqr()
        .unwrap()
        .sum_all()
        .unwrap();
    assert_eq!(loss.to_scalar::<f32>().unwrap(), 0.0);
    let gradients = loss.backward().unwrap();
    assert!(
        flat(gradients.get(&x).unwrap())
            .iter()
            .all(|&value| value == 0.0)
    );
}

#[test]
fn missing_cells_stay_out_of_values_and_gradients() {
    let mut map = random_map(5);
    map.zip_mut_with(&mask(), |value, &counts| {
        if counts == 0.0 {
            *value = f32::NAN;
        }
    });
    let coarse = coarse(LowPass::default(), CoarseMode::Nested9km);
    assert!(!coarse.valid()[[1, 0]]);
    let x = Var::from_tensor(&tensor(&map)).unwrap();
    let y = coarse.apply_tensor(&x).unwrap();
    assert_eq!(y.to_vec2::<f32>().unwrap()[1][0], 0.0);
    let gradients = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
    let gradient = flat(gradients.get(&x).unwrap());
    assert!(gradient.iter().all(|value| value.is_finite()));
    assert!(
        gradient
            .iter()
            .zip(&mask())
            .all(|(&value, &counts)| counts == 1.0 || value == 0.0)
    );
}

#[test]
fn other_shapes_types_and_values_are_refused() {
    let coarse = coarse(LowPass::default(), CoarseMode::Nested9km);
    let zeros = |shape, dtype| Tensor::zeros(shape, dtype, &Device::Cpu).unwrap();
    assert!(coarse.apply_tensor(&zeros((29, 23), DType::F32)).is_err());
    assert!(coarse.apply_tensor(&zeros(SHAPE, DType::F16)).is_err());
    let mut map = random_map(6);
    map[[0, 1]] = f32::NAN;
    let message = coarse.apply_tensor(&tensor(&map)).unwrap_err().to_string();
    assert!(message.contains("cell [0, 1] counts"), "{message}");
}
