//! Pooling and upsampling: ties, NaN, odd sizes, refused inputs.

use candle_core::{DType, Device, Tensor, Var};
use vadose_nn::{
    Activation, Conv3dConfig, NnError, conv3d, conv3d_with, max_pool_plane, upsample_plane,
};

use crate::values;

#[test]
fn among_equal_cells_the_first_receives_the_gradient() {
    let x = Var::new(&[[1f32, 1.0, 2.0, 5.0], [1.0, 1.0, 5.0, 2.0]], &Device::Cpu).unwrap();
    let gradients = max_pool_plane(&x)
        .unwrap()
        .sum_all()
        .unwrap()
        .backward()
        .unwrap();
    let gradient = gradients.get(&x).unwrap().to_vec2::<f32>().unwrap();
    assert_eq!(gradient, [[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]]);
}

#[test]
fn pooling_leaves_out_the_last_cell_of_an_odd_axis() {
    let x = Tensor::arange(0f64, 15.0, &Device::Cpu)
        .unwrap()
        .reshape((1, 1, 1, 3, 5))
        .unwrap();
    let y = max_pool_plane(&x).unwrap();
    assert_eq!(y.dims(), [1, 1, 1, 1, 2]);
    assert_eq!(values::<f64>(&y), [6.0, 8.0]);
}

#[test]
fn a_block_with_nan_pools_to_nan() {
    for position in 0..4 {
        let mut block = [1f32, 2.0, 3.0, 4.0];
        block[position] = f32::NAN;
        let x = Tensor::from_slice(&block, (2, 2), &Device::Cpu).unwrap();
        assert!(
            values::<f32>(&max_pool_plane(&x).unwrap())[0].is_nan(),
            "at {position}"
        );
    }
}

#[test]
fn relu_keeps_nan() {
    let x = Tensor::new(&[f32::NAN, -1.0, 2.0], &Device::Cpu).unwrap();
    let x = x.reshape((1, 1, 1, 1, 3)).unwrap();
    let weight = Tensor::ones((1, 1, 1, 1, 1), DType::F32, &Device::Cpu).unwrap();
    let bias = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
    let config = Conv3dConfig {
        activation: Activation::Relu,
        ..Conv3dConfig::default()
    };
    let y = values::<f32>(&conv3d_with(&x, &weight, &bias, &config).unwrap());
    assert!(y[0].is_nan());
    assert_eq!(y[1..], [0.0, 2.0]);
}

#[test]
fn upsampling_then_pooling_gives_the_plane_back() {
    let x = crate::wave(&[2, 3, 1, 5, 7], 1.0, 0.1);
    let y = max_pool_plane(&upsample_plane(&x).unwrap()).unwrap();
    assert_eq!(values::<f64>(&y), values::<f64>(&x));
}

#[test]
fn refused_inputs_are_errors_that_say_why() {
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let (x, bias) = (zeros(&[1, 2, 3, 4, 5]), zeros(&[4]));
    let weight = zeros(&[4, 2, 3, 3, 3]);
    let refused = |x: &Tensor, weight: &Tensor, bias: &Tensor| {
        conv3d(x, weight, bias).expect_err("the input must be refused")
    };
    assert!(matches!(
        refused(&zeros(&[2, 3]), &weight, &bias),
        NnError::Rank { tensor: "x", .. }
    ));
    assert!(matches!(
        refused(&x, &zeros(&[4, 1, 3, 3, 3]), &bias),
        NnError::InputFeatures {
            weight: 1,
            input: 2
        }
    ));
    assert!(matches!(
        refused(&x, &weight, &zeros(&[3])),
        NnError::BiasShape { expected: 4, .. }
    ));
    assert!(matches!(
        refused(&x, &zeros(&[4, 2, 3, 2, 3]), &bias),
        NnError::EvenKernel {
            axis: "row",
            kernel: 2
        }
    ));
    assert!(matches!(
        refused(&zeros(&[0, 2, 3, 4, 5]), &weight, &bias),
        NnError::Empty { .. }
    ));
    let double = bias.to_dtype(DType::F64).unwrap();
    assert!(matches!(
        refused(&x, &weight, &double),
        NnError::DTypeMismatch { .. }
    ));
    let [x, weight, bias] = [&x, &weight, &bias].map(|t| t.to_dtype(DType::F16).unwrap());
    assert!(matches!(
        refused(&x, &weight, &bias),
        NnError::UnsupportedDType { .. }
    ));
    assert!(matches!(
        max_pool_plane(&zeros(&[3, 1, 4])),
        Err(NnError::PlaneTooSmall { rows: 1, cols: 4 })
    ));
    assert!(matches!(
        upsample_plane(&zeros(&[4])),
        Err(NnError::Rank { .. })
    ));
}
