//! 3-D convolution as a candle operation with gradients for input, weight and bias.

use std::borrow::Cow;
use std::marker::PhantomData;

use candle_core::{CpuStorage, CustomOp3, DType, Layout, Shape, Tensor, WithDType};
use rayon::prelude::*;

use crate::kernels::{AXES, ConvShape, Element};
use crate::{NnError, cpu, operators};

const OP: &str = "conv3d";
/// Values that one thread activates at a time.
const CHUNK: usize = 1 << 14;

/// What lies beyond the edge of one axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding {
    /// Zeros, as many as keep the length of the axis. The kernel must be odd along it.
    #[default]
    Same,
    /// Nothing: the kernel stays inside, and the axis loses kernel - 1 positions.
    Valid,
}

/// What is applied to each output value of a convolution, in the same operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// The value itself.
    #[default]
    Identity,
    /// `max(value, 0)`. NaN stays NaN, unlike with candle's own `relu`; the slope at 0 is 0.
    Relu,
}

/// Options of [`conv3d_with`]. The default is same padding without activation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conv3dConfig {
    /// Padding along `[depth, row, col]`.
    pub padding: [Padding; 3],
    /// What follows the sum.
    pub activation: Activation,
}

/// 3-D convolution with stride one and zero padding that keeps the size.
///
/// `y[n, o, d, r, c] = bias[o] + sum over i, a, b, e of weight[o, i, a, b, e] *
/// x[n, i, d + a - kd/2, r + b - kh/2, c + e - kw/2]` with zeros outside the input: a
/// cross-correlation, as in every deep-learning library. Short for [`conv3d_with`] with the
/// default [`Conv3dConfig`].
///
/// # Shapes and units
/// `x`: `[batch, feature, depth, row, col]`; `weight`: `[out, in, kd, kh, kw]`, each kernel length
/// odd; `bias`: `[out]`. Result: `[batch, out, depth, row, col]`. All three f32 or all three f64.
/// Any layout; a tensor that is not contiguous is copied first.
///
/// Sums run in the type of the tensors, in f32 on the widest vectors that the CPU has. Values and
/// gradients have the same bits for any number of rayon threads. On another device than the CPU the
/// operation is made of candle's own operators ([`operators`]).
/// # Missing values
/// NaN and infinities spread to every output whose kernel touches them.
/// # Errors
/// [`NnError::Rank`], [`NnError::Empty`], [`NnError::InputFeatures`], [`NnError::BiasShape`],
/// [`NnError::EvenKernel`], [`NnError::KernelTooLarge`], [`NnError::UnsupportedDType`],
/// [`NnError::DTypeMismatch`], [`NnError::TooLarge`].
/// # References
/// Peer: `torch.nn.functional.conv3d(x, weight, bias, padding="same")`.
/// # Examples
/// A kernel of ones counts the neighbours, itself included, of each cell of a 3x3x3 cube.
/// ```
/// use candle_core::{DType, Device, Result, Tensor, Var};
/// use vadose_nn::conv3d;
///
/// # fn main() -> Result<()> {
/// let device = Device::Cpu;
/// let x = Tensor::ones((1, 1, 3, 3, 3), DType::F32, &device)?;
/// let weight = Var::ones((1, 1, 3, 3, 3), DType::F32, &device)?;
/// let bias = Tensor::zeros(1, DType::F32, &device)?;
///
/// let y = conv3d(&x, &weight, &bias)?;
/// let y = y.flatten_all()?.to_vec1::<f32>()?;
/// assert_eq!((y[0], y[13]), (8.0, 27.0)); // a corner and the centre
///
/// // Each weight meets as many inputs as it reaches: the central one all 27.
/// let gradients = conv3d(&x, &weight, &bias)?.sum_all()?.backward()?;
/// let gradient = gradients.get(&weight).expect("the weight is a variable").flatten_all()?;
/// assert_eq!(gradient.to_vec1::<f32>()?[13], 27.0);
/// # Ok(())
/// # }
/// ```
pub fn conv3d(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor, NnError> {
    conv3d_with(x, weight, bias, &Conv3dConfig::default())
}

/// 3-D convolution with stride one, padding by axis and an optional activation.
///
/// As [`conv3d()`], with the choices of `config`. An activation costs no tensor of its own.
///
/// # Shapes and units
/// As [`conv3d()`]; an axis with [`Padding::Valid`] comes out kernel - 1 shorter, and its kernel
/// may be even.
/// # Missing values
/// As [`conv3d()`].
/// # Errors
/// As [`conv3d()`].
/// # References
/// Peer: `torch.nn.functional.conv3d` with `padding` 0 or (kernel - 1) / 2 by axis.
/// # Examples
/// A 13x1x1 kernel without padding folds 13 channels into one.
/// ```
/// use candle_core::{DType, Device, Result, Tensor};
/// use vadose_nn::{Activation, Conv3dConfig, Padding, conv3d_with};
///
/// # fn main() -> Result<()> {
/// let x = Tensor::ones((1, 4, 13, 2, 2), DType::F32, &Device::Cpu)?;
/// let weight = Tensor::ones((1, 4, 13, 1, 1), DType::F32, &Device::Cpu)?;
/// let bias = Tensor::zeros(1, DType::F32, &Device::Cpu)?;
/// let config = Conv3dConfig {
///     padding: [Padding::Valid, Padding::Same, Padding::Same],
///     activation: Activation::Identity,
/// };
/// let y = conv3d_with(&x, &weight, &bias, &config)?;
/// assert_eq!(y.dims(), [1, 1, 1, 2, 2]);
/// assert_eq!(y.flatten_all()?.to_vec1::<f32>()?, [52.0; 4]);
/// # Ok(())
/// # }
/// ```
pub fn conv3d_with(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    config: &Conv3dConfig,
) -> Result<Tensor, NnError> {
    if !x.device().is_cpu() {
        return operators::conv3d_with(x, weight, bias, config);
    }
    let shape = checked_shape(x, weight, bias, config)?;
    let tensors = [x, weight, bias];
    Ok(match x.dtype() {
        DType::F64 => apply::<f64>(tensors, shape, config.activation)?,
        _ => apply::<f32>(tensors, shape, config.activation)?,
    })
}

/// The sizes of a convolution, if its arguments fit together: axes, lengths and types.
pub(crate) fn checked_shape(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    config: &Conv3dConfig,
) -> Result<ConvShape, NnError> {
    let [batch, in_features, depth, rows, cols] =
        five_axes("x", "[batch, feature, depth, row, col]", x)?;
    let [out_features, weight_features, kd, kh, kw] =
        five_axes("weight", "[out, in, depth, row, col]", weight)?;
    if weight_features != in_features {
        return Err(NnError::InputFeatures {
            weight: weight_features,
            input: in_features,
        });
    }
    if bias.dims() != [out_features] {
        return Err(NnError::BiasShape {
            expected: out_features,
            got: bias.dims().to_vec(),
        });
    }
    let kernel = [kd, kh, kw];
    let mut padding = [0; 3];
    for (axis, name) in AXES.into_iter().enumerate() {
        if config.padding[axis] == Padding::Same {
            if kernel[axis] % 2 == 0 {
                return Err(NnError::EvenKernel {
                    axis: name,
                    kernel: kernel[axis],
                });
            }
            padding[axis] = kernel[axis] / 2;
        }
    }
    let shape = ConvShape {
        batch,
        in_features,
        out_features,
        depth,
        rows,
        cols,
        kernel,
        padding,
    };
    shape.check()?;
    let expected = x.dtype();
    for (tensor, got) in [("weight", weight.dtype()), ("bias", bias.dtype())] {
        if got != expected {
            return Err(NnError::DTypeMismatch {
                tensor,
                expected,
                got,
            });
        }
    }
    match expected {
        DType::F32 | DType::F64 => Ok(shape),
        got => Err(NnError::UnsupportedDType { tensor: "x", got }),
    }
}

fn five_axes(
    tensor: &'static str,
    axes: &'static str,
    value: &Tensor,
) -> Result<[usize; 5], NnError> {
    let got = value.dims();
    got.try_into().map_err(|_| NnError::Rank {
        tensor,
        axes,
        got: got.to_vec(),
    })
}

/// The checked operation; its arguments are contiguous and of type `T`.
struct Conv3d<T> {
    shape: ConvShape,
    activation: Activation,
    element: PhantomData<T>,
}

fn apply<T: Element + WithDType>(
    [x, weight, bias]: [&Tensor; 3],
    shape: ConvShape,
    activation: Activation,
) -> candle_core::Result<Tensor> {
    let op = Conv3d::<T> {
        shape,
        activation,
        element: PhantomData,
    };
    x.contiguous()?
        .apply_op3(&weight.contiguous()?, &bias.contiguous()?, op)
}

impl<T: Element + WithDType> CustomOp3 for Conv3d<T> {
    fn name(&self) -> &'static str {
        OP
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let x = cpu::slice::<T>(x, x_layout, OP)?;
        let weight = cpu::slice::<T>(weight, weight_layout, OP)?;
        let bias = cpu::slice::<T>(bias, bias_layout, OP)?;
        let mut y = vec![T::default(); self.shape.output_len()];
        (T::kernels().forward)(&self.shape, x, weight, bias, &mut y);
        if self.activation == Activation::Relu {
            relu(&mut y);
        }
        let [depth, rows, cols] = self.shape.output_size();
        let shape = (self.shape.batch, self.shape.out_features, depth, rows, cols);
        Ok((T::to_cpu_storage_owned(y), shape.into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        y: &Tensor,
        gy: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let kernels = T::kernels();
        let gy = gy.contiguous()?;
        let (gy, layout) = gy.storage_and_layout();
        let gy = cpu::values::<T>(&gy, layout, OP)?;
        let gy = match self.activation {
            Activation::Identity => Cow::Borrowed(gy),
            Activation::Relu => {
                let (y, layout) = y.storage_and_layout();
                Cow::Owned(relu_gradient(cpu::values(&y, layout, OP)?, gy))
            }
        };

        let mut gx = None;
        // A constant input, such as that of the first layer, needs no gradient.
        if x.track_op() {
            let (weight, layout) = weight.storage_and_layout();
            let weight = cpu::values(&weight, layout, OP)?;
            let mut values = vec![T::default(); self.shape.input_len()];
            (kernels.backward_input)(&self.shape, weight, &gy, &mut values);
            gx = Some(cpu::tensor(values, x.shape())?);
        }
        let mut gw = vec![T::default(); self.shape.weight_len()];
        let mut gb = vec![T::default(); self.shape.out_features];
        let (x, layout) = x.storage_and_layout();
        let x = cpu::values(&x, layout, OP)?;
        (kernels.backward_weight)(&self.shape, x, &gy, &mut gw, &mut gb);
        Ok((
            gx,
            Some(cpu::tensor(gw, weight.shape())?),
            Some(cpu::tensor(gb, bias.shape())?),
        ))
    }
}

/// In place. A comparison with NaN is false, so NaN stays.
fn relu<T: Element>(y: &mut [T]) {
    y.par_chunks_mut(CHUNK).for_each(|y| {
        for y in y {
            *y = if *y <= T::default() { T::default() } else { *y };
        }
    });
}

/// `gy` where the result `y` of [`relu`] is positive or NaN, else 0.
fn relu_gradient<T: Element>(y: &[T], gy: &[T]) -> Vec<T> {
    let mut masked = vec![T::default(); gy.len()];
    masked
        .par_chunks_mut(CHUNK)
        .zip(y.par_chunks(CHUNK))
        .zip(gy.par_chunks(CHUNK))
        .for_each(|((masked, y), gy)| {
            for ((masked, &y), &gy) in masked.iter_mut().zip(y).zip(gy) {
                *masked = if y <= T::default() { T::default() } else { gy };
            }
        });
    masked
}
