//! The operations of this crate made of candle's own operators: what runs where the kernels do not.
//!
//! [`crate::conv3d()`] and its companions come here by themselves when a tensor lies on another device
//! than the CPU. On the CPU these functions give the same numbers within rounding and the same
//! gradients, only slower; there they serve as a second opinion in tests and benchmarks.
//!
//! Only operators whose gradients are right are used. candle's `max_pool2d` and `upsample_nearest2d`
//! are not among them, and its `relu` turns NaN into 0.

use candle_core::{D, Tensor};

use crate::conv3d::{Activation, Conv3dConfig, checked_shape};
use crate::kernels::ConvShape;
use crate::plane::{Plane, with_plane};
use crate::{NnError, Padding};

/// [`crate::conv3d_with`] as one 2-D convolution, in which the depth taps are features.
///
/// The input is laid out `[batch * depth, tap * feature, row, col]`, each depth beside those that
/// its kernel reaches, which costs as many copies of it as the kernel is deep.
///
/// # Shapes and units
/// As [`crate::conv3d_with`], on any device.
/// # Missing values
/// As [`crate::conv3d_with`].
/// # Errors
/// As [`crate::conv3d_with`].
/// # Examples
/// ```
/// use candle_core::{DType, Device, Result, Tensor};
/// use vadose_nn::{Conv3dConfig, operators};
///
/// # fn main() -> Result<()> {
/// let x = Tensor::ones((1, 1, 3, 3, 3), DType::F32, &Device::Cpu)?;
/// let weight = Tensor::ones((1, 1, 3, 3, 3), DType::F32, &Device::Cpu)?;
/// let bias = Tensor::zeros(1, DType::F32, &Device::Cpu)?;
/// let y = operators::conv3d_with(&x, &weight, &bias, &Conv3dConfig::default())?;
/// let y = y.flatten_all()?.to_vec1::<f32>()?;
/// assert_eq!((y[0], y[13]), (8.0, 27.0)); // a corner and the centre
/// # Ok(())
/// # }
/// ```
pub fn conv3d_with(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    config: &Conv3dConfig,
) -> Result<Tensor, NnError> {
    let shape = checked_shape(x, weight, bias, config)?;
    let ConvShape {
        batch,
        in_features,
        out_features,
        kernel: [kd, kh, kw],
        ..
    } = shape;
    let [depth, rows, cols] = shape.output_size();
    let mut padded = x.clone();
    for (axis, &zeros) in shape.padding.iter().enumerate() {
        if config.padding[axis] == Padding::Same {
            padded = padded.pad_with_zeros(2 + axis, zeros, zeros)?;
        }
    }
    let (_, _, _, padded_rows, padded_cols) = padded.dims5()?;
    let taps = (0..kd)
        .map(|tap| padded.narrow(2, tap, depth)?.transpose(1, 2))
        .collect::<candle_core::Result<Vec<_>>>()?;
    let side_by_side = Tensor::cat(&taps, 2)?.reshape((
        batch * depth,
        kd * in_features,
        padded_rows,
        padded_cols,
    ))?;
    let weight = weight
        .transpose(1, 2)?
        .reshape((out_features, kd * in_features, kh, kw))?;
    let y = side_by_side
        .conv2d(&weight, 0, 1, 1, 1)?
        .broadcast_add(&bias.reshape((1, out_features, 1, 1))?)?
        .reshape((batch, depth, out_features, rows, cols))?
        .transpose(1, 2)?
        .contiguous()?;
    Ok(match config.activation {
        Activation::Identity => y,
        // A comparison with NaN is false, so NaN stays.
        Activation::Relu => y.le(0.0)?.where_cond(&y.zeros_like()?, &y)?,
    })
}

/// [`crate::max_pool_plane()`] by comparing the four corners of each block.
///
/// # Shapes and units
/// As [`crate::max_pool_plane()`], on any device.
/// # Missing values
/// As [`crate::max_pool_plane()`].
/// # Errors
/// As [`crate::max_pool_plane()`].
/// # Examples
/// ```
/// use candle_core::{Device, Result, Tensor};
/// use vadose_nn::operators;
///
/// # fn main() -> Result<()> {
/// let x = Tensor::new(&[[1f32, 2.0, 9.0], [3.0, 0.0, 9.0]], &Device::Cpu)?;
/// assert_eq!(operators::max_pool_plane(&x)?.to_vec2::<f32>()?, [[3.0]]);
/// # Ok(())
/// # }
/// ```
pub fn max_pool_plane(x: &Tensor) -> Result<Tensor, NnError> {
    let Plane { rows, cols } = Plane::poolable(x)?;
    let (rows, cols) = (rows / 2, cols / 2);
    let blocks = x
        .narrow(D::Minus2, 0, 2 * rows)?
        .narrow(D::Minus1, 0, 2 * cols)?
        .reshape(((), rows, 2, cols, 2))?;
    let corner = |row: usize, col: usize| {
        let cells = blocks.narrow(2, row, 1)?.narrow(4, col, 1)?;
        cells.contiguous()
    };
    let mut best = corner(0, 0)?;
    for (row, col) in [(0, 1), (1, 0), (1, 1)] {
        let next = corner(row, col)?;
        // What came first stays if it is no smaller, or NaN.
        let stays = (best.ge(&next)? + best.ne(&best)?)?;
        best = stays.where_cond(&best, &next)?;
    }
    Ok(best.reshape(with_plane(x.dims(), rows, cols))?)
}

/// [`crate::upsample_plane()`] by broadcasting.
///
/// # Shapes and units
/// As [`crate::upsample_plane()`], on any device.
/// # Missing values
/// NaN is repeated like any value.
/// # Errors
/// As [`crate::upsample_plane()`].
/// # Examples
/// ```
/// use candle_core::{Device, Result, Tensor};
/// use vadose_nn::operators;
///
/// # fn main() -> Result<()> {
/// let y = operators::upsample_plane(&Tensor::new(&[[1f32, 2.0]], &Device::Cpu)?)?;
/// let y = y.to_vec2::<f32>()?;
/// assert_eq!(y, [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]);
/// # Ok(())
/// # }
/// ```
pub fn upsample_plane(x: &Tensor) -> Result<Tensor, NnError> {
    let Plane { rows, cols } = Plane::of(x)?;
    let cells = x.reshape(((), rows, 1, cols, 1))?;
    let planes = cells.dim(0)?;
    Ok(cells
        .broadcast_as((planes, rows, 2, cols, 2))?
        .reshape(with_plane(x.dims(), 2 * rows, 2 * cols))?)
}
